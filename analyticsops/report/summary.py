"""The sentences that every format for people shares.

Results are plain and may hold foreign words: each format encodes them as a whole.
"""

from __future__ import annotations

from collections import Counter

import msgspec

from analyticsops.executed import Execution
from analyticsops.findings import Accepted, Affected, Finding
from analyticsops.report.model import Coverage, ProjectFacts, Report
from analyticsops.wording import quantity

# The order in which verdicts matter to a reader; unknown right after breaking,
# because it may turn out to be just that.
VERDICTS = (
    "breaking",
    "unknown",
    "removed",
    "rows changed",
    "values changed",
    "additive",
    "added",
    "refactored",
    "identical",
)
VIA = {
    "breaks": "breaks",
    "loses": "loses the column",
    "values": "values change",
    "rows": "rows change",
    "depends": "depends on it",
}
_REASONS_SHOWN = 3
# Of each kind so many are named in a sentence; the finding itself lists all.
_HITS_NAMED = 3


class Counts(msgspec.Struct, frozen=True, kw_only=True):
    """How many findings there are.

    Attributes:
        error: errors that nobody accepted.
        warning: warnings that nobody accepted.
        info: infos that nobody accepted.
        accepted: findings of any severity that somebody accepted.
    """

    error: int
    warning: int
    info: int
    accepted: int


def active(report: Report) -> tuple[Finding, ...]:
    """The findings that nobody accepted, in the report's order."""
    return tuple(finding for finding in report.findings if finding.accepted is None)


def count(report: Report) -> Counts:
    """Count the findings of a report."""
    number = Counter(finding.severity.value for finding in active(report))
    return Counts(
        error=number["error"],
        warning=number["warning"],
        info=number["info"],
        accepted=len(report.findings) - number.total(),
    )


_OUTCOMES = {
    "differs": ("differs", "differ"),
    "no difference": ("shows no difference", "show no difference"),
    "unknown": ("unknown", "unknown"),
}


def tally(counts: Counts) -> str:
    """``2 errors, 1 warning, 3 accepted``; ``no findings`` if there are none."""
    parts = [quantity(counts.error, "error")] if counts.error else []
    if counts.warning:
        parts.append(quantity(counts.warning, "warning"))
    if counts.info:
        parts.append(f"{counts.info:,} info")
    if counts.accepted:
        parts.append(f"{counts.accepted:,} accepted")
    return ", ".join(parts) or "no findings"


def result_line(report: Report) -> str:
    """Whether the command failed, and on what: ``failed: 2 errors (fail-on error)``."""
    outcome = "failed" if report.failed else "passed"
    return f"{outcome}: {tally(count(report))} (fail-on {report.fail_on})"


def coverage_line(coverage: Coverage) -> str:
    """How much of the lineage is proven, and why the rest is not."""
    if not coverage.total:
        return "lineage: no models"
    line = f"lineage: {coverage.proven:,} of {quantity(coverage.total, 'model')} proven"
    if coverage.partial:
        line += f", {coverage.partial:,} partial"
    if coverage.unknown:
        line += f", {coverage.unknown:,} unknown"
    return f"{line} ({_reasons(coverage)})" if coverage.reasons else line


def changes_line(report: Report) -> str:
    """How many models changed in which way; empty without verdicts."""
    number = Counter(verdict.verdict for verdict in report.verdicts)
    if not number:
        return ""
    listed = sorted(number, key=lambda verdict: (verdict_rank(verdict), verdict))
    return "changes: " + ", ".join(f"{number[verdict]:,} {verdict}" for verdict in listed)


def executions_line(report: Report) -> str:
    """How many executions showed what; empty if nothing was executed."""
    number: Counter[str] = Counter(execution.outcome for execution in report.executions)
    listed = [
        f"{number[word]:,} {said[number[word] > 1]}"
        for word, said in _OUTCOMES.items()
        if number[word]
    ]
    return f"executed: {', '.join(listed)}" if listed else ""


def execution_name(execution: Execution) -> str:
    """``fct_orders``, or ``fct_orders (with all before it)`` if that was built, too."""
    built = " (with all before it)" if execution.built == "downstream" else ""
    return f"{execution.name}{built}"


def verdict_rank(verdict: str) -> int:
    """0 for the verdict that matters most; words of later versions come last."""
    return VERDICTS.index(verdict) if verdict in VERDICTS else len(VERDICTS)


def reach_line(report: Report) -> str:
    """What all findings together reach: ``2 models and 1 exposure``; empty if nothing."""
    kinds = {hit.node: hit.kind for finding in active(report) for hit in finding.affected}
    number = Counter(kinds.values())
    listed = sorted(number, key=lambda kind: (-number[kind], kind))
    return _listed([quantity(number[kind], kind.replace("_", " ")) for kind in listed])


def project_line(facts: ProjectFacts) -> str:
    """Which project this is: ``shop · dbt 1.11.2 on duckdb · 14 models, 96 columns``."""
    size = f"{quantity(facts.models, 'model')}, {quantity(facts.columns, 'column')}"
    engine = " on ".join(filter(None, (f"dbt {facts.dbt_version}", facts.adapter)))
    return f"{facts.name} · {engine} · {size}"


def hit_name(hit: Affected) -> str:
    """What people call something that is hit: ``fct_orders.amount``, ``weekly``."""
    if len(hit.columns) == 1:
        return f"{hit.name}.{hit.columns[0]}"
    return f"{hit.name} ({', '.join(hit.columns)})" if hit.columns else hit.name


def hits_line(hits: tuple[Affected, ...], limit: int) -> str:
    """``metric revenue (owner finance), exposure weekly and 3 more``."""
    shown = [
        f"{hit.kind} {hit_name(hit)}" + (f" (owner {hit.owner})" if hit.owner else "")
        for hit in hits[:limit]
    ]
    rest = len(hits) - len(shown)
    return ", ".join(shown) + (f" and {rest:,} more" if rest else "")


def full_message(finding: Finding) -> str:
    """The message and whom it hits, for formats that have one line for a finding:
    ``...; hits exposure weekly; metrics orders, revenue; 4 models``."""
    parts = []
    for kind in ("exposure", "metric"):
        names = [hit.name for hit in finding.affected if hit.kind == kind]
        if names:
            more = f" and {len(names) - _HITS_NAMED} more" if len(names) > _HITS_NAMED else ""
            word = f"{kind}s" if len(names) > 1 else kind
            parts.append(f"{word} {', '.join(names[:_HITS_NAMED])}{more}")
    models = sum(hit.kind in ("model", "snapshot") for hit in finding.affected)
    if models:
        parts.append(quantity(models, "model"))
    return f"{finding.message}; hits {'; '.join(parts)}" if parts else finding.message


def acceptance_line(accepted: Accepted) -> str:
    """Why a finding does not count: ``accepted until 2027-03-31: finance moves``."""
    until = f" until {accepted.until}" if accepted.until else ""
    return f"accepted{until}: {accepted.reason}"


def _listed(parts: list[str]) -> str:
    return " and ".join(filter(None, (", ".join(parts[:-1]), *parts[-1:])))


def _reasons(coverage: Coverage) -> str:
    shown = coverage.reasons[:_REASONS_SHOWN]
    parts = [f"{reason}: {number:,}" for reason, number in shown]
    if len(coverage.reasons) > len(shown):
        rest = sum(number for _, number in coverage.reasons[len(shown) :])
        parts.append(f"other reasons: {rest:,}")
    return "; ".join(parts)
