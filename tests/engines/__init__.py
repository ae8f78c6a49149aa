"""The dbt package on real engines."""
