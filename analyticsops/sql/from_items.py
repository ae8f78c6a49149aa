"""Items of FROM as they are written: of which form they are, what they are called."""

from __future__ import annotations

from typing import TypeVar

from sqlglot import exp

from analyticsops.sql.relation import Relation, Source
from analyticsops.sql.scope import Scope

V = TypeVar("V")
R = TypeVar("R")


def explodes(item: exp.Expression) -> bool:
    """True for what is made anew for each row before it: UNNEST, a table function, LATERAL."""
    if isinstance(item, (exp.Lateral, exp.Unnest, exp.TableFromRows)):
        return True
    called = item.this if isinstance(item, exp.Table) else None
    while isinstance(called, exp.Dot):
        called = called.expression
    return isinstance(called, exp.Func)


def is_group(item: exp.Expression) -> bool:
    """A join in brackets."""
    return (
        isinstance(item, exp.Subquery)
        and isinstance(item.this, (exp.Table, exp.Subquery))
        and not item.args.get("alias")
        and not item.args.get("pivots")
    )


def source_of(item: exp.Expression, relation: Relation[V, R], scope: Scope[V, R]) -> Source[V, R]:
    """A relation under the alias of a FROM item, or under its own name."""
    alias = item.args.get("alias")
    for pivot in item.args.get("pivots") or ():
        alias = pivot.args.get("alias") or alias
    identifier = alias.this if isinstance(alias, exp.TableAlias) else alias
    full_key = ""
    if isinstance(item, exp.Final):
        item = item.this
    if not isinstance(identifier, exp.Identifier):
        identifier = None
        if isinstance(item, exp.Table):
            parts = [part for part in item.parts if isinstance(part, exp.Identifier)]
            identifier = parts[-1] if parts else None
            full_key = ".".join(scope.key(part) for part in parts)
    identifier = identifier or exp.to_identifier("")
    return Source(scope.key(identifier), identifier.name, relation, full_key=full_key)


def variants(item: exp.Expression, join: exp.Join | None) -> list[str]:
    """What makes one explosion differ from another of the same value."""
    found = [name for name in ("outer", "offset", "ordinality") if item.args.get(name)]
    if join is not None and str(join.args.get("side") or ""):
        found.append(str(join.args["side"]).lower())
    return found
