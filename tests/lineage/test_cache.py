"""Facts on disk: found again, never wrong, never in the way."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
import threading
from contextlib import closing
from pathlib import Path

import pytest

from analyticsops.lineage import cache as caches
from analyticsops.lineage.analyst import Analyst
from analyticsops.lineage.build import build_graph
from analyticsops.lineage.cache import Cache, Entry
from analyticsops.lineage.graph import ColumnGraph
from analyticsops.lineage.query import Query
from analyticsops.project.model import Project

from .small_projects import model, project, source

ENTRY = Entry(b"outline", b"facts")


def key(number: int) -> bytes:
    return number.to_bytes(16, "big")


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """The tickets of queries that were not in the cache."""
    tickets: list[object] = []
    real = Analyst.ask

    def ask(self: Analyst, ticket: object, query: Query) -> None:
        assert isinstance(ticket, tuple)
        tickets.append(ticket[0])
        real(self, ticket, query)

    monkeypatch.setattr(Analyst, "ask", ask)
    return tickets


def shop(stg: str = "select id, amount as net from raw.orders", extra: str = "") -> Project:
    return project(
        source("orders", "id", "amount"),
        model("stg", stg, "source.shop.raw.orders"),
        model(
            "mart",
            f"select id, sum(net) as total{extra} from main.stg group by 1",
            "model.shop.stg",
        ),
        model("end", "select total from main.mart", "model.shop.mart"),
    )


def edges(graph: ColumnGraph) -> list[tuple[object, ...]]:
    return [tuple(edge) for edge in graph.edges]


def test_what_was_put_is_found_also_by_another(tmp_path: Path) -> None:
    path = tmp_path / "cache"
    with Cache(path) as first:
        assert first.get(key(1)) is None
        first.put(key(1), ENTRY)
        assert first.get(key(1)) == ENTRY
    with Cache(path) as second:
        assert second.get(key(1)) == ENTRY
        assert second.get(key(2)) is None


@pytest.mark.parametrize("ahead", [0, caches.AHEAD_BYTES])
def test_entries_are_found_one_by_one_as_well_as_read_ahead(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, ahead: int
) -> None:
    monkeypatch.setattr(caches, "AHEAD_BYTES", ahead)
    path = tmp_path / "cache"
    with Cache(path) as first:
        first.put(key(1), ENTRY)
        first.put(key(2), Entry(b"other", None))
    with Cache(path) as second:
        assert second.get(key(1)) == ENTRY
        assert second.get(key(2)) == Entry(b"other", None)
        assert second.get(key(3)) is None


def test_a_second_build_asks_nobody_and_says_the_same(tmp_path: Path, asked: list[object]) -> None:
    cold = build_graph(shop(), cache=tmp_path / "cache")
    assert asked == ["model.shop.stg", "model.shop.mart", "model.shop.end"]
    asked.clear()
    warm = build_graph(shop(), cache=tmp_path / "cache")
    assert asked == []
    assert edges(warm) == edges(cold)
    assert warm.nodes == cold.nodes


def test_a_change_that_keeps_the_columns_recomputes_no_child(
    tmp_path: Path, asked: list[object]
) -> None:
    build_graph(shop(), cache=tmp_path / "cache")
    asked.clear()
    build_graph(shop("select id, amount / 100 as net from raw.orders"), cache=tmp_path / "cache")
    assert asked == ["model.shop.stg"]


def test_a_change_of_columns_recomputes_who_reads_them(tmp_path: Path, asked: list[object]) -> None:
    build_graph(shop(), cache=tmp_path / "cache")
    asked.clear()
    changed = shop("select id, amount as net, 1 as more from raw.orders")
    build_graph(changed, cache=tmp_path / "cache")
    assert asked == ["model.shop.stg", "model.shop.mart"]


def test_an_unknown_column_is_found_again_as_such(tmp_path: Path) -> None:
    bad = shop(extra=", missing")
    cold = build_graph(bad, cache=tmp_path / "cache")
    warm = build_graph(bad, cache=tmp_path / "cache")
    assert warm.nodes == cold.nodes
    assert [p.reason for p in warm.nodes["model.shop.mart"].problems] == ["unknown column"]


def test_another_dialect_is_another_query(tmp_path: Path) -> None:
    assert Query("select 1", "duckdb").key != Query("select 1", "snowflake").key
    assert Query("select 1", "duckdb").key == Query("select 1", "duckdb").key


@pytest.mark.parametrize("content", [b"", b"not a database, but long enough" * 99, b"\x00" * 4096])
def test_a_broken_file_is_as_good_as_none(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "cache"
    path.write_bytes(content)
    first = build_graph(shop(), cache=path)
    again = build_graph(shop(), cache=path)
    assert edges(first) == edges(again) == edges(build_graph(shop()))


def test_entries_of_something_else_are_ignored(tmp_path: Path) -> None:
    path = tmp_path / "cache"
    build_graph(shop(), cache=path)
    with closing(sqlite3.connect(path)) as database, database:
        database.execute("update facts set outline = x'c1'")
    database.close()
    assert edges(build_graph(shop(), cache=path)) == edges(build_graph(shop()))


def test_a_folder_that_cannot_be_written_is_no_fault(tmp_path: Path) -> None:
    assert edges(build_graph(shop(), cache=tmp_path / "no" / "cache")) == edges(build_graph(shop()))


def test_what_was_not_used_for_long_goes_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "cache"
    large = Entry(b"outline", bytes(2_000))
    with Cache(path, today=1) as old:
        for number in range(100):
            old.put(key(number), large)
    with Cache(path, today=2) as later:
        for number in range(0, 100, 2):  # these are used again
            assert later.get(key(number)) == large
    monkeypatch.setattr(caches, "MAX_BYTES", 100_000)
    with Cache(path, today=3) as last:
        last.put(key(100), large)
    assert path.stat().st_size < 250_000
    with Cache(path, today=3) as left:
        assert left.get(key(100)) == large
        assert left.get(key(98)) == large
        assert all(left.get(key(number)) is None for number in range(1, 99, 2))


def test_what_was_used_today_stays_however_large_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, large = tmp_path / "cache", Entry(b"", b"f" * 4_000)
    monkeypatch.setattr(caches, "MAX_BYTES", 100_000)
    with Cache(path, today=1) as cache:
        for number in range(100):
            cache.put(key(number), large)
    with Cache(path, today=1) as again:
        assert all(again.get(key(number)) == large for number in range(100))
    with Cache(path, today=2) as later:
        later.put(key(100), large)
    with Cache(path, today=2) as left:
        assert sum(left.get(key(number)) is not None for number in range(101)) == 51


_WRITER = """
import sys; sys.path[:] = {path!r}
from pathlib import Path
from analyticsops.lineage.cache import Cache, Entry
for turn in range(20):
    with Cache(Path({file!r})) as cache:
        for number in range(50):
            key = (number * 1000 + turn).to_bytes(16, "big")
            found = cache.get(key)
            assert found is None or found == Entry(b"o%d" % number, b"f" * 100), found
            cache.put(key, Entry(b"o%d" % number, b"f" * 100))
"""


def test_processes_share_a_file(tmp_path: Path) -> None:
    code = _WRITER.format(path=sys.path, file=str(tmp_path / "cache"))
    writers = [
        subprocess.Popen([sys.executable, "-c", code], stderr=subprocess.PIPE) for _ in range(4)
    ]
    for writer in writers:
        _, fault = writer.communicate(timeout=120)
        assert (writer.returncode, fault) == (0, b"")
    with Cache(tmp_path / "cache") as cache:
        assert cache.get((49 * 1000 + 19).to_bytes(16, "big")) == Entry(b"o49", b"f" * 100)


def test_a_locked_file_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "cache"
    with Cache(path) as cache:
        cache.put(key(1), ENTRY)
    holder = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    holder.execute("begin exclusive")
    threading.Timer(0.5, lambda: holder.execute("commit")).start()
    with Cache(path) as cache:
        cache.put(key(2), ENTRY)
    holder.close()
    with Cache(path) as cache:
        assert cache.get(key(1)) == ENTRY
