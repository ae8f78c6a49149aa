"""What analyticsops can be installed beside, tried for real; `noxfile.py` calls it."""
