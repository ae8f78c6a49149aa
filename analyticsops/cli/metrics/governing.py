"""metrics owners, changelog, readiness: who answers, what changed, what is missing."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import click

from analyticsops.cli.options import format_option, open_lookup, project_options

if TYPE_CHECKING:
    from analyticsops.metric_cards import MetricCard

_TIERS = ("certified", "reviewed", "draft", "deprecated", "")


@click.command()
@project_options
@format_option
def owners(
    project_dir: Path | None, target_path: Path | None, config: Path | None, format_: str
) -> None:
    """Show who answers for which metrics, whoever has the most first.

    \b
    Example:
      analyticsops metrics owners
    """
    from analyticsops.cli.tables import print_json, print_table

    with open_lookup(project_dir, target_path, config) as lookup:
        cards = lookup.metrics()
    names: dict[str, list[MetricCard]] = {}
    for card in cards:
        names.setdefault(card.metric.owner, []).append(card)
    ordered = sorted(names.items(), key=lambda item: (-len(item[1]), item[0]))
    if format_ == "json":
        print_json({owner: [card.metric.name for card in held] for owner, held in ordered})
        return
    rows = [(owner or "nobody", str(len(held)), _tiers(held)) for owner, held in ordered]
    print_table(("owner", "metrics", "tiers"), rows, empty="no metrics")


def _tiers(cards: list[MetricCard]) -> str:
    counts = Counter(card.metric.tier for card in cards)
    return ", ".join(f"{counts[tier]} {tier or 'without'}" for tier in _TIERS if counts[tier])


@click.command()
@click.argument("name", required=False)
@project_options
@format_option
def changelog(
    name: str | None,
    project_dir: Path | None,
    target_path: Path | None,
    config: Path | None,
    format_: str,
) -> None:
    """Show how the meaning of metrics changed and why, from their change records.

    \b
    Examples:
      analyticsops metrics changelog
      analyticsops metrics changelog revenue
    """
    from analyticsops.cli.tables import print_json, print_table

    with open_lookup(project_dir, target_path, config) as lookup:
        cards = lookup.metrics() if name is None else (lookup.metric(name),)
    if format_ == "json":
        print_json({card.metric.name: card.versions for card in cards if card.versions})
        return
    rows = [
        (card.metric.name, v.version, v.kind, v.approved_by, v.release_note)
        for card in cards
        for v in card.versions
    ]
    headings = ("metric", "version", "kind", "approved by", "what readers were told")
    print_table(headings, rows, empty="no change records in analyticsops/changes/")


@click.command()
@click.argument("name", required=False)
@click.option("--tier", help="Only metrics of this tier.")
@project_options
@format_option
def readiness(
    name: str | None,
    tier: str | None,
    project_dir: Path | None,
    target_path: Path | None,
    config: Path | None,
    format_: str,
) -> None:
    """Say what each metric lacks for its tier: owner, tests, runbook, approval, ...

    \b
    Examples:
      analyticsops metrics readiness --tier certified
      analyticsops metrics readiness revenue
    """
    from analyticsops.cli.tables import print_json, print_table

    with open_lookup(project_dir, target_path, config) as lookup:
        cards = lookup.metrics() if name is None else (lookup.metric(name),)
    chosen = [card for card in cards if tier in (None, card.metric.tier)]
    if format_ == "json":
        print_json({card.metric.name: card.missing for card in chosen})
        return
    rows = [
        (card.metric.name if number == 0 else "", card.metric.tier or "-", lack)
        for card in chosen
        for number, lack in enumerate(card.missing or ("nothing is missing",))
    ]
    print_table(("metric", "tier", "lacks"), rows, empty="no such metrics")
