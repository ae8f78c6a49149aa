"""Every command on projects of growing size."""
