"""Files in `slos/` of a small shop, and all that `slo lint` says of them.

Both stand in tests/cases/slo/lint.txt. After a wanted change write what is said again, and read the
difference in git:

    GOLDEN=write python -m pytest tests/slo/test_lint_cases.py
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from analyticsops.slo import lint_rules
from analyticsops.slo.lint import Linted, lint
from analyticsops.slo.observed import Build, Observed, Seen
from analyticsops.slo.spans import DAY, HOUR, MINUTE, instant_of
from tests.slo.cases import CASES, Case, check, read_cases
from tests.slo.declaring import declared, shop

FILE = CASES / "lint.txt"
LISTED = read_cases(FILE)
NOW = instant_of(datetime(2026, 11, 20, 12, tzinfo=UTC))
SHOP = shop(tests=("unique orders.id",))
ORDERS = "source.shop.raw.orders"


def rare() -> Observed:
    """Orders are loaded every 13 hours, and the model's adapter tells no rows."""
    times = [NOW - (n + 1) * 13 * HOUR for n in range(6, -1, -1)]
    seen = tuple(Seen(ORDERS, at + MINUTE, at + (at % 7) * 1_000_000) for at in times)
    failed = Seen(ORDERS, NOW, None)
    build = Build(
        node="model.shop.orders",
        run="r",
        run_at=NOW - DAY,
        started=NOW - DAY,
        completed=NOW - DAY,
        outcome="good",
        loads=True,
        backfill=False,
        seconds=1.0,
        rows=None,
        bytes=None,
        slot_ms=None,
        checksum="",
        message="",
    )
    builds = (build, build._replace(rows=-1))
    return Observed(
        span=(NOW - 28 * DAY, NOW), builds={build.node: builds}, seen={ORDERS: (*seen, failed)}
    )


def said(text: str, folder: Path) -> Iterator[str]:
    """A line for each finding, and one for each of its facts."""
    observed = rare() if text.startswith("# with a history") else None
    for one in lint(Linted(SHOP, declared(SHOP, folder, text), observed, NOW, folder)):
        place = f"{one.location} " if one.location else ""
        about = " ".join(filter(None, (one.subject, one.node, one.owner and f"({one.owner})")))
        yield f"{one.rule} {one.severity} {place}{one.message}"
        yield f"   {about} {one.fingerprint}"
        yield from (f"   {fact}" for fact in one.evidence)


@pytest.mark.parametrize("case", LISTED, ids=lambda case: case.name)
def test_case(case: Case, tmp_path: Path) -> None:
    check(FILE, case, said(case.given, tmp_path))


def test_each_rule_has_a_case() -> None:
    told = {line[:6] for case in LISTED for line in case.expected if line.startswith("SLO")}
    assert told == {rule.code for rule in lint_rules.RULES} - {"SLO401"}
