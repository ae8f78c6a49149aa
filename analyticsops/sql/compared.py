"""What a query compares its columns with: the values at which its answer turns.

Names are those of columns wherever they stand: `status` of one CTE is taken for `status` of
a table. That is no lineage; it only says which values are worth trying.
"""

from __future__ import annotations

import datetime as dt
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator

import msgspec
from sqlglot import exp

_COMPARISONS = (
    exp.EQ, exp.NEQ, exp.NullSafeEQ, exp.NullSafeNEQ, exp.GT, exp.GTE, exp.LT, exp.LTE,
    exp.Like, exp.ILike, exp.In, exp.Between, exp.RegexpLike,
)  # fmt: skip
_AROUND = (*_COMPARISONS, exp.Case, exp.Func)
_NUMBER = (exp.Add, exp.Sub, exp.Mul, exp.Div, exp.Mod, exp.Neg, exp.Sum, exp.Avg, exp.Round)
_TEXT = (exp.Like, exp.ILike, exp.Lower, exp.Upper, exp.Trim, exp.DPipe, exp.RegexpLike)
_MOMENT = (exp.DateTrunc, exp.TimestampTrunc, exp.Extract, exp.DateDiff, exp.DateAdd, exp.DateSub)
_DATE = re.compile(r"(\d{4}-\d\d-\d\d)([ T].*)?$")
_WHOLE = re.compile(r"-?\d{1,15}$")
_LIST = (exp.Unnest, exp.Explode)
_MOST = 24
"""Values kept for one name."""


class Compared(msgspec.Struct, frozen=True, kw_only=True):
    """What columns are compared with, by their names in lower case.

    Attributes:
        values: all constants of the query, as text, with their neighbours.
        of_column: those that stand beside a column.
        partners: name -> name of a group whose columns are equated with each other.
        families: ``number``, ``text``, ``moment`` or ``list``, where the query treats a column so.
    """

    values: tuple[str, ...] = ()
    of_column: dict[str, tuple[str, ...]] = {}
    partners: dict[str, str] = {}
    families: dict[str, str] = {}


def compared(trees: Iterable[exp.Expression]) -> Compared:
    """What all queries of a comparison compare their columns with."""
    found = _Found()
    for tree in trees:
        found.read(tree)
    return Compared(
        values=tuple(found.values)[: 3 * _MOST],
        of_column={name: tuple(values)[:_MOST] for name, values in found.by_name().items()},
        partners=found.groups(),
        families=found.families,
    )


class _Found:
    def __init__(self) -> None:
        self.values: dict[str, None] = {}
        self.families: dict[str, str] = {}
        self._near: dict[str, dict[str, None]] = defaultdict(dict)
        self._alias: dict[str, set[str]] = defaultdict(set)
        self._pairs: list[tuple[str, str]] = []

    def read(self, tree: exp.Expression) -> None:
        """Take note of everything in one query."""
        for alias in tree.find_all(exp.Alias):
            names = set(_names(alias.this))
            self._alias[alias.alias.lower()] |= names - {alias.alias.lower()}
        for literal in tree.find_all(exp.Literal):
            around = _around(literal)
            texts = [*neighbours(literal.this, is_text=literal.is_string)]
            if around is not None and not isinstance(literal.parent, exp.Interval):
                self.values.update(dict.fromkeys(texts))
                for name in _names(around):
                    self._near[name].update(dict.fromkeys(texts))
        for equal in tree.find_all(exp.EQ):
            sides = equal.this, equal.expression
            if all(isinstance(side, exp.Column) for side in sides):
                self._pairs.append((sides[0].name.lower(), sides[1].name.lower()))
        self._treated(tree)

    def _treated(self, tree: exp.Expression) -> None:
        for kinds, family in (
            (_NUMBER, "number"),
            (_TEXT, "text"),
            (_MOMENT, "moment"),
            (_LIST, "list"),
        ):
            for node in tree.find_all(*kinds):
                for operand in _operands(node):
                    self._say(operand, family)
        for node in tree.find_all(*_COMPARISONS):
            for literal in node.find_all(exp.Literal):
                family = "number" if not literal.is_string else "text"
                if literal.is_string and _DATE.match(literal.this):
                    family = "moment"
                for operand in _operands(node):
                    self._say(operand, family)

    def _say(self, operand: exp.Expression, family: str) -> None:
        if isinstance(operand, exp.Column):
            self.families.setdefault(operand.name.lower(), family)

    def _sources(self, name: str) -> set[str]:
        """The name, and those that it is an alias of."""
        seen, todo = {name}, [name]
        while todo:
            for other in self._alias.get(todo.pop(), ()):
                if other not in seen:
                    seen.add(other)
                    todo.append(other)
        return seen

    def by_name(self) -> dict[str, dict[str, None]]:
        """Constants by the names that they may reach."""
        found: dict[str, dict[str, None]] = defaultdict(dict)
        for name, values in self._near.items():
            for source in sorted(self._sources(name)):
                found[source].update(values)
        return found

    def groups(self) -> dict[str, str]:
        """The first name of each group of names that are equated."""
        group: dict[str, str] = {}
        for left, right in self._pairs:
            members = self._sources(left) | self._sources(right)
            heads = {group.get(name, name) for name in members}
            first = min(heads)
            group.update({n: first for n, head in group.items() if head in heads})
            group.update(dict.fromkeys(members, first))
        return group


def _around(literal: exp.Expression) -> exp.Expression | None:
    """The closest comparison or function around a constant that also has a column."""
    around = literal.find_ancestor(*_AROUND)
    while around is not None and not any(_names(around)):
        around = around.find_ancestor(*_AROUND)
    return around


def _names(tree: exp.Expression) -> Iterator[str]:
    return (column.name.lower() for column in tree.find_all(exp.Column))


def _operands(node: exp.Expression) -> Iterator[exp.Expression]:
    for child in node.iter_expressions():
        yield child.unnest() if isinstance(child, exp.Paren) else child


def neighbours(text: str, *, is_text: bool) -> Iterator[str]:
    """A constant, and values just beside it."""
    found = _DATE.match(text)
    yield text
    if _WHOLE.match(text):
        yield from (str(int(text) - 1), str(int(text) + 1))
    elif found:
        try:
            day = dt.date.fromisoformat(found[1])
            yield from ((day + dt.timedelta(days=n)).isoformat() for n in (-1, 1))
        except (ValueError, OverflowError):
            return
    elif is_text and "%" in text:
        yield from (text.replace("%", ""), text.replace("%", "x"))
    elif is_text and text != text.swapcase():
        yield text.upper() if text != text.upper() else text.lower()
