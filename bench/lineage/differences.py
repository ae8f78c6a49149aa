"""What two tools say about the same columns, put side by side."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

Sources = frozenset[tuple[str, str]]
"""(table, column) in lower case: where a value comes from."""
Columns = Mapping[str, Sources]
Said = Mapping[str, Columns | str]
"""By model: the sources of its columns by their names in lower case, or why there are none."""

KINDS = ("identical", "they miss", "they add", "both", "not resolved", "failed")


class Difference(NamedTuple):
    """A column about which they say something else than we do."""

    model: str
    column: str
    missing: Sources
    added: Sources
    reason: str = ""

    def __str__(self) -> str:
        parts = [f"{self.model} {self.column}", self.reason]
        parts += [f"- {table}.{column}" for table, column in sorted(self.missing)[:4]]
        parts += [f"+ {table}.{column}" for table, column in sorted(self.added)[:4]]
        return " ".join(part for part in parts if part)


def read_said(path: Path) -> Said:
    """What a runner wrote with ``--edges``."""
    said: dict[str, Columns | str] = {}
    with path.open(encoding="utf-8") as file:
        for line in file:
            entry = json.loads(line)
            said[entry["model"]] = entry.get("error") or {
                name.lower(): frozenset((table, column.lower()) for table, column in sources)
                for name, sources in entry["columns"].items()
            }
    return said


def ephemerals(manifest: Path) -> frozenset[str]:
    """The models that dbt inlines into those that read them."""
    nodes = json.loads(manifest.read_text("utf-8"))["nodes"]
    return frozenset(
        key for key, node in nodes.items() if node["config"].get("materialized") == "ephemeral"
    )


def compare(
    values: Said, controls: Said, theirs: Said, through: frozenset[str]
) -> dict[str, list[Difference]]:
    """Every column of ours, by how their answer differs. What dbt did not compile, so that
    only we rendered it, was not given to them and is left out.

    Args:
        values: what flows into our columns.
        controls: what decides about our columns.
        through: ephemeral models, which are followed to what they read.
    """
    found: dict[str, list[Difference]] = {kind: [] for kind in KINDS}
    for model, columns in values.items():
        their = theirs.get(model)
        if isinstance(columns, str) or their is None:
            continue
        for column in columns:
            value = _followed((values,), model, column, through)
            allowed = _followed((values, controls), model, column, through)
            kind, difference = _judged(model, column, value, allowed, their)
            found[kind].append(difference)
    return found


def _judged(
    model: str, column: str, value: Sources, allowed: Sources, their: Columns | str
) -> tuple[str, Difference]:
    nothing: Sources = frozenset()
    if isinstance(their, str):
        return "failed", Difference(model, column, nothing, nothing, their)
    sources = their.get(column)
    if sources is None or any(source[1] == "*" for source in sources):
        return "not resolved", Difference(model, column, nothing, nothing)
    missing, added = value - sources, sources - allowed
    kind = (("identical", "they add"), ("they miss", "both"))[bool(missing)][bool(added)]
    return kind, Difference(model, column, missing, added)


def _followed(kinds: tuple[Said, ...], model: str, column: str, through: frozenset[str]) -> Sources:
    """The sources of a column; of ephemeral models, theirs."""
    found: set[tuple[str, str]] = set()
    stack, seen = [(model, column)], set()
    while stack:
        here = stack.pop()
        seen.add(here)
        for said in kinds:
            columns = said.get(here[0], {})
            for source in () if isinstance(columns, str) else columns.get(here[1], ()):
                if source[0] not in through:
                    found.add(source)
                elif source not in seen:
                    stack.append(source)
    return frozenset(found)
