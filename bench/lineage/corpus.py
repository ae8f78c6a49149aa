"""Our cases of column lineage through other tools.

    python -m bench.lineage.corpus [--show]

The cases in ``tests/cases/lineage`` are written by us, with edges that we hold to be right
(those in DuckDB's dialect are executed by the tests), so that we get them all by definition:
the table says which constructs the others get wrong, not how good we are. Every case with
columns that can be decided takes part; statements other than queries do not.

A case is *exact* for a tool if each of its columns comes from what it should, and from
nothing else; conditions and windows may be listed or not.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from bench.lineage.differences import Said, Sources
from bench.lineage.environments import DEFAULT
from bench.lineage.peers import PEERS, Peer, ask
from tests.sql.case_files import Edges, Section, Table, parse_edges, parse_schema, sections

MORE = (
    Peer("SQLMesh", "sqlmesh", "sqlmesh_lineage"),
    Peer("sqllineage", "sqllineage", "sqllineage_runner"),
    Peer("openlineage-sql", "openlineage", "openlineage_parser"),
)


class Case(NamedTuple):
    """A case as a model.

    Attributes:
        id: of the model that it becomes.
        value: what each of its columns comes from.
        allowed: that, and what decides about it.
    """

    id: str
    section: Section
    dialect: str
    value: Mapping[str, Sources]
    allowed: Mapping[str, Sources]


def cases() -> list[Case]:
    """Those that can be compared."""
    made = []
    for number, section in enumerate(sections("lineage")):
        edges = parse_edges(section.block("edges").text)
        if section.wanted or edges.target or edges.reasons or not edges.columns:
            continue
        dialect = section.block("sql").argument or "duckdb"
        own = f"case_{number}"
        value, allowed = _sources(own, edges, only_values=True), _sources(own, edges)
        if value:
            made.append(Case(f"model.cases.{own}", section, dialect, value, allowed))
    return made


def _sources(own: str, edges: Edges, only_values: bool = False) -> dict[str, Sources]:
    return {
        column.name.lower(): frozenset(
            (f"source.cases.{own}.{found.table.lower()}", found.column.lower())
            for found in column.inputs
            if found.kind.direct or not only_values
        )
        for column in edges.columns
        if not column.reason
    }


def write_project(made: Iterable[Case], dialect: str, folder: Path) -> None:
    """The cases of a dialect as the artifacts of a dbt project."""
    nodes: dict[str, Any] = {}
    sources: dict[str, Any] = {}
    known: dict[str, Any] = {}
    for case in made:
        tables = parse_schema(case.section.block("schema").text)
        ids = [f"source.cases.{case.id.rpartition('.')[2]}.{t.name.lower()}" for t in tables]
        for unique_id, table in zip(ids, tables, strict=True):
            sources[unique_id] = _node(unique_id, "source", table.name)
            if table.complete:
                known[unique_id] = {"columns": _columns(table)}
        node = _node(case.id, "model", case.id.rpartition(".")[2])
        sql = case.section.block("sql").text
        nodes[case.id] = node | {"compiled_code": sql, "depends_on": {"nodes": ids}}
    manifest = {"metadata": {"adapter_type": dialect}, "nodes": nodes, "sources": sources}
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "manifest.json").write_text(json.dumps(manifest), "utf-8")
    (folder / "catalog.json").write_text(json.dumps({"nodes": {}, "sources": known}), "utf-8")


def _node(unique_id: str, kind: str, name: str) -> dict[str, Any]:
    database, schema, table = ["", "", *name.split(".")][-3:]
    return {
        "unique_id": unique_id, "resource_type": kind, "name": table, "alias": table,
        "database": database, "schema": schema,
    }  # fmt: skip


def _columns(table: Table) -> dict[str, Any]:
    return {
        name: {"name": name, "type": kind, "index": index}
        for index, (name, kind) in enumerate(table.columns, start=1)
    }


def judge(case: Case, said: Said) -> str:
    """``exact``, or what is wrong first."""
    found = said.get(case.id, "nothing said")
    if isinstance(found, str):
        return f"failed: {found[:120]}"
    for column, value in case.value.items():
        sources = found.get(column)
        if sources is None:
            return f"no column {column}"
        missing, added = value - sources, sources - case.allowed[column]
        if missing or added:
            parts = [f"misses {_names(missing)}"] if missing else []
            return f"{column}: " + ", ".join(parts + ([f"adds {_names(added)}"] if added else []))
    return "exact"


def _names(sources: Sources) -> str:
    return " ".join(sorted(f"{t.rpartition('.')[2]}.{column}" for t, column in sources)[:3])


def report(verdicts: Mapping[str, Mapping[str, str]], made: Sequence[Case]) -> list[str]:
    """Exact cases by file of the corpus, a column for each tool."""
    files = {case.id: case.section.name.partition(":")[0] for case in made}
    totals = Counter(files.values())
    exact = {
        tool: Counter(files[key] for key, verdict in found.items() if verdict == "exact")
        for tool, found in verdicts.items()
    }
    lines = [f"| | cases | {' | '.join(verdicts)} |", "|---" + "|---:" * (len(verdicts) + 1) + "|"]
    for name, total in sorted(totals.items()):
        counts = " | ".join(str(exact[tool][name]) for tool in verdicts)
        lines.append(f"| {name} | {total} | {counts} |")
    sums = " | ".join(f"**{sum(exact[tool].values())}**" for tool in verdicts)
    return [*lines, f"| **all** | **{len(made)}** | {sums} |"]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--show", action="store_true", help="also each case that is not exact")
    parser.add_argument("--venvs", type=Path, default=DEFAULT)
    options = parser.parse_args()
    made = cases()
    dialects: dict[str, list[Case]] = defaultdict(list)
    for case in made:
        dialects[case.dialect].append(case)
    verdicts: dict[str, dict[str, str]] = {peer.name: {} for peer in (*PEERS, *MORE)}
    with tempfile.TemporaryDirectory() as folder:
        for dialect, several in sorted(dialects.items()):
            target = Path(folder, dialect)
            write_project(several, dialect, target)
            for peer in (*PEERS, *MORE):
                said = ask(peer, target, target, options.venvs, 1200)
                found = {} if isinstance(said, str) else said
                if isinstance(said, str):
                    print(f"{peer.name} on {dialect}: {said}", file=sys.stderr)
                verdicts[peer.name] |= {case.id: judge(case, found) for case in several}
    print("\n".join(report(verdicts, made)))
    if options.show:
        for case in made:
            for tool, found in verdicts.items():
                if found[case.id] != "exact":
                    print(f"{case.section.name} | {tool} | {found[case.id]}")


if __name__ == "__main__":
    main()
