"""Game days on paper, on the example: each fault is told, and nothing but what was broken."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from analyticsops.slo.gameday.fault import FaultKind
from tests.cli.shell import run

ORDERS, STG, JOB = "source.shop.shop_raw.orders", "model.shop.stg_orders", "job.hourly"

TOLD = {
    "source-late": (ORDERS, "source-stale"),
    "source-missing": (ORDERS, "source-stale"),
    "column-dropped": (ORDERS, "schema-changed"),
    "rows-duplicated": (ORDERS, "checks-failing"),
    "clock-ahead": (ORDERS, "clock-ahead"),
    "node-fails": (STG, "node-failing"),
    "node-flaps": (STG, "node-flapping"),
    "node-slower": (STG, "builds-slower"),
    "job-crashes": (JOB, "run-crashed"),
    "job-silent": (JOB, "run-missing"),
    "job-retries": (JOB, "retries-masking"),
    "job-costly": (JOB, "runs-costlier"),
}
"""Fault -> what is named, and for which of its rules among others."""


@pytest.fixture(scope="module")
def played(shop: Path) -> dict[str, Any]:
    done = run("gameday", "--every", "1h", "--format", "json", cwd=shop / "base")
    assert done.code == 0, done.out + done.err
    found: dict[str, Any] = json.loads(done.out)
    return found


def test_every_kind_is_played(played: dict[str, Any]) -> None:
    kinds = [one["fault"]["kind"] for one in played["played"]]
    assert kinds == [kind.value for kind in FaultKind] == list(TOLD)
    assert (played["recorded"], played["executed"], played["own"]) == (False, False, True)
    assert played["left_out"] == []


@pytest.mark.parametrize("kind", TOLD)
def test_what_was_broken_is_named_and_nothing_else(kind: str, played: dict[str, Any]) -> None:
    (one,) = (one for one in played["played"] if one["fault"]["kind"] == kind)
    root, rule = TOLD[kind]
    assert one["expected"] == [root]
    assert [raised["root"] for raised in one["raised"]] == [root]
    (raised,) = one["raised"]
    # The first look may have been at what burns already, before the cause is out.
    assert raised["right"]
    assert rule in raised["rules"] or kind in LATER
    assert raised["after"] % 3_600_000_000 == 0


LATER = ("job-silent", "node-slower", "node-flaps", "job-retries")
"""Told by more rules as time goes by."""


def test_as_a_table(shop: Path) -> None:
    faults = ("--fault", "source-late:shop_raw.orders", "--fault", "node-fails:fct_orders")
    done = run("gameday", *faults, "--every", "1h", "--hours", "4", cwd=shop / "base")
    assert done.code == 0, done.err
    assert "2 faults on rehearsed hourly runs, its own objectives, 4 h each" in done.out + done.err
    rows = [line.split("\t") for line in done.out.splitlines() if "\t" in line]
    told = [row for row in rows if row[0] in ("source-late", "node-fails")]
    assert [row[:3] for row in told] == [
        ["source-late", "shop_raw.orders", "right"],
        ["node-fails", "fct_orders", "right"],
    ]
    assert "100% right, 0% silent" in done.err


def test_what_stays_silent_is_exit_code_1(shop: Path) -> None:
    """A day is allowed, and the data is half a day late."""
    late = ("--fault", "source-late:shop_raw.customers")
    done = run("gameday", *late, "--every", "2h", cwd=shop / "base")
    assert done.code == 1, done.out + done.err
    assert "silent" in done.out


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--fault", "source-lost"], "no fault 'source-lost'"),
        (["--fault", "source-late:shop_raw.order"], "did you mean 'shop_raw.orders'"),
        (["--fault", "job-crashes:nightly"], "no target named 'nightly'"),
        (["--every", "often"], "'often' is no duration"),
        (["--execute", "--history", "here"], "--history: a recorded history is played on paper"),
    ],
)
def test_what_makes_no_sense_is_one_line(arguments: list[str], said: str, shop: Path) -> None:
    done = run("gameday", *arguments, cwd=shop / "base")
    assert (done.code, done.out) == (2, "")
    assert said in done.err
    assert len(done.err.strip().splitlines()) == 1
