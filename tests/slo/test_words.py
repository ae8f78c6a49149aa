"""Alerts, shares, lengths and times as people read them, by worked examples."""

from __future__ import annotations

from datetime import UTC, date, datetime
from fractions import Fraction

import pytest

from analyticsops.slo.alert import Alert, Kind, moment
from analyticsops.slo.calendar import Calendar, local_date, offsets
from analyticsops.slo.durations import spoken, written
from analyticsops.slo.incident import Incident, Root, incident_id
from analyticsops.slo.shares import percent, whole_percent
from analyticsops.slo.spans import DAY, HOUR, MINUTE, instant_of, time_of

NOON = instant_of(datetime(2026, 11, 20, 12, tzinfo=UTC))


def test_everything_about_an_alert_in_one_sentence() -> None:
    short = Alert(
        rule="r", kind=Kind.LATE, subject="orders", what="orders is old", since=NOON - 90 * MINUTE
    )
    assert short.sentence(NOON) == (
        "orders is old, since 2026-11-20 10:30 UTC (1h 30m); nobody owns it"
    )
    assert short.sentence(NOON - 2 * HOUR).startswith(
        "orders is old, since 2026-11-20 10:30 UTC (0s)"
    )
    long = Alert(
        rule="r",
        kind=Kind.LATE,
        subject="orders",
        what="orders is old",
        since=NOON - 90 * MINUTE,
        budget="40% of the budget used",
        owner="ana",
        cause="raw.orders",
        arrives=NOON,
        runbook="https://wiki",
    )
    assert long.sentence(NOON) == (
        "orders is old, since 2026-11-20 10:30 UTC (1h 30m); 40% of the budget used; owner ana; "
        "caused by raw.orders; next data expected 2026-11-20 12:00 UTC; runbook https://wiki"
    )
    assert "2026-11-20 12:00 UTC (overdue);" in long.sentence(NOON + 1)
    assert moment(NOON) == "2026-11-20 12:00 UTC"


def test_the_same_trouble_has_the_same_key() -> None:
    def key(node: str = "", job: str = "", slo: str = "") -> str:
        told = Alert(
            rule="r", kind=Kind.LATE, subject="s", what="w", since=0, node=node, job=job, slo=slo
        )
        return told.key

    assert key(node="n", job="j", slo="o") == "r|n|o"
    assert key(job="j") == "r|j|"
    assert key() == "r|s|"


def test_an_incident_is_told_by_its_worst_alert() -> None:
    root = Root(id="model.a", label="a", kind=Kind.FAILING)
    alone = Incident(id="i", root=root, since=0, page=False, alerts=())
    assert (alone.title, alone.severity, alone.nodes) == ("a is failing", "ticket", ("model.a",))
    told = tuple(
        Alert(rule="r", kind=Kind.LATE, subject="s", what=what, since=0, node=node, job=job)
        for what, node, job in (
            ("first", "model.b", ""),
            ("second", "", "nightly"),
            ("third", "model.a", ""),
            ("fourth", "", ""),
        )
    )
    found = Incident(id="i", root=root, since=0, page=True, alerts=told)
    assert (found.title, found.severity) == ("first", "page")
    assert found.nodes == ("model.a", "model.b", "job.nightly")


def test_an_incident_keeps_its_id_between_versions() -> None:
    assert incident_id("shop", "prod", "model.a", 1) == "20290b8dad51"
    others = {
        incident_id(*given)
        for given in (
            ("shop", "prod", "model.a", 1),
            ("shop", "dev", "model.a", 1),
            ("other", "prod", "model.a", 1),
            ("shop", "prod", "model.b", 1),
            ("shop", "prod", "model.a", 2),
        )
    }
    assert len(others) == 5


@pytest.mark.parametrize(
    ("share", "text", "whole"),
    [
        (None, "-", "-"),
        (Fraction(1), "100%", "100%"),
        (Fraction(995, 1000), "99.5%", "100%"),
        (Fraction(99, 100), "99%", "99%"),
        (Fraction(9999, 10000), "99.99%", "100%"),
        (Fraction(99999, 100000), "99.999%", "100%"),
        (Fraction(999999, 1000000), "99.9999%", "100%"),
        (Fraction(9999999, 10000000), "<100%", "100%"),
        (Fraction(0), "0%", "0%"),
        (Fraction(-3, 2), "-150%", "-150%"),
        (Fraction(2), "200%", "200%"),
    ],
)
def test_a_share_that_is_not_all_is_not_shown_as_all(
    share: Fraction | None, text: str, whole: str
) -> None:
    assert (percent(share), whole_percent(share)) == (text, whole)


@pytest.mark.parametrize(
    ("length", "as_written", "as_spoken"),
    [
        (0, "0s", "0s"),
        (45_000_000, "45s", "45s"),
        (90 * MINUTE, "90m", "1h 30m"),
        (26 * HOUR, "26h", "1d 2h"),
        (40 * DAY, "40d", "40d"),
        (DAY + 59_000_000, "86459s", "1d"),
        (-(2 * HOUR + 5 * MINUTE), "-125m", "-2h 5m"),
    ],
)
def test_lengths(length: int, as_written: str, as_spoken: str) -> None:
    assert (written(length), spoken(length)) == (as_written, as_spoken)


def test_times_need_a_zone() -> None:
    with pytest.raises(ValueError, match="2026-11-20 12:00:00 has no time zone"):
        instant_of(datetime(2026, 11, 20, 12))
    assert time_of(instant_of(datetime(2026, 11, 20, 12, tzinfo=UTC))) == datetime(
        2026, 11, 20, 12, tzinfo=UTC
    )


# -- the clock on the wall -----------------------------------------------------


def test_the_offset_changes_at_the_microsecond_at_which_it_changes() -> None:
    # Berlin, 25 October 2026: 03:00 is 02:00 again at 01:00 UTC.
    start = instant_of(datetime(2026, 10, 24, 12, tzinfo=UTC))
    change = instant_of(datetime(2026, 10, 25, 1, tzinfo=UTC))
    assert offsets("Europe/Berlin", start, start + 3 * DAY) == (
        (start, change, 2 * HOUR),
        (change, start + 3 * DAY, HOUR),
    )
    assert offsets("Europe/Berlin", start, change) == ((start, change, 2 * HOUR),)
    assert offsets("Europe/Berlin", change, change + 1) == ((change, change + 1, HOUR),)
    assert offsets("UTC", start, start) == ()
    assert local_date(change - 4 * HOUR, "Europe/Berlin") == date(2026, 10, 24)
    assert local_date(change - 3 * HOUR, "Europe/Berlin") == date(2026, 10, 25)


def test_an_hour_that_is_shown_twice_counts_twice() -> None:
    night = Calendar(timezone="Europe/Berlin", hours=((120, 180),))
    start = instant_of(datetime(2026, 10, 24, 12, tzinfo=UTC))
    assert night.spans((start, start + DAY)).length == 2 * HOUR
    spring = instant_of(datetime(2026, 3, 28, 12, tzinfo=UTC))
    assert night.spans((spring, spring + DAY)).length == 0
