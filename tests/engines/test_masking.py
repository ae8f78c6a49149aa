"""The macro masks messages as Python does."""

from __future__ import annotations

import pytest
from hypothesis import given, settings, strategies as st

from analyticsops.history.masking import MODES, recorded_message
from tests import hostile
from tests.engines.macros import Package

MESSAGES = [
    "Runtime Error in model m (models/m.sql)\n  Conversion Error: could not cast 'a\\'b' to INT32",
    "Database Error in model m (models/m.sql)",
    'key (mail)=("x@example.com") already exists, 17 rows',
    "`unclosed and 'quotes\" that \"overlap'",
    "$$secret$$ and $$open",
    "Bad int64 value: Jane Doe",
    "The duplicate key value is (Jane, 7) and =(unclosed",
    "value: (Jane) and more",
    "PARTIAL SUCCESS (1/3)",
    "\x1b[31mred\x1b[0m 12\tthen",
    "x" * 5_000,
    *hostile.TEXTS,
]
PACKAGE = Package("duckdb")
PARTS = st.sampled_from(
    [
        "'",
        '"',
        "`",
        "$$",
        "\\",
        "@",
        "7",
        "a",
        " ",
        "\n",
        "Error in model m (x)",
        "value: ",
        "=(",
        ")",
    ]
)


@pytest.mark.parametrize("mode", [*MODES, "nonsense"])
def test_messages(mode: str) -> None:
    for message in MESSAGES:
        expected = None if mode == "nonsense" else recorded_message(message, mode)
        assert PACKAGE.call("history_message", message, mode) == expected, message


@settings(max_examples=300, deadline=None)
@given(st.lists(PARTS, max_size=30).map("".join) | st.text(max_size=60), st.sampled_from(MODES))
def test_any_message(message: str, mode: str) -> None:
    assert PACKAGE.call("history_message", message, mode) == recorded_message(message, mode)
