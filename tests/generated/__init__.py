"""Random queries for DuckDB, and their lineage judged by executing them."""
