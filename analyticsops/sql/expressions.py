"""Canonical text of one expression, given the canonical texts of its columns."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from sqlglot import exp

from analyticsops.sql.aggregates import is_aggregate
from analyticsops.sql.algebra import Surroundings
from analyticsops.sql.arguments import owner
from analyticsops.sql.constant_rules import calculated, integer
from analyticsops.sql.dynamic import is_dynamic
from analyticsops.sql.forms import FALSE, NULL, TRUE, atom, is_literal, quoted
from analyticsops.sql.printed_aggregates import aggregate_text, filtered_text
from analyticsops.sql.printed_windows import UnknownFormError, bare, window_text
from analyticsops.sql.volatile import VOLATILE, VOLATILE_NAMES

if TYPE_CHECKING:
    from analyticsops.sql.canonical_rows import CanonicalRows, Text
    from analyticsops.sql.row_logic import RowLogic
from analyticsops.sql.syntax import POSITIONAL, DynamicIdentifier

_SYMMETRIC = (exp.NullSafeEQ, exp.NullSafeNEQ)
"""Comparisons whose operands may change places."""

_ARITHMETIC = (exp.Add, exp.Sub, exp.Mul, exp.Div)

_NOT_UNDERSTOOD = (exp.Columns, exp.Comprehension, exp.Parameter, *POSITIONAL)

_PLUS_CONCATENATES = frozenset({"tsql", "fabric"})
"""Where ``+`` on texts joins them, so that its operands must keep their order."""


class Printer:
    """Prints expressions of one dialect canonically."""

    def __init__(
        self, dialect: str, logic: RowLogic, *, with_rows: bool, order_counts: bool
    ) -> None:
        self._dialect = dialect
        self.logic = logic
        self.forms, self._form = logic.forms, logic.forms.form
        self.with_rows = with_rows
        self.order_counts = order_counts
        self._methods = self._rules()
        self._method_of: dict[type, Callable[[Any, Any], str]] = {}

    def _rules(self) -> tuple[tuple[Any, Callable[[Any, Any], str]], ...]:
        """(kinds of nodes, what prints them)."""
        # Tried in this order; a node of no listed kind is printed generically.
        return (
            ((*VOLATILE, *_NOT_UNDERSTOOD), self._unknown),
            ((exp.Column, exp.Star), self._column),
            (DynamicIdentifier, self._dynamic),
            (exp.Literal, self._literal),
            (exp.Boolean, self._boolean),
            (exp.Is, self._is),
            (exp.DataType, self._type),
            ((exp.And, exp.Or), self._connective),
            (exp.Not, self._not),
            (exp.Between, self._between),
            ((exp.EQ, exp.NEQ), self._equality),
            (
                _SYMMETRIC,
                lambda node, scope: self._form(node.key, *sorted(self._pair(node, scope))),
            ),
            ((exp.LT, exp.LTE, exp.GT, exp.GTE), self._ordering),
            (_ARITHMETIC, self._arithmetic),
            (exp.Neg, self._negative),
            (exp.Case, self._case),
            (exp.If, self._if),
            (exp.In, self._in),
            (exp.Exists, self._exists),
            (exp.Query, self._query),
            (exp.Window, lambda node, scope: window_text(node, scope, self)),
            (exp.Filter, lambda node, scope: filtered_text(node, scope, self)),
            (exp.AggFunc, self._aggregate),
            (exp.Coalesce, self._coalesce),
            (exp.Nullif, self._nullif),
            (exp.Cast, self._cast),
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
            return self.logic.conjuncts(self.print(part, scope) for part in _flat(node, exp.And))
        except (UnknownFormError, RecursionError):
            return None

    def print(self, node: exp.Expression, scope: Surroundings[Text, CanonicalRows]) -> str:
        """The canonical text of an expression."""
        node = bare(node)
        method = self._method_of.get(type(node))
        if method is None:
            known = (method for kind, method in self._methods if isinstance(node, kind))
            method = self._method_of[type(node)] = next(known, self.generic)
        return method(node, scope)

    # -- leaves ----------------------------------------------------------------

    def _literal(self, node: exp.Literal, _scope: Surroundings[Text, CanonicalRows]) -> str:
        return quoted(node.name) if node.is_string else str(node.name).lower()

    def _boolean(self, node: exp.Boolean, _scope: Surroundings[Text, CanonicalRows]) -> str:
        return TRUE if node.this else FALSE

    def _is(self, node: exp.Is, scope: Surroundings[Text, CanonicalRows]) -> str:
        value, what = self._pair(node, scope)
        if node.args.get("negate") and self.forms.how(value) in ("all", "row"):
            return self._form("is not", value, what)  # of a row it is not the opposite of IS
        text = self._form("is", value, what)
        if what == NULL:
            text = FALSE if value in self._filled(scope) else self.logic.is_null(value)
        return self.logic.negation(text) if node.args.get("negate") else text

    def _type(self, node: exp.DataType, _scope: Surroundings[Text, CanonicalRows]) -> str:
        return str(node.sql(dialect=self._dialect)).lower()

    def _called(self, node: exp.Anonymous, scope: Surroundings[Text, CanonicalRows]) -> str:
        """A function that sqlglot does not know; names of functions ignore case."""
        if str(node.this).lower() in VOLATILE_NAMES:
            raise UnknownFormError
        if is_dynamic(node):
            return self._dynamic(node, scope)
        if is_aggregate(node, scope.dialect):
            return self._aggregate(node, scope)
        return self._call(node, scope)

    def _call(self, node: exp.Expression, scope: Surroundings[Text, CanonicalRows]) -> str:
        arguments = [self.print(argument, scope) for argument in node.expressions]
        return self._form("call", atom(str(node.this).lower()), *arguments)

    def _dynamic(self, node: exp.Expression, scope: Surroundings[Text, CanonicalRows]) -> str:
        return _known(scope.dynamic(node).text)

    def _unknown(self, node: exp.Expression, scope: Surroundings[Text, CanonicalRows]) -> str:
        raise UnknownFormError

    def _lambda(self, node: exp.Lambda, scope: Surroundings[Text, CanonicalRows]) -> str:
        """Its parameters are identifiers; one that looks like a column is not understood."""
        names = {parameter.name for parameter in node.expressions}
        if any(column.parts[0].name in names for column in node.find_all(exp.Column)):
            raise UnknownFormError
        return self.generic(node, scope)

    def _dot(self, node: exp.Dot, scope: Surroundings[Text, CanonicalRows]) -> str:
        """``doc.value('/a')`` is about the column `doc`; other names before a call are of
        schemas, and what is in brackets before a field is printed like anything else."""
        column = owner(node)
        if column is not None:
            return self._form(
                "method", self.print(column, scope), self.print(node.expression, scope)
            )
        return self._any(node, scope)

    def _any(self, node: exp.Expression, scope: Surroundings[Text, CanonicalRows]) -> str:
        return (
            self._aggregate(node, scope)
            if is_aggregate(node, scope.dialect)
            else self.generic(node, scope)
        )

    def _pair(
        self, node: exp.Expression, scope: Surroundings[Text, CanonicalRows]
    ) -> tuple[str, str]:
        return self.print(node.this, scope), self.print(node.expression, scope)

    def _ordering(self, node: exp.Expression, scope: Surroundings[Text, CanonicalRows]) -> str:
        """``a > b`` is ``b < a``."""
        pair = self._pair(node, scope)
        if isinstance(node, (exp.GT, exp.GTE)):
            pair = pair[::-1]
        return self.logic.compare("lt" if isinstance(node, (exp.LT, exp.GT)) else "lte", *pair)

    def _equality(self, node: exp.Expression, scope: Surroundings[Text, CanonicalRows]) -> str:
        return self.logic.compare(node.key, *self._pair(node, scope))

    def _arithmetic(self, node: exp.Expression, scope: Surroundings[Text, CanonicalRows]) -> str:
        """Operands of + and * may change places, floating point included."""
        pair, typed = self._pair(node, scope), bool(node.args.get("typed"))
        found = calculated(node.key, *pair, whole=typed)
        if found is not None:
            return found
        if isinstance(node, exp.Add) and self._dialect in _PLUS_CONCATENATES:
            return self._form("plus", *pair)
        return self._form(node.key, *(sorted(pair) if node.key in ("add", "mul") else pair))

    def _negative(self, node: exp.Neg, scope: Surroundings[Text, CanonicalRows]) -> str:
        value = self.print(node.this, scope)
        return calculated("sub", "0", value) or self._form("neg", value)

    def _between(self, node: exp.Between, scope: Surroundings[Text, CanonicalRows]) -> str:
        if node.args.get("symmetric"):
            return self.generic(node, scope)
        parts = (node.this, node.args["low"], node.args["high"])
        value, low, high = (self.print(part, scope) for part in parts)
        compare = self.logic.compare
        return self.logic.conjunction([compare("lte", low, value), compare("lte", value, high)])

    def _filled(self, scope: Surroundings[Text, CanonicalRows]) -> frozenset[str]:
        """Values that are not NULL in the rows of the query; where only the expression is
        asked for, its rows say nothing."""
        if scope.adds_groups or not self.with_rows:
            return frozenset()
        return self.logic.never_null(scope.ungrouped.predicates)

    def _exists(self, node: exp.Exists, scope: Surroundings[Text, CanonicalRows]) -> str:
        return self.logic.exists(self._known_rows(scope.query(node.this).rows.as_set))

    def _column(self, node: exp.Expression, scope: Surroundings[Text, CanonicalRows]) -> str:
        if not isinstance(node, exp.Column) or isinstance(node.this, exp.Star):
            return self._form("all", *(_known(value.text) for value in scope.everything(node)))
        return _known(scope.column(node).text)

    def generic(self, node: exp.Expression, scope: Surroundings[Text, CanonicalRows]) -> str:
        """Any other node: its type, and its arguments under their names."""
        parts: list[str] = []
        for name, value in sorted(node.args.items()):
            if value is None or value is False or value == []:
                continue
            items = value if isinstance(value, list) else [value]
            texts = [self._argument(item, scope) for item in items]
            parts.append(self._form(f"{name}:", *texts))
        return self.logic.called(node.key, *parts)

    def _argument(self, item: Any, scope: Surroundings[Text, CanonicalRows]) -> str:
        if isinstance(item, exp.Identifier):
            return atom(item.name if item.args.get("quoted") else item.name.lower())
        if isinstance(item, exp.Expression):
            return self.print(item, scope)
        return atom(str(item))

    # -- logic -----------------------------------------------------------------

    def _connective(self, node: exp.Expression, scope: Surroundings[Text, CanonicalRows]) -> str:
        kind = exp.And if isinstance(node, exp.And) else exp.Or
        parts = [self.print(part, scope) for part in _flat(node, kind)]
        logic = self.logic
        return logic.conjunction(parts) if kind is exp.And else logic.disjunction(parts)

    def _not(self, node: exp.Not, scope: Surroundings[Text, CanonicalRows]) -> str:
        return self.logic.negation(self.print(node.this, scope))

    def _case(self, node: exp.Case, scope: Surroundings[Text, CanonicalRows]) -> str:
        operand = self.print(node.this, scope) if node.this is not None else None
        branches: list[tuple[str, str]] = []
        for branch in node.args.get("ifs") or ():
            condition = self.print(branch.this, scope)
            if operand is not None:
                condition = self.logic.compare("eq", operand, condition)
            branches.append((condition, self.print(branch.args["true"], scope)))
        default = node.args.get("default")
        return self.logic.case(branches, self.print(default, scope) if default else NULL)

    def _if(self, node: exp.If, scope: Surroundings[Text, CanonicalRows]) -> str:
        condition, value = self.print(node.this, scope), self.print(node.args["true"], scope)
        false = node.args.get("false")
        default = self.print(false, scope) if false is not None else NULL
        return self.logic.case([(condition, value)], default)

    def _coalesce(self, node: exp.Coalesce, scope: Surroundings[Text, CanonicalRows]) -> str:
        parts = (node.this, *node.expressions)
        return self.logic.coalesce([self.print(part, scope) for part in parts], self._filled(scope))

    def _nullif(self, node: exp.Nullif, scope: Surroundings[Text, CanonicalRows]) -> str:
        value, other = self._pair(node, scope)
        return self.logic.case([(self.logic.compare("eq", value, other), NULL)], value)

    def _cast(self, node: exp.Cast, scope: Surroundings[Text, CanonicalRows]) -> str:
        """A cast to the type that a value has changes nothing."""
        if type(node) is not exp.Cast or any(
            value for name, value in node.args.items() if name not in ("this", "to")
        ):
            return self.generic(node, scope)
        value, kind = self.print(node.this, scope), self.print(node.to, scope)
        if self.forms.how(value) == "cast" and self.forms.parts(value)[1] == kind:
            return value
        if kind in ("bool", "boolean") and self.forms.is_condition(value):
            return value
        if kind in ("int", "integer") and integer(value) is not None:
            return value
        return self._form("cast", value, kind)

    def _in(self, node: exp.In, scope: Surroundings[Text, CanonicalRows]) -> str:
        value = self.print(node.this, scope)
        query = node.args.get("query")
        if query is not None:
            return self._form("in", value, self._set(query, scope))
        if node.args.get("unnest") is not None or node.args.get("field") is not None:
            return self.generic(node, scope)
        return self.logic.member(value, [self.print(item, scope) for item in node.expressions])

    # -- what depends on rows ----------------------------------------------------

    def _query(
        self, node: exp.Query, scope: Surroundings[Text, CanonicalRows], *, as_set: bool = False
    ) -> str:
        relation = scope.query(node)
        rows = relation.rows.as_set if as_set else relation.rows
        if _sorted_without_limit(node):
            raise UnknownFormError  # ARRAY(SELECT ... ORDER BY ...): the order is the value
        columns = [_known(column.value.text) for column in relation.columns]
        if relation.openings:
            raise UnknownFormError
        return self._form("query", self._known_rows(rows), *columns)

    def _set(self, node: exp.Expression, scope: Surroundings[Text, CanonicalRows]) -> str:
        """The query behind IN: how often a row is there does not matter."""
        inner = node.unnest()
        if not isinstance(inner, exp.Query):
            return self.print(node, scope)
        return self._query(inner, scope, as_set=True)

    def context(self, rows: CanonicalRows) -> str:
        """The rows that an aggregate or window is over; left out where only the expression
        is asked for."""
        return self._known_rows(rows) if self.with_rows else "rows"

    def _known_rows(self, rows: CanonicalRows) -> str:
        if not rows.known:
            raise UnknownFormError
        return self.logic.rows(rows.leaves, rows.predicates, rows.tables)

    def _aggregate(self, node: exp.Expression, scope: Surroundings[Text, CanonicalRows]) -> str:
        return aggregate_text(node, scope, self)

    def plain_aggregate(
        self, node: exp.Expression, scope: Surroundings[Text, CanonicalRows]
    ) -> str:
        """An aggregate without the rows that it is over."""
        if isinstance(node, exp.Count) and not node.expressions:
            return self._count(node, scope)
        once: list[exp.Expression] = []
        if isinstance(node, (exp.Max, exp.Min)) and isinstance(node.this, exp.Distinct):
            once = node.this.expressions
        if len(once) == 1:  # the largest of all is the largest of each once
            return self.plain_aggregate(type(node)(this=once[0]), scope)
        if isinstance(node, exp.Anonymous):
            return self._call(node, scope)
        return self.generic(node, scope)

    def _count(self, node: exp.Count, scope: Surroundings[Text, CanonicalRows]) -> str:
        """What is never NULL is counted like rows; of a CASE that chooses a constant or NULL,
        which constant does not matter."""
        form, value = self._form, "*"
        if not (node.this is None or isinstance(node.this, (exp.Literal, exp.Star))):
            value = self.print(node.this, scope)
        parts = self.forms.parts(value)
        is_chosen = self.forms.how(value) == "case" and len(parts) == 3 and parts[2] == NULL
        if is_chosen and is_literal(parts[1]):
            return form("count", form("case", parts[0], "1", NULL))
        return form("count", "*" if self.logic.is_filled(value, self._filled(scope)) else value)


def _sorted_without_limit(query: exp.Expression) -> bool:
    while isinstance(query, exp.Subquery) and not query.args.get("order"):
        query = query.this
    return bool(query.args.get("order")) and not query.args.get("limit")


def _flat(node: exp.Expression, kind: type[exp.Expression]) -> Iterable[exp.Expression]:
    """The operands of a chain of one connective, without recursion."""
    stack = [node]
    while stack:
        current = bare(stack.pop())
        if isinstance(current, kind):
            stack.extend((current.expression, current.this))
        else:
            yield current


def _known(text: str | None) -> str:
    if text is None:
        raise UnknownFormError
    return text
