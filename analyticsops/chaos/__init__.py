"""Faults put into a copy of a DuckDB project, where dbt runs for real."""
