"""An engine's rules, and how they type one expression."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TypeAlias

import msgspec
from sqlglot import exp
from sqlglot.errors import SqlglotError

from analyticsops.sql.algebra import Surroundings
from analyticsops.sql.nodes import line_of
from analyticsops.sql.types.sqltype import NULL, SqlType
from analyticsops.sql.types.typed import ALWAYS_NULL, Typed, unknown

Rule: TypeAlias = Callable[[exp.Expression, "Typer"], Typed]
"""The type of a node; the typer types its parts."""

FAULTS = (
    AssertionError,
    AttributeError,
    IndexError,
    KeyError,
    SqlglotError,
    TypeError,
    ValueError,
)
"""What a rule raises that meets arguments of another form than it expects. A tree's arguments
may be missing, lists, texts or booleans, and differ between versions of sqlglot."""


class Constants(msgspec.Struct, frozen=True, kw_only=True):
    """The types of constants.

    Attributes:
        integer: of ``12``, by its digits.
        number: of ``1.5`` and ``1e3``, by its text.
        string: of ``'a'`` where nothing else decides.
    """

    integer: Callable[[str], SqlType]
    number: Callable[[str], SqlType]
    string: SqlType


class Engine:
    """What a SQL engine yields for operators, functions and constants.

    Args:
        dialect: sqlglot's name.
        syntax: rules of what is no function, by sqlglot's key of the node's class.
        functions: by sqlglot's key of a function's class (``datediff``) or by its name in
            SQL, in lower case.
        constants: their types.
        widen: the type that values of two types take together; None if they cannot, or
            if nobody knows.
        bend: the type that a value and a constant take together.
        otherwise: the rule of functions that have none.
        sizes_mix: False if values of one type but different sizes, or a value and a
            constant, together have no size.
        unnests_structs: UNNEST of structs yields their fields as columns.
    """

    def __init__(
        self,
        dialect: str,
        *,
        syntax: Mapping[str, Rule],
        functions: Mapping[str, Rule],
        constants: Constants,
        widen: Callable[[SqlType, SqlType], SqlType | None],
        bend: Callable[[SqlType, Typed], SqlType | None],
        otherwise: Rule,
        sizes_mix: bool = True,
        unnests_structs: bool = False,
    ) -> None:
        self.dialect = dialect
        self.syntax = syntax
        self.functions = functions
        self.constants = constants
        self.widen = widen
        self.bend = bend
        self.otherwise = otherwise
        self.sizes_mix = sizes_mix
        self.unnests_structs = unnests_structs
        self._found: dict[type[exp.Expression], Rule] = {}

    def rule(self, kind: type[exp.Expression]) -> Rule:
        """The rule of a class of nodes."""
        found = self._found.get(kind)
        if found is None:
            rules = (rule for name in _names(kind) if (rule := self._named(name)))
            found = self._found[kind] = next(rules, self.otherwise)
        return found

    def _named(self, name: str) -> Rule | None:
        return self.syntax.get(name) or self.functions.get(name)

    def widest(self, values: Sequence[Typed]) -> Typed:
        """The type that all these values take together, as in CASE and UNION."""
        doubtful = next((value for value in values if value.type is None), None)
        if doubtful is not None:
            return doubtful
        real = [value for value in values if value.type != NULL]
        if len(real) < 2:
            found = real[0] if real else ALWAYS_NULL
            return found if len(values) < 2 or self.sizes_mix else _without_size(found)
        # Constants bend to what is no constant, so they come last.
        real.sort(key=lambda value: bool(value.form))
        result = real[0]
        for value in real[1:]:
            result = self._both(result, value)
            if result.type is None:
                break
        agree = all(value == result for value in values)
        return result if self.sizes_mix or agree else _without_size(result)

    def _both(self, left: Typed, right: Typed) -> Typed:
        assert left.type is not None
        assert right.type is not None
        if left.type == right.type and left.form == right.form:
            return left
        bends = right.form and not left.form
        kind = self.bend(left.type, right) if bends else self.widen(left.type, right.type)
        if kind is None:
            return unknown("types that do not mix", f"{left.type.name} and {right.type.name}")
        return Typed(kind)


def _without_size(value: Typed) -> Typed:
    kind = value.type
    if kind is None or not kind.sizes:
        return value
    return value._replace(type=SqlType(kind.name, (), kind.of, kind.fields))


def _names(kind: type[exp.Expression]) -> Iterable[str]:
    yield kind.key
    if issubclass(kind, exp.Func) and kind is not exp.Func:
        yield from (name.lower() for name in kind.sql_names())
    if issubclass(kind, (exp.Predicate, exp.Connector)):
        yield "predicate"
    if issubclass(kind, exp.Query):
        yield "query"


class Typer:
    """Types the expressions of one scope.

    Args:
        engine: whose rules.
        scope: what the columns mean.
        parameters: of the lambdas around.
    """

    def __init__(
        self,
        engine: Engine,
        scope: Surroundings[Typed, None],
        parameters: Mapping[str, Typed] | None = None,
    ) -> None:
        self.engine = engine
        self.scope = scope
        self.parameters = parameters or {}
        # A rule may ask for a part that the rule it hands over to asks for again: without this, of
        # x[0][0][0]... each level would double the work. Nodes are kept, so that no id comes twice.
        self._known: dict[int, tuple[exp.Expression, Typed]] = {}

    def of(self, node: exp.Expression | None) -> Typed:
        """The type of an expression; not known if there is none, or if its rule meets
        arguments that it does not expect. Then the rule around it goes on: of some
        functions the type is known whatever they are called with."""
        while isinstance(node, (exp.Paren, exp.Alias)):
            node = node.this
        if not isinstance(node, exp.Expression):
            return unknown("missing argument")
        known = self._known.get(id(node))
        if known is not None:
            return known[1]
        try:
            found = self.engine.rule(type(node))(node, self)
        except FAULTS as fault:
            found = self.unknown("unusual arguments", f"{type(fault).__name__} in {node.key}", node)
        self._known[id(node)] = node, found
        return found

    def widest(self, nodes: Iterable[exp.Expression | None]) -> Typed:
        """The type that several expressions take together."""
        return self.engine.widest([self.of(node) for node in nodes])

    def inside(self, parameters: Mapping[str, Typed]) -> Typer:
        """A typer for the body of a lambda."""
        return Typer(self.engine, self.scope, {**self.parameters, **parameters})

    def unknown(self, reason: str, detail: str, node: exp.Expression) -> Typed:
        """A type that is not known, at a place in the SQL."""
        return unknown(reason, detail, line_of(node))
