"""dbt judges: whatever is asked, ``dbt ls`` and we list the same nodes, or both refuse."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import repeat
from pathlib import Path
from random import Random
from typing import Any

import msgspec
import pytest

from analyticsops.artifacts.freshness import read_freshness
from analyticsops.artifacts.manifest import read_manifest
from analyticsops.artifacts.run_results import read_run_results
from analyticsops.errors import SelectionError
from analyticsops.project.build import build_project
from analyticsops.project.model import Project
from analyticsops.project.selection import Context, select_nodes

from .artifacts import freshness, write_earlier
from .cases import FOLDER, Case, earlier_of, read_cases
from .generated_project import write_project
from .questions import MODES, Asker, Question, words_of
from .trim import trimmed

pytest.importorskip("dbt.cli.main")

from .oracle import Oracle, RefusedError

pytestmark = [pytest.mark.dbt, pytest.mark.filterwarnings("ignore")]

REPOSITORY = Path(__file__).parents[3]
EXAMPLE = REPOSITORY / "dbt_project_example"
QUESTIONS = int(os.environ.get("SELECTION_QUESTIONS", "1000"))
SEED = int(os.environ.get("SELECTION_SEED", "0"))
STATES = 5

Answer = frozenset[str] | None


@pytest.fixture(scope="module")
def generated(tmp_path_factory: pytest.TempPathFactory) -> Oracle:
    """The project of the case files."""
    return Oracle(write_project(tmp_path_factory.mktemp("generated")))


@pytest.fixture(scope="module")
def example(tmp_path_factory: pytest.TempPathFactory) -> Oracle:
    """A copy of dbt_project_example, with the package it lives in."""
    root = tmp_path_factory.mktemp("repository")
    skipped = shutil.ignore_patterns("target", "dbt_packages", "logs", "*.duckdb*")
    shutil.copytree(EXAMPLE, root / EXAMPLE.name, ignore=skipped)
    shutil.copy(REPOSITORY / "dbt_project.yml", root)
    shutil.copytree(REPOSITORY / "macros", root / "macros")
    return Oracle(root / EXAMPLE.name)


@pytest.fixture(params=["generated", "example"])
def oracle(request: pytest.FixtureRequest) -> Oracle:
    """Each project in turn."""
    found: Oracle = request.getfixturevalue(request.param)
    return found


def test_random_questions(oracle: Oracle, tmp_path: Path) -> None:
    random = Random(SEED)
    asker = Asker(words_of(oracle.raw), random)
    project = project_of(oracle)
    for number in range(STATES):
        context = random_context(oracle, tmp_path / str(number), random)
        for _ in range(QUESTIONS // STATES):
            question = asker.question()
            assert asked(oracle, question) == answered(project, question, context), question


def test_random_definitions(oracle: Oracle, tmp_path: Path) -> None:
    random = Random(SEED)
    asker = Asker(words_of(oracle.raw), random)
    project = project_of(oracle)
    context = random_context(oracle, tmp_path, random)
    for _ in range(QUESTIONS // 5):
        with definitions(oracle, random_definitions(asker, random)) as written:
            name = random.choice(written["selectors"])["name"]
            question = Question(selector=name, indirect=random.choice(MODES))
            theirs = asked(oracle, question)
            as_written = msgspec.structs.replace(context, selectors=as_json(written))
            assert theirs == answered(project, question, as_written), written
            if theirs is not None:  # else dbt writes no manifest
                in_manifest = as_json(oracle.as_in_manifest())
                expanded = msgspec.structs.replace(context, selectors=in_manifest)
                assert theirs == answered(project, question, expanded), written


def test_default_selector(generated: Oracle) -> None:
    plain = {"name": "plain", "definition": "tag:nightly", "default": True}
    with definitions(generated, {"selectors": [plain]}) as written:
        context = Context(selectors=written)
        project = project_of(generated)
        for question in (Question(), Question(select=("orders",)), Question(exclude=("orders",))):
            assert asked(generated, question) == answered(project, question, context)
        assert answered(project, Question(), context) != answered(project, Question(), Context())


def test_cases(generated: Oracle, tmp_path: Path) -> None:
    """The case files say what dbt says."""
    (tmp_path / "manifest.json").write_text(json.dumps(earlier_of(generated.raw)))
    shutil.copy(FOLDER / "run_results.json", tmp_path)
    shutil.copy(FOLDER / "previous_sources.json", tmp_path / "sources.json")
    shutil.copy(FOLDER / "sources.json", generated.target)
    generated.remember(tmp_path)
    for case in read_cases():
        if case.file != "beyond.txt":
            assert asked(generated, case.question) == expected(case), str(case)


def test_fixture_is_the_generated_project(generated: Oracle) -> None:
    """Else run trim.py again."""
    fixture = json.loads((FOLDER / "manifest.json").read_bytes())
    for collection, entries in trimmed(generated.raw).items():
        assert fixture[collection].keys() == entries.keys()


def test_shortcut_is_the_front_door(oracle: Oracle, tmp_path: Path) -> None:
    """Oracle.ask answers as ``dbt ls`` does, in process and as a program of its own."""
    random = Random(SEED)
    asker = Asker(words_of(oracle.raw), random)
    random_context(oracle, tmp_path, random)
    answers = ((question, asked(oracle, question)) for question in map(ask, repeat(asker)))
    full = [(question, answer) for question, answer in answers_with_nodes(answers, 5)]
    for question, answer in full:
        assert oracle.asked_in_full(question.arguments(), tmp_path) == answer, question
    for question, answer in full[:2]:
        assert in_own_process(oracle, question, tmp_path) == answer, question


def ask(asker: Asker) -> Question:
    return asker.question()


def answers_with_nodes(
    answers: Iterator[tuple[Question, Answer]], count: int
) -> Iterator[tuple[Question, Answer]]:
    """The first answers that list something."""
    while count:
        question, answer = next(answers)
        if answer:
            count -= 1
            yield question, answer


def in_own_process(oracle: Oracle, question: Question, state: Path) -> frozenset[str]:
    dbt = Path(sys.executable).with_name("dbt")
    output = ["--output", "json", "--output-keys", "unique_id", "--state", str(state)]
    command = [str(dbt), "--quiet", "ls", *oracle.base, *output, *question.arguments()]
    done = subprocess.run(command, cwd=oracle.folder, capture_output=True, text=True, check=True)
    lines = [line for line in done.stdout.splitlines() if line.startswith("{")]
    return frozenset(json.loads(line)["unique_id"] for line in lines)


def project_of(oracle: Oracle) -> Project:
    return build_project(read_manifest(oracle.target / "manifest.json"))


def random_context(oracle: Oracle, state: Path, random: Random) -> Context:
    """New earlier artifacts for both sides."""
    write_earlier(state, oracle.raw, random)
    current = oracle.target / "sources.json"
    current.write_text(json.dumps(freshness(oracle.raw, random)))
    oracle.remember(state)
    return Context(
        previous=build_project(read_manifest(state / "manifest.json")),
        run_results=read_run_results(state / "run_results.json"),
        freshness=read_freshness(current),
        previous_freshness=read_freshness(state / "sources.json"),
    )


def random_definitions(asker: Asker, random: Random) -> dict[str, Any]:
    selectors = [{"name": f"s{number}", "definition": asker.definition()} for number in range(2)]
    if random.random() < 0.5:
        parts = [{"method": "selector", "value": "s0"}, asker.definition()]
        excluded = {"exclude": [{"method": "selector", "value": "s1"}]}
        selectors.append({"name": "s2", "definition": {"union": [*parts, excluded]}})
    return {"selectors": selectors}


@contextmanager
def definitions(oracle: Oracle, written: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Let dbt have this selectors.yml for a while."""
    own, oracle.definitions = oracle.definitions, written
    try:
        yield written
    finally:
        oracle.definitions = own


def as_json(data: Any) -> Any:
    return json.loads(json.dumps(data))


def asked(oracle: Oracle, question: Question) -> Answer:
    try:
        return oracle.ask(question.arguments())
    except RefusedError:
        return None


def answered(project: Project, question: Question, context: Context) -> Answer:
    try:
        return select_nodes(project, question.parsed(), context)
    except SelectionError:
        return None


def expected(case: Case) -> Answer:
    return None if case.error else frozenset(case.expected)
