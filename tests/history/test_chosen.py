"""Which record counts is a function of the set of records."""

from __future__ import annotations

from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from analyticsops.history.chosen import Known, choose, state_hash, weight
from analyticsops.history.record import Invocation, encode, make_record, name_of

INVOCATIONS = st.builds(
    Invocation,
    invocation_id=st.sampled_from(["a", "b"]),
    started_at=st.sampled_from([0, 3_600_000_000]),
    state=st.sampled_from(
        ["started", "unknown", "crashed", "failed", "finished", "of a later time"]
    ),
    manifest=st.sampled_from(["none", "other", "own"]),
    results=st.just(0),
    exit_code=st.none() | st.integers(0, 2),
    job=st.none() | st.sampled_from(["x", "y"]),
)


def _known(invocation: Invocation, place: str) -> Known:
    record = make_record(invocation, ())
    return Known(name_of(record, encode(record)), Path(place), record.invocation)


@given(st.lists(INVOCATIONS, max_size=8), st.randoms())
@settings(max_examples=80, deadline=None)
def test_order_repetition_and_place_do_not_matter(found: list[Invocation], chance: object) -> None:
    known = [_known(one, f"{n}.json") for n, one in enumerate(found)]
    again = [_known(one, "pack_x.parquet") for one in found] + known[:3]
    chosen = choose(known)
    assert [one.name for one in choose(again)] == [one.name for one in chosen]
    assert [one.name for one in choose(reversed(known))] == [one.name for one in chosen]
    # In two steps, as when histories are merged: the answer is the same.
    half = choose(known[: len(known) // 2])
    assert [one.name for one in choose([*half, *known])] == [one.name for one in chosen]
    assert state_hash(one.name for one in reversed(chosen)) == state_hash(o.name for o in chosen)


@given(st.lists(INVOCATIONS, min_size=1, max_size=8))
@settings(max_examples=80, deadline=None)
def test_who_knows_most_counts(found: list[Invocation]) -> None:
    known = [_known(one, f"{n}.json") for n, one in enumerate(found)]
    for one in choose(known):
        assert one.invocation is not None
        rivals = [k for k in known if k.name.invocation_id == one.name.invocation_id]
        assert all(
            (weight(k.invocation), k.name) <= (weight(one.invocation), one.name)
            for k in rivals
            if k.invocation is not None
        )


def test_what_ended_counts_more_than_what_started() -> None:
    def of(state: str) -> tuple[int, ...]:
        return weight(
            Invocation(invocation_id="a", started_at=0, state=state, manifest="none", results=0)
        )

    assert of("started") < of("unknown") < of("crashed") < of("failed") < of("finished")
