"""Mutations of a JSON document, and of bytes: always the same for the same seed."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from random import Random
from typing import Any, TypeAlias

from tests.hostile import NAMES

Path: TypeAlias = tuple[str | int, ...]

_RAW = {
    "huge": "1e999",
    "minus": "-1e999",
    "long": "9" * 400,
    "nan": "NaN",
    "infinite": "-Infinity",
}
_RAW["digits"] = "1" * 5_000
"""Numbers that JSON allows and Python does not write."""
_MARK = "\x01raw:"
_TWICE = "\x01twice:"


def raw(name: str) -> str:
    """Stands for a number that is put in when the document is written."""
    return f"{_MARK}{name}"


def deep(depth: int, *, lists: bool) -> Any:
    """So many lists, or objects, in each other."""
    found: Any = None
    for _ in range(depth):
        found = [found] if lists else {"a": found}
    return found


EXHAUSTIVE: tuple[Any, ...] = (
    None,
    True,
    -1,
    1e308,
    raw("huge"),
    "",
    "\x00\x1b[31m\ud800\u202e</script>",
    "{{ ref('x') }} select ((((",
    [],
    [None, "a", 1],
    {},
    {"a": {"name": [None]}},
)
"""What every place of every artifact is tried with."""

HOSTILE: tuple[Any, ...] = (
    *EXHAUSTIVE,
    *(raw(name) for name in _RAW),
    *(False, 0, 1, -0.0, 0.1, 2**31, 2**63, -(2**63) - 1, 10**30, 1e-320),
    *("0", "-1", "true", "null", "NaN", "1e5", "9" * 30, "x" * 5_000, "../../etc/passwd", "*"),
    *("0001-01-01T00:00:00Z", "9999-12-31T23:59:59.999999999+14:00", "2026-02-30", "2026-01-01"),
    *(
        "day",
        "hour",
        "month",
        "model.shop.fct",
        "source.raw",
        "metric.shop.revenue",
        ".",
        "a.b.c.d",
    ),
    *("{% for x in range(10**9) %}{{ x }}{% endfor %}", "{{ x.__class__.__mro__ }}", "{% if"),
    *("select * from fct", "select 1; drop table x", "select 'open", "a\\", "--", "/*", "$$"),
    *([[[]]], [{}], [[1, 2], [3]], {"": ""}, {"a": None}, {"name": {"name": []}}),
    *(deep(70, lists=True), deep(70, lists=False)),
)

ENUMS: Mapping[str, Sequence[Any]] = {
    "resource_type": (
        "model",
        "hypermodel",
        "source",
        "test",
        "seed",
        "Model",
        "macro",
        "exposure",
    ),
    "materialized": ("table", "view", "incremental", "ephemeral", "materialized_view", "quantum"),
    "access": ("public", "private", "protected", "friends-only"),
    "status": (
        "success",
        "error",
        "skipped",
        "pass",
        "fail",
        "warn",
        "runtime error",
        "no-op",
        "partial success",
        "NO-OP",
        "reused",
        "Succeeded",
    ),
    "type": (
        "simple",
        "ratio",
        "derived",
        "cumulative",
        "conversion",
        "quantum",
        "time",
        "categorical",
        "primary",
        "foreign",
        "unique",
        "natural",
        "check",
        "not_null",
    ),
    "agg": (
        "sum",
        "count",
        "count_distinct",
        "avg",
        "min",
        "max",
        "median",
        "percentile",
        "sum_boolean",
    ),
    "period": ("minute", "hour", "day", "week", "fortnight"),
    "severity": ("ERROR", "warn", "Fatal"),
    "language": ("sql", "python", "cobol"),
    "which": ("build", "run", "test", "generate", "source freshness", "retry", "dream"),
    "adapter_type": ("duckdb", "snowflake", "bigquery", "postgres", "spark", "sqlserver", "abacus"),
    "strategy": ("timestamp", "check", "merge", "microbatch", "hope"),
    "time_granularity": ("day", "hour", "month", "second", "eon"),
    "on_schema_change": ("fail", "ignore", "append_new_columns", "sync_all_columns", "pray"),
}
"""Field -> what stands there, and what might next year."""


def paths(value: Any, at: Path = ()) -> Iterator[Path]:
    """Every place in a document, the whole of it first."""
    yield at
    items: Iterable[tuple[Any, Any]] = ()
    if isinstance(value, dict):
        items = value.items()
    elif isinstance(value, list):
        items = enumerate(value)
    for key, inner in items:
        yield from paths(inner, (*at, key))


def found_at(document: Any, at: Path) -> Any:
    """The value at a place; KeyError, IndexError or TypeError if there is none any more."""
    for key in at:
        document = document[key]
    return document


def replaced(document: Any, at: Path, new: Any) -> Any:
    """The document, which is changed, with another value at one place; a copy, since what stood
    in two places could come to hold itself."""
    new = copy.deepcopy(new) if isinstance(new, (dict, list)) else new
    if not at:
        return new
    found_at(document, at[:-1])[at[-1]] = new
    return document


def written(document: Any) -> bytes:
    """The document as JSON, halves of characters as dbt would write them."""
    text = json.dumps(document)
    for name, number in _RAW.items():
        text = text.replace(json.dumps(raw(name)), number)
    return text.replace(json.dumps(_TWICE)[:-1], '"').encode()


class Mutator:
    """Mutates one document.

    Args:
        data: its JSON.
    """

    def __init__(self, data: bytes) -> None:
        self.data = data
        document = json.loads(data)
        self.places = [at for at in paths(document) if at]
        self.texts = sorted(
            {v for at in self.places if isinstance(v := found_at(document, at), str) and v}
        )
        self.enums = [at for at in self.places if at[-1] in ENUMS]
        self.parents = [at for at in self.places if at[-1] in ("nodes", "macros") and len(at) > 2]
        self.code = [at for at in self.places if at[-1] in _CODE]

    def mutated(self, chance: Random) -> bytes:
        """A mutant: of its structure, or one in thirty of its bytes."""
        if chance.random() < 1 / 30:
            return mutated_bytes(self.data, chance)
        document = json.loads(self.data)
        for _ in range(chance.choice((1, 1, 1, 2, 2, 3, 5, 12))):
            how = chance.choice(_WAYS)
            try:
                document = how(self, document, chance)
            except (KeyError, IndexError, TypeError):
                continue  # an earlier mutation took the place away
        return written(document)

    def place(self, chance: Random) -> Path:
        """Some place; those deep in the document, of which there are most, no more often."""
        if chance.random() < 0.2:
            wanted = chance.randrange(1, 5)
            for _ in range(20):
                at = chance.choice(self.places)
                if len(at) == wanted:
                    return at
        return chance.choice(self.places)


_CODE = frozenset({"raw_code", "compiled_code", "macro_sql", "expr", "where_sql_template", "sql"})
_Way: TypeAlias = Callable[[Mutator, Any, Random], Any]


def _hostile(of: Mutator, document: Any, chance: Random) -> Any:
    return replaced(document, of.place(chance), chance.choice(HOSTILE))


def _another_type(of: Mutator, document: Any, chance: Random) -> Any:
    at = of.place(chance)
    value = found_at(document, at)
    if isinstance(value, dict):
        new: Any = chance.choice(([*value.values()], [*value], json.dumps(value), [value]))
    elif isinstance(value, list):
        new = chance.choice(
            ({str(n): v for n, v in enumerate(value)}, json.dumps(value), value[:1])
        )
    else:
        new = chance.choice(([value], {"value": value}, str(value), [value, value], bool(value)))
    return replaced(document, at, new)


def _drop(of: Mutator, document: Any, chance: Random) -> Any:
    at = of.place(chance)
    del found_at(document, at[:-1])[at[-1]]
    return document


def _twice(of: Mutator, document: Any, chance: Random) -> Any:
    """An item twice, or a key twice with another value: the second one counts."""
    at = of.place(chance)
    inside = found_at(document, at[:-1])
    if isinstance(inside, list):
        item = copy.deepcopy(found_at(inside, at[-1:]))
        inside.insert(chance.randrange(len(inside) + 1), item)
    else:
        inside[f"{_TWICE}{at[-1]}"] = chance.choice(HOSTILE)
    return document


def _exchange(of: Mutator, document: Any, chance: Random) -> Any:
    """Two parts of the document in the place of each other."""
    one, other = of.place(chance), of.place(chance)
    if one == other[: len(one)] or other == one[: len(other)]:
        return document
    first, second = found_at(document, one), found_at(document, other)
    return replaced(replaced(document, one, second), other, first)


def _copy(of: Mutator, document: Any, chance: Random) -> Any:
    """Another part of the document, of the same field if there is one."""
    at = of.place(chance)
    like = [other for other in chance.choices(of.places, k=30) if other[-1] == at[-1]]
    other = like[0] if like else of.place(chance)
    return replaced(document, at, found_at(document, other))


def _wrong_text(of: Mutator, document: Any, chance: Random) -> Any:
    """A text that stands elsewhere: wrong references, which still are references."""
    for _ in range(20):
        at = of.place(chance)
        if isinstance(found_at(document, at), str):
            return replaced(document, at, chance.choice(of.texts))
    return document


def _odd_text(of: Mutator, document: Any, chance: Random) -> Any:
    """A name, path or text as somebody might have it who means harm."""
    for _ in range(20):
        at = of.place(chance)
        value = found_at(document, at)
        if isinstance(value, str):
            odd = chance.choice(NAMES)[:300]
            return replaced(document, at, chance.choice((odd, value + odd, odd + value)))
    return document


def _odd_key(of: Mutator, document: Any, chance: Random) -> Any:
    """Another name of a field, column or node."""
    at = of.place(chance)
    inside = found_at(document, at[:-1])
    if isinstance(inside, dict):
        new = chance.choice(
            (chance.choice(NAMES)[:100], chance.choice(of.texts), str(at[-1]).upper())
        )
        inside[new] = inside.pop(at[-1])
    return document


def _enum(of: Mutator, document: Any, chance: Random) -> Any:
    if not of.enums:
        return document
    at = chance.choice(of.enums)
    return replaced(document, at, chance.choice(ENUMS[str(at[-1])]))


def _circle(of: Mutator, document: Any, chance: Random) -> Any:
    """More dependencies: on itself, on whoever depends on it, on what is not there."""
    if not of.parents:
        return document
    known = [*document.get("nodes", ()), *document.get("sources", ()), *document.get("metrics", ())]
    for at in chance.sample(of.parents, min(len(of.parents), chance.randrange(1, 5))):
        inside = found_at(document, at)
        inside += chance.choices([*known, str(at[1]), "model.gone.x", ""], k=chance.randrange(1, 4))
    return document


def _sql(of: Mutator, document: Any, chance: Random) -> Any:
    """SQL with tokens missing, twice, exchanged, or from elsewhere."""
    if not of.code:
        return document
    at = chance.choice(of.code)
    value = found_at(document, at)
    if isinstance(value, str):
        words = value.split(" ")
        for _ in range(chance.randrange(1, 4)):
            n = chance.randrange(len(words))
            words[n : n + chance.randrange(3)] = chance.choices(
                [*words, *_SQL_WORDS], k=chance.randrange(3)
            )
            words = words or ["select"]
        replaced(document, at, " ".join(words))
    return document


_SQL_WORDS = (
    *("(", ")", "((((", "select", "*", "from", "union all", "case when", "end", "null", "''", "'"),
    *(
        '"',
        "/*",
        "--",
        "{{",
        "}}",
        "{%",
        "%}",
        "{{ this }}",
        "{% if is_incremental() %}",
        "order by 1",
    ),
    *("lateral", "unnest(x)", "pivot", "over ()", "::int", "[0]", "x -> y", "\x00", "\ud800", "é"),
    *(
        "with recursive r as (select 1 union all select * from r) select",
        "qualify",
        "exclude (id)",
        ",",
    ),
)


def _grown(of: Mutator, document: Any, chance: Random) -> Any:
    """A hundred of something, with names of their own."""
    at = of.place(chance)
    inside, value = found_at(document, at[:-1]), found_at(document, at)
    for n in range(100):
        if isinstance(inside, list):
            inside.append(value)
        else:
            inside[f"{at[-1]}_{n}"] = value
    return document


_WAYS: tuple[_Way, ...] = (
    *(_hostile, _hostile, _another_type, _drop, _drop, _twice, _exchange, _copy, _copy),
    *(_wrong_text, _wrong_text, _odd_text, _odd_text, _odd_key, _enum, _enum, _circle, _sql, _sql),
    _grown,
)


def mutated_bytes(data: bytes, chance: Random) -> bytes:
    """Flips, deletions, insertions and copies."""
    mutated = bytearray(data)
    for _ in range(chance.choice((1, 1, 1, 3, 10))):
        at = chance.randrange(len(mutated) or 1)
        how = chance.randrange(5)
        if how == 0:
            mutated[at : at + 1] = bytes((chance.randrange(256),))
        elif how == 1:
            del mutated[at : at + chance.choice((1, 2, 50))]
        elif how == 2:
            mutated[at:at] = chance.choice(
                (b'"', b"{", b"]", b",", b"null", b"\xff", b"\\u0000", b"1e999", b"\n- ", b": ")
            )
        elif how == 3 and mutated:
            mutated[min(at, len(mutated) - 1)] ^= 1 << chance.randrange(8)
        else:
            mutated[at:at] = mutated[at : at + chance.choice((10, 100))]
    return bytes(mutated)
