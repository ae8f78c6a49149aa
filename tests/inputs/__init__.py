"""Hostile input: mutated artifacts, YAML, selectors and SQL, and what must come of each of them."""
