"""What a log says of an invocation: every field, as text and as JSON."""

from __future__ import annotations

import json
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from analyticsops.history.dbt_log import (
    Logged,
    LoggedNode,
    command_words,
    last_logged,
    read_log,
)

BEGIN = datetime(2026, 11, 27, 5, 0, tzinfo=UTC)
RULE = "=" * 30


def text(name: str, *lines: str) -> str:
    return "\n".join((f"\n{RULE} 05:00:00.000000 | {name} {RULE}", *lines, ""))


def called(words: str) -> str:
    return (
        "05:00:00.100000 [debug] [MainThread]: running dbt with arguments "
        f"{{'debug': 'False', 'invocation_command': '{words}', 'quiet': 'False'}}"
    )


TARGET = "05:00:01.000000 [info ] [MainThread]: Concurrency: 4 threads (target='ci')"
WELL = "05:00:02.500000 [debug] [MainThread]: Command `dbt build` succeeded at 05:00:02"
BADLY = WELL.replace("succeeded", "failed")


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ((), Logged()),
        (
            (called("dbt build -s a"), TARGET, WELL),
            Logged(command="build", selected=True, target="ci", ended=True, success=True),
        ),
        (
            (called("dbt run"), TARGET.replace("4 threads", "1 thread"), BADLY),
            Logged(command="run", selected=False, target="ci", ended=True, success=False),
        ),
        ((called("dbt"),), Logged(selected=False)),
        (("KeyboardInterrupt",), Logged(interrupted=True)),
        (("05:00:01.000000 [error] [MainThread]: ctrl-c",), Logged(interrupted=True)),
        (("a KeyboardInterrupt in a message",), Logged()),
    ],
)
def test_a_log_as_text(lines: tuple[str, ...], expected: Logged, tmp_path: Path) -> None:
    path = tmp_path / "dbt.log"
    before, after = text("before", called("dbt seed"), BADLY), text("after", "KeyboardInterrupt")
    path.write_text(before + text("mine", *lines) + after)
    assert read_log(path, "mine") == expected
    path.write_text(before + text("mine", *lines))
    assert read_log(path, "mine") == expected
    assert read_log(path, "other") is None
    assert read_log(tmp_path / "none.log", "mine") is None


def test_when_the_last_one_began(tmp_path: Path) -> None:
    path = tmp_path / "dbt.log"
    path.write_text(
        text("first", called("dbt run")) + text("last", called("dbt run"), TARGET, WELL)
    )
    os.utime(path, (BEGIN.timestamp(), BEGIN.timestamp()))
    assert last_logged(path) == ("last", BEGIN - timedelta(seconds=2.4))
    # It went on over midnight.
    night = called("dbt run").replace("05:00:00.100000", "23:59:59.500000")
    path.write_text(text("last", night, WELL.replace("05:00:02.5", "00:00:01.5")))
    os.utime(path, (BEGIN.timestamp(), BEGIN.timestamp()))
    assert last_logged(path) == ("last", BEGIN - timedelta(seconds=2))
    path.write_text(text("silent"))
    os.utime(path, (BEGIN.timestamp(), BEGIN.timestamp()))
    assert last_logged(path) == ("silent", BEGIN)
    path.write_text("no section\n")
    assert last_logged(path) is None
    path.write_text(line("MainReportVersion") + "\n" + line("Later", at="2026-11-27T06:00:00Z"))
    assert last_logged(path) == ("mine", BEGIN)


def line(name: str, at: str = "2026-11-27T05:00:00Z", **data: Any) -> str:
    return json.dumps({"info": {"name": name, "ts": at, "invocation_id": "mine"}, "data": data})


def finished(name: str, result: Any, **info: Any) -> str:
    return line("NodeFinished", node_info={"unique_id": name, **info}, run_result=result)


