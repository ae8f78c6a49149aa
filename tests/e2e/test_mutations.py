"""One change of a real manifest at a time: the right rule and severity, and nothing else."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest

from analyticsops import api
from analyticsops.artifacts.manifest import Manifest
from analyticsops.project.build import build_project
from analyticsops.workspace import Workspace
from tests.e2e.mutation_list import MUTATIONS
from tests.e2e.mutations import Mutation, mutated

EXPECTED = Path(__file__).parents[1] / "cases" / "mutations.txt"
NOW = datetime(2026, 11, 27, tzinfo=UTC)
COSMETIC = {
    "a comment",
    "a comment of Jinja",
    "blanks",
    "blanks of a macro",
    "another label",
    "another description",
}


def expectations() -> dict[str, list[str]]:
    """Name of a change -> what must be found, in the order of the report."""
    found: dict[str, list[str]] = {}
    for line in EXPECTED.read_text(encoding="utf-8").splitlines():
        if line.startswith("  "):
            found[list(found)[-1]].append(line.strip())
        elif line.strip() and not line.startswith("#"):
            found[line.strip()] = []
    return found


@pytest.fixture(scope="module")
def base(shop: Path, tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ANALYTICSOPS_CACHE", str(tmp_path_factory.mktemp("facts")))
        loaded = api.load(shop / "base" / "target")
        assert loaded.graph.nodes
    return loaded


@pytest.fixture(scope="module")
def manifest(shop: Path) -> dict[str, Any]:
    text = (shop / "base" / "target" / "manifest.json").read_text(encoding="utf-8")
    loaded: dict[str, Any] = json.loads(text)
    return loaded


def findings(
    base: Workspace, manifest: dict[str, Any], mutation: Mutation, strictness: str = ""
) -> list[str]:
    """What `diff` says of the change. What becomes of the meaning of metrics is told as well;
    tests/metrics judges that.
    """
    changed = msgspec.convert(mutated(manifest, mutation), Manifest)
    head = msgspec.structs.replace(base, project=build_project(changed, base.catalog))
    found = api.diff(base, head, strictness=strictness, now=NOW).findings
    told = [finding for finding in found if not finding.rule.startswith("MET")]
    return [f"{f.severity.value} {f.name} {f.subject}" for f in told]


@pytest.mark.parametrize("mutation", MUTATIONS, ids=lambda mutation: mutation.name)
def test_a_single_change(base: Workspace, manifest: dict[str, Any], mutation: Mutation) -> None:
    assert findings(base, manifest, mutation) == expectations()[mutation.name]


def test_all_expectations_are_used() -> None:
    assert list(expectations()) == [mutation.name for mutation in MUTATIONS]
    assert len(MUTATIONS) >= 63


def test_what_is_cosmetic_has_no_finding() -> None:
    quiet = {name for name, lines in expectations().items() if not lines}
    assert quiet >= COSMETIC


def test_nothing_but_comments_and_blanks_is_silent_at_the_strictest_level(
    base: Workspace, manifest: dict[str, Any]
) -> None:
    quiet = {name for name, lines in expectations().items() if not lines}
    silent = {
        mutation.name
        for mutation in MUTATIONS
        if mutation.name in quiet and not findings(base, manifest, mutation, "strict")
    }
    assert silent <= COSMETIC
