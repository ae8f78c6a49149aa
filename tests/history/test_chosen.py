"""Which record counts is a function of the set of records."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest
from hypothesis import given, settings, strategies as st

from analyticsops.history.chosen import Known, choose, state_hash, weight
from analyticsops.history.record import Invocation, RecordName, encode, make_record, name_of

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


def _told(**fields: object) -> tuple[int, ...]:
    known = {"invocation_id": "a", "started_at": 0, "manifest": "none", "results": 0}
    return weight(msgspec.convert({"state": "finished", **known, **fields}, Invocation))


def test_what_makes_a_record_know_more() -> None:
    states = ("of a later time", "started", "unknown", "crashed", "failed", "interrupted")
    weights = [_told(state=state) for state in (*states, "finished")]
    assert weights == sorted(set(weights))
    # The state goes before results, these before the manifest, that before a hook, and all
    # before how many fields are known.
    assert _told(state="failed", results=9, manifest="own", job="x") < _told()
    assert _told(results=0, manifest="own", job="x") < _told(results=1)
    assert _told(manifest="of a later time") < _told() < _told(manifest="other")
    assert _told(manifest="other", job="x") < _told(manifest="own")
    assert _told(door="hook", job="x", target="y") < _told()
    assert _told() < _told(job="x") < _told(job="x", exit_code=0)


def test_two_records_of_one_invocation_must_both_have_been_read() -> None:
    first, second = (
        _known(
            Invocation(invocation_id="a", started_at=at, state="x", manifest="none", results=0), "p"
        )
        for at in (0, 1)
    )
    unread = msgspec.structs.replace(second, invocation=None)
    with pytest.raises(ValueError, match="two records of a, and one was not read"):
        choose([first, unread])
    with pytest.raises(ValueError, match="two records of a, and one was not read"):
        choose([msgspec.structs.replace(first, invocation=None), second])
    # Of one record in two places nothing need be known, and the pack is taken.
    packed = msgspec.structs.replace(unread, path=Path("a_pack.parquet"))
    loose = msgspec.structs.replace(unread, path=Path("1.json"))
    assert choose([loose, packed]) == choose([packed, loose]) == (packed,)
    assert (packed.is_loose, loose.is_loose) == (False, True)


def test_the_hash_of_a_history_tells_its_records() -> None:
    names = [RecordName("20261121T001411Z", name, "0" * 16) for name in ("a", "b")]
    # Histories that were compared with an earlier version are compared with the same text.
    assert state_hash(names) == "c6c50695dbc61d85303f7b5a5ae5bf02"
    assert state_hash([]) != state_hash(names[:1]) != state_hash(names)
