"""How messages say numbers and lists."""

from __future__ import annotations

import pytest

from analyticsops.wording import listed, quantity


@pytest.mark.parametrize(
    ("number", "thing", "said"),
    [
        (1, "hour", "1 hour"),
        (2, "hour", "2 hours"),
        (0, "hour", "0 hours"),
        ("0.5", "hour", "0.5 hours"),
        ("1", "hour", "1 hour"),
        (7, "days", "7 days"),
    ],
)
def test_a_number_of_things(number: object, thing: str, said: str) -> None:
    assert quantity(number, thing) == said


@pytest.mark.parametrize(
    ("names", "said"),
    [
        ("", ""),
        ("a", "a"),
        ("ab", "a and b"),
        ("abc", "a, b and c"),
        ("abcde", "a, b, c, d and e"),
        ("abcdef", "a, b, c, d, e and 1 more"),
    ],
)
def test_a_list(names: str, said: str) -> None:
    assert listed(list(names)) == said
