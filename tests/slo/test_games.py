"""A game day on a small shop that promises nothing: what is broken when nobody says what, what is
told of it and how late. It stands in tests/cases/slo/games.txt; after a wanted change:

    GOLDEN=write python -m pytest tests/slo/test_games.py
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from analyticsops.errors import NotFoundError, UsageError
from analyticsops.evaluating import judge
from analyticsops.playing import GameDay, game_day
from analyticsops.slo.durations import spoken, written
from analyticsops.slo.evaluate import Context
from analyticsops.slo.evaluation import Evaluation
from analyticsops.slo.gameday.choosing import at_random, named, one_of_each
from analyticsops.slo.gameday.fault import Fault, FaultKind
from analyticsops.slo.gameday.play import Played, Raised, play, summed, usual_objectives
from analyticsops.slo.gameday.rehearsal import Rehearsal, rehearse
from analyticsops.slo.observed import Observed
from analyticsops.slo.spans import DAY, HOUR, MINUTE, Instant
from tests.project_maker import project, workspace
from tests.slo.cases import CASES, Case, check, read_cases

FILE = CASES / "games.txt"
NOON = datetime(2026, 11, 20, 12, 30, tzinfo=UTC)
SHOP = workspace(
    project(
        sources={"raw.orders": {"columns": "id"}, "raw.rates": {"columns": "id"}},
        groups={"money": "Finance"},
        models={
            "stg": {"sql": "select id from @raw.orders", "materialized": "table"},
            "mart": {
                "sql": "select s.id from @stg s join @raw.rates r on r.id = s.id",
                "materialized": "table",
                "group": "money",
            },
            "kept": {"sql": "select id from @stg", "materialized": "table"},
        },
        tests=["unique stg.id", "unique kept.id"],
    )
)


@pytest.fixture(scope="module")
def day() -> GameDay:
    return game_day(SHOP, hours=8, every=HOUR, now=NOON)


def told(one: Played) -> Iterator[str]:
    """What came of one fault."""
    late = f" by {spoken(one.fault.by)}" if one.fault.kind is FaultKind.SOURCE_LATE else ""
    expected = " ".join(one.expected) or "nothing"
    yield f"{one.label}{late}: {one.verdict}, expected {expected}; {one.hit} in trouble"
    for each in one.raised:
        right = "" if each.right else ", wrong"
        how = f"{'page' if each.page else 'ticket'} after {spoken(each.after)}{right}"
        assert each.at - each.after == one.fault.at
        yield f"{how}: {each.root}, {each.label}, {' '.join(each.rules)}"


def promised() -> Iterator[str]:
    """What is played against where nothing is promised."""
    declared = usual_objectives(SHOP.project, Rehearsal())
    assert declared.invalid == ()
    for slo in declared.slos:
        asked = getattr(slo.indicator, "threshold", 0), getattr(slo.indicator, "scope", "")
        how = f" {written(asked[0])} {asked[1]}" if asked[1] else f" {slo.schedule}"
        of = f"{slo.node}{slo.job} {float(slo.target):.0%} in {slo.window}, {slo.tier}"
        yield f"{slo.full_name}: {of}{how}{slo.owner and ' owner '}{slo.owner} {slo.group}"


@pytest.mark.parametrize("case", read_cases(FILE), ids=lambda case: case.name)
def test_case(case: Case, day: GameDay) -> None:
    if case.given == "objectives":
        said = promised()
    elif case.given == "in sum":
        said = (f"{name} {number:.4g}" for name, number in summed(day.played))
    else:
        (played,) = (one for one in day.played if one.fault.kind == case.given)
        said = told(played)
    check(FILE, case, said)


def test_one_fault_of_each_kind_is_played(day: GameDay) -> None:
    assert [one.fault.kind for one in day.played] == list(FaultKind)
    listed = {case.given for case in read_cases(FILE)}
    assert listed == {*map(str, FaultKind), "objectives", "in sum"}


# -- what to break -------------------------------------------------------------

SEEN = rehearse(SHOP.project, (DAY, DAY + 3 * HOUR), Rehearsal())


def test_random_faults_are_the_same_for_the_same_seed() -> None:
    def drawn(seed: int) -> tuple[Fault, ...]:
        return at_random(SHOP.project, SEEN, DAY + HOUR, 40, seed)

    first = drawn(1)
    assert first == drawn(1) != drawn(2)
    assert len({one.kind for one in first}) > 6
    assert len(first) == 40
    assert {(one.at, one.by) for one in first} == {(DAY + HOUR, 12 * HOUR)}
    assert len({one.target for one in first if one.kind.startswith("node")}) == 3


def test_a_fault_is_named_by_kind_and_target() -> None:
    def read(text: str) -> Fault:
        return named(SHOP.project, SEEN, text, DAY)

    orders = Fault(
        kind=FaultKind.SOURCE_LATE, target="source.shop.raw.orders", at=DAY, by=12 * HOUR
    )
    assert read("source-late:raw.orders") == read("source-late:source.shop.raw.orders") == orders
    assert read("source-late") == orders, "with the most below it"
    assert read("node-fails").target == "model.shop.stg"
    assert read("node-fails:kept").target == "model.shop.kept"
    assert read("job-silent:hourly").target == "hourly"
    with pytest.raises(UsageError, match="no fault 'late'") as unknown:
        read("late:raw.orders")
    assert unknown.value.where == "--fault"
    assert unknown.value.hint.startswith("known: source-late, source-missing, ")
    with pytest.raises(
        NotFoundError, match=r"named 'raw.order' \(did you mean 'raw\.orders'"
    ) as missing:
        read("source-late:raw.order")
    assert missing.value.where == "--fault"


def test_where_nothing_is_observed_nothing_can_be_broken() -> None:
    empty = rehearse(SHOP.project, (DAY, DAY), Rehearsal())
    assert one_of_each(SHOP.project, empty, DAY) != ()
    nothing = workspace(project(models={"a": {"sql": "select 1 as id", "materialized": "view"}}))
    alone = rehearse(nothing.project, (DAY, DAY + 3 * HOUR), Rehearsal())
    assert {one.kind for one in one_of_each(nothing.project, alone, DAY)} == {
        kind for kind in FaultKind if not kind.startswith(("source", "rows", "column", "clock"))
    }


def test_a_game_is_judged_until_its_end() -> None:
    seen: list[Instant] = []

    def judged(observed: Observed, at: Instant) -> Evaluation:
        seen.append(at)
        declared = usual_objectives(SHOP.project, Rehearsal())
        return judge(Context(SHOP.project, declared, observed, at))

    begin = DAY + HOUR
    fault = Fault(kind=FaultKind.NODE_FAILS, target="model.shop.mart", at=begin)
    known: frozenset[str] = frozenset({"model.shop.mart"})
    played = play(SHOP.project, SEEN, fault, judged, lambda _: known, until=begin + HOUR)
    assert seen == [begin + n * 15 * MINUTE for n in (1, 2, 3, 4)]
    assert played.raised == (), "it would have been without the fault"
    assert "model.shop.mart" in played.expected


def test_a_game_is_judged_by_all_that_is_named() -> None:
    fault = Fault(kind=FaultKind.NODE_FAILS, target="a", at=0)

    def verdict(expected: tuple[str, ...], *roots: str) -> str:
        raised = tuple(
            Raised(root=root, label=root, rules=(), page=False, at=0, after=0, right=False)
            for root in roots
        )
        return Played(fault=fault, label="a", expected=expected, raised=raised, hit=9).verdict

    assert verdict(("a",), "a") == verdict(("a", "b"), "b", "a") == "right"
    assert verdict(("a",), "a", "b") == verdict(("a", "b"), "a") == verdict((), "a") == "wrong"
    assert verdict(("a",)) == "silent"
    assert verdict(()) == "nothing to tell"
    of_nothing = dict(summed(()))
    assert {of_nothing[name] for name in ("faults", "right", "silent", "notifications")} == {0}
