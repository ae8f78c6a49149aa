"""SQL of a project reaches nothing but the rows that it was given."""

from __future__ import annotations

from pathlib import Path

import pytest

from analyticsops.verify import sandbox as sandboxes
from analyticsops.verify.sandbox import Refused, Sandbox
from analyticsops.verify.tables import Column, Table

SECRET = "a secret"


@pytest.mark.parametrize(
    "sql",
    [
        "select * from read_csv('{file}')",
        "select * from '{file}'",
        "select * from read_text('{file}')",
        "select * from glob('{folder}/*')",
        "select content from read_blob('{file}')",
        "select * from sandbox_rows",
    ],
)
def test_nothing_outside_is_read(sql: str, tmp_path: Path) -> None:
    file = tmp_path / "rows.csv"
    file.write_text(f"a\n{SECRET}\n")
    sandbox_rows = [1]  # DuckDB would find it by its name
    assert sandbox_rows
    with Sandbox() as sandbox:
        sandbox.lock()
        found = sandbox.prepare(sql.format(file=file, folder=tmp_path))
        answer = found if isinstance(found, Refused) else sandbox.answer(found)
        assert isinstance(answer, Refused), answer
        assert SECRET not in str(answer)


@pytest.mark.parametrize(
    "statement",
    [
        "copy (select 1) to '{folder}/out.csv'",
        "attach '{folder}/other.duckdb'",
        "set enable_external_access = true",
        "set memory_limit = '100GB'",
        "install httpfs",
        "export database '{folder}/all'",
    ],
)
def test_nothing_outside_is_written_and_no_setting_changed(statement: str, tmp_path: Path) -> None:
    with Sandbox() as sandbox:
        sandbox.lock()
        with pytest.raises(sandbox.error):
            sandbox.connection.execute(statement.format(folder=tmp_path))
    assert list(tmp_path.iterdir()) == []


def test_a_query_over_time_is_refused() -> None:
    with Sandbox(seconds=0.5) as sandbox:
        endless = "select count(*) from range(1000000) a, range(1000000) b where a.range < b.range"
        query = sandbox.prepare(endless)
        assert not isinstance(query, Refused)
        answer = sandbox.answer(query)
        assert answer == Refused("budget", "0.5 seconds")
        assert sandbox.answer(query) == answer


def test_a_query_over_memory_is_refused() -> None:
    with Sandbox(memory="50MB") as sandbox:
        query = sandbox.prepare("select list(range) from range(100000000)")
        assert not isinstance(query, Refused)
        assert sandbox.answer(query) == Refused("budget", "memory")


def test_an_answer_of_too_many_rows_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sandboxes, "MAX_ROWS", 10)
    with Sandbox() as sandbox:
        sandbox.lock()
        for count, refused in ((10, False), (11, True)):
            query = sandbox.prepare(f"select * from range({count})")
            assert not isinstance(query, Refused)
            assert isinstance(sandbox.answer(query), Refused) is refused


def test_names_are_found_as_the_project_writes_them() -> None:
    columns = (Column("Id", "INTEGER"),)
    with Sandbox() as sandbox:
        sandbox.lock()
        sandbox.create(Table("t", ("shop", "raw", "Orders"), columns), 'select 7 as "Id"')
        sandbox.settle("shop", "raw")
        for name in ('"shop"."raw"."Orders"', "raw.orders", "orders"):
            query = sandbox.prepare(f"select id from {name};  ")
            assert not isinstance(query, Refused)
            assert sandbox.answer(query) == (("Id",), [("7",)])


def test_sums_of_floats_are_rounded() -> None:
    with Sandbox() as sandbox:
        for sql in ("select 0.1::double + 0.2::double as a", "select 0.3::double as a"):
            query = sandbox.prepare(sql)
            assert not isinstance(query, Refused)
            assert sandbox.answer(query) == (("a",), [("0.3",)])
