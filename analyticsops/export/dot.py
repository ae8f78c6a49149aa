"""DOT: a picture for Graphviz, every node a table with its columns.

Values flow along solid lines; what only decides is dashed; where nobody knows which
columns are used, the line is dotted.
"""

from __future__ import annotations

from collections.abc import Iterator

from analyticsops.export.drawing import Box, boxes, joined
from analyticsops.export.subgraph import Subgraph
from analyticsops.report.encode import dot_html, dot_string

_STYLES = {"direct": "solid", "indirect": "dashed", "link": "dotted"}


def render(part: Subgraph) -> bytes:
    """The picture in UTF-8."""
    drawn = boxes(part)
    lines = [
        "digraph lineage {",
        "  graph [rankdir=LR];",
        '  node [shape=plain, fontname="Helvetica"];',
        '  edge [fontname="Helvetica", fontsize=9];',
        *(_node(box) for box in drawn.values()),
        *_edges(part, drawn),
        "}",
    ]
    return ("\n".join(lines) + "\n").encode()


def _node(box: Box) -> str:
    title = dot_html(f"{box.kind} {box.name}")
    rows = [f'<tr><td port="rows" bgcolor="#eeeeee"><b>{title}</b></td></tr>']
    rows += [
        f'<tr><td port="{port}" align="left">{dot_html(column)}</td></tr>'
        for column, port in box.columns.items()
    ]
    table = "".join(rows)
    return (
        f"  {box.id} [label=<"
        f'<table border="0" cellborder="1" cellspacing="0" cellpadding="4">{table}</table>>];'
    )


def _edges(part: Subgraph, drawn: dict[str, Box]) -> Iterator[str]:
    for step in joined(part):
        source, target = drawn[step.source.node], drawn[step.target.node]
        start = f"{source.id}:{source.port(step.source)}"
        end = f"{target.id}:{target.port(step.target)}"
        yield f"  {start} -> {end} [style={_STYLES[step.how]}, label={dot_string(step.label)}];"
