"""Each format as it looks, byte for byte.

After a wanted change write the files again, and read the difference in git:

    GOLDEN=write python -m pytest tests/report/test_golden.py
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from analyticsops.report import formats
from analyticsops.report.model import Report
from analyticsops.report.options import Options

from . import sample

GOLDEN = Path(__file__).with_name("golden")
TERMINAL = Options(tty=True, width=100)
COLORED = Options(tty=True, color=True, width=80)
CASES: dict[str, tuple[str, Options, bool]] = {
    "report.txt": ("text", Options(), False),
    "terminal.txt": ("text", TERMINAL, False),
    "terminal-narrow-colored.txt": ("text", COLORED, False),
    "report.json": ("json", Options(), False),
    "report.md": ("markdown", Options(), False),
    "github.txt": ("github", Options(root="dbt/shop"), False),
    "gitlab.json": ("gitlab", Options(root="dbt/shop"), False),
    "report.sarif": ("sarif", Options(root="dbt/shop"), False),
    "junit.xml": ("junit", Options(), False),
    "clean.txt": ("text", Options(), True),
    "clean-terminal.txt": ("text", TERMINAL, True),
    "clean.json": ("json", Options(), True),
    "clean.md": ("markdown", Options(), True),
    "clean-github.txt": ("github", Options(), True),
    "clean-gitlab.json": ("gitlab", Options(), True),
    "clean.sarif": ("sarif", Options(), True),
    "report.html": ("html", Options(), False),
    "summary.md": ("summary", Options(), False),
    "clean-junit.xml": ("junit", Options(), True),
}


def _report(clean: bool) -> Report:
    return sample.clean_report() if clean else sample.report()


@pytest.mark.parametrize("name", CASES)
def test_golden(name: str) -> None:
    wanted, options, clean = CASES[name]
    made = formats.render(_report(clean), wanted, options)
    file = GOLDEN / name
    if os.environ.get("GOLDEN") == "write":
        file.write_bytes(made.encode())
    assert made == file.read_bytes().decode()


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
