"""Mermaid: a flowchart for Markdown, every node a frame with its columns.

GitHub, GitLab and others draw it; by default they refuse more than 500 lines.
"""

from __future__ import annotations

from collections.abc import Iterator

from analyticsops.export.drawing import Box, boxes, joined
from analyticsops.export.subgraph import Subgraph
from analyticsops.lineage.graph import ColumnRef
from analyticsops.report.encode import mermaid_label

_ARROWS = {"direct": "-->", "indirect": "-.->", "link": "-.->"}


def render(part: Subgraph) -> bytes:
    """The flowchart in UTF-8."""
    drawn = boxes(part)
    lines = ["flowchart LR"]
    for box in drawn.values():
        lines += _frame(box)
    lines += _edges(part, drawn)
    return ("\n".join(lines) + "\n").encode()


def _frame(box: Box) -> list[str]:
    """A node without columns is a box of its own: an empty frame could not be drawn."""
    title = mermaid_label(f"{box.kind} {box.name}")
    if not box.columns:
        return [f"  {box.id}[{title}]"]
    columns = [f"    {box.id}{port}[{mermaid_label(name)}]" for name, port in box.columns.items()]
    return [f"  subgraph {box.id}[{title}]", *columns, "  end"]


def _edges(part: Subgraph, drawn: dict[str, Box]) -> Iterator[str]:
    def end(ref: ColumnRef) -> str:
        box = drawn[ref.node]
        return f"{box.id}{box.columns[ref.column]}" if ref.column else box.id

    for step in joined(part):
        arrow = _ARROWS[step.how]
        yield f"  {end(step.source)} {arrow}|{mermaid_label(step.label)}| {end(step.target)}"
