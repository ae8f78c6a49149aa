"""Random values of DuckDB's types, written as SQL.

Domains are small on purpose: joins find partners, groups have ties, and a condition of
the query is true for some rows and false for others.
"""

from __future__ import annotations

import re
from random import Random
from typing import TYPE_CHECKING, Any

from analyticsops.verify.tables import text_literal

if TYPE_CHECKING:
    from duckdb.sqltypes import DuckDBPyType

_WORDS = ("a", "b", "ab", "Ab", "", "x y")

_WHOLE = frozenset(
    {
        *("tinyint", "smallint", "integer", "bigint", "hugeint"),
        *("utinyint", "usmallint", "uinteger", "ubigint", "uhugeint"),
    }
)
_MOMENTS = frozenset(
    {
        "timestamp",
        "timestamp_s",
        "timestamp_ms",
        "timestamp_ns",
        "timestamp with time zone",
    }
)


def random_literal(kind: DuckDBPyType, chance: Random, hints: tuple[str, ...] = ()) -> str:
    """A value of a type.

    Args:
        hints: constants of the query, which its conditions compare with.
    """
    name = _name(kind)
    if hints and name in _HINTED and chance.random() < 0.4:
        hint = chance.choice(hints)
        if fits(hint, kind):  # what is no value of the type would be a NULL
            return cast_literal(hint, kind)
    if name in _NESTED:
        return _nested(name, kind, chance, hints)
    text = _plain(name, kind, chance)
    return "null" if text is None else cast_literal(text, kind)


_NUMBER = re.compile(r"-?\d+(\.\d+)?$")
_MOMENT = re.compile(r"\d{4}-\d\d-\d\d([ T]\d\d:\d\d(:\d\d(\.\d+)?)?)?$")
_BITS = {"tinyint": 7, "smallint": 15, "integer": 31, "utinyint": 8, "usmallint": 16}


def fits(text: str, kind: DuckDBPyType) -> bool:
    """True if a text is a value of a type, as far as that is known here."""
    name = _name(kind)
    if name in _WHOLE:
        number = re.fullmatch(r"-?\d{1,18}", text)
        least = 0 if name.startswith("u") else -(2 ** _BITS.get(name, 62))
        return number is not None and least <= int(text) < 2 ** _BITS.get(name, 62)
    if name == "decimal":
        whole = _parts(kind)["precision"] - _parts(kind)["scale"]
        digits = text.lstrip("-").partition(".")[0]
        return _NUMBER.match(text) is not None and len(digits) <= whole
    if name in ("float", "double"):
        return _NUMBER.match(text) is not None
    if name == "date" or name in _MOMENTS:
        return _MOMENT.match(text) is not None
    return name == "varchar"


def distinct_literal(kind: DuckDBPyType, number: int) -> str | None:
    """Another value for each number; None where a type has too few."""
    name = _name(kind)
    if name in _WHOLE or name in ("float", "double"):
        return str(number)
    if name == "decimal":
        parts = _parts(kind)
        whole = parts["precision"] - parts["scale"]
        return str(number) if number < 10**whole else None
    if name == "varchar":
        return f"'k{number}'"
    if name == "date" or name in _MOMENTS:
        return f"(date '2024-01-01' + {number})::{kind}"
    if name == "uuid":
        return f"'00000000-0000-0000-0000-{number:012}'"
    return None


_NESTED = frozenset({"list", "array", "struct", "map"})
_HINTED = frozenset({*_WHOLE, "decimal", "double", "float", "varchar", "date", *_MOMENTS})


def _name(kind: DuckDBPyType) -> str:
    """JSON is a text to DuckDB, but not to us."""
    return "json" if str(kind) == "JSON" else str(kind.id).lower()


def _parts(kind: DuckDBPyType) -> dict[str, Any]:
    """What a type is made of: fields, elements, digits."""
    return dict(kind.children)


def cast_literal(text: str, kind: DuckDBPyType) -> str:
    """A text as a value of a type; NULL if it is none."""
    return f"try_cast({text_literal(text)} as {kind})"


def _plain(name: str, kind: DuckDBPyType, chance: Random) -> str | None:
    """A value as text; None for a type of which we know no values."""
    number = chance.randrange(5)
    if name in _WHOLE:
        return str(number)
    if name in ("float", "double", "decimal"):
        return f"{number}{chance.choice(('', '', '.5', '.25'))}"
    if name == "varchar":
        return chance.choice(_WORDS)
    if name == "boolean":
        return chance.choice(("true", "false"))
    if name == "json":
        return f'{{"a": {number}, "b": "{chance.choice(_WORDS)}", "c": [{number}, 1]}}'
    if name == "enum":
        return str(chance.choice(_parts(kind)["values"]))
    return _temporal(name, chance) or _rare(name, chance)


def _temporal(name: str, chance: Random) -> str | None:
    day = f"2024-{chance.choice(('01', '02'))}-{chance.choice(('01', '02', '15', '28'))}"
    hour = f"{chance.choice(('00', '06', '23'))}:{chance.choice(('00', '30'))}:00"
    if name == "date":
        return day
    if name in _MOMENTS:
        return f"{day} {hour}"
    if name.startswith("time"):
        return hour
    return f"{chance.randrange(4)} days" if name == "interval" else None


def _rare(name: str, chance: Random) -> str | None:
    number = chance.randrange(5)
    if name == "uuid":
        return f"00000000-0000-0000-0000-{number:012}"
    if name == "blob":
        return chance.choice(("a", "b", ""))
    return f"{number:04b}" if name == "bit" else None


def _nested(name: str, kind: DuckDBPyType, chance: Random, hints: tuple[str, ...]) -> str:
    inner = _parts(kind)
    if name == "struct":
        fields = [
            f"{text_literal(field)}: {random_literal(part, chance, hints)}"
            for field, part in inner.items()
        ]
        return f"{{{', '.join(fields)}}}::{kind}"
    if name == "map":
        keys = {random_literal(inner["key"], chance) for _ in range(chance.randrange(3))}
        pairs = [f"{key}: {random_literal(inner['value'], chance)}" for key in sorted(keys)]
        return f"map {{{', '.join(pairs)}}}::{kind}"
    size = inner["size"] if name == "array" else chance.randrange(4)
    items = [random_literal(inner["child"], chance, hints) for _ in range(size)]
    return f"[{', '.join(items)}]::{kind}"
