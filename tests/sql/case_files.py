"""Reads the Markdown files of ``tests/cases/lineage`` and ``tests/cases/canonical``.

A case is a ``##`` heading, prose, and fenced blocks; the word behind ``sql`` is the
dialect. How ``edges`` blocks are written is explained in ``tests/cases/lineage/README.md``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

import msgspec

from analyticsops.sql.facts import Input, Kind, Sure, TableColumns

CASES = Path(__file__).parent.parent / "cases"

_FENCE = re.compile(r"^```(\w+) ?([^\n]*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_WANTED = re.compile(r"^Wanted: (.+)$", re.MULTILINE)
_GROUP = re.compile(r"(?:(\w+)\(([^()]*)\)|([^,()]+))(?:,\s*|$)")

_KINDS = {
    "cast": Kind.CAST,
    "calc": Kind.TRANSFORMATION,
    "mask": Kind.MASKED,
    "agg": Kind.AGGREGATION,
    "count": Kind.COUNT,
    "if": Kind.CONDITIONAL,
    "over": Kind.WINDOW,
    "join": Kind.JOIN,
    "where": Kind.FILTER,
    "group": Kind.GROUP_BY,
    "sort": Kind.SORT,
}


class Block(msgspec.Struct, frozen=True):
    """A fenced block: its language, the rest of the opening line, its text."""

    language: str
    argument: str
    text: str


class Section(msgspec.Struct, frozen=True):
    """One ``##`` section of one file; ``wanted`` says why it fails so far."""

    name: str
    blocks: tuple[Block, ...]
    wanted: str = ""

    def block(self, language: str) -> Block:
        """The only block of a language."""
        (found,) = (block for block in self.blocks if block.language == language)
        return found


class Table(msgspec.Struct, frozen=True):
    """A line of a ``schema`` block: ``orders: id, name varchar, *``."""

    name: str
    columns: tuple[tuple[str, str], ...]
    complete: bool

    @property
    def known(self) -> TableColumns:
        """As an analysis sees it."""
        return TableColumns(self.name, tuple(name for name, _ in self.columns), self.complete)


class Expected(msgspec.Struct, frozen=True):
    """What an ``edges`` block says of one column, demanded column or of the rows."""

    name: str
    inputs: tuple[Input, ...]
    reason: str = ""
    absent: bool = False


class Edges(msgspec.Struct, frozen=True):
    """A whole ``edges`` block."""

    columns: tuple[Expected, ...]
    rows: tuple[Input, ...]
    open: tuple[str, ...]
    demands: tuple[Expected, ...]
    reasons: tuple[str, ...]
    target: str = ""


class CaseTables:
    """The tables of a case (:class:`analyticsops.sql.sources.Tables`)."""

    def __init__(self, tables: Sequence[Table]) -> None:
        self._tables = {table.name.lower(): table for table in tables}

    def table(self, parts: Sequence[str]) -> TableColumns:
        """By its whole name, or by as much of its end as the case writes."""
        names = [part.lower() for part in parts]
        for start in range(len(names)):
            found = self._tables.get(".".join(names[start:]))
            if found is not None:
                return found.known
        return TableColumns(".".join(parts))

    def boundary(self, cte: str) -> TableColumns | None:
        """Ephemeral models are tables of the case."""
        name = cte.removeprefix("__dbt__cte__")
        table = self._tables.get(name)
        return table.known if table and name != cte else None


def sections(folder: str) -> Iterator[Section]:
    """All sections of all files below ``tests/cases/<folder>``."""
    for path in sorted((CASES / folder).glob("*.md")):
        if path.name == "README.md":
            continue
        for part in path.read_text(encoding="utf-8").split("\n## ")[1:]:
            title, _, body = part.partition("\n")
            blocks = tuple(Block(*match) for match in _FENCE.findall(body))
            wanted = _WANTED.search(body)
            name = f"{path.stem}: {title.strip()}"
            yield Section(name, blocks, wanted[1] if wanted else "")


