"""One case of a campaign from its number: what is mutated, how, and what it goes through."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from functools import cache
from random import Random
from typing import NamedTuple

from . import yaml_files
from .mutate import EXHAUSTIVE, Mutator, paths, replaced, written
from .pipeline import CORE, MORE, PAST, Outcome, Pipeline
from .seeds import Seed, seeds, smallest
from .selectors import selection
from .sql import GENERATORS

_WEIGHTS = {"manifest.json": 8, "run_results.json": 3}


class Case(NamedTuple):
    """What is put through the pipeline.

    Attributes:
        name: by which it can be made again.
        files: by their paths in the project.
        mutated: how many of them are mutants.
        commands: that it goes through.
        brief: see :meth:`~tests.inputs.pipeline.Pipeline.run`.
    """

    name: str
    files: Mapping[str, bytes]
    mutated: int
    commands: tuple[tuple[str, ...], ...]
    brief: bool = False

    def run(self, pipeline: Pipeline) -> Outcome:
        """What becomes of it."""
        return pipeline.run(self.files, self.commands, brief=self.brief)


@cache
def _mutators() -> Mapping[tuple[str, str], Mutator]:
    return {(s.name, name): Mutator(data) for s in seeds() for name, data in s.artifacts.items()}


def artifact_case(number: int) -> Case:
    """A project of which one artifact is a mutant, or several are, through everything."""
    return _artifacts(number)


def some_case(number: int) -> Case:
    """The same, read and made a project; every fifth goes through one command, drawn from all of
    them in all formats, and every 100th through everything, with which a million would take ten
    hours."""
    case = _artifacts(number)
    if number % 100 == 0:
        return case
    commands = (Random(-number).choice(_ALL),) if number % 5 == 0 else ()
    return case._replace(commands=commands, brief=True)


def _artifacts(number: int) -> Case:
    chance = Random(number)
    seed = _seed(chance)
    names = list(seed.artifacts)
    weights = [_WEIGHTS.get(name, 2) for name in names]
    chosen = set(chance.choices(names, weights, k=chance.choice((1, 1, 1, 2, 3, 4))))
    files = {
        name: _mutators()[seed.name, name].mutated(chance) if name in chosen else data
        for name, data in seed.artifacts.items()
    }
    return Case(f"artifacts {number}", _target(files), len(chosen), _commands(number, chance))


def _one_format_each(command: tuple[str, ...]) -> list[tuple[str, ...]]:
    """A command that writes many formats at once, as commands that write one."""
    if "--output" not in command:
        return [command]
    first = command.index("--output")
    return [(*command[:first], *command[at : at + 2]) for at in range(first, len(command), 2)]


_ALL = [one for command in (*CORE, *MORE) for one in _one_format_each(command)]


def _target(artifacts: Mapping[str, bytes]) -> Mapping[str, bytes]:
    return {f"target/{name}": data for name, data in artifacts.items()}


def _seed(chance: Random) -> Seed:
    """The densest project as often as all others together."""
    return smallest() if chance.random() < 0.5 else chance.choice(seeds())


def _commands(number: int, chance: Random) -> tuple[tuple[str, ...], ...]:
    if number % 1_000 == 0:
        return (*CORE, *MORE, *PAST)
    return (*CORE, *chance.sample(MORE, 2))


@cache
def places() -> tuple[tuple[str, tuple[str | int, ...], int], ...]:
    """(artifact, path, number of a hostile value): all there are, in all kinds of artifacts."""
    return tuple(
        (name, at, number)
        for name, data in _complete().artifacts.items()
        for at in paths(json.loads(data))
        for number in range(len(EXHAUSTIVE))
    )


@cache
def _complete() -> Seed:
    """The densest project, with both names that freshness has."""
    seed = smallest()
    return Seed(seed.name, {**seed.artifacts, "freshness.json": _dbt_2_freshness()})


def _dbt_2_freshness() -> bytes:
    found = json.loads(smallest().artifacts["sources.json"])
    schema = found["metadata"]["dbt_schema_version"]
    found["metadata"]["dbt_schema_version"] = schema.replace("sources/v3", "freshness/v0")
    found["results"][0] |= {"status": "Warn", "resource_type": "source", "timing": []}
    return json.dumps(found).encode()


def place_case(number: int) -> Case:
    """The ``number``-th of :func:`places`."""
    name, at, value = places()[number]
    seed = _complete() if name == "freshness.json" else smallest()
    document = replaced(json.loads(seed.artifacts[name]), at, EXHAUSTIVE[value])
    files = {**seed.artifacts, name: written(document)}
    commands = (*CORE, *PAST) if name != "manifest.json" and number % 25 == 0 else CORE
    return Case(f"places {number}", _target(files), 1, (*commands, *Random(number).sample(MORE, 2)))


def yaml_case(number: int) -> Case:
    """A sound project of which one file of YAML is a mutant, or two are."""
    chance = Random(number)
    files = {**yaml_files.files()}
    chosen = set(chance.choices(list(files), k=chance.choice((1, 1, 2))))
    files |= {name: yaml_files.mutated(name, chance) for name in sorted(chosen)}
    commands = (*_READS_YAML, *chance.sample(MORE, 2), *(PAST if number % 100 == 0 else ()))
    whole = {**_target(smallest().artifacts), **files}
    return Case(f"yaml {number}", whole, len(chosen), commands)


_READS_YAML = (
    *CORE[:2],
    *(
        ("metrics", "list"),
        ("metrics", "lock", "--check"),
        ("slo", "lint"),
        ("freshness",),
        ("doctor",),
    ),
    ("lineage", "tags", "--tag", "pii"),
    ("gameday", "--execute", "--fault", "node-fails:fct", "--database", "none.duckdb"),
)
"""Commands that read settings, metrics, their lock and records, objectives and profiles."""


def selector_case(number: int) -> Case:
    """A sound project, and selections that are none, or hardly."""
    chance = Random(number)
    commands = [
        ("select", "-s", selection(chance), "--exclude", selection(chance), "--base", "base/target")
        for _ in range(20)
    ]
    return Case(
        f"selectors {number}", _target(smallest().artifacts), 2 * len(commands), tuple(commands)
    )


_SIZES = (300, 10_000, 100_000)


def sql_case(number: int) -> Case:
    """A project with a model of hostile SQL, which has two versions."""
    name, tokens = list(GENERATORS)[number // len(_SIZES)], _SIZES[number % len(_SIZES)]
    sql = GENERATORS[name].of_tokens(tokens, "duckdb")
    files = {**_target(smallest().artifacts)}
    for path, text in (("target/", f"{sql} "), ("base/target/", sql.replace(" a", " b", 1))):
        manifest = json.loads(smallest().artifacts["manifest.json"])
        model = manifest["nodes"]["model.shop.stg"]
        model["raw_code"] = model["compiled_code"] = text
        files[f"{path}manifest.json"] = json.dumps(manifest).encode()
    return Case(f"sql {number}", files, 1, (*CORE, ("lineage", "coverage", "--by", "reason")))


class Kind(NamedTuple):
    """A kind of cases.

    Attributes:
        make: the case of a number.
        most: how many there are; None if there is no end.
        workers: True to analyse in processes that may be killed, as commands do.
    """

    make: Callable[[int], Case]
    most: int | None
    workers: bool = False


KINDS: Mapping[str, Kind] = {
    "artifacts": Kind(some_case, None),
    "places": Kind(place_case, len(places())),
    "yaml": Kind(yaml_case, 20_000),
    "selectors": Kind(selector_case, 5_000),
    "sql": Kind(sql_case, len(GENERATORS) * len(_SIZES), workers=True),
}
"""By name, in the order in which a campaign takes a batch of each."""
