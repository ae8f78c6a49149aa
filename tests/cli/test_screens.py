"""What a person sees of commands that draw, in terminals of three widths.

The pictures are in tests/cases/terminal/. After a wanted change draw them again, and read the
difference in git:

    GOLDEN=write python -m pytest tests/cli/test_screens.py
"""

from __future__ import annotations

import json
import re
from pathlib import Path

import pyte
import pytest

from tests.cli.screens import COMMANDS, MART, make_shop
from tests.cli.shell import on_terminal, run, run_on_screen
from tests.golden import check_golden

CASES = Path(__file__).parents[1] / "cases" / "terminal"
WIDTHS = (80, 120, 200)
LINES = 400
COLOUR = re.compile(r"\x1b\[[0-9;]*m")


@pytest.fixture(scope="module")
def head(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_shop(tmp_path_factory.mktemp("screens"))


def _seen(screen: pyte.Screen) -> list[str]:
    """What stands on the screen, without the second halves of wide characters."""
    rows = [
        "".join(screen.buffer[y][x].data for x in range(screen.columns)).rstrip()
        for y in range(screen.lines)
    ]
    while rows and not rows[-1]:
        rows.pop()
    return rows


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("name", COMMANDS)
def test_picture(name: str, width: int, head: Path) -> None:
    done = run_on_screen(*COMMANDS[name], cwd=head, columns=width, NO_COLOR="1")
    check_golden(CASES / f"{name}-{width}.txt", done.out)


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("name", COMMANDS)
def test_a_terminal_shows_the_picture(name: str, width: int, head: Path) -> None:
    """An emulator, which breaks what is too wide and acts on what is no text, ends up with the
    lines of the picture; so no line is wider than the terminal."""
    screen = pyte.Screen(width, LINES)
    feed = pyte.ByteStream(screen).feed
    code = on_terminal(COMMANDS[name], head, {"TERM": "xterm-256color"}, width, feed)
    assert code == (1 if name == "diff" else 0)
    picture = (CASES / f"{name}-{width}.txt").read_text(encoding="utf-8")
    assert _seen(screen) == picture.splitlines()
    assert not screen.cursor.hidden
    cells = [screen.buffer[y][x] for y in range(LINES) for x in range(width)]
    assert {"default"} < {cell.fg for cell in cells}


@pytest.mark.parametrize("width", WIDTHS)
def test_the_lineage_of_a_screen_is_all_of_it(width: int, head: Path) -> None:
    """Every name and every kind of the answer, whole, in the columns that they belong to."""
    answer = json.loads(run(*COMMANDS["lineage"], "--format", "json", cwd=head).out)
    lines = (CASES / f"lineage-{width}.txt").read_text(encoding="utf-8").splitlines()
    steps = [*answer["upstream"], *answer["downstream"]]
    assert len(steps) == 32
    parts = [re.split(" {2,}", line[3:].strip(" │├└─"), maxsplit=1) for line in lines]
    names = "".join(part[0] for part in parts).replace(" ", "")
    said = [part[1] for part in parts if len(part) > 1]
    for step in steps:
        assert (step["column"] or step["name"]) in names
        assert step["name"] in names
        assert any(words.startswith(", ".join(step["kinds"])) for words in said)
    assert not [line for line in lines if "…" in line]


def test_a_pipe_gets_the_same_as_ever(head: Path) -> None:
    """One line for each item, however long, without colours or guides."""
    lineage = run(*COMMANDS["lineage"], cwd=head).out
    assert f"  test not_null_{MART}_net_revenue  [tests]" in lineage.splitlines()
    objectives = run(*COMMANDS["slo"], cwd=head).out.splitlines()
    assert [len(line.split("\t")) for line in objectives] == [1, 6, 6]
    changes = run(*COMMANDS["diff"], cwd=head).out
    assert len([line for line in changes.splitlines() if line.startswith("models/")]) == 3
    metric = run(*COMMANDS["metrics"], cwd=head).out
    assert "metrics     net_revenue, number_of_customers" in metric.splitlines()
    for text in (lineage, *objectives, changes, metric):
        assert not set("│├└▁█\x1b\x07\u202e") & set(text)


def test_values_that_cannot_be_read_are_told(head: Path, tmp_path: Path) -> None:
    golden = head / "golden.csv"
    before = golden.read_bytes()
    golden.write_text("metric_time__month,value\n2026-01-01,many\n", encoding="utf-8")
    try:
        done = run_on_screen(*COMMANDS["metrics"], cwd=head, columns=100, NO_COLOR="1")
    finally:
        golden.write_bytes(before)
    assert done.code == 0
    assert "'many' is no number" in done.out
    assert "raw.refunds.amount" in done.out


def test_what_does_not_fit_on_a_screen_is_counted(head: Path) -> None:
    done = run_on_screen(*COMMANDS["lineage"], "--limit", "4", cwd=head, columns=80, NO_COLOR="1")
    lines = done.out.splitlines()
    assert [line for line in lines if line.startswith(" +")] == [
        " +11 further down (--limit 0 for all; --depth and --direct for fewer)",
        " +14 further down (--limit 0 for all; --depth and --direct for fewer)",
        " +14 further down (--limit 0 for all; --depth and --direct for fewer)",
    ]
    # The nearest are there, and say what is beyond.
    assert " 1 int_step_08.net  +7" in " ".join(lines)
