"""LIN108 and LIN109: tags that a column carries and does not declare, or must not carry."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from analyticsops.findings import Finding, Location, Rule, Severity, make_finding
from analyticsops.lineage.names import column_label
from analyticsops.lineage.tags import WHOLE, Carrier, Followed
from analyticsops.lineage_settings import ExposedSettings
from analyticsops.project.model import Node, Project
from analyticsops.sql.facts import Sure

TAG_UNDECLARED = Rule(
    code="LIN108",
    name="tag-not-declared",
    severity=Severity.WARNING,
    summary="A column derives from a tagged one, and its own YAML does not have the tag.",
    why=(
        "Masking policies, access reviews and deletion requests go by the tags; a copy without "
        "the tag is overlooked."
    ),
    example="`users.email` is tagged `pii`; `dim_customers.contact` is `lower(email)` and is not.",
    advice=(
        "Tag the column, mask the value, or declare "
        "`meta: {analyticsops: {declassified: [pii], reason: ...}}` on it."
    ),
    unknown=(
        "Where a whole node is used and nobody knows which of its columns (a Python model), "
        "its columns may carry the tag: that is said as information."
    ),
)

TAG_EXPOSED = Rule(
    code="LIN109",
    name="tagged-column-exposed",
    severity=Severity.ERROR,
    summary="A column that carries a followed tag arrives where it must not.",
    why="People who were never meant to see the value can see it.",
    example="`pii` travels into a model with `access: public`, or into a dashboard.",
    advice=(
        "Leave the column out, mask it, or name the columns that the exposure really uses in "
        "its `meta.analyticsops.columns`; `lineage.tags.exposed` in analyticsops.yml says what "
        "counts as exposed."
    ),
    unknown=(
        "An exposure that depends on a whole model may show any of its columns: the finding is "
        "a warning then."
    ),
)

RULES = (TAG_UNDECLARED, TAG_EXPOSED)

Locate = Callable[[Node, str], Location | None]


def findings(
    project: Project, followed: Followed, exposed: ExposedSettings, locate: Locate
) -> Iterator[Finding]:
    """Apply the family to tags that were followed."""
    arrived: dict[tuple[str, str], list[Carrier]] = {}
    for carrier in followed.carriers:
        node = project.nodes.get(carrier.ref.node)
        if node is None:
            continue
        if _lacks_tag(project, node, carrier):
            yield _undeclared(project, node, carrier, locate)
        if _is_exposed(node, exposed):
            arrived.setdefault((node.unique_id, carrier.tag), []).append(carrier)
    for (unique_id, tag), carriers in arrived.items():
        yield _exposed(project, project.nodes[unique_id], tag, carriers, locate)


def _lacks_tag(project: Project, node: Node, carrier: Carrier) -> bool:
    own = node.package == project.name and node.has_columns
    return own and bool(carrier.ref.column) and not carrier.declared


def _is_exposed(node: Node, exposed: ExposedSettings) -> bool:
    if node.kind == "exposure":
        return exposed.exposures
    if node.kind not in ("model", "snapshot"):
        return False
    outside = bool(exposed.groups) and node.group not in exposed.groups
    return outside or (exposed.public and node.access == "public")


def _undeclared(project: Project, node: Node, carrier: Carrier, locate: Locate) -> Finding:
    may = "may carry" if _is_doubtful(carrier) else "carries"
    column = carrier.ref.column
    return make_finding(
        TAG_UNDECLARED,
        node=node.unique_id,
        subject=f"{node.label}.{column}",
        column=column,
        severity=Severity.INFO if carrier.sure == WHOLE else None,
        message=(
            f"{node.label}.{column} {may} {carrier.tag} from "
            f"{column_label(project, carrier.way[0])} and is not tagged"
        ),
        location=locate(node, column),
        evidence=[_way(project, carrier)],
        proven=not _is_doubtful(carrier),
        owner=node.owner.name if node.owner else "",
        identity=(carrier.tag,),
    )


def _exposed(
    project: Project, node: Node, tag: str, carriers: list[Carrier], locate: Locate
) -> Finding:
    sure = [carrier for carrier in carriers if not _is_doubtful(carrier)]
    columns = [c.ref.column for c in sure or carriers if c.ref.column]
    what = f" in {', '.join(columns[:5])}" if columns else ""
    what += f" and {len(columns) - 5} more" if len(columns) > 5 else ""
    how = "arrives" if sure else "may arrive"
    access = "public model" if node.access == "public" else node.kind
    return make_finding(
        TAG_EXPOSED,
        node=node.unique_id,
        subject=node.label,
        severity=None if sure else Severity.WARNING,
        message=f"{tag} {how} at {access} {node.label}{what}",
        location=locate(node, columns[0] if columns else ""),
        evidence=[_way(project, carrier) for carrier in carriers[:20]],
        proven=bool(sure),
        owner=node.owner.name if node.owner else "",
        identity=(tag,),
    )


def _is_doubtful(carrier: Carrier) -> bool:
    return carrier.sure not in (Sure.EXACT, Sure.INFERRED)


def _way(project: Project, carrier: Carrier) -> str:
    way = " > ".join(column_label(project, ref) for ref in carrier.way)
    return way if carrier.sure == Sure.EXACT else f"{way} ({carrier.sure})"
