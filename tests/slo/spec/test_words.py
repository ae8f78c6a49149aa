"""Values of a specification: what can be read, and what is said of what cannot."""

from __future__ import annotations

from fractions import Fraction

import pytest

from analyticsops.slo.spans import HOUR, MINUTE
from analyticsops.slo.spec.words import (
    NEVER,
    Age,
    Cron,
    Days,
    Duration,
    Hours,
    Moment,
    Share,
    Target,
    Word,
    Zone,
)

GOOD = [
    (Duration, "90m", 90 * MINUTE),
    (Duration, "26h", 26 * HOUR),
    (Duration, " 3 d ", 72 * HOUR),
    (Duration, "1.5h", 90 * MINUTE),
    (Age, "static", NEVER),
    (Age, "48h", 48 * HOUR),
    (Share, "99.5%", Fraction(995, 1000)),
    (Share, 0.995, Fraction(0.995).limit_denominator(1000)),
    (Share, "0%", 0),
    (Share, 1, 1),
    (Target, "99%", Fraction(99, 100)),
    (Cron, "0 5 * * 1-5", "0 5 * * 1-5"),
    (Zone, "Europe/Berlin", "Europe/Berlin"),
    (Moment, "1970-01-01T00:00:01Z", 1_000_000),
    (Moment, "1970-01-01T01:00:01+01:00", 1_000_000),
    (Moment, "1970-01-01T00:00:01", 1_000_000),
    (Days, "mon-fri", {0, 1, 2, 3, 4}),
    (Days, "sat, sun", {5, 6}),
    (Days, "Friday-Monday", {4, 5, 6, 0}),
    (Hours, "07:00-19:00", ((420, 1140),)),
    (Hours, "8-12, 13-17", ((480, 720), (780, 1020))),
    (Hours, "22:00-02:00", ((0, 120), (1320, 1440))),
    (Hours, "20:00-00:00", ((1200, 1440),)),
]

BAD = [
    (Duration, "26 horas", "'26 horas' is no duration: write 90m, 26h or 3d"),
    (Duration, "0h", "'0h' is no duration: write 90m, 26h or 3d"),
    (Duration, 26, "26 is no duration: write 90m, 26h or 3d"),
    (Age, "never", "'never' is no duration: write 90m, 26h or 3d"),
    (Share, "101%", "'101%' is no share: write 99%, 99.5% or 0.995"),
    (Share, "-1%", "'-1%' is no share: write 99%, 99.5% or 0.995"),
    (Share, "1/0", "'1/0' is no share: write 99%, 99.5% or 0.995"),
    (Share, True, "True is no share: write 99%, 99.5% or 0.995"),
    (Share, "nan", "'nan' is no share: write 99%, 99.5% or 0.995"),
    (Target, "100%", "'100%' leaves no error budget: write less than 100%, as in 99%"),
    (Target, 99, "99 is no share: write 99%, 99.5% or 0.995"),
    (Cron, "0 25 * * *", "'0 25 * * *' is no cron expression: Bad hour"),
    (Cron, 5, "5 is no cron expression"),
    (Cron, "0 5 30 2 *", "'0 5 30 2 *' is no cron expression: Bad day-of-month"),
    (Zone, "Berlin", "'Berlin' is no time zone: write a name such as Europe/Berlin"),
    (Moment, "tomorrow", "'tomorrow' is no time: write 2026-12-01T00:00Z"),
    (Days, "mo-fr", "'mo-fr' are no days: write mon-fri or sat,sun"),
    (Days, "", "'' are no days: write mon-fri or sat,sun"),
    (Hours, "9 to 5", "'9 to 5' are no hours: write 07:00-19:00"),
    (Hours, "7:00-7:00", "'7:00-7:00' are no hours: write 07:00-19:00"),
    (Hours, "24:00-25:00", "'24:00-25:00' are no hours: write 07:00-19:00"),
    (Hours, "7:60-9", "'7:60-9' are no hours: write 07:00-19:00"),
]


@pytest.mark.parametrize(("kind", "value", "meant"), GOOD)
def test_what_can_be_read(kind: type[Word], value: object, meant: object) -> None:
    assert kind.read(value) == meant


@pytest.mark.parametrize(("kind", "value", "said"), BAD)
def test_what_cannot(kind: type[Word], value: object, said: str) -> None:
    with pytest.raises(ValueError, match=r"write|cron") as caught:
        kind.read(value)
    assert str(caught.value).startswith(said)
