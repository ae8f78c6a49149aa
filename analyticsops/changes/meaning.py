"""What kind of change the expression of a column has gone through, from its texts.

The fingerprints find that there is a change; this says which, and never that there is none.
"""

from __future__ import annotations

import enum
from collections import Counter
from collections.abc import Sequence

from sqlglot import exp

from analyticsops.sql.syntax import kinds as kinds_of

_VOLATILE = (exp.Rand, exp.Randn, exp.Uuid, exp.CurrentTimestamp, exp.CurrentDate, exp.CurrentTime)
_TIME = (
    exp.TimestampTrunc,
    exp.DateTrunc,
    exp.DatetimeTrunc,
    exp.TimeTrunc,
    exp.AtTimeZone,
    exp.ConvertTimezone,
    exp.FromTimeZone,
)
_DEFAULTS = (exp.Coalesce, exp.Nullif)
_ROUNDING = kinds_of("Round", "Floor", "Ceil", "Trunc", "Cast", "TryCast")


class Meaning(enum.StrEnum):
    """Kinds of change of an expression, the most specific first."""

    VOLATILE = "became nondeterministic"
    STEADY = "became deterministic"
    NULL_DEFAULT = "null default"
    ROUNDING = "rounding"
    TIME = "time"
    AGGREGATE = "aggregate"
    WINDOW = "window"
    EXPRESSION = "expression"


Kinds = tuple[type[exp.Expression], ...]

_SHAPED: tuple[tuple[Kinds, Meaning], ...] = (
    (_TIME, Meaning.TIME),
    ((exp.Window,), Meaning.WINDOW),
    ((exp.AggFunc, exp.Filter), Meaning.AGGREGATE),
)


def classify(
    name: str, before: Sequence[exp.Expression], after: Sequence[exp.Expression]
) -> Meaning:
    """The kind of change between the expressions of one column on both sides.

    Args:
        name: of the column.
        before: every expression that any SELECT of the query gives that name.
        after: likewise.
    """
    volatile = _has(before, _VOLATILE), _has(after, _VOLATILE)
    if volatile[0] != volatile[1]:
        return Meaning.VOLATILE if volatile[1] else Meaning.STEADY
    for wrapping, meaning in ((_DEFAULTS, Meaning.NULL_DEFAULT), (_ROUNDING, Meaning.ROUNDING)):
        if _same_without(name, before, after, wrapping):
            return meaning
    for kinds, meaning in _SHAPED:
        if _shapes(before, kinds) != _shapes(after, kinds):
            return meaning
    return Meaning.EXPRESSION


def _has(trees: Sequence[exp.Expression], kinds: Kinds) -> bool:
    return any(tree.find(*kinds) is not None for tree in trees)


def _same_without(
    name: str,
    before: Sequence[exp.Expression],
    after: Sequence[exp.Expression],
    kinds: Kinds,
) -> bool:
    """True if nothing differs once these functions are replaced by what they are given."""
    if not (_has(before, kinds) or _has(after, kinds)):
        return False
    return _bare(name, before, kinds) == _bare(name, after, kinds)


def _bare(name: str, trees: Sequence[exp.Expression], kinds: Kinds) -> Counter[str]:
    texts = (_unwrapped(name, tree, kinds) for tree in trees)
    return Counter(text for text in texts if text)


def _unwrapped(name: str, tree: exp.Expression, kinds: Kinds) -> str:
    def unwrap(node: exp.Expression) -> exp.Expression:
        while isinstance(node, exp.Paren) or (isinstance(node, kinds) and _counts(node)):
            node = node.this
        return node

    bare = tree.copy().transform(unwrap)
    # The column of that name is what a SELECT without the function would hand on.
    if isinstance(bare, exp.Column) and bare.name.lower() == name.lower():
        return ""
    return str(bare.sql(comments=False))


def _counts(node: exp.Expression) -> bool:
    """True but for casts to what is no number: they are no rounding."""
    return not isinstance(node, exp.Cast) or node.to.this in exp.DataType.NUMERIC_TYPES


def _shapes(trees: Sequence[exp.Expression], kinds: Kinds) -> Counter[str]:
    """The functions of these kinds, with whatever is not just their argument."""
    return Counter(_shape(node) for tree in trees for node in tree.find_all(*kinds))


def _shape(node: exp.Expression) -> str:
    if isinstance(node, exp.AggFunc):
        distinct = isinstance(node.this, exp.Distinct)
        return f"{node.key}{' distinct' if distinct else ''}"
    return str(node.sql(comments=False))
