"""Game days for real: dbt on a copy of the example, with faults in its data, code and runs.

All scenarios are played by `make gameday`; here is one that is quick and shows most, a build that
is killed, and one that costs no run of dbt.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest

from tests.cli.shell import run

JOB = "job.hourly"
TOLD = {"job-crashes": "run-crashed", "job-silent": "run-missing"}
"""Fault -> a rule that tells it."""


def _bytes(folder: Path) -> dict[str, str]:
    """What lies in a folder, byte by byte; links are not followed."""
    return {
        str(file.relative_to(folder)): hashlib.sha256(file.read_bytes()).hexdigest()
        for file in sorted(folder.rglob("*"))
        if file.is_file() and not file.is_symlink()
    }


@pytest.fixture(scope="module")
def played(shop: Path) -> dict[str, Any]:
    """A game of these faults; nothing of the project is written."""
    before = _bytes(shop / "base")
    faults = [word for kind in TOLD for word in ("--fault", kind)]
    more = ("--every", "30m", "--hours", "3", "--format", "json")
    done = run("gameday", "--execute", *faults, *more, cwd=shop / "base", ANALYTICSOPS_CACHE="off")
    assert done.code == 0, done.out + done.err
    assert _bytes(shop / "base") == before
    found: dict[str, Any] = json.loads(done.out)
    return found


def test_all_are_played(played: dict[str, Any]) -> None:
    assert [one["fault"]["kind"] for one in played["played"]] == list(TOLD)
    assert (played["executed"], played["own"], played["left_out"]) == (True, True, [])


@pytest.mark.parametrize("kind", TOLD)
def test_what_was_broken_is_named_and_nothing_else(kind: str, played: dict[str, Any]) -> None:
    (one,) = (one for one in played["played"] if one["fault"]["kind"] == kind)
    assert one["expected"] == [JOB]
    (raised,) = one["raised"]
    assert (raised["root"], raised["right"]) == (JOB, True)
    assert TOLD[kind] in raised["rules"]
    assert one["hit"] > 1, "and many would have been told of it"
