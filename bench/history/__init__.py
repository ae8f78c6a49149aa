"""How fast the history is, and how large. `make bench-history`."""
