"""The column graph becomes bytes: one file per format, all of them pure functions.

What is exported is a :class:`analyticsops.export.subgraph.Subgraph`. The same input makes
the same bytes.
"""
