"""Random well-typed expressions over a scope."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from random import Random
from typing import Protocol

from .scope import Scope

Templates = Sequence[str]

# `{int}` stands for an expression of that kind, `{=int}` for a small literal of it.
TEMPLATES: dict[str, Templates] = {
    "int": (
        "{int} + {int}",
        "{int} - {int}",
        "{int} * {=int}",
        "abs({int})",
        "-{int}",
        "{int} % 3",
        "coalesce({int}, {int})",
        "nullif({int}, {=int})",
        "greatest({int}, {int})",
        "length({text})",
        "case when {bool} then {int} else {int} end",
        "case {int} when {=int} then {int} when {=int} then 7 end",
        "if({bool}, {int}, {int})",
        "extract(day from {date})",
        "date_diff('day', {date}, {date})",
        "year({ts})",
        "len({ints})",
        "{ints}[1]",
        "list_sum({ints})",
        "list_aggregate({ints}, 'max')",
        "({rec}).p",
        "struct_extract({rec}, 'p')",
        "try_cast({json} ->> 'a' as int)",
        "({json} -> '$.c[0]')::int",
        "try_cast({text} as int)",
        "{int}::int",
        "(({int}))",
        "list_reduce([{int}, {int}], lambda a, b: a + b)",
        "{{'p': {int}, 'q': {int}}}.q",
        "ifnull({int}, 0)",
        "json_array_length({json} -> 'c')",
    ),
    "num": (
        "{num} + {num}",
        "{int}::decimal(9,2)",
        "round({num}, 1)",
        "{int} / nullif({int}, 0)",
        "coalesce({num}, 0)",
        "case when {bool} then {num} end",
        "{num} * 2",
        "abs({num} - {num})",
        "sqrt(abs({int}))",
    ),
    "text": (
        "{text} || {text}",
        "concat({text}, {int}, {text})",
        "concat_ws('-', {text}, {text})",
        "upper({text})",
        "lower(trim({text}))",
        "substring({text}, 1, 2)",
        "{int}::varchar",
        "cast({date} as varchar)",
        "coalesce({text}, {text}, 'none')",
        "case when {bool} then {text} when {bool} then 'b' else {text} end",
        "({rec}).q",
        "{json} ->> 'b'",
        "json_extract_string({json}, '$.b')",
        "replace({text}, 'a', 'z')",
        "left({text}, 1)",
        "md5({text})",
        "strftime({date}, '%Y-%m')",
        "array_to_string({ints}, '/')",
        "{texts}[1]",
        "regexp_replace({text}, '[a-b]', '_')",
        "format('{{}}-{{}}', {int}, {text})",
        "split_part({text}, ' ', 1)",
        "nullif({text}, '')",
        "iff_text",
    ),
    "date": (
        "{date} + {=int}",
        "date_trunc('month', {date})::date",
        "{ts}::date",
        "coalesce({date}, {date})",
        "case when {bool} then {date} else {date} end",
        "least({date}, {date})",
        "last_day({date})",
    ),
    "ts": (
        "{date}::timestamp",
        "{ts} + interval 1 day",
        "date_trunc('day', {ts})",
        "coalesce({ts}, {date})",
        "greatest({ts}, {ts})",
    ),
    "bool": (
        "{int} > {int}",
        "{int} = {int}",
        "{int} <= {=int}",
        "{text} = {text}",
        "{text} <> {=text}",
        "{date} < {date}",
        "{num} >= {int}",
        "{int} is null",
        "{text} is not null",
        "{bool} and {bool}",
        "{bool} or {bool}",
        "not ({bool})",
        "{int} in ({=int}, {=int}, {int})",
        "{int} between {int} and {int}",
        "{text} like '%a%'",
        "{text} ilike 'A_'",
        "starts_with({text}, {text})",
        "list_contains({ints}, {int})",
        "{int} is distinct from {int}",
        "coalesce({bool}, false)",
        "{int} not in ({=int}, {=int})",
        "regexp_matches({text}, '^[ab]')",
        "{ts} > {date}",
        "{rec} = {rec}",
    ),
    "ints": (
        "[{int}, {int}]",
        "list_value({int}, 1)",
        "list_transform({ints}, lambda e: e + {int})",
        "list_filter({ints}, lambda e: e > {int})",
        "[e * 2 for e in {ints} if e > {int}]",
        "list_concat({ints}, {ints})",
        "list_sort({ints})",
        "{ints}[1:2]",
        "range({=int})",
        "list_apply({ints}, lambda e, i: e + i + {int})",
    ),
    "texts": ("[{text}, {text}]", "string_split({text}, ' ')", "list_distinct([{text}])"),
    "rec": (
        "{{'p': {int}, 'q': {text}}}",
        "struct_pack(p := {int}, q := {text})",
        "coalesce({rec}, {rec})",
        "case when {bool} then {rec} end",
    ),
    "json": ("json_object('a', {int}, 'b', {text}, 'c', json_array({int}))", "to_json({rec})"),
}

_LITERALS = {
    "int": ("0", "1", "2", "3"),
    "num": ("1.5", "0.25"),
    "text": ("'a'", "'b'", "'x y'"),
    "date": ("date '2024-01-15'", "date '2024-02-01'"),
    "ts": ("timestamp '2024-01-15 06:00:00'",),
    "bool": ("true", "false"),
    "ints": ("[1, 2]", "[3]"),
    "texts": ("['a', 'b']",),
    "rec": ("{'p': 1, 'q': 'a'}",),
    "json": ("""'{"a": 1, "b": "x", "c": [1]}'::json""",),
}


class Subqueries(Protocol):
    """Makes queries inside expressions."""

    def scalar(self, kind: str, scope: Scope) -> str:
        """A subquery with one value."""

    def condition(self, scope: Scope) -> str:
        """EXISTS, IN or a comparison with ANY or ALL."""


class Expressions:
    """Writes expressions.

    Args:
        subqueries: what makes nested queries; None for none.
    """

    def __init__(self, chance: Random, subqueries: Subqueries | None = None) -> None:
        self.chance = chance
        self.subqueries = subqueries

    def of(self, kind: str, scope: Scope, depth: int = 2) -> str:
        """An expression of a kind; a plain column more often than not."""
        refs = scope.refs(kind, self.chance)
        outer = scope.outer_refs(kind)
        if outer and self.chance.random() < 0.3:
            return self.chance.choice(outer)
        if refs and (depth <= 0 or self.chance.random() < 0.5):
            return self.chance.choice(refs)
        if depth <= 0:
            return self._leaf(kind, scope)
        if self.subqueries and self.chance.random() < 0.06:
            if kind == "bool":
                return self.subqueries.condition(scope)
            if kind in ("int", "text", "num", "date", "ints"):
                return self.subqueries.scalar(kind, scope)
        return self._filled(self.chance.choice(TEMPLATES[kind]), scope, depth)

    def filled(self, template: str, scope: Scope, depth: int = 1) -> str:
        """A template with its holes filled."""
        return self._filled(template, scope, depth)

    def _filled(self, template: str, scope: Scope, depth: int) -> str:
        if template == "iff_text":
            template = "case {int} when 1 then {text} else {text} end"
        made = _Filler(lambda kind: self._hole(kind, scope, depth - 1))
        return template.format_map(made)

    def _hole(self, kind: str, scope: Scope, depth: int) -> str:
        if kind.startswith("="):
            return self.literal(kind[1:])
        text = self.of(kind, scope, depth)
        return text if _is_atom(text) else f"({text})"

    def _leaf(self, kind: str, scope: Scope) -> str:
        """Without a column of the kind: one of another kind cast, or a constant."""
        for other, template in _CASTS.get(kind, ()):
            refs = scope.refs(other, self.chance)
            if refs and self.chance.random() < 0.8:
                return template.format(self.chance.choice(refs))
        return self.literal(kind)

    def literal(self, kind: str) -> str:
        """A constant."""
        return self.chance.choice(_LITERALS[kind])


_CASTS = {
    "int": (("text", "length({})"), ("rec", "({}).p"), ("date", "day({})")),
    "num": (("int", "{}::decimal(9,2)"),),
    "text": (("int", "{}::varchar"), ("date", "{}::varchar")),
    "date": (("ts", "{}::date"),),
    "ts": (("date", "{}::timestamp"),),
    "bool": (("int", "{} > 1"), ("text", "{} = 'a'"), ("date", "{} > date '2024-01-15'")),
    "ints": (("int", "[{}, 1]"),),
    "texts": (("text", "[{}]"),),
    "rec": (("int", "{{'p': {}, 'q': 'a'}}"),),
}


class _Filler(dict[str, str]):
    def __init__(self, fill: Callable[[str], str]) -> None:
        super().__init__()
        self._fill = fill

    def __missing__(self, key: str) -> str:
        return self._fill(key)


def _is_atom(text: str) -> bool:
    return all(char.isalnum() or char in '_."' for char in text)
