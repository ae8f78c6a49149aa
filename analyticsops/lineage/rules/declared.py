"""LIN104 to LIN106: what a model's SQL yields, against what YAML, contract and catalog say.

Names are compared without regard to case: YAML and warehouses often disagree about it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from difflib import get_close_matches

from analyticsops.findings import Finding, Location, Rule, Severity, make_finding
from analyticsops.lineage.graph import ColumnGraph, NodeLineage, Status
from analyticsops.project.model import Node, Project
from analyticsops.sql.facts import UNNAMED

DECLARED_MISSING = Rule(
    code="LIN104",
    name="declared-column-missing",
    severity=Severity.WARNING,
    summary="The YAML of a model lists a column that its SQL does not yield.",
    why=(
        "Readers and tests rely on a column that is not there; under an enforced contract the "
        "model cannot be built, and the finding is an error."
    ),
    example="`- name: customer_id` stands in YAML, and the SQL is `select id as customer_key ...`.",
    advice="Correct the name, take the column out of the YAML, or let the SQL yield it.",
    unknown="Nothing is said of a model whose columns are not all known.",
)

UNDECLARED = Rule(
    code="LIN105",
    name="undeclared-column",
    severity=Severity.ERROR,
    summary="The SQL of a model under contract yields a column that the contract does not list.",
    why="dbt refuses to build a model whose columns are not those of its enforced contract.",
    example="`select id, amount, note` under a contract with `id` and `amount`.",
    advice="Add the column with its data type to the contract, or take it out of the SQL.",
    unknown="A column whose name the SQL leaves to the engine is not judged.",
)

CATALOG_DIFFERS = Rule(
    code="LIN106",
    name="catalog-out-of-step",
    severity=Severity.WARNING,
    summary="The warehouse's columns, as the catalog lists them, are not those of the project.",
    why=(
        "Either the catalog or the table is older than the project; types and columns taken "
        "from the catalog may be wrong."
    ),
    example="The SQL yields `status`, and catalog.json, made last week, does not have it.",
    advice="Build the model (or correct the YAML of the source), then run `dbt docs generate`.",
)

RULES = (DECLARED_MISSING, UNDECLARED, CATALOG_DIFFERS)

_BY_DBT = frozenset({"table", "view", "incremental", "ephemeral", "materialized_view", "snapshot"})
"""Materializations that build what the SQL yields; a custom one may add columns."""

_SHOWN = 20


def findings(
    project: Project, graph: ColumnGraph, locate: Callable[[Node, str], Location | None]
) -> Iterator[Finding]:
    """Apply the family."""
    for unique_id, lineage in graph.nodes.items():
        node = project.nodes[unique_id]
        if node.kind in ("source", "seed"):
            yield from _catalog(node, {}, locate)
        elif _is_sure(node, lineage):
            yielded = {name.lower(): name for name in lineage.columns}
            yield from _declared(node, yielded, locate)
            yield from _contract(node, yielded, locate)
            yield from _catalog(node, yielded, locate)


def _is_sure(node: Node, lineage: NodeLineage) -> bool:
    """True if the columns that a node's SQL yields are known by name, all of them."""
    guessed = any(
        problem.reason == UNNAMED
        for column in lineage.columns.values()
        for problem in column.problems
    )
    understood = lineage.complete and lineage.status is not Status.UNKNOWN and not guessed
    return understood and node.language == "sql" and node.materialized in _BY_DBT


def _declared(
    node: Node, yielded: dict[str, str], locate: Callable[[Node, str], Location | None]
) -> Iterator[Finding]:
    for column in node.columns.values():
        if not column.declared or column.name.lower() in yielded:
            continue
        close = get_close_matches(column.name.lower(), yielded, n=1)
        where = f"the {'contract' if node.contract else 'YAML'} of {node.label}"
        yield make_finding(
            DECLARED_MISSING,
            node=node.unique_id,
            subject=f"{node.label}.{column.name}",
            column=column.name,
            severity=Severity.ERROR if node.contract else None,
            message=f"{where} lists {column.name}, which its SQL does not yield",
            location=locate(node, column.name),
            evidence=[f"its SQL yields {_listed(yielded.values())}"],
            fix=f"Did you mean `{yielded[close[0]]}`?" if close else "",
            owner=node.owner.name if node.owner else "",
        )


def _contract(
    node: Node, yielded: dict[str, str], locate: Callable[[Node, str], Location | None]
) -> Iterator[Finding]:
    if not node.contract:
        return
    listed = {column.name.lower() for column in node.columns.values() if column.declared}
    for key, name in yielded.items():
        if key in listed:
            continue
        yield make_finding(
            UNDECLARED,
            node=node.unique_id,
            subject=f"{node.label}.{name}",
            column=name,
            message=f"the SQL of {node.label} yields {name}, which its contract does not list",
            location=locate(node, name),
            evidence=[f"the contract lists {_listed(sorted(listed))}"],
            owner=node.owner.name if node.owner else "",
        )


def _catalog(
    node: Node, yielded: dict[str, str], locate: Callable[[Node, str], Location | None]
) -> Iterator[Finding]:
    real = {c.name.lower(): c.name for c in node.columns.values() if c.type_from == "catalog"}
    if not real:
        return
    own = yielded or {c.name.lower(): c.name for c in node.columns.values() if c.declared}
    gone = [name for key, name in own.items() if key not in real]
    new = [name for key, name in real.items() if yielded and key not in own]
    if node.kind == "snapshot":  # how dbt's own columns are called can be configured
        new = [name for name in new if not name.lower().startswith("dbt_")]
    if not gone and not new:
        return
    what = "its SQL yields" if yielded else "its YAML lists"
    evidence = [f"{what} {name}, which the catalog does not have" for name in gone[:_SHOWN]]
    evidence += [f"the catalog has {name}, which its SQL does not yield" for name in new[:_SHOWN]]
    count = len(gone) + len(new)
    yield make_finding(
        CATALOG_DIFFERS,
        node=node.unique_id,
        subject=node.label,
        message=(
            f"the catalog and {node.kind} {node.label} disagree about "
            f"{count} column{'s' if count > 1 else ''}: {_listed([*gone, *new], 5)}"
        ),
        location=locate(node, ""),
        evidence=evidence,
        owner=node.owner.name if node.owner else "",
        identity=sorted([*gone, *new]),
    )


def _listed(names: Iterable[str], most: int = _SHOWN) -> str:
    known = list(names)
    more = f" and {len(known) - most} more" if len(known) > most else ""
    return ", ".join(known[:most]) + more
