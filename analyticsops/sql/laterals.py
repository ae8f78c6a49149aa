"""Items of FROM that are made anew for each row before them: UNNEST, FLATTEN, EXPLODE,
table functions, lateral subqueries."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from copy import copy
from typing import Generic, NamedTuple, TypeVar

from sqlglot import exp

from analyticsops.sql.facts import Problem
from analyticsops.sql.forms import digest
from analyticsops.sql.joins import how_joined
from analyticsops.sql.listed_rows import is_listed, listed_names, listed_rows
from analyticsops.sql.nodes import line_of
from analyticsops.sql.relation import Named, Opening, Relation, Source
from analyticsops.sql.scope import Scope
from analyticsops.sql.table_functions import Shape, function_name, shape_of

V = TypeVar("V")
R = TypeVar("R")
T = TypeVar("T")

Names = list[tuple[str, str]]
"""(key, name) of columns."""


class Call(NamedTuple):
    """An array or table function in FROM.

    Attributes:
        function: the call, or the array.
        shape: what it returns.
        alias: the name of the whole, which may also be that of its only column.
        columns: the names of its columns.
        offset: the name of the element's position, if it has one.
    """

    function: exp.Expression
    shape: Shape
    alias: exp.Identifier | None = None
    columns: Sequence[tuple[str, str]] = ()
    offset: exp.Identifier | None = None


ARRAY = Shape(opened=True, renamed=True)
"""An array in FROM that is no call: its element takes the alias."""


def call_of(item: exp.Expression, columns: Names, scope: Scope[V, R]) -> Call:
    """The call in an item of FROM, whatever is around it."""
    function = _function(item)
    if scope.rules.name == "duckdb":
        _name_arguments(function)
    shape = shape_of(function, scope.rules.name)
    if shape.constant and tuple(name for _, name in columns) == shape.columns:
        columns = []  # sqlglot lists those of FLATTEN
    alias = item.args.get("alias")
    identifier = alias.this if isinstance(alias, exp.TableAlias) else alias
    offset = item.args.get("offset") or item.args.get("ordinality")
    if offset and not isinstance(offset, exp.Identifier):
        # Its name is the last in the list of names, if there is one.
        word = "offset" if scope.rules.name == "bigquery" else "ordinality"
        offset = None if columns and word == "ordinality" else exp.to_identifier(word)
    return Call(
        function=function,
        shape=shape,
        alias=identifier if isinstance(identifier, exp.Identifier) else None,
        columns=columns,
        offset=offset or None,
    )


def _name_arguments(function: exp.Expression) -> None:
    """DuckDB writes ``read_csv('x', header = true)``, which sqlglot takes for a comparison."""
    for part in list(function.iter_expressions()):
        if isinstance(part, exp.EQ) and isinstance(part.this, exp.Column) and not part.this.table:
            named = exp.Kwarg(this=exp.var(part.this.name), expression=part.expression.copy())
            part.replace(named)


def _function(item: exp.Expression) -> exp.Expression:
    if isinstance(item, exp.Unnest):
        return item
    function = item.this if isinstance(item, (exp.Lateral, exp.Table, exp.TableFromRows)) else item
    if function_name(function) == "table" and len(function.expressions) == 1:
        function = function.expressions[0]  # TABLE(f(...)) on Trino
    return function


class Elements(Generic[V, R]):
    """Values of what a call yields, in one scope."""

    def __init__(
        self,
        call: Call,
        scope: Scope[V, R],
        what: str,
        evaluate: Callable[[exp.Expression], V] | None = None,
    ) -> None:
        self.call = call
        self.scope = scope
        self.algebra = algebra = scope.algebra
        self.what = what
        evaluate = evaluate or scope.evaluate
        collection = None if algebra.calls else _collection(call.function)
        parts = _arguments(call.function) if collection is None else [collection]
        if collection is not None:  # the other arguments are constants
            self.what = f"{what} {digest(_constants(call.function))}"
        self.arguments = [evaluate(part) for part in parts]
        for step in _path(call.function):
            self.arguments = [algebra.field(value, step) for value in self.arguments]
        whole = self.arguments[0] if len(self.arguments) == 1 else algebra.row_of(self.arguments)
        if not call.shape.known:
            name, line = function_name(call.function), line_of(call.function)
            problem = Problem("table function", name, line)
            whole = algebra.cell([whole, algebra.faulty(problem)], 0, name)
        self.whole = whole
        # Comparing texts of rows, an array is more alike than its cells.
        rows = [] if algebra.constants else listed_rows(call.function, scope.rules.name)
        self._rows = [[evaluate(cell) for cell in row] for row in rows]

    def relation(self) -> Relation[V, R]:
        """What is seen of it; to be made before the rows of the scope are multiplied."""
        names = self._names()
        columns = [Named(key, name, self._value(n, names)) for n, (key, name) in enumerate(names)]
        openings = self._openings(frozenset(key for key, _ in names))
        fields = self.algebra.fields(self.whole) if not columns else None
        if fields is not None and isinstance(self.call.function, exp.Unnest):
            fold = self.scope.rules.fold
            columns = [Named(fold(name, False), name, part) for name, part in fields.items()]
            openings = []
        argument, what = self.whole, self.what
        if self.call.shape.counted or self._is_listed():
            # As many rows whatever the values are.
            argument, what = self.algebra.nothing, f"{what} {self.call.function.sql()}"
        rows = self.algebra.exploded(self.scope.rows, argument, what)
        aside: dict[str, V] = {}
        if self.call.shape.renamed and self.call.shape.columns and len(columns) == 1:
            # Behind the alias of the table its own name is still known.
            aside[self.scope.rules.fold(self.call.shape.columns[0], False)] = columns[0].value
        return Relation(columns, rows, openings, aside)

    def _is_listed(self) -> bool:
        function = self.call.function
        known = isinstance(function, exp.Unnest) or not self.algebra.constants
        return known and is_listed(function)

    def _names(self) -> Names:
        call, scope = self.call, self.scope
        names = list(call.columns)
        if not names and self._rows:
            names = [(scope.rules.fold(name, False), name) for name in listed_names(call.function)]
        if not names and call.alias is not None and call.shape.renamed:
            names = [(scope.key(call.alias), call.alias.name)]
        elif not names:
            names = [(scope.rules.fold(name, False), name) for name in call.shape.columns]
        if call.offset is not None:
            names.append((scope.key(call.offset), call.offset.name))
        return names

    def _value(self, position: int, names: Names) -> V:
        algebra, constant = self.algebra, self.call.shape.constant
        if not self.call.columns and names[position][1] in constant:
            return algebra.cell([], position, self.call.function.sql())
        cells = [row[position] for row in self._rows if position < len(row)]
        if cells:
            return algebra.cell(cells, position, self.call.function.sql())
        single = position == 0 and len(self.arguments) == 1
        which = self.what if single else f"{self.what} column {position}"
        return algebra.element(self.scope.rows, self._source(position, names), which)

    def _source(self, position: int, names: Names) -> V:
        """The argument that a column comes from: ``unnest(xs, ys) AS u(x, y)``; one that
        holds structs or pairs has several columns, which moves those behind it."""
        count = len(names) - (self.call.offset is not None)
        more = count - len(self.arguments)
        if len(self.arguments) == 1 or more < 0 or position >= count:
            return self.whole
        first = max(0, position - more)
        found = self.arguments[first : position + 1]
        if len(found) == 1:
            return found[0]
        detail = f"{names[position][1]} may be of several arguments"
        problem = Problem("ambiguous column", detail, line_of(self.call.function))
        return self.algebra.either(found, problem)

    def _openings(self, listed: frozenset[str]) -> list[Opening[V]]:
        closed = bool(self.call.columns) or not self.call.shape.opened
        if (self._rows and listed) or (closed and self.scope.rules.name != "bigquery"):
            return []
        # The element may be a struct, whose fields become columns.
        algebra = self.algebra
        element = algebra.element(self.scope.rows, self.whole, self.what)
        called = function_name(self.call.function)

        def demand(key: str, _name: str) -> V:
            # Spark's explode makes `col`, or `key` and `value`, of the element itself.
            return element if called in _ELEMENTS else algebra.field(element, key)

        return [Opening(called, demand, listed)]


def explode(call: Call, variants: Sequence[str], scope: Scope[V, R], join: exp.Join | None) -> None:
    """Make the columns of a call visible, and multiply the rows of the scope."""
    what = " ".join([type(call.function).__name__.lower(), *variants])
    relation = Elements(call, scope, what).relation()
    scope.rows = relation.rows
    name = call.alias or exp.to_identifier(function_name(call.function))
    hidden = how_joined(join) in ("semi", "anti")
    scope.sources.append(Source(scope.key(name), name.name, relation, hidden=hidden))
    on = join.args.get("on") if join is not None else None
    if on is not None and not isinstance(on, exp.Boolean):
        scope.rows = scope.algebra.filtered(scope.rows, scope.evaluate(on))


def so_far(scope: Scope[V, R]) -> Scope[V, R]:
    """The scope as a lateral subquery sees it: with what stands before it, now and when it
    is asked for a column later, so that it never asks itself."""
    seen = copy(scope)
    _stop(seen)
    return seen


def _stop(scope: Scope[V, R]) -> None:
    """Sources that are read from here on are none of the scope's."""
    scope.sources, scope.merged = list(scope.sources), dict(scope.merged)
    scope.merging = dict(scope.merging)


