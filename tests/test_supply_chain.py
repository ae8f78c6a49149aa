"""What users get besides our own code: where it comes from, under which licence, by which hash."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from scripts import release, web_licences
from scripts.web_licences import ALLOWED, LICENCES, SBOM, WEB

REPO = Path(__file__).resolve().parents[1]
LOCKED = [REPO / "constraints.txt", *sorted((REPO / "requirements").glob("*.txt"))]


def entries(text: str) -> list[str]:
    """The requirements of a lock file, each with its hashes on one line."""
    lines = (line for line in text.splitlines() if not line.lstrip().startswith("#"))
    return [line for line in "\n".join(lines).replace("\\\n", " ").splitlines() if line.strip()]


@pytest.mark.parametrize("file", LOCKED, ids=lambda file: file.name)
def test_whatever_is_installed_has_a_version_and_a_hash(file: Path) -> None:
    found = entries(file.read_text("utf-8"))
    assert len(found) >= 3
    pinned = re.compile(
        r"^[a-z0-9][a-z0-9._-]*(\[[a-z0-9,_-]+\])?==\S+( ;.*?)?(\s+--hash=sha256:[0-9a-f]{64})+\s*$"
    )
    assert [entry for entry in found if not pinned.match(entry)] == []


@pytest.mark.parametrize("file", LOCKED, ids=lambda file: file.name)
def test_no_registry_is_named(file: Path) -> None:
    text = file.read_text("utf-8")
    assert re.findall(r"\S*://\S*|\S+ @ \S+|--(?:extra-)?index-url.*|--find-links.*", text) == []


@pytest.fixture
def lock() -> Any:
    return json.loads((WEB / "package-lock.json").read_text("utf-8"))


def test_every_package_in_the_page_has_its_licence_beside_it(lock: Any) -> None:
    wanted = {p.name: (p.version, p.licence) for p in web_licences.packages(lock)}
    text = LICENCES.read_text("utf-8")
    assert web_licences.listed(text) == wanted
    assert len(wanted) >= 20
    # A heading alone is no licence.
    for section in re.split(r"^## ", text, flags=re.MULTILINE)[1:]:
        assert re.search("copyright", section, re.IGNORECASE), section[:60]
        assert len(section) > 400, section[:60]


def test_the_licences_are_allowed(lock: Any) -> None:
    assert {p.licence for p in web_licences.packages(lock)} <= ALLOWED


def test_every_dependency_of_the_page_is_used(lock: Any) -> None:
    sources = "".join(f.read_text("utf-8") for f in (WEB / "src").rglob("*.ts*"))
    for name in lock["packages"][""]["dependencies"]:
        assert re.search(rf"""["']{re.escape(name)}(/[^"']*)?["']""", sources), name


def test_the_sbom_is_that_of_the_lock(lock: Any) -> None:
    made = web_licences.sbom(list(web_licences.packages(lock)))
    assert json.loads(SBOM.read_text("utf-8")) == made
    refs = [component["bom-ref"] for component in made["components"]]
    assert len(set(refs)) == len(refs)
    for component in made["components"]:
        (digest,) = component["hashes"]
        assert (digest["alg"], len(digest["content"])) == ("SHA-512", 128)


def test_a_package_that_the_bundler_cannot_see_is_added(tmp_path: Path) -> None:
    seen = web_licences.Package("seen", "1.0.0", "MIT", "sha512-AA==")
    inside = web_licences.Package("@a/inside", "2.0.0", "ISC", "sha512-AA==")
    text = "# Licenses\n\n## seen - 1.0.0 (MIT)\n\nCopyright one\n"
    folder = tmp_path / "@a" / "inside"
    folder.mkdir(parents=True)
    with pytest.raises(SystemExit, match="@a/inside has no file"):
        web_licences.completed(text, [inside, seen], tmp_path)
    (folder / "LICENSE.txt").write_text("Copyright two\n")
    found = web_licences.completed(text, [inside, seen], tmp_path)
    assert found == f"{text}\n## @a/inside - 2.0.0 (ISC)\n\nCopyright two\n"
    assert set(web_licences.listed(found)) == {"seen", "@a/inside"}


def test_two_builds_are_the_same_bytes(tmp_path: Path) -> None:
    assert release.twice(tmp_path) == []
    # It can say otherwise.
    wheel = next((tmp_path / "dist0").glob("*.whl"))
    assert release.digest(wheel) == release.digest(tmp_path / "dist1" / wheel.name)
    wheel.write_bytes(wheel.read_bytes() + b"\0")
    assert release.digest(wheel) != release.digest(tmp_path / "dist1" / wheel.name)


def test_only_the_version_itself_is_released() -> None:
    changelog = "# Changelog\n\n## 0.2.0 (unreleased)\n\nnew\n\n## 0.1.0 (2026-12-01)\n\n- first\n"
    assert release.notes("v0.1.0", "0.1.0", changelog) == "- first\n"
    for tag, version in (("v0.1.1", "0.1.0"), ("v0.2.0", "0.2.0"), ("v0.1", "0.1")):
        with pytest.raises(SystemExit):
            release.notes(tag, version, changelog)


def test_bundled_components_belong_to_the_package() -> None:
    document: dict[str, Any] = {
        "metadata": {"component": {"bom-ref": "root", "name": "analyticsops"}},
        "components": [{"bom-ref": "own", "name": "analyticsops"},
                       {"bom-ref": "c", "name": "click"}],
        "dependencies": [{"ref": "own", "dependsOn": ["c"]}, {"ref": "c"},
                         {"ref": "root", "dependsOn": ["own", "c"]}],
    }  # fmt: skip
    release.with_bundled(document, {"components": [{"bom-ref": "pkg:npm/a@1", "name": "a"}]})
    assert [c["bom-ref"] for c in document["components"]] == ["c", "pkg:npm/a@1"]
    graph = {entry["ref"]: entry.get("dependsOn", []) for entry in document["dependencies"]}
    assert graph == {"c": [], "root": ["c", "pkg:npm/a@1"], "pkg:npm/a@1": []}
