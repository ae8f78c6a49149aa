"""How the columns of a query's result are spelled."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from analyticsops.sql.facts import Problem

if TYPE_CHECKING:
    from sqlglot import exp


def quoted_names(tree: exp.Query | Problem) -> Mapping[str, bool]:
    """Name -> whether it is quoted, of the columns that the last SELECT names itself.

    Stars are left out: what they bring is spelled elsewhere.
    """
    if isinstance(tree, Problem):
        return {}
    from sqlglot import exp

    found: dict[str, bool] = {}
    for projection in tree.selects:
        name = projection.args.get("alias") if isinstance(projection, exp.Alias) else None
        if name is None and isinstance(projection, exp.Column):
            name = projection.this
        if isinstance(name, exp.Identifier):
            found[name.name] = bool(name.args.get("quoted"))
    return found
