"""Which run retries which, and what that hides."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from analyticsops import looking_back
from analyticsops.history.retries import Attempt, link

from .test_answers import BEGIN, node, run, store_of


def test_a_retry_is_linked_to_what_it_retries(tmp_path: Path) -> None:
    bad, skipped = node("model.shop.a", "error"), node("model.shop.b", "skipped")
    good = [node("model.shop.a", "success"), node("model.shop.b", "success")]
    store = store_of(
        tmp_path,
        run(0, bad, skipped, node("model.shop.c", "success")),
        run(1, node("model.shop.x", "error")),  # another selection, not what was retried
        run(2, bad, skipped, retries=True),
        run(3, *good, retries=True),
        run(4, *good),
        run(5, environment="dev", retries=True),  # of something before our time
        run(6, retries=True),  # nothing was left to do
    )
    found = looking_back.find_retries(store)
    assert [[int(a[:8]) for a in chain.attempts] for chain in found.retried] == [
        [5],
        [4, 6],
        [0, 2, 3],
    ]
    assert [chain.known_start for chain in found.retried] == [False, True, True]
    # The chain of 5 began with a run that nobody saw: it is no first try that went well.
    assert (found.chains, found.first_ok, found.final_ok, found.masked) == (4, 1, 3, 2)
    assert [(n.unique_id, n.runs, n.failed_first, n.recovered) for n in found.nodes] == [
        ("model.shop.a", 2, 1, 1)
    ]


def test_a_retry_takes_only_what_did_not_succeed() -> None:
    def attempt(number: int, results: dict[str, str], retry: bool) -> Attempt:
        return Attempt(
            invocation_id=str(number),
            started_at=BEGIN + timedelta(hours=number),
            group=("shop", "prod"),
            retry=retry,
            verdict="failed",
            results=results,
        )

    runs = [
        attempt(0, {"a": "bad", "b": "good"}, False),
        attempt(1, {"a": "good", "b": "good"}, True),  # b had succeeded: of another run
    ]
    assert [[part.invocation_id for part in chain] for chain in link(runs)] == [["0"], ["1"]]


def test_the_latest_run_that_fits_is_what_is_retried() -> None:
    def attempt(name: str, retry: bool, group: str = "prod", **results: str) -> Attempt:
        return Attempt(
            invocation_id=name,
            started_at=BEGIN,
            group=("shop", group),
            retry=retry,
            verdict="failed",
            results=results,
        )

    runs = [
        attempt("0", False, a="bad", b="skipped"),
        attempt("1", False, a="partial", b="bad"),
        attempt("2", False, "dev", a="bad", b="bad"),
        attempt("3", True, a="bad"),  # of 1, of which it leaves a
        attempt("4", True, b="good"),  # of 0: 3 says nothing of b
        attempt("5", True, a="good"),  # of 3
        attempt("6", True, "dev", c="good"),  # of something that nobody saw
        attempt("7", True, "dev", b="good"),  # of 2, which is not the latest chain
        attempt("8", True, "dev", a="good"),  # nothing is left of that: of its own
    ]
    chains = [[part.invocation_id for part in chain] for chain in link(runs)]
    assert chains == [["0", "4"], ["1", "3", "5"], ["2", "7"], ["6"], ["8"]]


def test_what_retries_saved_is_counted(tmp_path: Path) -> None:
    a, b, c = (f"model.shop.{name}" for name in "abc")
    store = store_of(
        tmp_path,
        run(0, node(a, "error"), node(b, "skipped"), node(c, "error")),
        run(1, node(a, "success"), node(b, "error"), node(c, "error"), retries=True),
        run(2, node(b, "success"), node(c, "error"), retries=True),
        run(3, node(a, "success"), node(b, "partial success"), node(c, "success")),
        run(4, node(b, "success"), retries=True),
        run(5, node(a, "error"), node(b, "success"), node(c, "success")),
    )
    found = looking_back.find_retries(store)
    assert (found.chains, found.first_ok, found.final_ok, found.masked) == (3, 0, 1, 1)
    assert [(n.unique_id, n.runs, n.failed_first, n.recovered) for n in found.nodes] == [
        (b, 3, 2, 2),  # skipped at first, which says nothing; its first real try failed
        (a, 3, 2, 1),
    ]
    first, last = found.retried
    assert (first.first_ok, first.final_ok, last.final_ok) == (False, True, False)
    assert last.started_at == BEGIN
