"""Names that metrics, Alertmanager and OpenSLO share."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, strategies as st

from analyticsops.slo.exports.times import slug

NAME = re.compile(r"[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?")
"""RFC 1123, as OpenSLO and Kubernetes ask for it."""


@given(st.text(max_size=80))
def test_every_text_has_a_name_that_is_allowed(text: str) -> None:
    assert NAME.fullmatch(slug(text))


@given(st.text("aB- /_", max_size=8), st.text("aB- /_", max_size=8))
def test_two_texts_have_two_names(one: str, other: str) -> None:
    assert (slug(one) == slug(other)) is (one == other)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("orders-2", "orders-2"),
        ("Orders / 2", "orders-2-"),
        ("_orders", "orders-"),
        ("", "x-"),
        ("a" * 63, "a" * 63),
        ("a" * 64, "a" * 54 + "-"),
        ("a" * 53 + "/" + "b" * 10, "a" * 53 + "-"),
    ],
)
def test_a_name_can_be_recognised(text: str, name: str) -> None:
    """The text as far as it may stand there, and a digest if something was lost."""
    found = slug(text)
    assert found == name or re.fullmatch(re.escape(name) + "[0-9a-f]{8}", found)
