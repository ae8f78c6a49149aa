"""LIN110: the types that a model's SQL yields, against what YAML, contract and catalog say.

Types are compared by family (integer, text, timestamp, ...), and only where both sides are
known: sizes and widths differ too often without a difference to anybody.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from analyticsops.findings import Finding, Location, Rule, Severity, make_finding
from analyticsops.lineage.types import ProjectTypes
from analyticsops.project.model import Column, Node, Project

TYPE_DIFFERS = Rule(
    code="LIN110",
    name="declared-type-differs",
    severity=Severity.WARNING,
    summary="A column's type is not the one that its YAML, contract or catalog says.",
    why=(
        "Readers rely on the declared type; under an enforced contract the model cannot be "
        "built, and the finding is an error. A catalog that shows another type than the SQL "
        "yields is older than the SQL, and so is the table."
    ),
    example=(
        "`data_type: integer` stands in YAML, and the SQL is `select amount / 100 as amount ...`, "
        "a float."
    ),
    advice="Cast the column in the SQL, correct the YAML, or build the model anew.",
    unknown="Nothing is said where the SQL's type is not known, or either belongs to no family.",
)

RULES = (TYPE_DIFFERS,)


def findings(
    project: Project,
    types: ProjectTypes,
    locate: Callable[[Node, str], Location | None],
) -> Iterator[Finding]:
    """Apply the family.

    Args:
        types: of all columns.
    """
    for ref, found in types.columns.items():
        node = project.nodes[ref.node]
        column = _said(node, ref.column)
        if column is None:
            continue
        shown = column.type if column.type_from == "catalog" else ""
        by_yaml = "contract" if node.contract else "YAML"
        for (who, one), (other_who, other) in (
            ((by_yaml, column.declared_type), ("its SQL", found.inferred)),
            (("catalog", shown), ("its SQL", found.inferred)),
            ((by_yaml, column.declared_type), ("the catalog", "" if found.inferred else shown)),
        ):
            if _differ(one, other, types.families):
                yield _finding(node, column, (who, one), (other_who, other), locate)
                break


def can_differ(project: Project) -> bool:
    """True if anything says a type that could be compared: only then is it worth while to
    infer types."""
    return any(
        column.declared_type or (column.type_from == "catalog" and node.kind == "model")
        for node in project.nodes.values()
        for column in node.columns.values()
    )


def _said(node: Node, name: str) -> Column | None:
    if name in node.columns:
        return node.columns[name]
    wanted = name.lower()
    return next((c for c in node.columns.values() if c.name.lower() == wanted), None)


def _differ(one: str, other: str, families: Mapping[str, str]) -> bool:
    pair = families.get(one, ""), families.get(other, "")
    return all(pair) and pair[0] != pair[1]


def _finding(
    node: Node,
    column: Column,
    said: tuple[str, str],
    really: tuple[str, str],
    locate: Callable[[Node, str], Location | None],
) -> Finding:
    (who, one), (other_who, other) = said, really
    broken = who == "contract" and other_who == "its SQL"
    verb = "yields" if other_who == "its SQL" else "shows"
    says = "shows" if who == "catalog" else "says"
    return make_finding(
        TYPE_DIFFERS,
        node=node.unique_id,
        subject=f"{node.label}.{column.name}",
        column=column.name,
        severity=Severity.ERROR if broken else None,
        message=(
            f"the {who} of {node.label} {says} {column.name} is {one}, {other_who} {verb} {other}"
        ),
        location=locate(node, column.name),
        owner=node.owner.name if node.owner else "",
        identity=(one, other),
    )
