"""slo status on a terminal: a table of objectives, with what burned of their windows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING

from rich.text import Text

from analyticsops.report.encode import one_line
from analyticsops.screen.page import Page
from analyticsops.screen.sparkline import NOBODY_KNOWS, of_share
from analyticsops.screen.table import Column, listing, table
from analyticsops.slo.burndown import burned_by_parts
from analyticsops.slo.shares import percent, whole_percent

if TYPE_CHECKING:
    from analyticsops.slo.standing import Standing

STATES = {
    "exhausted": "bold red",
    "breached": "red",
    "burning": "yellow",
    "unknown": "magenta",
    "met": "green",
}
"""The worst first, with their colours."""

_NOW = {"bad": "red", "unknown": "magenta"}
_WIDE = 110
"""Cells from which on there is room for windows, and for more parts of them."""
_PARTS, _PARTS_IF_WIDE = 14, 28
_LEGEND = (
    "how much of each part of the window was bad: ▁ nothing, █ all, · unknown, "
    "blank: nothing counted, or to come"
)


def draw(
    title: str,
    standings: Sequence[Standing],
    now: Sequence[str],
    *,
    width: int = 100,
    color: bool = False,
) -> str:
    """The table as a page.

    Args:
        standings: the worst first.
        now: of each, what is so now, in words.
        width: of the terminal, in cells.
    """
    page = Page(width, color=color)
    page.line(Text(one_line(title), style="bold"))
    counts = Counter(standing.state for standing in standings)
    told = [Text(f"{counts[name]:,} {name}", look) for name, look in STATES.items() if counts[name]]
    page.line(Text(", ").join(told))
    page.gap()
    wide = width >= _WIDE
    page.draw(table(_columns(wide), [_row(standing, wide) for standing in standings]))
    _not_good(page, standings, now)
    page.gap()
    page.line(Text(_LEGEND, style="dim"), Text("burn  ", style="dim"))
    return page.read()


def burn(standing: Standing, parts: int) -> Text:
    """How much of each part of the window was bad, a block each."""
    line = Text()
    for measured in burned_by_parts(standing, parts):
        if measured is None or not (measured.counted or measured.unknown):
            line.append(" ")
        elif measured.bad:
            line.append(of_share(measured.bad / measured.counted), style="red")
        elif measured.unknown:
            line.append(NOBODY_KNOWS, style="magenta")
        else:
            line.append(of_share(0), style="green")
    return line


def _not_good(page: Page, standings: Sequence[Standing], now: Sequence[str]) -> None:
    rows = [
        (Text(one_line(standing.slo.full_name)), Text(one_line(words), style=_NOW[standing.now]))
        for standing, words in zip(standings, now, strict=True)
        if standing.now != "good"
    ]
    if rows:
        page.gap()
        page.line(Text("not good now", style="bold"))
        longest = max(name.cell_len for name, _ in rows)
        page.draw(listing([min(longest, page.width * 2 // 5), None], rows))


def _columns(wide: bool) -> list[Column]:
    return [
        Column("objective"),
        Column("state", whole=True),
        Column("left", right=True),
        Column("burn", whole=True),
        Column("sli", right=True),
        Column("target", right=True),
        *([Column("window")] if wide else ()),
    ]


def _row(standing: Standing, wide: bool) -> list[Text]:
    left = standing.left
    return [
        Text(one_line(standing.slo.full_name)),
        Text(standing.state, style=STATES[standing.state]),
        Text(whole_percent(left), style="red" if left is not None and left < 0 else ""),
        burn(standing, _PARTS_IF_WIDE if wide else _PARTS),
        Text(percent(standing.sli)),
        Text(percent(standing.slo.target)),
        *([Text(str(standing.slo.window))] if wide else ()),
    ]
