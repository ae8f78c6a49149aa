"""metrics show on a terminal: what a metric is made of as a tree, its known values as a row of
blocks, and the rest of its card beside labels."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

from rich.text import Text

from analyticsops.report.encode import lines, one_line
from analyticsops.screen.page import Page
from analyticsops.screen.sparkline import levels
from analyticsops.screen.tree import Branch, write_tree

if TYPE_CHECKING:
    from analyticsops.metric_cards import MetricCard

Facts = Iterable[tuple[str, Sequence[str]]]

_TIERS = {"certified": "green", "reviewed": "cyan", "draft": "yellow", "deprecated": "red"}
_MOST = 200
"""Metrics in a tree; what further ones are computed from says their own card."""
_POINTS = 60
_IN_TREE = frozenset({"type", "formula", "metrics", "columns", "sources", "metric", "", "tier"})
"""Facts that stand in the heading or in the tree."""


class Values(NamedTuple):
    """Values of a metric that are known.

    Attributes:
        points: (day that it begins with, value), in order.
        of: where they come from.
        fault: why they cannot be read; empty if they can.
    """

    points: Sequence[tuple[str, float]]
    of: str
    fault: str = ""


def draw(
    card: MetricCard,
    facts: Facts,
    cards: Mapping[str, MetricCard],
    values: Values,
    *,
    width: int = 100,
    color: bool = False,
) -> str:
    """The card as a page.

    Args:
        facts: all that is said of it, by label, as in a pipe.
        cards: of all metrics, by name.
        width: of the terminal, in cells.
    """
    page = Page(width, color=color)
    _heading(page, card)
    page.gap()
    write_tree(page, [_metric(card, cards, set())])
    page.gap()
    shown = [(label, said) for label, said in _grouped(facts) if label not in _IN_TREE]
    margin = max(len(label) for label, _ in [*shown, ("values", ())]) + 2
    if values.points or values.fault:
        _values(page, values, card.metric.unit, margin)
    for label, said in shown:
        for number, text in enumerate(said):
            lead = Text(f"{label if not number else '':<{margin}}", style="dim")
            for line in lines(text):
                page.line(Text(line, style="yellow" if label == "lacks" else ""), lead)
    return page.read()


def _heading(page: Page, card: MetricCard) -> None:
    entry = card.metric
    tier = f"{entry.tier} {entry.version}".strip()
    said = [
        Text(one_line(entry.label)),
        Text(one_line(entry.type)),
        Text(one_line(tier), style=_TIERS.get(entry.tier, "")),
    ]
    told = Text(" · ").join(text for text in said if text.plain)
    page.line(Text.assemble((one_line(entry.name), "bold"), "  ", told))
    for line in lines(entry.description.strip()) if entry.description else ():
        page.line(Text(line))


def _values(page: Page, values: Values, unit: str, margin: int) -> None:
    lead = Text(f"{'values':<{margin}}", style="dim")
    if values.fault:
        page.line(Text(one_line(values.fault), style="magenta"), lead)
        return
    points = values.points[-min(_POINTS, max(page.width - margin, 1)) :]
    numbers = [value for _, value in points]
    page.line(Text(levels(numbers), style="cyan"), lead)
    left_out = len(values.points) - len(points)
    more = f", the last {len(points)} of {len(values.points)}" if left_out else ""
    low, high, last = map(_number, (min(numbers), max(numbers), numbers[-1]))
    span = f"{points[0][0]} to {points[-1][0]}{more}"
    told = f"{low} to {high}{f' {unit}' if unit else ''}, {last} at the end; {span} ({values.of})"
    page.line(Text(one_line(told), style="dim"), Text(" " * margin))


def _number(value: float) -> str:
    """``6,241.59``; ``0.00123``."""
    if 0 < abs(value) < 1:
        return f"{value:.3g}"
    whole, _, rest = f"{value:,.2f}".partition(".")
    return f"{whole}.{rest}" if rest != "00" else whole


# -- what it is made of ------------------------------------------------------------


def _metric(card: MetricCard, cards: Mapping[str, MetricCard], told: set[str]) -> Branch:
    """A metric, and below it the metrics or the columns that it is computed from; each metric is
    told once, however many are computed from it.

    Args:
        told: those that were; others are added.
    """
    entry = card.metric
    mark = "metric " if told else ""
    name = Text.assemble((mark, "dim"), (one_line(entry.name), "bold"))
    if entry.name in told:
        return Branch(name, Text("as above", style="dim"))
    told.add(entry.name)
    said = f"{entry.type}: {entry.formula}" if entry.formula else entry.type
    if len(told) > _MOST:
        return Branch(name, Text(one_line(f"{said}  …"), style="cyan"))
    return Branch(name, Text(one_line(said), style="cyan"), list(_inputs(card, cards, told)))


def _inputs(card: MetricCard, cards: Mapping[str, MetricCard], told: set[str]) -> Iterator[Branch]:
    entry = card.metric
    for name in entry.metrics:
        if name in cards:
            yield _metric(cards[name], cards, told)
        else:
            yield Branch(Text.assemble(("metric ", "dim"), one_line(name)), Text())
    if entry.metrics:
        return
    sources = [_column(name, "source") for name in entry.sources if name not in entry.columns]
    below = sources if len(entry.columns) == 1 else []
    for name in entry.columns:
        yield _column(name, "column")._replace(below=below)
    if not below:
        yield from sources


def _column(name: str, what: str) -> Branch:
    table, dot, column = name.rpartition(".")
    return Branch(
        Text.assemble(one_line(f"{table}{dot}"), (one_line(column), "bold")),
        Text(what, style="dim"),
    )


# -- the rest ------------------------------------------------------------------------


def _grouped(facts: Facts) -> Iterator[tuple[str, Sequence[str]]]:
    for label, said in facts:
        if label == "decided by":
            yield label, [f"{table}: {', '.join(names)}" for table, names in _by(said, ".")]
        elif label == "used by":
            yield label, [f"{kind}: {', '.join(names)}" for kind, names in _by(said, " ")]
        else:
            yield label, said


def _by(names: Iterable[str], separator: str) -> Iterator[tuple[str, list[str]]]:
    """Names by what stands before their last part, in the order in which they come."""
    found: dict[str, list[str]] = {}
    for name in names:
        first, _, last = name.rpartition(separator)
        found.setdefault(first, []).append(last)
    yield from found.items()
