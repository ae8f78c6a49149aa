"""Expressions whose arguments are missing or of an odd form have no type, or the type that
they have whatever they are called with: never an exception, never another type.

The expressions are those of ``tests/cases/types``, in all dialects there. An argument is
damaged in the parsed tree, which is what another version of sqlglot may hand over."""

from __future__ import annotations

from collections.abc import Iterator
from copy import deepcopy
from typing import Any, NamedTuple

import pytest
from hypothesis import given, settings, strategies as st
from sqlglot import exp

from analyticsops.sql.facts import Problem
from analyticsops.sql.types.engine import Typer
from analyticsops.sql.types.engines import engine_of
from analyticsops.sql.types.infer import infer_types
from analyticsops.sql.types.reading import parse_for_types
from analyticsops.sql.types.spelling import read_type
from analyticsops.sql.types.typed import Typed, unknown

from .case_files import CaseTables, Table
from .test_types_cases import CASES, Case

EXPRESSIONS = [case for case in CASES if not case.named]

MISSING = "missing"

ODD: tuple[Any, ...] = (
    *(MISSING, None, True, False, 0, "x", [], [None], [True], [[]]),
    *(exp.Null(), [exp.Null()], exp.Tuple(), exp.DataType(), exp.column("i")),
)


class Scope:
    """What the columns of a case are; nothing else is asked for by these expressions, and
    a subquery is as damaged as anything."""

    def __init__(self, case: Case) -> None:
        self.dialect = case.dialect
        self.kinds = {name.lower(): kind for table in case.tables for name, kind in table.columns}

    def column(self, node: exp.Column) -> Typed:
        """By its name."""
        kind = read_type(self.kinds.get(node.name.lower(), ""), self.dialect)
        return Typed(kind) if kind is not None else unknown("type not known")

    def query(self, node: exp.Expression) -> Any:
        """As the walk does with a broken one."""
        raise KeyError(node.key)


class Place(NamedTuple):
    """An argument of a node somewhere in a tree."""

    node: exp.Expression
    name: str

    @property
    def needed(self) -> bool:
        """True if there is an expression that must be there."""
        part = self.node.args.get(self.name)
        return bool(self.node.arg_types.get(self.name)) and isinstance(part, exp.Expression)

    def damage(self, odd: object) -> None:
        """Put something else there."""
        if odd == MISSING:
            self.node.args.pop(self.name)
        else:
            self.node.args[self.name] = deepcopy(odd)  # else a tree could hold itself


def expression(case: Case) -> exp.Expression:
    """A tree of its own."""
    parsed = parse_for_types(case.sql, case.dialect)
    assert not isinstance(parsed, Problem)
    found = parsed.tree.expressions[0]
    assert isinstance(found, exp.Expression)
    return found.copy()  # of constants such as a scale sqlglot hands out the same node each time


def places(tree: exp.Expression) -> list[Place]:
    """Every argument in it."""
    return [Place(node, name) for node in tree.walk() for name in node.args]


def typed(case: Case, tree: exp.Expression) -> Typed:
    """By the engine's rules; with a reason if it is not known."""
    scope: Any = Scope(case)
    found = Typer(engine_of(case.dialect), scope).of(tree)
    assert (found.type is None) == (found.problem is not None)
    return found


@settings(max_examples=1000, deadline=None)
@given(st.data())
def test_no_exception_escapes(data: st.DataObject) -> None:
    case = data.draw(st.sampled_from(EXPRESSIONS))
    tree = expression(case)
    for _ in range(data.draw(st.integers(1, 3))):
        left = places(tree)
        if left:
            data.draw(st.sampled_from(left)).damage(data.draw(st.sampled_from(ODD)))
    typed(case, tree)


def _damaged(case: Case) -> Iterator[tuple[str, exp.Expression]]:
    """The tree of a case without one thing that must be there, for each."""
    for position, place in enumerate(places(expression(case))):
        if place.needed:
            tree = expression(case)
            places(tree)[position].damage(None)
            yield f"{place.node.key}.{place.name}", tree


@pytest.mark.parametrize("dialect", sorted({case.dialect for case in EXPRESSIONS}))
def test_no_other_argument_takes_the_place_of_a_missing_one(dialect: str) -> None:
    for case in EXPRESSIONS:
        if case.dialect == dialect:
            whole = typed(case, expression(case)).type
            for name, tree in _damaged(case):
                assert typed(case, tree).type in (None, whole), f"{case.name}: without {name}"


def test_the_other_columns_are_not_affected() -> None:
    parsed = parse_for_types("select sum(x) as a, max(x) as b, count(*) as c from t", "duckdb")
    assert not isinstance(parsed, Problem)
    call = parsed.tree.find(exp.Sum)
    assert call is not None
    call.args["this"] = None
    table = Table("t", (("x", "varchar"),), True)
    found = infer_types(parsed.tree, "duckdb", CaseTables((table,)), lambda *_: "varchar")
    assert [(column.type, str(column.problem or "")) for column in found] == [
        ("", "missing argument"),
        ("VARCHAR", ""),
        ("BIGINT", ""),
    ]


def test_the_reason_says_where() -> None:
    case = next(case for case in EXPRESSIONS if case.sql.startswith("select cast("))
    tree = expression(case)
    cast = tree.find(exp.Cast)
    assert cast is not None
    cast.args["to"] = None
    assert str(typed(case, tree).problem).startswith("unusual arguments: AttributeError in cast")
