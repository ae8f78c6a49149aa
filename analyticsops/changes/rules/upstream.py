"""What a change reaches further down, told where it arrives. Only the strictest level
shows it: else it stands in the list of whom the finding upstream hits."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from analyticsops.changes.rules.context import Context, about, is_promised
from analyticsops.changes.rules.metric_claims import METRIC_UPSTREAM
from analyticsops.changes.rules.row_claims import ROWS_UPSTREAM
from analyticsops.changes.rules.value_claims import UPSTREAM
from analyticsops.findings import Affected, Finding, Rule
from analyticsops.project.model import Node
from analyticsops.wording import listed

RULES = (ROWS_UPSTREAM, UPSTREAM, METRIC_UPSTREAM)

_CAUSES = ("ROW3", "VAL40", "VAL490", "OPS707", "OPS710")


def arrivals(context: Context, found: Iterable[Finding]) -> Iterator[Finding]:
    """A finding for each metric and promised table that other findings reach.

    Args:
        found: what the other rules say.
    """
    reached: dict[tuple[str, str], list[tuple[Finding, Affected]]] = {}
    for finding in found:
        if not finding.rule.startswith(_CAUSES) or finding.severity.rank == 0:
            continue
        for hit in finding.affected:
            if hit.via in ("values", "rows"):
                reached.setdefault((hit.node, hit.via), []).append((finding, hit))
    nodes = context.comparison.head.project.nodes
    for (unique_id, via), causes in sorted(reached.items()):
        node = nodes.get(unique_id)
        if node is None:  # a hook, which promises nothing
            continue
        change = context.comparison.nodes.get(unique_id)
        if change is not None and change.defined:
            continue
        rule = _rule(node, via)
        if rule is not None:
            yield _arrival(context, rule, node, causes)


def _rule(node: Node, via: str) -> Rule | None:
    if node.kind == "metric":
        return METRIC_UPSTREAM
    if node.has_columns and is_promised(node):
        return UPSTREAM if via == "values" else ROWS_UPSTREAM
    return None


def _arrival(
    context: Context, rule: Rule, node: Node, causes: list[tuple[Finding, Affected]]
) -> Finding:
    columns = sorted({column for _, hit in causes for column in hit.columns})
    what = {
        METRIC_UPSTREAM.code: "means something else",
        ROWS_UPSTREAM.code: "may have other rows",
        UPSTREAM.code: f"means something else in {listed(columns)}",
    }[rule.code]
    lines = {f"{finding.name} {finding.subject}: {' > '.join(hit.path)}" for finding, hit in causes}
    return about(
        context,
        rule,
        node,
        f"{node.label} {what} by a change upstream",
        weighs=False,
        evidence=sorted(lines),
        proven=False,
        identity=sorted({finding.fingerprint for finding, _ in causes}),
    )
