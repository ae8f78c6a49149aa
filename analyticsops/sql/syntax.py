"""What sqlglot calls things, where its versions differ (27 to 30).

Names of arguments that are Python keywords got an underscore in 28; classes come and go.
Everything else reads them from here, so that a new version is a change of this file.
"""

from __future__ import annotations

from functools import lru_cache

from sqlglot import exp
from sqlglot.dialects.dialect import Dialect


def _spelled(kind: type[exp.Expression], name: str) -> str:
    return f"{name}_" if f"{name}_" in kind.arg_types else name


FROM = _spelled(exp.Select, "from")
WITH = _spelled(exp.Select, "with")
EXCEPT = _spelled(exp.Star, "except")


def kinds(*names: str) -> tuple[type[exp.Expression], ...]:
    """The expression classes of these names that this sqlglot has."""
    return tuple(getattr(exp, name) for name in names if hasattr(exp, name))


class _Absent(exp.Expression):  # type: ignore[misc]
    """Stands for a class that this sqlglot does not have: nothing is one."""


DynamicIdentifier: type[exp.Expression] = getattr(exp, "DynamicIdentifier", _Absent)
"""``IDENTIFIER(...)``; before 30.1 or so a function that sqlglot does not know."""

POSITIONAL = kinds("PositionalColumn")
"""DuckDB's ``#1``."""


@lru_cache(maxsize=64)
def engine_of(dialect: str) -> Dialect:
    """sqlglot's dialect of that name; it has no state.

    Raises:
        ValueError: sqlglot does not know it.
    """
    return Dialect.get_or_raise(dialect)
