"""How many models are built after ten changes of a large project: `state:modified+` beside
`select --changed`, on any compiled target folder. dbt does not run.

    python -m bench.selection_large path/to/target

Of ten models, spread over those with the most below them, every second one is rewritten
without changing its meaning (as a query over itself), and in every other one column, the
middle one, gets another value. `state:modified+` is our own selection of that name,
which tests hold against `dbt ls`.
"""

from __future__ import annotations

import statistics
import sys
import time
from typing import NamedTuple

import msgspec

import analyticsops as ao
from analyticsops import api
from analyticsops.project.model import Node
from analyticsops.workspace import Workspace

_CHANGES = 10


class Row(NamedTuple):
    """A change, how many models each selects, and the seconds that ours took."""

    title: str
    dbt: int
    ours: int
    seconds: float


def main() -> int:
    """Print the table."""
    base = ao.load(sys.argv[1])
    rows = [measure(base, node, changed=bool(n % 2)) for n, node in enumerate(_chosen(base))]
    models = len(base.project.of_kind("model"))
    print(f"{base.project.name}: {models:,} models\n")
    print("| change | `state:modified+` | `select --changed` |\n|---|---:|---:|")
    for row in rows:
        print(f"| {row.title} | {row.dbt} | {row.ours} |")
    dbt, ours = sum(row.dbt for row in rows), sum(row.ours for row in rows)
    print(f"| **together** | **{dbt}** | **{ours}** |")
    print(f"\nmedian {statistics.median(row.seconds for row in rows):.1f} s each")
    return 0


def measure(base: Workspace, node: Node, *, changed: bool) -> Row:
    """Change one model, or only its text."""
    names = list(base.graph.nodes[node.unique_id].names)
    column = names[len(names) // 2]
    head = _with(base, _rewritten(node, names, column if changed else ""))
    started = time.monotonic()
    found = api.select_changed(base, head)
    took = time.monotonic() - started
    modified = api.selected_nodes(head, "state:modified+", (), previous=base, kinds=("model",))
    title = f"`{node.label}.{column}`" if changed else f"`{node.label}`, rewritten"
    return Row(title, len(modified), sum(entry.kind == "model" for entry in found), took)


def _chosen(base: Workspace) -> list[Node]:
    """Models whose columns are all known, evenly spread among those with most below them."""
    nodes = base.project.nodes
    below: dict[str, set[str]] = {}
    for unique_id in reversed(base.project.topological):
        children = [c for c in base.project.children[unique_id] if nodes[c].kind == "model"]
        below[unique_id] = {*children}.union(*(below[child] for child in children))
    able = [
        node
        for node in base.project.of_kind("model")
        if node.compiled_code
        and node.materialized != "ephemeral"
        and base.graph.nodes[node.unique_id].complete
        and len(base.graph.nodes[node.unique_id].names) > 1
        and len(below[node.unique_id]) >= 5
    ]
    able.sort(key=lambda node: (-len(below[node.unique_id]), node.unique_id))
    return able[:: max(len(able) // _CHANGES, 1)][:_CHANGES]


def _rewritten(node: Node, names: list[str], column: str) -> Node:
    shown = ", ".join(
        f"md5(cast({name} as varchar)) as {name}" if name == column else name for name in names
    )

    def over(sql: str) -> str:
        return f"select {shown} from (\n{sql.strip().rstrip(';')}\n) as rewritten_"

    return msgspec.structs.replace(
        node,
        raw_code=over(node.raw_code),
        compiled_code=over(node.compiled_code or ""),
        checksum=("sha256", "another"),
    )


def _with(base: Workspace, node: Node) -> Workspace:
    nodes = {**base.project.nodes, node.unique_id: node}
    project = msgspec.structs.replace(base.project, nodes=nodes)
    return msgspec.structs.replace(base, project=project)


if __name__ == "__main__":
    sys.exit(main())
