"""Mutants that no test can notice, because they mean the same.

``equivalent.txt`` has blocks of two or more lines: why, then the keys of mutants of which that is
the reason, each after two spaces. A key whose line is gone is an error.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

LIST = Path(__file__).with_name("equivalent.txt")


def read_equivalent(path: Path = LIST) -> dict[str, str]:
    """Key of a mutant -> why nobody can notice it.

    Raises:
        ValueError: a key without a reason.
    """
    reason, found = "", {}
    for number, line in enumerate(path.read_text("utf-8").splitlines(), start=1):
        if line.startswith("  "):
            if not reason:
                raise ValueError(f"{path.name}:{number}: a mutant without a reason")
            found[line.strip()] = reason
        else:
            reason = "" if line.startswith("#") else line.strip()
    return found


def stale(keys: Iterable[str], root: Path) -> list[str]:
    """Keys of lines that are no longer there."""
    found = []
    for key in keys:
        file, _, rest = key.partition(" ")
        before = rest.partition(": ")[2].partition(" => ")[0]
        path = root / file
        text = path.read_text("utf-8") if path.is_file() else ""
        lines = {line.strip() for line in text.splitlines()}
        if not set(before.split(" | ")) <= lines:
            found.append(key)
    return found
