"""What sqlglot's annotator says of one node whose parts are typed: for functions that no
table of ours lists. Everything that differs between versions of sqlglot is here."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from sqlglot import exp
from sqlglot.errors import SqlglotError
from sqlglot.optimizer.annotate_types import TypeAnnotator
from sqlglot.schema import MappingSchema

from analyticsops.sql.types.engine import FAULTS, Typer
from analyticsops.sql.types.rules import arguments
from analyticsops.sql.types.spelling import from_tree, type_text
from analyticsops.sql.types.sqltype import NULL, ROW, SqlType
from analyticsops.sql.types.typed import Typed


def annotated(node: exp.Expression, typer: Typer) -> Typed:
    """The type that sqlglot gives a node, its arguments being typed by us."""
    dialect = typer.engine.dialect
    values: list[Typed] = []
    for part in arguments(node):
        value = typer.of(part) if _has_type(part) else Typed(None)
        if part is not None:
            part.type = _tree(value.type, dialect)
        values.append(value)
    try:
        found = _annotate(node, dialect)
    except FAULTS:
        found = None
    kind = from_tree(found, dialect) if found is not None else None
    if kind is not None and kind.name not in ("NULL", "UNKNOWN"):
        return Typed(kind)
    doubtful = (value for value in values if value.problem is not None)
    return next(doubtful, typer.unknown("unknown function", node.key, node))


def _has_type(part: exp.Expression | None) -> bool:
    return not isinstance(part, (exp.DataType, exp.Identifier, exp.Lambda, exp.Var))


@lru_cache(maxsize=64)
def _schema(dialect: str) -> MappingSchema:
    return MappingSchema(dialect=dialect)


def _annotate(node: exp.Expression, dialect: str) -> exp.Expression | None:
    annotator = TypeAnnotator(_schema(dialect))
    specs: Any = getattr(annotator, "expression_metadata", None)
    if specs is None:  # until 27
        spec: Any = annotator.annotators.get(type(node))
    else:
        entry = specs.get(type(node)) or {}
        spec = entry.get("annotator") or entry.get("returns")
    if spec is None:
        return None
    if callable(spec):
        spec(annotator, node)
        return node.type
    return spec if isinstance(spec, exp.DataType) else exp.DataType(this=spec)


@lru_cache(maxsize=4096)
def _tree(kind: SqlType | None, dialect: str) -> exp.DataType:
    if kind is None or kind.name == ROW:
        return exp.DataType(this=exp.DataType.Type.UNKNOWN)
    if kind == NULL:
        return exp.DataType(this=exp.DataType.Type.NULL)
    try:
        return exp.DataType.build(type_text(kind, dialect), dialect=dialect)
    except (SqlglotError, ValueError):
        return exp.DataType(this=exp.DataType.Type.UNKNOWN)
