"""The same columns as ``bench.types``, typed by sqlglot: qualify, then annotate_types.

    python -m bench.types_peer TARGET... [--wrong]

sqlglot gets the true types of everything that a model reads, from the catalog; ours has
only those of sources and seeds and infers the rest (``bench.types``).
"""

from __future__ import annotations

import argparse
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from sqlglot import exp, parse_one
from sqlglot.errors import SqlglotError
from sqlglot.optimizer.annotate_types import annotate_types
from sqlglot.optimizer.qualify import qualify

from analyticsops.artifacts.catalog import Catalog
from analyticsops.project.model import Node, Project
from analyticsops.sql.types.spelling import from_tree, type_text
from analyticsops.workspace import load_workspace
from bench.types import Judged, print_head, print_line, verdict

Schema = dict[str, Any]


def judge(target: Path) -> tuple[str, list[Judged], float]:
    """(dialect, columns that the catalog can judge, seconds of CPU)."""
    workspace = load_workspace(target)
    catalog, dialect = workspace.catalog, workspace.dialect
    if catalog is None:
        raise SystemExit(f"{target}: no catalog.json")
    schema = _schema(workspace.project, catalog)
    judged: list[Judged] = []
    start = time.process_time()
    for unique_id, table in catalog.nodes.items():
        node = workspace.project.nodes.get(unique_id)
        if node is None or node.kind != "model" or node.language != "sql":
            continue
        found, why = _typed(workspace.code(node).sql or "", dialect, schema)
        for column in table.in_order():
            kind = found.get(column.name.lower(), "")
            label = f"{node.label}.{column.name}"
            judged.append(
                Judged(label, column.type, kind, why, verdict(column.type, kind, dialect))
            )
    return dialect, judged, time.process_time() - start


def _schema(project: Project, catalog: Catalog) -> Schema:
    """Database, schema, table, column -> type."""
    schema: Schema = {}
    for unique_id, table in {**catalog.nodes, **catalog.sources}.items():
        node = project.nodes.get(unique_id)
        if node is not None and node.relation is not None:
            where = schema
            for part in _parts(node):
                where = where.setdefault(part, {})
            where.update({c.name: c.type for c in table.in_order() if c.type})
    return schema


def _parts(node: Node) -> Iterator[str]:
    assert node.relation is not None
    yield node.relation.database or ""
    yield node.relation.schema or ""
    yield node.relation.identifier


def _typed(sql: str, dialect: str, schema: Schema) -> tuple[dict[str, str], str]:
    """Types by name in lower case, or why there are none."""
    try:
        tree = qualify(
            parse_one(sql, read=dialect),
            schema=schema,
            dialect=dialect,
            validate_qualify_columns=False,
            quote_identifiers=False,
        )
        annotate_types(tree, schema=schema, dialect=dialect)
    except (SqlglotError, ValueError, TypeError, KeyError, AttributeError, RecursionError) as why:
        return {}, f"{type(why).__name__}: {str(why)[:60]}"
    found: dict[str, str] = {}
    for projection in tree.selects if isinstance(tree, exp.Query) else []:
        kind = from_tree(projection.type, dialect) if projection.type is not None else None
        if kind is not None:
            found[projection.alias_or_name.lower()] = type_text(kind, dialect)
    return found, "unknown to sqlglot"


def main() -> None:
    """Print a line for each target folder."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("targets", nargs="+", type=Path)
    parser.add_argument("--wrong", action="store_true", help="list what differs")
    arguments = parser.parse_args()
    print_head()
    for target in arguments.targets:
        dialect, judged, spent = judge(target)
        print_line(target, dialect, judged, spent)
        if arguments.wrong:
            pairs = Counter(
                f"{c.real}, sqlglot {c.inferred}"
                for c in judged
                if c.verdict in ("family", "wrong")
            )
            for pair, count in pairs.most_common(20):
                print(f"    {count:5}  {pair}")
            whys = Counter(c.why for c in judged if c.verdict == "unknown")
            for why, count in whys.most_common(8):
                print(f"    {count:5}  {why}")


if __name__ == "__main__":
    main()
