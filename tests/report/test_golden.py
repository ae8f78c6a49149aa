"""Each format as it looks, byte for byte: see :mod:`tests.golden`."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from analyticsops.report import formats
from analyticsops.report.model import Report
from analyticsops.report.options import Options
from tests.golden import check_golden

from . import crowded, sample

GOLDEN = Path(__file__).with_name("golden")
TERMINAL = Options(tty=True, width=100)
COLORED = Options(tty=True, color=True, width=80)
NARROW = Options(tty=True, width=60)
CASES: dict[str, tuple[str, Options, Callable[[], Report]]] = {
    "report.txt": ("text", Options(), sample.report),
    "terminal.txt": ("text", TERMINAL, sample.report),
    "terminal-narrow-colored.txt": ("text", COLORED, sample.report),
    "report.json": ("json", Options(), sample.report),
    "report.md": ("markdown", Options(), sample.report),
    "github.txt": ("github", Options(root="dbt/shop"), sample.report),
    "gitlab.json": ("gitlab", Options(root="dbt/shop"), sample.report),
    "report.sarif": ("sarif", Options(root="dbt/shop"), sample.report),
    "junit.xml": ("junit", Options(), sample.report),
    "clean.txt": ("text", Options(), sample.clean_report),
    "clean-terminal.txt": ("text", TERMINAL, sample.clean_report),
    "clean-colored.txt": ("text", COLORED, sample.clean_report),
    "clean.json": ("json", Options(), sample.clean_report),
    "clean.md": ("markdown", Options(), sample.clean_report),
    "clean-github.txt": ("github", Options(), sample.clean_report),
    "clean-gitlab.json": ("gitlab", Options(), sample.clean_report),
    "clean.sarif": ("sarif", Options(), sample.clean_report),
    "report.html": ("html", Options(), sample.report),
    "summary.md": ("summary", Options(), sample.report),
    "clean-junit.xml": ("junit", Options(), sample.clean_report),
    "crowded.md": ("markdown", Options(mentions=crowded.MENTIONS), crowded.report),
    "crowded-terminal.txt": ("text", TERMINAL, crowded.report),
    "crowded-narrow.txt": ("text", NARROW, crowded.report),
}


@pytest.mark.parametrize("name", CASES)
def test_golden(name: str) -> None:
    wanted, options, report = CASES[name]
    check_golden(GOLDEN / name, formats.render(report(), wanted, options))


def test_every_format_has_a_golden_file() -> None:
    assert {case[0] for case in CASES.values()} == set(formats.FORMATS)
    assert {file.name for file in GOLDEN.iterdir()} == set(CASES)


@pytest.mark.parametrize("name", formats.FORMATS)
def test_ends_with_one_line_break(name: str) -> None:
    for report in (sample.report(), sample.clean_report()):
        made = formats.render(report, name)
        assert made.endswith("\n")
        assert not made.endswith("\n\n")


def test_the_environment_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    before = formats.render(sample.report(), "text", TERMINAL)
    for key, value in (("COLUMNS", "40"), ("FORCE_COLOR", "1"), ("TERM", "dumb")):
        monkeypatch.setenv(key, value)
    assert formats.render(sample.report(), "text", TERMINAL) == before


def test_job_summary_is_the_comment() -> None:
    report = sample.report()
    assert formats.render(report, "summary") == formats.render(report, "markdown")
