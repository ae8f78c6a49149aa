"""Change detection measured on real projects."""