class Siblings(Scope[V, R]):
    """What stands before an item of FROM where that sees it without LATERAL, as on DuckDB.

    Hardly a query means that, so a name alone means a sibling's column only if it is a listed
    one and nothing nearer may have the name.

    Args:
        apart: tables of the item are other uses of tables of the siblings, as is so if it is
            lateral.

    Attributes:
        asked: whether the item is of a sibling's columns, so that it is lateral.
    """

    def __init__(self, scope: Scope[V, R], *, apart: bool = False) -> None:
        self.__dict__.update(scope.__dict__)
        _stop(self)
        self.apart = apart
        self.asked = False

    def find(self, key: str, name: str, node: exp.Expression, *, claimed: bool = False) -> V | None:
        """A listed column or a whole row of that name: here, further out."""
        known = any(s.key == key or s.relation.value(key) is not None for s in self.sources)
        if known and not claimed:
            self.asked = True
            return super().find(key, name, node)
        return self.parent.find(key, name, node, claimed=claimed) if self.parent else None

    def source(self, qualifiers: Sequence[exp.Identifier]) -> Source[V, R] | None:
        """The source of that name."""
        found = super().source(qualifiers)
        self.asked = self.asked or found is not None
        return found


def read_item(
    item: exp.Expression, scope: Scope[V, R], read: Callable[[Scope[V, R] | None], T]
) -> tuple[T, str]:
    """What `read` makes of an item of FROM whose queries see what is around it, and
    ``lateral`` if the item is of a column of what stands before it."""
    if not scope.rules.implicit_lateral or not scope.sources or isinstance(item, exp.Table):
        return read(scope.parent), ""
    siblings = Siblings(scope)
    found = read(siblings)
    if not siblings.asked:
        return found, ""
    return read(Siblings(scope, apart=True)), "lateral"


