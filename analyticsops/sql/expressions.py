"""Canonical text of one expression, given the canonical texts of its columns."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from sqlglot import exp

from analyticsops.sql.aggregates import follows_order, is_aggregate
from analyticsops.sql.algebra import Surroundings, windows_of
from analyticsops.sql.arguments import owner
from analyticsops.sql.dynamic import is_dynamic
from analyticsops.sql.forms import atom, form, is_condition, quoted, short

if TYPE_CHECKING:
    from analyticsops.sql.canonical import CanonicalRows, Text
from analyticsops.sql.syntax import POSITIONAL, DynamicIdentifier, kinds

_SYMMETRIC = (exp.EQ, exp.NEQ, exp.NullSafeEQ, exp.NullSafeNEQ, exp.Mul)
"""Operators whose operands may change places, floating point included."""

_OPPOSITE = {
    exp.EQ: "neq",
    exp.NEQ: "eq",
    exp.LT: "gte",
    exp.LTE: "gt",
    exp.GT: "lte",
    exp.GTE: "lt",
}

_VOLATILE = (exp.Rand, exp.Randn, exp.Uuid)
"""Functions with another answer each time: no two uses of them are equal."""

_VOLATILE_NAMES = frozenset(
    {
        "clock_timestamp",
        "currval",
        "gen_random_uuid",
        "generate_uuid",
        "generateuuidv4",
        "newid",
        "newsequentialid",
        "nextval",
        "normal",
        "rand",
        "random",
        "randstr",
        "seq1",
        "seq2",
        "seq4",
        "seq8",
        "setseed",
        "sleep",
        "timeofday",
        "uniform",
        "uuid_string",
        "zipf",
    }
)

_NEED_ORDER = (
    exp.FirstValue,
    exp.Lag,
    exp.LastValue,
    exp.Lead,
    exp.NthValue,
    exp.RowNumber,
    *kinds("Ntile"),
)
"""Window functions whose answer is arbitrary without ORDER BY."""

_KEEP_ORDER = (exp.AnyValue, exp.ArrayAgg, exp.First, exp.GroupConcat, exp.Last, exp.List)
"""Aggregates whose answer follows the order of the rows, if they have one."""

_NOT_UNDERSTOOD = (exp.Columns, exp.Comprehension, exp.Parameter, *POSITIONAL)

_PLUS_CONCATENATES = frozenset({"tsql", "fabric"})
"""Where ``+`` on texts joins them, so that its operands must keep their order."""


class _UnknownError(Exception):
    """A part of the expression is not understood."""


class Printer:
    """Prints expressions of one dialect canonically."""

    def __init__(self, dialect: str, *, with_rows: bool, order_counts: bool) -> None:
        self.with_rows = with_rows
        self._dialect = dialect
        self._order_counts = order_counts
        symmetric = _SYMMETRIC if dialect in _PLUS_CONCATENATES else (*_SYMMETRIC, exp.Add)
        # Tried in this order; a node of no listed kind is printed generically.
        self._methods: tuple[tuple[Any, Callable[[Any, Any], str]], ...] = (
            ((*_VOLATILE, *_NOT_UNDERSTOOD), self._unknown),
            ((exp.Column, exp.Star), self._column),
            (DynamicIdentifier, self._dynamic),
            (exp.Literal, self._literal),
            (exp.DataType, self._type),
            ((exp.And, exp.Or), self._connective),
            (exp.Not, self._not),
            (exp.Between, self._between),
            (symmetric, self._symmetric),
            ((exp.LT, exp.LTE, exp.GT, exp.GTE), self._ordering),
            (exp.Case, self._case),
            (exp.If, self._if),
            (exp.In, self._in),
            (exp.Exists, self._exists),
            (exp.Query, self._query),
            (exp.Window, self._window),
            (exp.AggFunc, self._aggregate),
            (exp.Anonymous, self._called),
            (exp.Lambda, self._lambda),
            (exp.Dot, self._dot),
            ((exp.Any, exp.List), self._any),
        )

    def conjuncts(
        self, node: exp.Expression, scope: Surroundings[Text, CanonicalRows]
    ) -> frozenset[str] | None:
        """The texts whose conjunction the expression is; None if not understood."""
        try:
            return frozenset(
                text for part in _flat(node, exp.And) for text in self._conjunct(part, scope)
            )
        except (_UnknownError, RecursionError):
            return None

    def _conjunct(
        self, node: exp.Expression, scope: Surroundings[Text, CanonicalRows]
    ) -> list[str]:
        if isinstance(node, exp.Between) and not node.args.get("symmetric"):
            value = self._print(node.this, scope)
            low = self._print(node.args["low"], scope)
            high = self._print(node.args["high"], scope)
            return [form("lte", low, value), form("lte", value, high)]
        return [self._print(node, scope)]

    def _print(self, node: exp.Expression, scope: Surroundings[Text, CanonicalRows]) -> str:
        node = _bare(node)
        for kind, method in self._methods:
            if isinstance(node, kind):
                return method(node, scope)
        return self._generic(node, scope)

    # -- leaves ----------------------------------------------------------------

    def _literal(self, node: exp.Literal, _scope: Surroundings[Text, CanonicalRows]) -> str:
        return quoted(node.name) if node.is_string else str(node.name).lower()

    def _type(self, node: exp.DataType, _scope: Surroundings[Text, CanonicalRows]) -> str:
        return str(node.sql(dialect=self._dialect)).lower()

    def _called(self, node: exp.Anonymous, scope: Surroundings[Text, CanonicalRows]) -> str:
        """A function that sqlglot does not know; names of functions ignore case."""
        if str(node.this).lower() in _VOLATILE_NAMES:
            raise _UnknownError
        if is_dynamic(node):
            return self._dynamic(node, scope)
        if is_aggregate(node, scope.dialect):
            return self._aggregate(node, scope)
        return self._call(node, scope)

    def _call(self, node: exp.Expression, scope: Surroundings[Text, CanonicalRows]) -> str:
        arguments = [self._print(argument, scope) for argument in node.expressions]
        return form("call", atom(str(node.this).lower()), *arguments)

    def _dynamic(self, node: exp.Expression, scope: Surroundings[Text, CanonicalRows]) -> str:
        return _known(scope.dynamic(node).text)

    def _unknown(self, node: exp.Expression, scope: Surroundings[Text, CanonicalRows]) -> str:
        raise _UnknownError

    def _lambda(self, node: exp.Lambda, scope: Surroundings[Text, CanonicalRows]) -> str:
        """Its parameters are identifiers; one that looks like a column is not understood."""
        names = {parameter.name for parameter in node.expressions}
        if any(column.parts[0].name in names for column in node.find_all(exp.Column)):
            raise _UnknownError
        return self._generic(node, scope)

    def _dot(self, node: exp.Dot, scope: Surroundings[Text, CanonicalRows]) -> str:
        """``doc.value('/a')`` is about the column `doc`; other names before a call are of
        schemas, and what is in brackets before a field is printed like anything else."""
        column = owner(node)
        if column is not None:
            return form("method", self._print(column, scope), self._print(node.expression, scope))
        return (
            self._aggregate(node, scope)
            if is_aggregate(node, scope.dialect)
            else self._generic(node, scope)
        )

    def _any(self, node: exp.Expression, scope: Surroundings[Text, CanonicalRows]) -> str:
        return (
            self._aggregate(node, scope)
            if is_aggregate(node, scope.dialect)
            else self._generic(node, scope)
        )

    def _pair(
        self, node: exp.Expression, scope: Surroundings[Text, CanonicalRows]
    ) -> tuple[str, str]:
        return self._print(node.this, scope), self._print(node.expression, scope)

    def _symmetric(self, node: exp.Expression, scope: Surroundings[Text, CanonicalRows]) -> str:
        return form(node.key, *sorted(self._pair(node, scope)))

    def _ordering(self, node: exp.Expression, scope: Surroundings[Text, CanonicalRows]) -> str:
        """``a > b`` is ``b < a``."""
        pair = self._pair(node, scope)
        if isinstance(node, (exp.GT, exp.GTE)):
            pair = pair[::-1]
        return form("lt" if isinstance(node, (exp.LT, exp.GT)) else "lte", *pair)

    def _between(self, node: exp.Between, scope: Surroundings[Text, CanonicalRows]) -> str:
        return form("and", *sorted(self._conjunct(node, scope)))

    def _exists(self, node: exp.Exists, scope: Surroundings[Text, CanonicalRows]) -> str:
        return form("exists", self._known_rows(scope.query(node.this).rows.as_set))

    def _column(self, node: exp.Expression, scope: Surroundings[Text, CanonicalRows]) -> str:
        if not isinstance(node, exp.Column) or isinstance(node.this, exp.Star):
            return form("all", *(_known(value.text) for value in scope.everything(node)))
        return _known(scope.column(node).text)

    def _generic(self, node: exp.Expression, scope: Surroundings[Text, CanonicalRows]) -> str:
        """Any other node: its type, and its arguments under their names."""
        parts: list[str] = []
        for name, value in sorted(node.args.items()):
            if value is None or value is False or value == []:
                continue
            items = value if isinstance(value, list) else [value]
            texts = [short(self._argument(item, scope)) for item in items]
            parts.append(form(f"{name}:", *texts))
        return form(node.key, *parts)

    def _argument(self, item: Any, scope: Surroundings[Text, CanonicalRows]) -> str:
        if isinstance(item, exp.Identifier):
            return atom(item.name if item.args.get("quoted") else item.name.lower())
        if isinstance(item, exp.Expression):
            return self._print(item, scope)
        return atom(str(item))

    # -- logic -----------------------------------------------------------------

    def _connective(self, node: exp.Expression, scope: Surroundings[Text, CanonicalRows]) -> str:
        if isinstance(node, exp.And):
            parts = {t for part in _flat(node, exp.And) for t in self._conjunct(part, scope)}
        else:
            parts = {self._print(part, scope) for part in _flat(node, exp.Or)}
        if len(parts) == 1 and is_condition(text := next(iter(parts))):  # x AND x, x OR x
            return text
        return form("and" if isinstance(node, exp.And) else "or", *sorted(parts))

    def _not(self, node: exp.Not, scope: Surroundings[Text, CanonicalRows]) -> str:
        inner = _bare(node.this)
        if isinstance(inner, exp.Not):
            twice = self._print(inner.this, scope)
            if is_condition(twice):  # NOT NOT 5 is true, not 5
                return twice
        if type(inner) in _OPPOSITE:  # NOT a = b is a <> b, NULL included
            pair = [self._print(inner.this, scope), self._print(inner.expression, scope)]
            name = _OPPOSITE[type(inner)]
            if name in ("gt", "gte"):
                return form("lt" if name == "gt" else "lte", *pair[::-1])
            return form(name, *(sorted(pair) if name in ("eq", "neq") else pair))
        return form("not", self._print(inner, scope))

    def _case(self, node: exp.Case, scope: Surroundings[Text, CanonicalRows]) -> str:
        operand = self._print(node.this, scope) if node.this is not None else None
        parts: list[str] = []
        for branch in node.args.get("ifs") or ():
            condition = self._print(branch.this, scope)
            if operand is not None:
                condition = form("eq", *sorted([operand, condition]))
            parts += [condition, self._print(branch.args["true"], scope)]
        default = node.args.get("default")
        parts.append(self._print(default, scope) if default is not None else form("null"))
        return form("case", *parts)

    def _if(self, node: exp.If, scope: Surroundings[Text, CanonicalRows]) -> str:
        false = node.args.get("false")
        return form(
            "case",
            self._print(node.this, scope),
            self._print(node.args["true"], scope),
            self._print(false, scope) if false is not None else form("null"),
        )

    def _in(self, node: exp.In, scope: Surroundings[Text, CanonicalRows]) -> str:
        value = self._print(node.this, scope)
        query = node.args.get("query")
        if query is not None:
            return form("in", value, self._set(query, scope))
        if node.args.get("unnest") is not None or node.args.get("field") is not None:
            return self._generic(node, scope)
        items = sorted({self._print(item, scope) for item in node.expressions})
        if len(items) == 1:
            return form("eq", *sorted([value, items[0]]))
        return form("in", value, *items)

    # -- what depends on rows ----------------------------------------------------

    def _query(
        self, node: exp.Query, scope: Surroundings[Text, CanonicalRows], *, as_set: bool = False
    ) -> str:
        relation = scope.query(node)
        rows = relation.rows.as_set if as_set else relation.rows
        if _sorted_without_limit(node):
            raise _UnknownError  # ARRAY(SELECT ... ORDER BY ...): the order is the value
        columns = [_known(column.value.text) for column in relation.columns]
        if relation.openings:
            raise _UnknownError
        return form("query", self._known_rows(rows), *columns)

    def _set(self, node: exp.Expression, scope: Surroundings[Text, CanonicalRows]) -> str:
        """The query behind IN: how often a row is there does not matter."""
        inner = node.unnest()
        if not isinstance(inner, exp.Query):
            return self._print(node, scope)
        return self._query(inner, scope, as_set=True)

    def _context(self, rows: CanonicalRows) -> str:
        return self._known_rows(rows) if self.with_rows else "rows"

    def _known_rows(self, rows: CanonicalRows) -> str:
        if not rows.known:
            raise _UnknownError
        return rows.text

    def _aggregate(self, node: exp.Expression, scope: Surroundings[Text, CanonicalRows]) -> str:
        """An aggregate is over the rows of its query: count(*) alone has no column."""
        keeps = isinstance(node, _KEEP_ORDER) or follows_order(node)
        if self._order_counts and keeps and not node.find(exp.Order):
            raise _UnknownError
        return form("over", self._plain_aggregate(node, scope), self._context(scope.rows))

    def _plain_aggregate(
        self, node: exp.Expression, scope: Surroundings[Text, CanonicalRows]
    ) -> str:
        if isinstance(node, exp.Count) and not node.expressions and _constant(node.this):
            return form("count", "*")
        if isinstance(node, exp.Anonymous):
            return self._call(node, scope)
        return self._generic(node, scope)

    def _window(self, node: exp.Window, scope: Surroundings[Text, CanonicalRows]) -> str:
        parts = [form("function", self._plain_aggregate(_bare(node.this), scope))]
        definitions = windows_of(node, scope)
        if isinstance(definitions[-1].args.get("alias"), exp.Expression):
            raise _UnknownError  # a window that is not defined
        function = _bare(node.this)
        if isinstance(function, (exp.IgnoreNulls, exp.RespectNulls)):
            function = function.this
        if isinstance(function, _NEED_ORDER) and not any(d.args.get("order") for d in definitions):
            raise _UnknownError
        if "KEEP" in str(node.args.get("over")).upper():  # KEEP (DENSE_RANK FIRST ...)
            parts.append(form("keep", str(bool(node.args.get("first")))))
        by = {
            self._print(key, scope)
            for definition in definitions
            for key in definition.args.get("partition_by") or ()
        }
        parts.append(form("by", *sorted(by)))
        for clause in ("order", "spec"):
            found = [d.args[clause] for d in definitions if d.args.get(clause) is not None]
            parts += [self._generic(part, scope) for part in found]
        return form("window", *parts, self._context(scope.rows))


def _constant(node: object) -> bool:
    return isinstance(node, exp.Star) or (
        isinstance(node, exp.Literal) and not isinstance(node, exp.Null)
    )


def _bare(node: exp.Expression) -> exp.Expression:
    while isinstance(node, exp.Paren):
        node = node.this
    return node


def _sorted_without_limit(query: exp.Expression) -> bool:
    while isinstance(query, exp.Subquery) and not query.args.get("order"):
        query = query.this
    return bool(query.args.get("order")) and not query.args.get("limit")


def _flat(node: exp.Expression, kind: type[exp.Expression]) -> Iterable[exp.Expression]:
    """The operands of a chain of one connective, without recursion."""
    stack = [node]
    while stack:
        current = _bare(stack.pop())
        if isinstance(current, kind):
            stack.extend((current.expression, current.this))
        else:
            yield current


def _known(text: str | None) -> str:
    if text is None:
        raise _UnknownError
    return text