def test_a_log_as_json(tmp_path: Path) -> None:
    timing = [
        {"started_at": "2026-11-27T05:00:01Z", "completed_at": "2026-11-27T05:00:02Z"},
        {"started_at": "2026-11-27T05:00:02Z", "completed_at": "2026-11-27T05:00:04Z"},
        {"started_at": None, "completed_at": ""},
        "no timing",
    ]
    whole = {
        "status": "error",
        "timing_info": timing,
        "execution_time": 3.5,
        "num_failures": 2,
        "message": "said",
        "adapter_response": {"rows_affected": 1},
    }
    path = tmp_path / "dbt.log"
    path.write_text(
        "\n".join(
            (
                line("MainReportVersion"),
                line("MainReportArgs", args={"invocation_command": "dbt build --exclude a"}),
                line("ConcurrencyLine", target_name="ci"),
                finished("model.a", whole, materialized="table", node_status="started"),
                finished("model.b", {}, node_status="success"),
                finished("", whole),
                finished("model.c", None),
                line("NodeFinished", node_info=None, run_result=whole),
                line("CommandCompleted", at="2026-11-27T05:00:09Z", success=True),
                '{"info": {"invocation_id": "mine", "name": "cut',
            )
        )
    )
    assert read_log(path, "mine") == Logged(
        command="build",
        selected=True,
        target="ci",
        started_at=BEGIN,
        ended=True,
        success=True,
        nodes=(
            LoggedNode(
                unique_id="model.a",
                status="error",
                started_at=BEGIN + timedelta(seconds=1),
                completed_at=BEGIN + timedelta(seconds=4),
                execution_time=3.5,
                failures=2,
                message="said",
                adapter_response={"rows_affected": 1},
                materialized="table",
            ),
            LoggedNode(
                unique_id="model.b",
                status="success",
                started_at=None,
                completed_at=None,
                execution_time=0.0,
                failures=None,
                message="",
                adapter_response={},
                materialized="",
            ),
        ),
    )


@pytest.mark.parametrize(
    ("events", "interrupted"),
    [
        ((("MainKeyboardInterrupt", {}),), True),
        ((("EndOfRunSummary", {"keyboard_interrupt": True}), ("MainEncounteredError", {"exc": ""})),
         True),
        ((("EndOfRunSummary", {"keyboard_interrupt": True}),
          ("MainEncounteredError", {"exc": "KeyboardInterrupt"})), True),
        # An on-run-end hook that raised looks the same, and says what it was.
        ((("EndOfRunSummary", {"keyboard_interrupt": True}),
          ("MainEncounteredError", {"exc": "Runtime Error"})), False),
        ((("EndOfRunSummary", {"keyboard_interrupt": False}),
          ("MainEncounteredError", {"exc": ""})), False),
        ((("MainEncounteredError", {"exc": ""}),), False),
        ((("EndOfRunSummary", {"keyboard_interrupt": True}),), False),
    ],
)  # fmt: skip
def test_who_interrupted(
    events: tuple[tuple[str, dict[str, Any]], ...], interrupted: bool, tmp_path: Path
) -> None:
    path = tmp_path / "dbt.log"
    path.write_text("\n".join(line(name, **data) for name, data in events))
    assert read_log(path, "mine") == Logged(started_at=BEGIN, interrupted=interrupted)


@pytest.mark.parametrize(
    ("words", "command", "selected"),
    [
        ("dbt --debug source freshness -s raw", "source freshness", True),
        ("dbt source", "source", False),
        ("dbt docs generate", "docs generate", False),
        ("dbt build --select=a", "build", True),
        ("dbt -s build", "build", False),
        ("dbt run --exclude a", "run", True),
        ("dbt test -m a", "test", True),
        ("dbt run-operation x", "run-operation", False),
        ("dbt --version", "", False),
        ("", "", False),
    ],
)
def test_what_was_called(words: str, command: str, selected: bool) -> None:
    assert command_words(words) == (command, selected)
