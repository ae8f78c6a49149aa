"""The columns of a seed, as the first line of its file names them.

dbt makes a seed's table of that line (``agate`` reads it), unless the project makes seeds
in a way of its own. The file must be the one that the manifest was made of: the project's
folder may be at another commit. Of a seed of more than 1 MiB dbt keeps no checksum; one that
is as large now is taken for it, but never for that of another manifest.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Mapping
from functools import cached_property
from pathlib import Path

from analyticsops.project.adapter_facts import facts_of
from analyticsops.project.confined import read_inside
from analyticsops.project.model import Node, Project
from analyticsops.project.stale import SEED_LIMIT, file_checksum

_OWN_WAY = ("create_csv_table", "load_csv_rows", "reset_csv_table")
"""Macros that make a seed's table."""


class SeedColumns:
    """The columns of seeds, and of sources that are the tables of seeds.

    Args:
        root: folder of dbt_project.yml; None if it is not known.
        fold: (name, quoted) -> the name as the warehouse spells it.
    """

    def __init__(
        self, project: Project, root: Path | None, fold: Callable[[str, bool], str]
    ) -> None:
        self._project = project
        self._root = root
        self._fold = fold

    def of(self, node: Node) -> tuple[str, ...] | None:
        """All columns as the warehouse spells them; None if they are not known."""
        seed = self._seed(node)
        if seed is None or self._root is None or self._made_otherwise:
            return None
        folder = self._root
        if seed.package != self._project.name:
            folder = folder / "dbt_packages" / seed.package
        read = read_inside(folder, seed.path, limit=SEED_LIMIT + 1, start=True)
        large = len(read.data) > SEED_LIMIT
        if read.fault or (large and seed.checksum[0] != "path"):
            return None
        if not large and seed.checksum != ("sha256", file_checksum(read.data)):
            return None
        names = _first_line(read.data, seed.config)
        quoted = seed.config.get("quote_columns")
        if names is None or not (quoted is None or isinstance(quoted, bool)):
            return None
        if quoted is None:
            quoted = self._project.adapter != "snowflake"
        return tuple(name if quoted else self._fold(name, False) for name in names)

    def mark(self, node: Node) -> tuple[object, ...]:
        """What the columns follow from: of two versions with one mark they are the same. Empty
        if that cannot be told."""
        seed = self._seed(node)
        if seed is None or seed.checksum[0] != "sha256":
            return ()
        settings = seed.config.get("quote_columns"), seed.config.get("delimiter")
        return seed.unique_id, seed.checksum, *settings, self._made_otherwise

    def _seed(self, node: Node) -> Node | None:
        return node if node.kind == "seed" else self._by_table.get(_table(node))

    @cached_property
    def _by_table(self) -> Mapping[tuple[str, ...], Node]:
        seeds = (node for node in self._project.nodes.values() if node.kind == "seed")
        return {_table(seed): seed for seed in seeds if seed.relation is not None}

    @cached_property
    def _made_otherwise(self) -> bool:
        adapter = self._project.adapter
        own = {"dbt", *(f"dbt_{name}" for name in (adapter, *facts_of(adapter).parents))}
        return any(
            macro.name.startswith("materialization_seed_") or macro.name.endswith(_OWN_WAY)
            for macro in self._project.macros.values()
            if macro.package not in own
        )


def _table(node: Node) -> tuple[str, ...]:
    relation = node.relation
    if relation is None:
        return ()
    return (relation.database or "", relation.schema or "", relation.identifier)


def _first_line(data: bytes, config: Mapping[str, object]) -> list[str] | None:
    """Its names; None if dbt would give other names, or none."""
    try:
        large = len(data) > SEED_LIMIT
        text = data.decode("utf-8-sig", "ignore" if large else "strict")
        delimiter = config.get("delimiter") or ","
        names = next(csv.reader(text.splitlines(keepends=True), delimiter=str(delimiter)), [])
    except (UnicodeDecodeError, csv.Error, TypeError):
        return None
    whole = not large or "\n" in text
    return names if whole and _are_names(names) else None


def _are_names(names: Iterable[str]) -> bool:
    found = [name.lower() for name in names]
    plain = all(name and name == name.strip() for name in found)
    return bool(found) and plain and len(set(found)) == len(found)
