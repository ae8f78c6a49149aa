"""metrics lineage, metrics used-by: where metrics come from, and who takes them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import click

from analyticsops.cli.options import format_option, open_lookup, open_workspace, project_options

if TYPE_CHECKING:
    from analyticsops.metric_cards import MetricCard


@click.command()
@click.argument("name")
@project_options
@format_option
def lineage(
    name: str,
    project_dir: Path | None,
    target_path: Path | None,
    config: Path | None,
    format_: str,
) -> None:
    """Show what metric NAME is made of: metrics, columns of models, columns of sources.

    \b
    Example:
      analyticsops metrics lineage average_order_value
    """
    from analyticsops.cli.tables import print_json
    from analyticsops.report.encode import one_line

    with open_lookup(project_dir, target_path, config) as lookup:
        wanted = lookup.metric(name)
        cards = {card.metric.name: card for card in lookup.metrics()}
    if format_ == "json":
        made = _made_of(wanted, cards)
        print_json({card.metric.name: _ends(card) for card in made})
        return
    for depth, text in _tree(wanted, cards, 0):
        click.echo("  " * depth + one_line(text))


def _ends(card: MetricCard) -> dict[str, tuple[str, ...]]:
    entry = card.metric
    return {
        "metrics": entry.metrics,
        "columns": entry.columns,
        "sources": entry.sources,
        "decided_by": entry.decided_by,
    }


def _made_of(card: MetricCard, cards: Mapping[str, MetricCard]) -> list[MetricCard]:
    """The metric and all that it is made of, each once."""
    found = {card.metric.name: card}
    stack = [card]
    while stack:
        for name in stack.pop().metric.metrics:
            if name in cards and name not in found:
                found[name] = cards[name]
                stack.append(cards[name])
    return list(found.values())


def _tree(
    card: MetricCard, cards: Mapping[str, MetricCard], depth: int
) -> Iterator[tuple[int, str]]:
    entry = card.metric
    yield depth, f"{entry.name} = {entry.formula}" if entry.formula else entry.name
    parts = [cards[name] for name in entry.metrics if name in cards]
    if parts and depth < 20:
        for part in parts:
            yield from _tree(part, cards, depth + 1)
        return
    for label, names in (
        ("from", entry.columns),
        ("source", entry.sources),
        ("decided by", entry.decided_by),
    ):
        for column in names:
            yield depth + 1, f"{label} {column}"


@click.command()
@click.argument("what")
@project_options
@format_option
def used_by(
    what: str,
    project_dir: Path | None,
    target_path: Path | None,
    config: Path | None,
    format_: str,
) -> None:
    """Say who uses WHAT: a metric, or a column (TABLE.COLUMN) through metrics.

    \b
    Examples:
      analyticsops metrics used-by revenue
      analyticsops metrics used-by stg_payments.amount
    """
    from analyticsops import api
    from analyticsops.cli.tables import print_json, print_table
    from analyticsops.errors import NotFoundError

    try:
        with open_lookup(project_dir, target_path, config) as lookup:
            entry = lookup.metric(what).metric
        rows = [
            text.replace("saved query ", "saved_query ").split(" ", 1) for text in entry.used_by
        ]
        found = [(kind, name, "uses it", "-") for kind, name in rows]
    except NotFoundError:
        if "." not in what:
            raise
        hits = api.find_impact(open_workspace(project_dir, target_path, config), what).hits
        kinds = ("metric", "exposure", "saved_query")
        found = [(h.kind, h.name, h.via, h.owner or "-") for h in hits if h.kind in kinds]
    if format_ == "json":
        names = ("kind", "name", "how", "owner")
        print_json([dict(zip(names, row, strict=True)) for row in found])
        return
    print_table(("kind", "name", "how", "owner"), found, empty="nobody")
