"""Many queries in one call of dbt; dbt itself is played."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from analyticsops.commits import show as module
from analyticsops.commits.show import Shown, show_all
from analyticsops.errors import ProcessError


class Dbt:
    """Answers each part of a query with its number, and fails on what says `wrong`."""

    def __init__(self) -> None:
        self.calls: list[int] = []
        self.limits: list[int] = []

    def __call__(self, sql: str, folder: Path, **how: Any) -> list[dict[str, Any]]:
        parts = re.findall(r"select (\d+) as q, x\d+\.\* from \(\n(.*)\n\)", sql)
        self.calls.append(len(parts))
        self.limits.append(how["limit"])
        if "wrong" in sql:
            raise ProcessError("it is wrong")
        return [{"Q": float(number), "VALUE": text} for number, text in parts]


@pytest.fixture
def dbt(monkeypatch: pytest.MonkeyPatch) -> Dbt:
    made = Dbt()
    monkeypatch.setattr(module, "show", made)
    return made


def _asked(queries: list[Shown], seconds: float = 60) -> list[Any]:
    return show_all(queries, Path(), target="dev", like={}, seconds=seconds)


def test_all_in_one_call(dbt: Dbt) -> None:
    found = _asked([Shown("select 1", 3), Shown("select 2", 4)])
    assert found == [[{"value": "select 1"}], [{"value": "select 2"}]]
    assert (dbt.calls, dbt.limits) == ([2], [7])


def test_what_fails_is_found_by_halves(dbt: Dbt) -> None:
    queries = [Shown("wrong" if n == 5 else f"select {n}", 1) for n in range(8)]
    found = _asked(queries)
    assert found[5] == "it is wrong"
    assert [rows[0]["value"] for n, rows in enumerate(found) if n != 5] == [
        f"select {n}" for n in range(8) if n != 5
    ]
    assert dbt.calls == [8, 4, 4, 2, 1, 1, 2]


def test_what_may_fail_is_run_alone(dbt: Dbt) -> None:
    found = _asked([Shown("wrong", 1, alone=True), Shown("select 1", 1), Shown("select 2", 1)])
    assert found[0] == "it is wrong"
    assert dbt.calls == [2, 1]


def test_no_more_than_dbt_takes_at_once(dbt: Dbt) -> None:
    found = _asked([Shown("x" * 50_000, 1) for _ in range(5)])
    assert len(found) == 5
    assert dbt.calls == [2, 2, 1]


def test_nothing_is_begun_when_the_time_is_over(dbt: Dbt) -> None:
    found = _asked([Shown("wrong", 1), Shown("select 1", 1)], seconds=-1)
    assert found == ["it is wrong", "it is wrong"]
    assert dbt.calls == [2]
