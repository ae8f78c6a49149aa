"""Exported cubes, compiled by Cube itself."""
