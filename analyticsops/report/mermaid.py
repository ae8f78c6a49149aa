"""A picture of what a change reaches, as Mermaid text for Markdown.

GitHub and GitLab draw it; a reader without a drawing still sees the names.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import pairwise

from analyticsops.findings import Finding
from analyticsops.report.encode import mermaid_label, one_line, shorten

NODE_LIMIT = 30
_LABEL_LENGTH = 60
_MODEL_KINDS = frozenset({"model", "seed", "snapshot", "source"})


def impact(findings: tuple[Finding, ...], limit: int = NODE_LIMIT) -> tuple[str, int]:
    """Draw how findings reach what is downstream.

    Args:
        findings: worst first; later ones are left out when the picture is full.
        limit: most boxes that are drawn; more cannot be read.

    Returns:
        the text of the picture, empty if there is nothing to draw, and how many
        affected nodes are not in it.
    """
    ids: dict[str, str] = {}
    edges: dict[tuple[str, str], None] = {}
    changed: dict[str, None] = {}
    drawn: set[str] = set()
    wanted: set[str] = set()
    for node, steps in _routes(findings):
        wanted.add(node)
        if len(ids.keys() | set(steps)) > limit:
            continue
        drawn.add(node)
        for step in steps:
            ids.setdefault(step, f"n{len(ids)}")
        edges.update(dict.fromkeys(pairwise(steps)))
        changed[ids[steps[0]]] = None
    if not edges:
        return "", len(wanted - drawn)
    return _text(ids, edges, changed), len(wanted - drawn)


def _routes(findings: tuple[Finding, ...]) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Each way from a finding to something that it reaches, as names of boxes."""
    for finding in findings:
        for hit in finding.affected:
            steps = hit.path if len(hit.path) > 1 else (finding.subject, hit.name)
            if hit.kind not in _MODEL_KINDS:
                steps = (*steps[:-1], f"{hit.kind}: {hit.name}")
            yield hit.node, steps


def _text(ids: dict[str, str], edges: dict[tuple[str, str], None], changed: Iterable[str]) -> str:
    boxes = [
        f"  {ident}[{mermaid_label(shorten(one_line(name), _LABEL_LENGTH))}]"
        for name, ident in ids.items()
    ]
    arrows = [f"  {ids[start]} --> {ids[end]}" for start, end in edges]
    # Only the border has a colour: fillings are unreadable in one of two themes.
    styles = [f"  style {ident} stroke:#d1242f,stroke-width:3px" for ident in changed]
    return "\n".join(["flowchart LR", *boxes, *arrows, *styles])
