"""What every runner is given: the models of a target folder and the columns they read.

Only the standard library, because it runs in the environment of each tool.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

DIALECTS = {"sqlserver": "tsql", "fabric": "fabric", "glue": "spark"}
"""Adapters whose dialect sqlglot calls by another name."""

KINDS = ("model", "snapshot")


@dataclass
class Table:
    """A relation in the warehouse; ``columns`` are empty where nobody lists them."""

    unique_id: str
    database: str
    schema: str
    name: str
    columns: dict[str, str] = field(default_factory=dict)


@dataclass
class Model:
    """A model or snapshot with compiled SQL, and the tables that dbt says it reads."""

    unique_id: str
    sql: str
    table: Table
    parents: list[Table]

    def schema(self) -> dict[str, Any]:
        """Database -> schema -> table -> column -> type, of the parents that are known;
        without the levels that a table's name does not have."""
        found: dict[str, Any] = {}
        for table in self.parents:
            if table.columns:
                level = found
                for part in filter(None, (table.database, table.schema)):
                    level = level.setdefault(part, {})
                level[table.name] = table.columns
        return found


@dataclass
class Project:
    """A target folder; models stand parents before children."""

    folder: Path
    dialect: str
    models: list[Model]
    tables: dict[str, Table]

    def __post_init__(self) -> None:
        self._by_name = _by_name(list(self.tables.values()))
        self._near: dict[tuple[str, ...], str] = {}

    def turn_to(self, model: Model) -> None:
        """From now on the names of its parents stand for them: two sources may be the same
        relation, and only dbt knows which of them a model means."""
        self._near = _by_name([*model.parents, model.table])

    def id_of(self, *parts: str) -> str:
        """dbt's id of a relation named by up to three parts; else the name itself."""
        named = tuple(part.lower() for part in parts if part)
        return self._near.get(named) or self._by_name.get(named) or ".".join(named)


def _by_name(tables: list[Table]) -> dict[tuple[str, ...], str]:
    found: dict[tuple[str, ...], str] = {}
    for table in tables:
        parts = [part.lower() for part in (table.database, table.schema, table.name) if part]
        for start in range(len(parts)):
            found.setdefault(tuple(parts[start:]), table.unique_id)
    return found


def load(folder: Path, catalog: bool = True) -> Project:
    """Read manifest.json and, if wanted and there, catalog.json."""
    manifest = _json(folder / "manifest.json")
    path = folder / "catalog.json"
    known = _json(path) if catalog and path.is_file() else {"nodes": {}, "sources": {}}
    columns = known["nodes"] | known["sources"]
    nodes = manifest["nodes"] | manifest["sources"]
    tables = {
        key: _table(node, columns.get(key))
        for key, node in nodes.items()
        if node["resource_type"] in ("model", "seed", "snapshot", "source")
    }
    adapter = manifest["metadata"].get("adapter_type") or "duckdb"
    models = [
        Model(key, nodes[key]["compiled_code"], tables[key], _parents(nodes[key], tables))
        for key in _topological(manifest["nodes"])
        if nodes[key]["resource_type"] in KINDS
        and nodes[key].get("compiled_code")
        and nodes[key].get("language", "sql") == "sql"
    ]
    return Project(folder, DIALECTS.get(adapter, adapter), models, tables)


def _json(path: Path) -> Any:
    with path.open(encoding="utf-8") as file:
        return json.load(file)


def _table(node: dict[str, Any], listed: dict[str, Any] | None) -> Table:
    name = node.get("identifier") or node.get("alias") or node["name"]
    columns = sorted((listed or {"columns": {}})["columns"].values(), key=lambda c: c["index"])
    return Table(
        node["unique_id"],
        node.get("database") or "",
        node.get("schema") or "",
        name,
        {column["name"]: column["type"] or "unknown" for column in columns},
    )


def _parents(node: dict[str, Any], tables: dict[str, Table]) -> list[Table]:
    return [tables[key] for key in node["depends_on"]["nodes"] if key in tables]


def _topological(nodes: dict[str, Any]) -> Iterator[str]:
    done: set[str] = set()
    for start in nodes:
        stack = [(start, False)]
        while stack:
            key, ready = stack.pop()
            if ready:
                yield key
            elif key not in done and key in nodes:
                done.add(key)
                above = nodes[key].get("depends_on", {}).get("nodes", ())
                stack.append((key, True))
                stack.extend((parent, False) for parent in above)
