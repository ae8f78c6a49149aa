"""Which runs and months a window means: a look at names must never leave out what is meant."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest

from analyticsops.history.query import ALWAYS, Window, literal
from analyticsops.history.record import RecordName

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
EASTERN = timezone(timedelta(hours=-5))


def name(moment: datetime) -> RecordName:
    return RecordName(f"{moment:%Y%m%dT%H%M%SZ}", "a", "0" * 16)


@pytest.mark.parametrize(
    ("window", "holds"),
    [
        (ALWAYS, (True, True, True)),
        (Window(since=NOON), (False, True, True)),
        (Window(until=NOON), (True, False, False)),
        # A name says the second: a run of that second may have begun before the end.
        (Window(until=NOON + timedelta(microseconds=1)), (True, True, False)),
        (Window(since=NOON + timedelta(microseconds=1)), (False, True, True)),
        (Window(since=NOON, until=NOON + timedelta(seconds=1)), (False, True, False)),
        (Window(since=NOON.astimezone(EASTERN)), (False, True, True)),
        (Window(since=NOON.replace(tzinfo=None)), (False, True, True)),
        (Window(until=NOON.astimezone(EASTERN)), (True, False, False)),
    ],
)
def test_runs_by_their_names(window: Window, holds: tuple[bool, ...]) -> None:
    moments = (NOON + timedelta(seconds=n) for n in (-1, 0, 1))
    assert tuple(window.holds(name(moment)) for moment in moments) == holds


@pytest.mark.parametrize(
    ("window", "touches"),
    [
        (ALWAYS, (True, True, True)),
        (Window(since=NOON), (False, True, True)),
        (Window(until=NOON), (True, True, False)),
        (Window(since=datetime(2026, 12, 4, tzinfo=UTC)), (False, False, True)),
        (Window(until=datetime(2026, 11, 1, tzinfo=UTC)), (True, False, False)),
        (Window(until=datetime(2026, 11, 1, 0, 0, 1, tzinfo=UTC)), (True, True, False)),
    ],
)
def test_months(window: Window, touches: tuple[bool, ...]) -> None:
    months = ("2026-10", "2026-11", "2026-12")
    assert tuple(window.touches(month) for month in months) == touches


def test_a_folder_of_another_name_may_hold_anything() -> None:
    assert Window(since=NOON, until=NOON).touches("packs")


def test_no_character_of_a_path_is_a_pattern() -> None:
    assert literal(Path("/a*b?[c]'d.json")) == "'/a[*]b[?][[]c]''d.json'"
