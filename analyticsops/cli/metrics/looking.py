"""metrics list, show, search: the registry, looked up in its index."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from analyticsops.cli.options import format_option, limit_option, open_lookup, project_options

if TYPE_CHECKING:
    from analyticsops.metric_cards import MetricCard
    from analyticsops.searching import Lookup

_SQL_LINES = 12


@click.command("list")
@click.option("--tier", help="Only metrics of this tier: draft, reviewed, certified, deprecated.")
@click.option("--owner", help="Only metrics whose owner's name contains this.")
@click.option("--source", help="Only metrics that come from this column, or table.")
@project_options
@format_option
def list_(
    tier: str | None,
    owner: str | None,
    source: str | None,
    project_dir: Path | None,
    target_path: Path | None,
    config: Path | None,
    format_: str,
) -> None:
    """List the metrics with type, tier, owner and formula.

    \b
    Examples:
      analyticsops metrics list --tier certified
      analyticsops metrics list --owner finance --format json
      analyticsops metrics list --source fct_orders.net_revenue
    """
    from analyticsops.cli.tables import print_json, print_table

    with open_lookup(project_dir, target_path, config) as lookup:
        cards = lookup.metrics()
    entries = tuple(
        card.metric
        for card in cards
        if tier in (None, card.metric.tier)
        and (owner or "").lower() in card.metric.owner.lower()
        and (source is None or _comes_from(card, source.lower()))
    )
    if format_ == "json":
        print_json(entries)
        return
    rows = [
        (e.name, e.type, e.tier or "-", e.unit or "-", e.owner or "-", e.formula) for e in entries
    ]
    columns = ("metric", "type", "tier", "unit", "owner", "formula")
    print_table(columns, rows, empty="no such metrics")


def _comes_from(card: MetricCard, source: str) -> bool:
    entry = card.metric
    names = (name.lower() for name in (*entry.columns, *entry.sources, *entry.decided_by))
    return any(source in (name, name.rpartition(".")[0]) for name in names)


@click.command()
@click.argument("name")
@project_options
@format_option
def show(
    name: str,
    project_dir: Path | None,
    target_path: Path | None,
    config: Path | None,
    format_: str,
) -> None:
    """Show everything about one metric: NAME, label or synonym.

    \b
    Examples:
      analyticsops metrics show revenue
      analyticsops metrics show "net revenue" --format json
    """
    from analyticsops.cli.tables import print_facts, print_json

    with open_lookup(project_dir, target_path, config) as lookup:
        card = lookup.metric(name)
        if format_ == "text" and sys.stdout.isatty():
            _draw(lookup, card)
            return
    if format_ == "json":
        print_json(card)
        return
    print_facts(_lines(card))


def _draw(lookup: Lookup, card: MetricCard) -> None:
    from analyticsops.cli.metrics.drawing import Values, draw
    from analyticsops.cli.tables import show_page
    from analyticsops.errors import ConfigError

    try:
        values = Values(lookup.known_values(card), card.golden)
    except ConfigError as fault:  # what else is known of the metric is not to be lost
        values = Values((), card.golden, str(fault))
    cards = {other.metric.name: other for other in lookup.metrics()}
    show_page(partial(draw, card, _lines(card), cards, values))


def _lines(card: MetricCard) -> Iterator[tuple[str, list[str]]]:
    """(label, values) of what there is to say."""
    entry = card.metric
    newest = card.versions[0] if card.versions else None
    about = {
        "metric": [f"{entry.name} ({entry.label})" if entry.label else entry.name],
        "": [entry.description],
        "owner": [entry.owner or "nobody"],
        "tier": [f"{entry.tier}, version {entry.version}" if entry.version else entry.tier],
        "type": [entry.type],
        "formula": [entry.formula],
        "filter": list(entry.filters),
        "unit": [entry.unit],
        "good is": [entry.direction if entry.direction in ("up", "down") else ""],
        "why": [entry.why],
        "last change": [f"{newest.version} {newest.kind}: {newest.why}"] if newest else [],
        "also called": [", ".join(entry.synonyms)],
        "time": [", ".join(card.times)],
        "metrics": [", ".join(entry.metrics)],
        "columns": list(entry.columns),
        "sources": list(entry.sources),
        "decided by": list(entry.decided_by),
        "tests": [", ".join(card.tests)],
        "promised": list(card.promised),
        "freshness": [", ".join(card.freshness)],
        "used by": list(entry.used_by),
        "lacks": list(card.missing),
        "defined in": [entry.path],
        "SQL": _query(card),
    }
    for label, values in about.items():
        found = [value for value in values if value]
        if found:
            yield label, found


def _query(card: MetricCard) -> list[str]:
    """A short one as it is: the card is to fit on a screen."""
    lines = [line for line in card.sql.splitlines() if line]
    if len(lines) > _SQL_LINES:
        return [f"{len(lines)} lines: analyticsops metrics sql {card.metric.name}"]
    return lines or [card.refused]


@click.command()
@click.argument("text")
@limit_option
@project_options
@format_option
def search(
    text: str,
    limit: int,
    project_dir: Path | None,
    target_path: Path | None,
    config: Path | None,
    format_: str,
) -> None:
    """Find metrics by words in names, labels, synonyms, descriptions and columns.

    \b
    Examples:
      analyticsops metrics search turnover
      analyticsops metrics search "gift card"
    """
    from analyticsops.cli.searching import print_found
    from analyticsops.cli.tables import print_json

    with open_lookup(project_dir, target_path, config) as lookup:
        found = lookup.search(text, kinds=("metric",), limit=limit)
    if format_ == "json":
        print_json(found)
        return
    print_found(found, text)
