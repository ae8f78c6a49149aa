"""Random dbt projects of six levels that DuckDB can run: staging, two levels of intermediate
models, facts and dimensions, marts, KPIs.

In SQL a table is written ``@name``, as :mod:`tests.project_maker` reads it. Every model knows
its grain: the columns by which its rows are told apart, by construction.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from random import Random
from typing import NamedTuple

import duckdb

from bench.changes.databases import SOURCES, database, make
from bench.changes.writing import Model, Writer


class Dag(NamedTuple):
    """A project: its models, parents first, and what dbt's tests promise, as
    ``unique dim.id``."""

    models: Mapping[str, Model]
    tests: tuple[str, ...]


LEVELS = (("int", 4), ("int", 4), ("fct", 4), ("mart", 4), ("kpi", 4))
"""(prefix, models) above staging."""


def dag(seed: int) -> Dag:
    """The project of a seed. No model in it is empty, or a column of it always the same, on
    most of a few databases."""
    chance = Random(seed)
    probes = [database(n) for n in range(1, _PROBES)]
    models: dict[str, Model] = {}
    for source, columns in SOURCES.items():
        raw = Model(source, "", columns, (columns[0].name,), True, ())
        name, model = f"stg_{source[4:]}", None
        while model is None:
            model = _alive(Writer(chance, name).projection(raw), probes)
        models[name] = model
    below, seen = list(models.values()), list(models.values())
    for level, (prefix, count) in enumerate(LEVELS, 2):
        made: list[Model] = []
        while len(made) < count:
            name = f"{prefix}_{level}_{len(made)}"
            first = chance.choice(below)
            written = Writer(chance, name).any_of(first, seen)
            model = None if written is None else _alive(written, probes)
            if model is not None:
                made.append(model)
        models.update((model.name, model) for model in made)
        below, seen = made, [*seen[-8:], *made]
    return Dag(models, tuple(_tests(models.values(), chance)))


_PROBES = 10


def _alive(model: Model, probes: Sequence[duckdb.DuckDBPyConnection]) -> Model | None:
    """The model, with what several of its rows share; None unless it has rows, and each of
    its columns several values, on most databases."""
    answers = [made for probe in probes if (made := make(probe, model.name, model.sql))]
    assert len(answers) == len(probes), model.sql
    filled = [answer.rows for answer in answers if answer.rows]
    rows = [row for part in filled for row in part]
    if len(filled) < 0.7 * len(probes) or (model.key and len(rows) < 1.5 * len(probes)):
        return None
    if any(len(set(values)) < 2 for values in zip(*rows, strict=True)):
        return None
    shared = frozenset(
        name
        for place, (name, _) in enumerate(model.columns)
        if sum(len({row[place] for row in part}) < len(part) for part in filled) > 0.5 * len(filled)
    )
    return model._replace(shared=shared)


def _tests(models: Iterable[Model], chance: Random) -> list[str]:
    """Of sources and staging always, of the others now and then: what is so anyway."""
    found = []
    for source, columns in SOURCES.items():
        found += [f"{test} {source}.{columns[0].name}" for test in ("unique", "not_null")]
    for model in models:
        if len(model.key) == 1 and (model.name.startswith("stg") or chance.random() < 0.3):
            found.append(f"unique {model.name}.{model.key[0]}")
            if model.filled:
                found.append(f"not_null {model.name}.{model.key[0]}")
    return found