def parse_schema(text: str) -> list[Table]:
    """The tables of a ``schema`` block."""
    tables = []
    for line in text.splitlines():
        name, _, rest = line.partition(":")
        items = [item.strip() for item in _split(rest)]
        columns = [_column(item) for item in items if item and item != "*"]
        tables.append(Table(name.strip(), tuple(columns), "*" not in items))
    return tables


def _split(text: str) -> list[str]:
    """At the commas outside of all brackets."""
    depth, parts = 0, [""]
    for character in text:
        depth += (character in "(<") - (character in ")>")
        if character == "," and not depth:
            parts.append("")
        else:
            parts[-1] += character
    return parts


def _column(item: str) -> tuple[str, str]:
    """``amount decimal(9, 2)``; a name with a space in it has no type."""
    name, _, kind = item.partition(" ")
    return (name, kind or "int") if not kind or kind[0].islower() else (item, "int")


def parse_edges(text: str) -> Edges:
    """An ``edges`` block."""
    columns: list[Expected] = []
    demands: list[Expected] = []
    rows: tuple[Input, ...] = ()
    opened: tuple[str, ...] = ()
    reasons: list[str] = []
    target = ""
    for line in text.splitlines():
        if line.startswith("!"):
            reasons.append(line[1:].strip())
        elif line.startswith("target:"):
            target = line[7:].strip()
        elif line.startswith("open:"):
            opened = tuple(name.strip() for name in line[5:].split(","))
        elif line.startswith("demand "):
            demands.append(_expected(line[7:]))
        elif line.startswith("rows <-"):
            rows = _expected(line).inputs
        else:
            columns.append(_expected(line))
    return Edges(tuple(columns), rows, opened, tuple(demands), tuple(sorted(reasons)), target)


def _expected(line: str) -> Expected:
    left, _, reason = line.partition(" ! ")
    if left.endswith(" none"):
        return Expected(left.removesuffix(" none"), (), absent=True)
    name, _, inputs = left.partition("<-")
    return Expected(name.strip(), parse_inputs(inputs), reason.strip())


def parse_inputs(text: str) -> tuple[Input, ...]:
    """``t.a, calc(t.b, t.c), if(t.d)`` as sorted inputs."""
    found: list[Input] = []
    for word, many, one in _GROUP.findall(text.strip()):
        kind = _KINDS[word] if word else Kind.IDENTITY
        names = [name.strip() for name in (many or one).split(",")]
        found += [_input(name, kind) for name in names if name]
    return tuple(sorted(found))


_SURE = {"?": Sure.AMBIGUOUS, "~": Sure.INFERRED}


def _input(name: str, kind: Kind) -> Input:
    """``t.x``, ``t.x{info.city}``, ``t.x?``, ``t.x~``."""
    sure = _SURE.get(name[-1], Sure.EXACT)
    if sure is not Sure.EXACT:
        name = name[:-1]
    name, _, path = name.partition("{")
    # The only column with a dot in its name in the cases is `a.b`.
    cut = name.rfind(".", 0, -3 if name.endswith(".a.b") else len(name))
    return Input(name[:cut], name[cut + 1 :], kind, path.removesuffix("}"), sure)


def show_inputs(inputs: Sequence[Input]) -> str:
    """The inverse of :func:`parse_inputs`, for messages."""
    words = {kind: word for word, kind in _KINDS.items()}
    groups: dict[Kind, list[str]] = {}
    marks = {sure: mark for mark, sure in _SURE.items()}
    for found in inputs:
        kind = Kind.IDENTITY if found.kind is Kind.RENAME else found.kind
        path = f"{{{found.path}}}" if found.path else ""
        name = f"{found.table}.{found.column}{path}{marks.get(found.sure, '')}"
        groups.setdefault(kind, []).append(name)
    for names in groups.values():
        names.sort()
    parts = [
        f"{words[kind]}({', '.join(names)})" if kind in words else ", ".join(names)
        for kind, names in sorted(groups.items())
    ]
    return ", ".join(parts)
