"""Random aggregates and window functions whose answers do not hang on the order of rows."""

from __future__ import annotations

from random import Random

from .expressions import Expressions
from .scope import Scope

_AGGREGATES = {
    "int": (
        "sum({int})",
        "count(*)",
        "count({text})",
        "count(distinct {int})",
        "max({int})",
        "min({int})",
        "sum(distinct {int})",
        "count(*) filter (where {bool})",
        "sum({int}) filter (where {bool})",
        "count_if({bool})",
        "sum(case when {bool} then {int} else 0 end)",
        "bit_or({int})",
        "sum({int}) - min({int})",
        "max(length({text}))",
    ),
    "num": (
        "avg({int})",
        "sum({num})",
        "median({int})",
        "quantile_cont({int}, 0.5)",
        "percentile_cont(0.5) within group (order by {int})",
        "stddev_pop({int})",
        "round(avg({num}), 2)",
        "sum({int}) / nullif(count(*), 0)",
        "corr({int}, {int})",
    ),
    "text": (
        "max({text})",
        "min({text})",
        "string_agg({text}, ',' order by {text})",
        "arg_max({text}, {key})",
        "min_by({text}, {key})",
        "coalesce(max({text}), 'none')",
    ),
    "date": ("max({date})", "min({date})"),
    "ts": ("max({ts})", "min({ts}) filter (where {bool})"),
    "bool": ("bool_or({bool})", "bool_and({bool})", "max({int}) > 2"),
    "ints": (
        "list({int} order by {int})",
        "array_agg(distinct {int} order by {int})",
        "list({int} order by {int}) filter (where {bool})",
        "max({int}, 2)",
    ),
    "rec": ("max({rec})", "{{'p': max({int}), 'q': min({text})}}"),
}

_STEADY = {
    "int": ("rank()", "dense_rank()", "sum({int})", "count(*)", "max({int})", "count({text})"),
    "num": ("avg({int})", "percent_rank()", "cume_dist()", "sum({num})"),
    "text": ("max({text})", "min({text})"),
    "date": ("max({date})", "min({date})"),
    "bool": ("bool_or({bool})",),
}
"""Window functions for which rows that sort alike are one."""

_ORDERED = {
    "int": ("row_number()", "lag({int})", "lead({int}, 1, 0)", "ntile(3)", "first_value({int})"),
    "text": (
        "lag({text})",
        "last_value({text})",
        "nth_value({text}, 2)",
        "lag({text} ignore nulls)",
    ),
    "date": ("lead({date})", "first_value({date} ignore nulls)"),
    "num": ("first_value({num})",),
    "bool": ("lag({bool})",),
}
"""Those that need an order without ties."""

_FRAMES = (
    "rows between 1 preceding and current row",
    "rows between unbounded preceding and 1 following",
    "rows between unbounded preceding and unbounded following exclude current row",
)
_STEADY_FRAMES = (
    "",
    "",
    "range between unbounded preceding and current row",
    "groups between 1 preceding and current row",
    "range between unbounded preceding and unbounded following exclude group",
)


class Aggregates:
    """Writes aggregates and windows over a scope."""

    def __init__(self, chance: Random, expressions: Expressions) -> None:
        self.chance = chance
        self.expressions = expressions

    def aggregate(self, scope: Scope) -> tuple[str, str]:
        """(kind, SQL) of an aggregate."""
        kind = self.chance.choice(tuple(_AGGREGATES))
        templates = _AGGREGATES[kind]
        keys = scope.total_order()
        if len(keys) != 1:
            templates = tuple(t for t in templates if "{key}" not in t)
        template = self.chance.choice(templates)
        same = self.expressions.of(kind, scope, 1) if kind in ("text", "ints") else ""
        if "order by" in template and "within" not in template:
            # The order is that of the very values, so that ties do not matter.
            inner = same if kind == "text" else self.expressions.of("int", scope, 1)
            hole = "{text}" if kind == "text" else "{int}"
            head, _, tail = template.partition(" filter")
            return kind, head.replace(hole, inner) + (
                self.expressions.filled(" filter" + tail, scope) if tail else ""
            )
        if keys:
            template = template.replace("{key}", keys[0])
        return kind, self.expressions.filled(template, scope)

    def window(self, scope: Scope, named: list[str]) -> tuple[str, str]:
        """(kind, SQL) of a window function.

        Args:
            named: definitions for the WINDOW clause, to which one may be added.
        """
        total = self.chance.random() < 0.4
        functions = _ORDERED if total else _STEADY
        kind = self.chance.choice(tuple(functions))
        template = self.chance.choice(functions[kind])
        function = self.expressions.filled(template, scope)
        if not total and template[0] in "scma" and self.chance.random() < 0.15:
            condition = self.expressions.of("bool", scope, 1)
            if template.startswith(("sum", "count", "max", "avg")):
                function += f" filter (where {condition})"
        return kind, f"{function} over {self._over(scope, named, total, template)}"

    def _over(self, scope: Scope, named: list[str], total: bool, template: str) -> str:
        parts = []
        if self.chance.random() < 0.7:
            keys = [self._key(scope) for _ in range(self.chance.choice((1, 1, 2)))]
            parts.append(f"partition by {', '.join(keys)}")
        base = " ".join(parts)
        order = self._order(scope, total)
        frame = self._frame(total, template)
        if base and self.chance.random() < 0.25:
            name = f"win{len(named)}"
            if total or frame:
                named.append(f"{name} as ({base})")
                return f"({name} {order} {frame})"
            named.append(f"{name} as ({base} {order})")
            return name
        return f"({' '.join(part for part in (base, order, frame) if part)})"

    def _key(self, scope: Scope) -> str:
        return self.expressions.of(self.chance.choice(("int", "text", "bool")), scope, 1)

    def _order(self, scope: Scope, total: bool) -> str:
        keys = [f"{self._key(scope)}{self._direction()}"] if self.chance.random() < 0.8 else []
        if total:
            keys += scope.total_order()
        keys = keys or [self._key(scope)]
        return f"order by {', '.join(keys)}"

    def _direction(self) -> str:
        return self.chance.choice(("", "", " desc", " nulls first", " desc nulls last"))

    def _frame(self, total: bool, template: str) -> str:
        framed = template.startswith(("sum", "count", "max", "min", "avg", "first", "last", "nth"))
        if not framed or self.chance.random() < 0.5:
            return ""
        return self.chance.choice(_FRAMES if total else _STEADY_FRAMES)
