"""Data types of the columns of a query, inferred from its SQL.

A third meaning of the one walk: a value is a data type, or the reason why it is not
known. What an engine yields for an operator or a function is in one module per engine
(:mod:`analyticsops.sql.types.duckdb` and its neighbours), mostly as data; what no
module lists is asked of sqlglot's annotator. Unlike lineage, types are computed only
when somebody asks for them.
"""
