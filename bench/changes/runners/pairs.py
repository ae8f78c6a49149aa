"""What every runner does: read pairs as JSON from a file, print one JSON line for each with
the tool's answer and how many milliseconds it took. Runs in the tool's own environment."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

NO_OP, ADDITIVE, COLUMNS, ROWS, UNKNOWN = "no-op", "additive", "columns", "rows", "unknown"

Answer = tuple[str, list[str]]
"""A class, and for ``columns`` which."""

Classify = Callable[[], Answer]


def main(prepare: Callable[[dict[str, Any]], Classify]) -> None:
    """Ask the tool about every pair.

    Args:
        prepare: what is there before anybody changes something, and is not timed.
    """
    pairs = json.loads(Path(sys.argv[1]).read_text("utf-8"))
    for pair in pairs[:3]:  # the first calls import and compile
        _ask(prepare, pair)
    for pair in pairs:
        print(json.dumps(_ask(prepare, pair)))


def _ask(prepare: Callable[[dict[str, Any]], Classify], pair: dict[str, Any]) -> list[Any]:
    try:
        classify = prepare(pair)
        start = time.perf_counter()
        kind, columns = classify()
    except Exception as error:  # foreign code may raise anything: no answer
        return [UNKNOWN, [], 0.0, f"{type(error).__name__}: {error}"[:300]]
    return [kind, sorted(columns), (time.perf_counter() - start) * 1000, ""]
