"""Canonical text of one expression, given the canonical texts of its columns."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from sqlglot import exp

from analyticsops.sql.algebra import Surroundings

if TYPE_CHECKING:
    from analyticsops.sql.canonical import CanonicalRows, Text

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

_PLUS_CONCATENATES = frozenset({"tsql", "fabric"})
"""Where ``+`` on texts joins them, so that its operands must keep their order."""


class _UnknownError(Exception):
    """A part of the expression is not understood."""


class Printer:
    """Prints expressions of one dialect canonically."""

    def __init__(self, dialect: str, *, with_rows: bool) -> None:
        self._dialect = dialect
        self._with_rows = with_rows
        symmetric = _SYMMETRIC if dialect in _PLUS_CONCATENATES else (*_SYMMETRIC, exp.Add)
        # Tried in this order; a node of no listed kind is printed generically.
        self._methods: tuple[tuple[Any, Callable[[Any, Any], str]], ...] = (
            (exp.Column, self._column),
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
            return [_form("lte", low, value), _form("lte", value, high)]
        return [self._print(node, scope)]

    def _print(self, node: exp.Expression, scope: Surroundings[Text, CanonicalRows]) -> str:
        node = _bare(node)
        for kinds, method in self._methods:
            if isinstance(node, kinds):
                return method(node, scope)
        return self._generic(node, scope)

    # -- leaves ----------------------------------------------------------------

    def _literal(self, node: exp.Literal, _scope: Surroundings[Text, CanonicalRows]) -> str:
        return f"'{node.name}'" if node.is_string else str(node.name).lower()

    def _type(self, node: exp.DataType, _scope: Surroundings[Text, CanonicalRows]) -> str:
        return str(node.sql(dialect=self._dialect)).lower()

    def _called(self, node: exp.Anonymous, scope: Surroundings[Text, CanonicalRows]) -> str:
        """A function that sqlglot does not know; names of functions ignore case."""
        arguments = [self._print(argument, scope) for argument in node.expressions]
        return _form("call", str(node.this).lower(), *arguments)

    def _pair(
        self, node: exp.Expression, scope: Surroundings[Text, CanonicalRows]
    ) -> tuple[str, str]:
        return self._print(node.this, scope), self._print(node.expression, scope)

    def _symmetric(self, node: exp.Expression, scope: Surroundings[Text, CanonicalRows]) -> str:
        return _form(node.key, *sorted(self._pair(node, scope)))

    def _ordering(self, node: exp.Expression, scope: Surroundings[Text, CanonicalRows]) -> str:
        """``a > b`` is ``b < a``."""
        pair = self._pair(node, scope)
        if isinstance(node, (exp.GT, exp.GTE)):
            pair = pair[::-1]
        return _form("lt" if isinstance(node, (exp.LT, exp.GT)) else "lte", *pair)

    def _between(self, node: exp.Between, scope: Surroundings[Text, CanonicalRows]) -> str:
        return _form("and", *sorted(self._conjunct(node, scope)))

    def _exists(self, node: exp.Exists, scope: Surroundings[Text, CanonicalRows]) -> str:
        return _form("exists", self._known_rows(scope.query(node.this).rows))

    def _column(self, node: exp.Column, scope: Surroundings[Text, CanonicalRows]) -> str:
        if isinstance(node.this, exp.Star):
            return _form("all", *(_known(value.text) for value in scope.everything(node)))
        return _known(scope.column(node).text)

    def _generic(self, node: exp.Expression, scope: Surroundings[Text, CanonicalRows]) -> str:
        """Any other node: its type, and its arguments under their names."""
        parts: list[str] = []
        for name, value in sorted(node.args.items()):
            if value is None or value is False or value == []:
                continue
            items = value if isinstance(value, list) else [value]
            texts = [self._argument(item, scope) for item in items]
            parts.append(f"{name}={' '.join(texts)}")
        return _form(node.key, *parts)

    def _argument(self, item: Any, scope: Surroundings[Text, CanonicalRows]) -> str:
        if isinstance(item, exp.Identifier):
            return str(item.name if item.args.get("quoted") else item.name.lower())
        if isinstance(item, exp.Expression):
            return self._print(item, scope)
        return str(item)

    # -- logic -----------------------------------------------------------------

    def _connective(self, node: exp.Expression, scope: Surroundings[Text, CanonicalRows]) -> str:
        if isinstance(node, exp.And):
            parts = {t for part in _flat(node, exp.And) for t in self._conjunct(part, scope)}
        else:
            parts = {self._print(part, scope) for part in _flat(node, exp.Or)}
        if len(parts) == 1:  # x AND x, x OR x
            return next(iter(parts))
        return _form("and" if isinstance(node, exp.And) else "or", *sorted(parts))

    def _not(self, node: exp.Not, scope: Surroundings[Text, CanonicalRows]) -> str:
        inner = _bare(node.this)
        if isinstance(inner, exp.Not):
            return self._print(inner.this, scope)
        if type(inner) in _OPPOSITE:  # NOT a = b is a <> b, NULL included
            pair = [self._print(inner.this, scope), self._print(inner.expression, scope)]
            name = _OPPOSITE[type(inner)]
            if name in ("gt", "gte"):
                return _form("lt" if name == "gt" else "lte", *pair[::-1])
            return _form(name, *(sorted(pair) if name in ("eq", "neq") else pair))
        return _form("not", self._print(inner, scope))

    def _case(self, node: exp.Case, scope: Surroundings[Text, CanonicalRows]) -> str:
        operand = self._print(node.this, scope) if node.this is not None else None
        parts: list[str] = []
        for branch in node.args.get("ifs") or ():
            condition = self._print(branch.this, scope)
            if operand is not None:
                condition = _form("eq", *sorted([operand, condition]))
            parts += [condition, self._print(branch.args["true"], scope)]
        default = node.args.get("default")
        parts.append(self._print(default, scope) if default is not None else "(null)")
        return _form("case", *parts)

    def _if(self, node: exp.If, scope: Surroundings[Text, CanonicalRows]) -> str:
        false = node.args.get("false")
        return _form(
            "case",
            self._print(node.this, scope),
            self._print(node.args["true"], scope),
            self._print(false, scope) if false is not None else "(null)",
        )

    def _in(self, node: exp.In, scope: Surroundings[Text, CanonicalRows]) -> str:
        value = self._print(node.this, scope)
        query = node.args.get("query")
        if query is not None:
            return _form("in", value, self._print(query, scope))
        if node.args.get("unnest") is not None or node.args.get("field") is not None:
            return self._generic(node, scope)
        items = sorted({self._print(item, scope) for item in node.expressions})
        if len(items) == 1:
            return _form("eq", *sorted([value, items[0]]))
        return _form("in", value, *items)

    # -- what depends on rows ----------------------------------------------------

    def _query(self, node: exp.Query, scope: Surroundings[Text, CanonicalRows]) -> str:
        relation = scope.query(node)
        columns = [_known(column.value.text) for column in relation.columns]
        if relation.openings:
            raise _UnknownError
        return _form("query", self._known_rows(relation.rows), *columns)

    def _context(self, rows: CanonicalRows) -> str:
        return self._known_rows(rows) if self._with_rows else "rows"

    def _known_rows(self, rows: CanonicalRows) -> str:
        if not rows.known:
            raise _UnknownError
        return rows.text

    def _aggregate(self, node: exp.AggFunc, scope: Surroundings[Text, CanonicalRows]) -> str:
        """An aggregate is over the rows of its query: count(*) alone has no column."""
        rows = self._context(scope.rows)
        argument = node.this
        if isinstance(node, exp.Count) and not node.expressions and _constant(argument):
            return _form("count", "*", rows)
        return _form("over", self._generic(node, scope), rows)

    def _window(self, node: exp.Window, scope: Surroundings[Text, CanonicalRows]) -> str:
        parts = [_form("function", self._function(node.this, scope))]
        definitions: list[exp.Expression] = [node]
        alias = node.args.get("alias")
        if isinstance(alias, exp.Expression):
            named = scope.named_window(alias.name)
            if named is None:
                raise _UnknownError
            definitions.append(named)
        for definition in definitions:
            partition = definition.args.get("partition_by") or ()
            parts += [_form("by", *sorted(self._print(p, scope) for p in partition))]
            for clause in ("order", "spec"):
                found = definition.args.get(clause)
                if found is not None:
                    parts.append(self._generic(found, scope))
        return _form("window", *parts, self._context(scope.rows))

    def _function(self, node: exp.Expression, scope: Surroundings[Text, CanonicalRows]) -> str:
        """The function of a window: its rows are the window's."""
        node = _bare(node)
        return self._generic(node, scope)


def _constant(node: object) -> bool:
    return isinstance(node, exp.Star) or (
        isinstance(node, exp.Literal) and not isinstance(node, exp.Null)
    )


def _bare(node: exp.Expression) -> exp.Expression:
    while isinstance(node, (exp.Paren, exp.Alias)) or (
        isinstance(node, exp.Subquery) and not node.args.get("with_") and _plain(node)
    ):
        node = node.this
    return node


def _plain(node: exp.Subquery) -> bool:
    return not any(node.args.get(clause) for clause in ("limit", "offset", "order", "alias"))


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


def _form(how: str, *parts: str) -> str:
    return f"({how} {' '.join(parts)})"
