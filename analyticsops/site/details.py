"""What there is to say about each node and its columns."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from analyticsops.lineage.all_steps import Explained
from analyticsops.lineage.code import Finder
from analyticsops.lineage.graph import ColumnGraph, ColumnRef, NodeLineage
from analyticsops.lineage.types import ProjectTypes
from analyticsops.project.hooks import find_node
from analyticsops.project.model import Node, Project
from analyticsops.site.graph import Slots
from analyticsops.site.model.lineage import ColumnDetail, NodeDetail
from analyticsops.sql.facts import Problem

LONGEST_SQL = 200_000
"""Characters of a query that are kept: nobody reads on, and a generated one can have millions."""

_WRITTEN = frozenset({"model", "snapshot", "analysis", "hook", "operation"})


class Known(NamedTuple):
    """What is known of a project's nodes.

    Attributes:
        code: where a node's SQL comes from; None to leave SQL out.
        steps: how columns come about.
    """

    project: Project
    graph: ColumnGraph
    types: ProjectTypes
    code: Finder | None
    steps: Mapping[str, Explained]


def details_of(known: Known, slots: Slots) -> tuple[NodeDetail, ...]:
    """A detail of each node, in their order."""
    tests = dict(_tests(known.project))
    return tuple(_detail(known, name, tests) for name in slots.ids)


def _tests(project: Project) -> Iterator[tuple[tuple[str, str], list[str]]]:
    """Names of tests by the node and column (in lower case) that they test."""
    found: dict[tuple[str, str], list[str]] = {}
    for node in project.of_kind("test"):
        info = node.test
        if info is not None and info.tested:
            found.setdefault((info.tested, info.column.lower()), []).append(info.name or node.name)
        else:
            for parent in node.depends_on:
                found.setdefault((parent, ""), []).append(node.name)
    yield from found.items()


def _detail(known: Known, name: str, tests: Mapping[tuple[str, str], list[str]]) -> NodeDetail:
    node = find_node(known.project, name)
    if node is None:
        return NodeDetail()
    lineage = known.graph.nodes.get(name)
    sql, compiled = _sql(known, node)
    return NodeDetail(
        description=node.description,
        path=node.path,
        relation=node.relation_name,
        owner=_owner(node),
        language=node.language,
        sql=sql,
        compiled=compiled,
        promises=tuple(_promises(node)),
        tests=tuple(tests.get((name, ""), ())),
        problems=tuple(str(problem) for problem in lineage.problems) if lineage else (),
        columns=tuple(_columns(known, node, lineage, tests)) if lineage else (),
    )


def _owner(node: Node) -> str:
    if node.owner is None:
        return ""
    email = node.owner.email
    return f"{node.owner.name} <{email}>" if email and node.owner.name else node.owner.name or email


def _sql(known: Known, node: Node) -> tuple[str, bool]:
    """(SQL or Python, True if it is compiled)."""
    if known.code is None or node.kind not in _WRITTEN:
        return "", True
    compiled = known.code(node).sql if node.language == "sql" else None
    text = node.raw_code if compiled is None else compiled
    text = text.strip("\n")
    if len(text) > LONGEST_SQL:
        text = f"{text[:LONGEST_SQL]}\n-- {len(text) - LONGEST_SQL:,} more characters"
    return text, compiled is not None


def _promises(node: Node) -> Iterator[str]:
    if node.contract:
        yield "contract enforced"
    if node.access:
        yield f"access: {node.access}"
    if node.group:
        yield f"group: {node.group}"
    if node.version:
        latest = f", latest is {node.latest_version}" if node.latest_version else ""
        yield f"version {node.version}{latest}"
    if node.deprecation_date:
        yield f"deprecated from {node.deprecation_date[:10]}"


def _columns(
    known: Known,
    node: Node,
    lineage: NodeLineage,
    tests: Mapping[tuple[str, str], list[str]],
) -> Iterator[ColumnDetail]:
    said = {column.name.lower(): column for column in node.columns.values()}
    steps = known.steps.get(node.unique_id, {})
    for name in lineage.names:
        column = said.get(name.lower())
        typed = known.types.columns.get(ColumnRef(node.unique_id, name))
        own = lineage.columns[name]
        shown = None if isinstance(steps, Problem) else steps.get(name)
        problems = [str(problem) for problem in own.problems]
        problems += shown.problems if shown else ()
        yield ColumnDetail(
            name=name,
            type=typed.type if typed is not None else "",
            description=column.description if column is not None else "",
            tests=tuple(tests.get((node.unique_id, name.lower()), ())),
            steps=shown.steps if shown is not None else (),
            more=shown.more if shown is not None else 0,
            note=str(steps) if isinstance(steps, Problem) else "",
            problems=tuple(dict.fromkeys(problems)),
            inferred=own.inferred,
        )
