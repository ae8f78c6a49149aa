"""What is mutated, and which tests have to notice."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple


class Group(NamedTuple):
    """Code, and the tests of it.

    Attributes:
        code: files and folders.
        without: those within that belong to another group.
        tests: files and folders.
        ignore: those within that start dbt, browsers or many processes.
    """

    code: tuple[str, ...]
    tests: tuple[str, ...]
    without: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()

    def files(self) -> list[str]:
        """All files of the code, relative to the repository."""
        found: list[str] = []
        for name in self.code:
            path = Path(name)
            files = sorted(path.rglob("*.py")) if path.is_dir() else [path]
            found += [file.as_posix() for file in files]
        return [file for file in found if not file.startswith(self.without)]


GROUPS = {
    "rules": Group(
        code=(
            "analyticsops/changes/rules",
            "analyticsops/changes/severity.py",
            "analyticsops/lineage/rules",
            "analyticsops/metrics/rules",
            "analyticsops/project/rules.py",
        ),
        tests=("tests/changes", "tests/checks", "tests/metrics", "tests/lineage"),
        ignore=(
            "tests/changes/test_injected.py",
            "tests/changes/test_rebuild_executed.py",
            "tests/lineage/test_hooks_executed.py",
        ),
    ),
    "slo": Group(
        code=("analyticsops/slo",),
        without=("analyticsops/slo/exports",),
        tests=(
            "tests/slo",
            "tests/telling",
            "tests/site/test_objectives.py",
            "tests/export/test_formats.py",
        ),
        ignore=("tests/slo/exports/test_serving.py", "tests/telling/test_commands.py"),
    ),
    "history": Group(code=("analyticsops/history",), tests=("tests/history",)),
    "encoders": Group(
        code=(
            "analyticsops/report",
            "analyticsops/telling",
            "analyticsops/export",
            "analyticsops/slo/exports",
        ),
        tests=("tests/report", "tests/export", "tests/telling", "tests/slo/exports",
               "tests/action/test_comment.py"),
    ),
}  # fmt: skip
"""The parts whose mistakes nobody would see: what judges, counts, remembers and escapes."""
