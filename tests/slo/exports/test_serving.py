"""/metrics as Prometheus asks it: evaluated then, and never old figures that look new."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Thread
from urllib.error import HTTPError
from urllib.request import urlopen

import pytest

from analyticsops.errors import HistoryError, UsageError
from analyticsops.slo.evaluation import Evaluation
from analyticsops.slo.exports.serving import Latest, address, server
from analyticsops.slo.spans import HOUR

from .making import NOW, evaluation, loaded, slo


def made() -> Evaluation:
    return evaluation(loaded(slo(), NOW - HOUR, NOW))


@contextmanager
def serving(latest: Callable[[], Evaluation]) -> Iterator[str]:
    running = server(latest, "127.0.0.1", 0)
    thread = Thread(target=running.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{running.server_port}"
    finally:
        running.shutdown()
        running.server_close()
        thread.join()


def asked(address: str) -> tuple[int, str]:
    try:
        with urlopen(address, timeout=10) as answer:
            return answer.status, answer.read().decode()
    except HTTPError as error:
        return error.code, error.read().decode()


def test_metrics_are_served() -> None:
    with serving(made) as here:
        status, text = asked(f"{here}/metrics")
        assert status == 200
        assert "analyticsops_slo_evaluated_timestamp_seconds" in text
        assert asked(f"{here}/") == (404, "see /metrics\n")


def test_an_evaluation_serves_for_a_while() -> None:
    count = 0

    def evaluate() -> Evaluation:
        nonlocal count
        count += 1
        return made()

    kept, anew = Latest(evaluate, 3600), Latest(evaluate, 0)
    assert kept() is kept()
    assert count == 1
    anew()
    anew()
    assert count == 3


def test_one_that_fails_is_an_error_and_says_nothing_of_files() -> None:
    fails = False

    def evaluate() -> Evaluation:
        if fails:
            raise HistoryError("cannot be read: no such folder", where="/secret/place")
        return made()

    with serving(Latest(evaluate, 0)) as here:
        assert asked(f"{here}/metrics")[0] == 200
        fails = True
        status, text = asked(f"{here}/metrics")
        assert (status, text) == (503, "not evaluated, see the log of the server\n")


@pytest.mark.parametrize("wrong", ["9464", "localhost:", "localhost:x", ":1", "h:65536"])
def test_what_is_no_address(wrong: str) -> None:
    with pytest.raises(UsageError, match="no address") as error:
        address(wrong)
    assert (error.value.where, error.value.hint) == ("--listen", "as 127.0.0.1:9464")


@pytest.mark.parametrize(
    ("listen", "host", "port"),
    [
        ("127.0.0.1:9464", "127.0.0.1", 9464),
        ("[::1]:0", "::1", 0),
        ("metrics.example:65535", "metrics.example", 65_535),
    ],
)
def test_an_address(listen: str, host: str, port: int) -> None:
    assert address(listen) == (host, port)


def test_a_port_that_is_taken() -> None:
    with serving(made) as here:
        taken = here.removeprefix("http://")
        with pytest.raises(UsageError, match="cannot listen: Address already in use") as error:
            server(made, *address(taken))
    assert error.value.where == taken
