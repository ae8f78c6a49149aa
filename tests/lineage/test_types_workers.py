"""Types are inferred by workers that may be killed, and kept beside the facts of lineage."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from analyticsops.lineage import nursery
from analyticsops.lineage.analyst import Analyst
from analyticsops.lineage.build import build_graph
from analyticsops.lineage.code import Compiled
from analyticsops.lineage.pool import Pool
from analyticsops.lineage.query import Query
from analyticsops.lineage.questions import FamilyQuery, Question, TypesQuery
from analyticsops.lineage.types import ProjectTypes, infer_project_types
from analyticsops.project.model import Project

from .small_projects import model, project, source
from .test_types import declared

_DYING = """
import os, signal, sys
sys.path[:] = {path!r}
from analyticsops.lineage import worker
from analyticsops.lineage.query import Query
real = worker._answer
def _answer(question):
    if not isinstance(question, Query) and "die" in repr(question):
        os.kill(os.getpid(), signal.SIGSEGV)
    return real(question)
worker._answer = _answer
worker.main()
"""
"""A worker that dies of some types, as the compiled parser may."""


@pytest.fixture
def pool() -> Iterator[Pool]:
    made = Pool(2)
    yield made
    made.close()


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """The questions about types that the cache had no answer to."""
    questions: list[object] = []
    real = Analyst.ask

    def ask(self: Analyst, ticket: object, query: Question) -> None:
        if not isinstance(query, Query):
            questions.append(ticket)
        real(self, ticket, query)

    monkeypatch.setattr(Analyst, "ask", ask)
    return questions


def shop(of_id: str = "integer", stg: str = "select id, name from raw.t", **said: str) -> Project:
    """A source with types, three models in a row, of which one may have types in YAML."""
    table = {**source("t"), "columns": declared(id=of_id, name="varchar")}
    end = model("end", "select doubled from main.mid", "model.shop.mid")
    end["columns"] = declared(**said)
    return project(
        table,
        model("stg", stg, "source.shop.raw.t"),
        model("mid", "select id * 2 as doubled from main.stg", "model.shop.stg"),
        end,
    )


def types(made: Project, cache: Path | None = None, pool: Pool | None = None) -> ProjectTypes:
    graph = build_graph(made)
    return infer_project_types(made, graph, Compiled(), "duckdb", cache=cache, pool=pool)


def shown(found: ProjectTypes) -> dict[str, str]:
    """By ``node.column``, without sources; the reason of a column without a type."""
    return {
        f"{ref.node.rpartition('.')[2]}.{ref.column}": kind.type or str(kind.problem)
        for ref, kind in found.columns.items()
        if ref.node.startswith("model.")
    }


def test_a_worker_that_dies_takes_the_types_of_one_query_with_it(
    pool: Pool, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = shop(stg="select id, 'die' as name from raw.t")
    build_graph(made)
    monkeypatch.setattr(nursery, "_START", _DYING)
    why = "budget: its analysis was ended by SIGSEGV"
    found = shown(types(made, pool=pool))
    assert found == {"stg.id": why, "stg.name": why, "mid.doubled": why, "end.doubled": why}
    assert shown(types(shop(), pool=pool))["mid.doubled"] == "INTEGER"


def test_a_type_that_kills_its_worker_belongs_to_no_family(
    pool: Pool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(nursery, "_START", _DYING)
    found = types(shop(doubled="die"), pool=pool)
    assert found.families == {"integer": "integer", "varchar": "text", "VARCHAR": "text"} | {
        "INTEGER": "integer",
        "die": "",
    }


def test_a_second_run_asks_nobody_and_says_the_same(tmp_path: Path, asked: list[object]) -> None:
    cold = types(shop(), tmp_path / "cache")
    assert asked[:3] == ["model.shop.stg", "model.shop.mid", "model.shop.end"]
    assert set(asked[3:]) == {"integer", "varchar", "INTEGER", "VARCHAR"}
    asked.clear()
    warm = types(shop(), tmp_path / "cache")
    assert asked == []
    assert warm == cold
    assert list(warm.columns) == list(cold.columns)


def test_other_types_upstream_are_asked_for_anew_and_only_where_they_arrive(
    tmp_path: Path, asked: list[object]
) -> None:
    types(shop(), tmp_path / "cache")
    asked.clear()
    found = types(shop("bigint"), tmp_path / "cache")
    assert shown(found)["end.doubled"] == "BIGINT"
    assert [ticket for ticket in asked if str(ticket).startswith("model.")] == [
        "model.shop.stg",
        "model.shop.mid",
        "model.shop.end",
    ]
    asked.clear()
    types(shop(stg="select id, upper(name) as name from raw.t"), tmp_path / "cache")
    assert asked == ["model.shop.stg"], "its types are those of before"


def test_what_went_over_budget_is_tried_again(
    tmp_path: Path, pool: Pool, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = shop(stg="select id, 'die' as name from raw.t")
    with monkeypatch.context() as patched:
        patched.setattr(nursery, "_START", _DYING)
        types(made, tmp_path / "cache", pool)
    assert shown(types(made, tmp_path / "cache"))["end.doubled"] == "INTEGER"


def test_questions_of_different_kinds_have_different_keys() -> None:
    text = "varchar"
    questions: list[Question] = [
        Query(text, "duckdb"),
        TypesQuery(text, "duckdb"),
        TypesQuery(text, "duckdb", names=("x",)),
        TypesQuery(text, "duckdb", snapshot={"updated_at": "x"}),
        TypesQuery(text, "postgres"),
        FamilyQuery(text, "duckdb"),
        FamilyQuery(text, "postgres"),
    ]
    assert len({question.key for question in questions}) == len(questions)


def test_a_table_that_dbt_does_not_know_to_be_read_has_types() -> None:
    table = {**source("t"), "columns": declared(id="smallint")}
    found = types(project(model("a", "select id from raw.t"), table))
    assert shown(found) == {"a.id": "SMALLINT"}
