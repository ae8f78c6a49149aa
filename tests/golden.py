"""Whole outputs in files: a person reads each as whoever gets it would.

After a wanted change write the files again, and read the difference in git:

    GOLDEN=write python -m pytest tests/telling/test_golden.py
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any


def is_written_anew() -> bool:
    """True if files are to be written, and not compared with."""
    return os.environ.get("GOLDEN") == "write"


def check_golden(file: Path, made: str) -> None:
    """An output is what its file holds, byte for byte."""
    if is_written_anew():
        file.parent.mkdir(exist_ok=True)
        file.write_bytes(made.encode())
    assert made == file.read_bytes().decode()


def readable(value: Any) -> str:
    """JSON over several lines."""
    return json.dumps(value, indent=2, ensure_ascii=False) + "\n"
