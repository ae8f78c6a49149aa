"""metrics verify: the numbers themselves, checked."""

from __future__ import annotations

import os
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from analyticsops.cli.metrics.asking import listed
from analyticsops.cli.options import (
    data_options,
    emit,
    open_workspace,
    project_options,
    report_options,
)
from analyticsops.cli.progress import working

if TYPE_CHECKING:
    from analyticsops.metric_verification import MetricVerification
    from analyticsops.metrics.checks.result import MetricCheck, Outcome

_WORDS: dict[Outcome, str] = {
    "violated": "wrong",
    "unknown": "unknown",
    "changed": "changed",
    "holds": "ok",
}

_KINDS = {
    "golden": "golden values",
    "bounds": "bounds",
    "invariant": "invariants",
    "parts": "parts of the whole",
    "days": "days of the month",
    "equal": "columns",
    "spine": "time spine",
    "version": "versions",
}


@click.command()
@click.argument("names", nargs=-1, metavar="[METRIC]...")
@data_options
@click.option(
    "--base",
    "--state",
    "base",
    type=click.Path(path_type=Path),
    help="Target folder of another version, whose numbers are set beside these.",
)
@click.option(
    "--base-database",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Where that version is built.  [default: the same]",
)
@click.option(
    "--by",
    multiple=True,
    metavar="NAME[,NAME]",
    help="What the two versions are compared by.  [default: metric_time__month]",
)
@click.option("-v", "--verbose", is_flag=True, help="A line for each check that holds, too.")
@project_options
@report_options
def verify(
    names: tuple[str, ...],
    database: Path | None,
    target: str | None,
    base: Path | None,
    base_database: Path | None,
    by: tuple[str, ...],
    verbose: bool,
    project_dir: Path | None,
    target_path: Path | None,
    config: Path | None,
    format_: str | None,
    output: tuple[str, ...],
    fail_on: str | None,
    baseline: Path | None,
) -> None:
    """Check the numbers of METRIC, by default of all metrics.

    What `config.meta.analyticsops` promises: golden values, bounds, invariants, columns that
    hold the same number, additivity (parts against the whole, days against the month). What a
    sum is by definition is checked without being promised: a join that counts rows twice
    shows. With --base the numbers of two versions stand side by side. A check that cannot be
    done is a warning with its reason, never passed over.

    \b
    Examples:
      analyticsops metrics verify --database shop.duckdb
      analyticsops metrics verify revenue --database shop.duckdb --base ../main/target
      analyticsops metrics verify --target prod --output junit=metrics.xml
    """
    from analyticsops import api
    from analyticsops.report.formats import default_format

    workspace = open_workspace(project_dir, target_path, config)
    with working("checking the numbers"):
        found = api.verify_metrics(
            workspace,
            names,
            database,
            target=target,
            base=api.load(base) if base is not None else None,
            base_database=base_database,
            by=listed(by),
            fail_on=fail_on or "",
            baseline=baseline,
        )
    shown = format_ or default_format(os.environ, sys.stdout.isatty())
    if shown == "text" and not output:
        _print(found, verbose)
    elif shown == "json" and not output:
        from analyticsops.cli.tables import print_json

        print_json(
            {"failed": found.failed, "checks": found.checks, "findings": found.report.findings}
        )
    else:
        emit(found.report, format_, output, project_dir=project_dir)
    sys.exit(1 if found.failed else 0)


def _print(found: MetricVerification, verbose: bool) -> None:
    """What does not hold, with examples; what does, a line for each metric; the totals."""
    from analyticsops.cli.tables import print_table
    from analyticsops.metrics.rules.data import told
    from analyticsops.report.encode import one_line

    print_table(
        ("metric", "", "wrong", "claim"),
        _rows(found.checks, verbose),
        empty="nothing is promised of any metric",
    )
    for check in found.checks:
        lines = [told(example) for example in check.examples]
        lines += [check.reason] if check.outcome == "unknown" else []
        for line in lines:
            click.echo(one_line(f"{check.metric}, {check.claim}: {line}"))
    counts = Counter(check.outcome for check in found.checks)
    told_counts = ", ".join(f"{counts[k]:,} {word}" for k, word in _WORDS.items() if counts[k])
    report = found.report
    accepted = sum(1 for finding in report.findings if finding.accepted)
    more = f"; {accepted} accepted" if accepted else ""
    verdict = "failed" if found.failed else "passed"
    click.echo(f"{verdict}: {told_counts or 'no check'}{more} (fail-on {report.fail_on})", err=True)


def _rows(checks: Sequence[MetricCheck], verbose: bool) -> Iterator[tuple[str, ...]]:
    fine: dict[str, list[MetricCheck]] = {}
    for check in checks:
        if check.outcome == "holds" and not verbose:
            fine.setdefault(check.metric, []).append(check)
            continue
        wrong = f"{check.wrong:,} of {check.compared:,}" if check.compared else "-"
        yield check.metric, _WORDS[check.outcome], wrong, check.claim
    for metric, held in fine.items():
        kinds = Counter(_KINDS[check.check] for check in held)
        claims = [f"{kind} ({many})" if many > 1 else kind for kind, many in kinds.items()]
        yield metric, "ok", f"0 of {sum(c.compared for c in held):,}", ", ".join(claims)
