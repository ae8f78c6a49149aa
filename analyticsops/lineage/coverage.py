"""How much of the lineage is proven: shares of columns, and why the rest is not."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator
from typing import NamedTuple

import msgspec

from analyticsops.lineage.graph import ColumnGraph, Status
from analyticsops.project.model import Node, Project

QUERIES = frozenset({"model", "snapshot"})
"""Kinds of nodes that have lineage of their own."""


class Share(msgspec.Struct, frozen=True, kw_only=True):
    """Columns of some models, by how much is known of them.

    A model whose columns are not all known counts one more: behind its star, or in a
    query that is not understood, there are columns that nobody lists.

    Attributes:
        name: the folder, model or reason.
        models: how many of them.
        columns: all of them.
        proven: columns whose every input is known.
        partial: columns with something on the way that is not understood.
        unknown: columns of models that are not understood at all.
        percent: of the columns that are proven, rounded down to a tenth, so that 100 means
            all; 100 if there are none.
        reasons: (why, number of columns), most frequent first.
    """

    name: str
    models: int = 0
    columns: int = 0
    proven: int = 0
    partial: int = 0
    unknown: int = 0
    percent: float = 100.0
    reasons: tuple[tuple[str, int], ...] = ()


class HookCounts(msgspec.Struct, frozen=True, kw_only=True):
    """Hooks, operations and analyses by how much is known of what they read and write.

    Attributes:
        proven: all of it.
        partial: some of it.
        unknown: nothing.
        silent: they neither read nor write columns: they grant, set, comment.
    """

    proven: int = 0
    partial: int = 0
    unknown: int = 0
    silent: int = 0


def count_hooks(graph: ColumnGraph, nodes: Collection[str]) -> HookCounts:
    """The hooks of these nodes, and the operations and analyses among them."""
    chosen = frozenset(nodes)
    hooks = [hook for hook in graph.hooks if hook.owner in chosen]
    known = [hook for hook in hooks if hook.statements or hook.status is not Status.PROVEN]
    counts = Counter(hook.status.value for hook in known)
    return HookCounts(**counts, silent=len(hooks) - len(known))


class _Column(NamedTuple):
    node: Node
    status: Status
    reasons: tuple[str, ...]


def measure(
    project: Project, graph: ColumnGraph, nodes: Collection[str], by: Callable[[Node], str]
) -> tuple[Share, ...]:
    """Shares of these nodes' columns by what ``by`` says of a node, in order of names."""
    groups: dict[str, list[_Column]] = {}
    members: dict[str, set[str]] = {}
    for node in _queries(project, graph, nodes):
        groups.setdefault(by(node), []).extend(_columns(graph, node))
        members.setdefault(by(node), set()).add(node.unique_id)
    return tuple(_share(name, len(members[name]), groups[name]) for name in sorted(groups))


def measure_reasons(
    project: Project, graph: ColumnGraph, nodes: Collection[str]
) -> tuple[Share, ...]:
    """What is not proven by its reason, the most frequent first. A column with two
    reasons counts for both."""
    groups: dict[str, list[_Column]] = {}
    for node in _queries(project, graph, nodes):
        for column in _columns(graph, node):
            for reason in column.reasons:
                groups.setdefault(reason, []).append(column)
    found = [
        _share(name, len({column.node.unique_id for column in columns}), columns)
        for name, columns in groups.items()
    ]
    return tuple(sorted(found, key=lambda share: (-share.columns, share.name)))


def folder(project: Project, node: Node) -> str:
    """The folder of a node's file; those of packages below ``dbt_packages``."""
    own = node.path.rpartition("/")[0] or "."
    return own if node.package == project.name else f"dbt_packages/{node.package}/{own}"


def matching(project: Project, pattern: str) -> frozenset[str]:
    """Ids of the models whose file matches a pattern, or lies in the folder that it names."""
    words = {"**": ".*", "*": "[^/]*"}
    parts = [words.get(part, re.escape(part)) for part in re.split(r"(\*\*?)", pattern.rstrip("/"))]
    below = "" if "*" in pattern.rpartition("/")[2] else "(/.*)?"
    expression = re.compile("".join(parts) + below)
    return frozenset(
        node.unique_id
        for node in project.of_kind(*QUERIES)
        if expression.fullmatch(f"{folder(project, node)}/{node.path.rpartition('/')[2]}")
    )


def _queries(project: Project, graph: ColumnGraph, nodes: Collection[str]) -> Iterator[Node]:
    for unique_id in nodes:
        node = project.nodes[unique_id]
        if node.kind in QUERIES and unique_id in graph.nodes:
            yield node


def _columns(graph: ColumnGraph, node: Node) -> Iterator[_Column]:
    lineage = graph.nodes[node.unique_id]
    whole = tuple(dict.fromkeys(problem.reason for problem in lineage.problems))
    for column in lineage.columns.values():
        own = tuple(dict.fromkeys(problem.reason for problem in column.problems))
        unproven = column.status is not Status.PROVEN
        yield _Column(node, column.status, (own or whole) if unproven else ())
    if not lineage.complete:
        unlisted = Status.UNKNOWN if lineage.status is Status.UNKNOWN else Status.PARTIAL
        yield _Column(node, unlisted, whole)


def _share(name: str, models: int, columns: Iterable[_Column]) -> Share:
    counts: Counter[Status] = Counter()
    reasons: Counter[str] = Counter()
    for column in columns:
        counts[column.status] += 1
        reasons.update(column.reasons)
    total, proven = counts.total(), counts[Status.PROVEN]
    return Share(
        name=name,
        models=models,
        columns=total,
        proven=proven,
        partial=counts[Status.PARTIAL],
        unknown=counts[Status.UNKNOWN],
        percent=proven * 1000 // total / 10 if total else 100.0,
        reasons=tuple(sorted(reasons.items(), key=lambda item: (-item[1], item[0]))),
    )