_OVER = frozenset(
    {
        *("explode", "explode_outer", "flatten", "inline", "inline_outer", "posexplode"),
        *("posexplode_outer", "json_array_elements", "json_array_elements_text"),
        *("jsonb_array_elements", "jsonb_array_elements_text", "variant_explode"),
        *("variant_explode_outer",),
    }
)
"""Functions whose rows are the elements of their first argument."""


_ELEMENTS = frozenset({"explode", "explode_outer", "posexplode", "posexplode_outer"})
"""Functions whose unnamed columns are elements, not fields of them."""


def _collection(function: exp.Expression) -> exp.Expression | None:
    """What is taken apart into its elements, if all other arguments are constants."""
    if isinstance(function, exp.Unnest) or function_name(function) not in _OVER:
        return None
    first, *rest = function.iter_expressions() or [None]
    if first is None or any(part.find(exp.Column, exp.Query) for part in rest):
        return None
    return first.expression if isinstance(first, exp.Kwarg) else first


def _path(function: exp.Expression) -> list[str]:
    """The steps in Snowflake's ``FLATTEN(input => x, path => 'a.b')``."""
    for part in function.expressions if isinstance(function, exp.Explode) else ():
        named = isinstance(part, exp.Kwarg) and part.this.name.lower() == "path"
        if named and isinstance(part.expression, exp.Literal):
            return [step for step in part.expression.name.split(".") if step.isidentifier()]
    return []


def _constants(function: exp.Expression) -> str:
    """The call without what it takes apart."""
    _, *rest = function.iter_expressions()
    return " ".join([function_name(function), *(part.sql() for part in rest)])


def _arguments(function: exp.Expression) -> list[exp.Expression]:
    """The expressions whose elements become rows."""
    return list(function.expressions) if isinstance(function, exp.Unnest) else [function]
