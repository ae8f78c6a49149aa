"""Mutated artifacts end in answers or in one line, through every command and every format.

`make fuzz-inputs` runs a million of them, and every hostile value at every place.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

from .cases import KINDS, artifact_case, place_case, places, selector_case, yaml_case
from .mutate import EXHAUSTIVE
from .pipeline import CORE, MORE, PAST, Pipeline, in_process
from .seeds import Seed, seeds, smallest
from .yaml_files import files

_EVERY = 401
"""Of the exhaustive cases; prime to the number of values, so that each value is among them."""

MANY = 2**40


@pytest.fixture(scope="module")
def pipeline(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pipeline]:
    with in_process():
        yield Pipeline(tmp_path_factory.mktemp("inputs"))


def fuzzed(examples: int) -> settings:
    """Of hypothesis: a case is a project, which takes longer than a value."""
    # The same each time: `make fuzz-inputs` is what looks further.
    return settings(
        max_examples=examples,
        deadline=None,
        derandomize=True,
        suppress_health_check=list(HealthCheck),
    )


@pytest.mark.parametrize("seed", seeds(), ids=lambda seed: seed.name)
def test_the_seeds_are_sound(seed: Seed, pipeline: Pipeline) -> None:
    """What is mutated is read whole by every command that all mutants go through."""
    outcome = pipeline.run({f"target/{name}": data for name, data in seed.artifacts.items()})
    assert (outcome.read, outcome.commands, outcome.refused) == (True, len(CORE), 0)


def test_the_densest_seed_has_an_answer_for_every_command(pipeline: Pipeline) -> None:
    """Commands that ask for a node of another seed are refused, and no others."""
    artifacts = {f"target/{name}": data for name, data in smallest().artifacts.items()}
    commands = (*CORE, *MORE, *PAST)
    outcome = pipeline.run({**artifacts, **files()}, commands)
    assert (outcome.read, outcome.commands, outcome.refused) == (True, len(commands) - 4, 4)


def test_the_places_are_many() -> None:
    """Of all kinds of artifacts, each with every hostile value."""
    assert {name for name, _, _ in places()} == {
        "manifest.json", "catalog.json", "run_results.json", "sources.json", "freshness.json"
    }  # fmt: skip
    assert len(EXHAUSTIVE) == 12
    assert len(places()) > 12 * 1_000


def test_hostile_values_at_places(pipeline: Pipeline) -> None:
    cases = (place_case(n)._replace(commands=CORE) for n in range(0, len(places()), _EVERY))
    read = [case.run(pipeline).read for case in cases]
    assert 0.3 < sum(read) / len(read) < 1


@fuzzed(50)
@given(number=st.integers(1, MANY))
def test_mutated_artifacts(number: int, pipeline: Pipeline) -> None:
    artifact_case(number).run(pipeline)


@fuzzed(12)
@given(number=st.integers(1, MANY))
def test_mutated_yaml(number: int, pipeline: Pipeline) -> None:
    yaml_case(number).run(pipeline)


@fuzzed(10)
@given(number=st.integers(1, MANY))
def test_odd_selectors(number: int, pipeline: Pipeline) -> None:
    assert selector_case(number).run(pipeline).read


@pytest.mark.parametrize("kind", KINDS)
def test_a_case_is_made_from_its_number_alone(kind: str) -> None:
    one, other = (KINDS[kind].make(7) for _ in range(2))
    assert one.files == other.files
    assert one.commands == other.commands


def test_a_fault_shows(pipeline: Pipeline, monkeypatch: pytest.MonkeyPatch) -> None:
    """The judge is judged: a command that raises anything else than our own errors is told."""
    from analyticsops import doctor

    from .pipeline import FaultError

    def broken(*_: object) -> None:
        raise KeyError("nothing")

    monkeypatch.setattr(doctor, "examine", broken)
    artifacts = {f"target/{name}": data for name, data in smallest().artifacts.items()}
    with pytest.raises(FaultError, match="doctor"):
        pipeline.run(artifacts, [("doctor",)])


def test_the_folder_is_left_as_it_was(pipeline: Pipeline, tmp_path: Path) -> None:
    """A case does not depend on the one before it."""
    case = artifact_case(1)
    first, second = (case.run(Pipeline(tmp_path / name)) for name in _made(tmp_path))
    assert case.run(pipeline) == first == second


def _made(folder: Path) -> tuple[str, str]:
    for name in ("one", "other"):
        (folder / name).mkdir()
    return "one", "other"
