"""What is large is kept away from the cycle collector, and what others set aside stays there."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager

import pytest

from analyticsops.collecting import collected_rarely, uncollected


@pytest.fixture(autouse=True)
def _as_it_was() -> Iterator[None]:
    before = gc.get_threshold()
    yield
    gc.unfreeze()
    gc.enable()
    gc.set_threshold(*before)


def _age(made: object) -> int:
    """The generation that an object is in; 3 if it is set aside."""
    ages = [n for n in range(3) if any(found is made for found in gc.get_objects(n))]
    return ages[0] if ages else 3


def test_what_was_made_is_old_at_once() -> None:
    """As young it would be walked through in the middle of the next question."""
    with uncollected():
        assert not gc.isenabled()
        made = [[number] for number in range(10)]
    assert gc.isenabled()
    assert {_age(one) for one in made} == {2}
    assert gc.get_freeze_count() < 1_000


@pytest.mark.parametrize("careful", [uncollected, collected_rarely])
def test_what_somebody_set_aside_stays_there(
    careful: Callable[[], AbstractContextManager[None]],
) -> None:
    """A server that forks freezes what its children share."""
    made = ["aside"]
    gc.freeze()
    with careful():
        pass
    assert _age(made) == 3


def test_a_collector_that_was_off_stays_off() -> None:
    gc.disable()
    with uncollected(), uncollected():
        pass
    assert not gc.isenabled()


def test_rarely_is_as_before_afterwards() -> None:
    before = gc.get_threshold()
    with collected_rarely():
        with collected_rarely():
            pass
        assert gc.get_threshold() != before
        assert gc.get_freeze_count() > 1_000
    assert gc.get_threshold() == before
    assert gc.get_freeze_count() < 1_000
