"""Stale nodes: dbt's checksums, and paths that lead out of the project."""

from __future__ import annotations

import os
from hashlib import sha256
from pathlib import Path

import msgspec
import pytest

from analyticsops.project.model import Node, Project
from analyticsops.project.stale import SEED_LIMIT, Stale, file_checksum, stale_nodes

TEXT = "\n select 1 as id, 'é'\r\n\n"
CHECKSUM = sha256(TEXT.strip().encode()).hexdigest()


def node(path: str = "models/a.sql", **more: object) -> Node:
    kind = str(more.pop("kind", "model"))
    given = {"checksum": ("sha256", CHECKSUM), "package": "shop", **more}
    return Node(unique_id=f"{kind}.shop.{path}", kind=kind, name="a", path=path, **given)  # type: ignore[arg-type]


def project(*nodes: Node) -> Project:
    return Project(
        name="shop",
        dbt_version="1.11.0",
        adapter="duckdb",
        generated_at="",
        invocation_id="",
        nodes={entry.unique_id: entry for entry in nodes},
        macros={},
        groups={},
    )


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    inside = tmp_path / "project"
    (inside / "models").mkdir(parents=True)
    (inside / "models" / "a.sql").write_bytes(TEXT.encode())
    return inside


def reasons(folder: Path, *nodes: Node) -> list[str]:
    return [entry.reason for entry in stale_nodes(project(*nodes), folder)]


def test_unchanged(folder: Path) -> None:
    assert reasons(folder, node()) == []


def test_white_space_around_does_not_count(folder: Path) -> None:
    (folder / "models" / "a.sql").write_bytes(f"\n\n{TEXT.strip()}  ".encode())
    assert reasons(folder, node()) == []


def test_white_space_inside_counts(folder: Path) -> None:
    (folder / "models" / "a.sql").write_bytes(TEXT.replace("1", " 1").encode())
    found = stale_nodes(project(node()), folder)
    assert found == (Stale("model.shop.models/a.sql", "changed", "models/a.sql"),)


def test_line_ends_count(folder: Path) -> None:
    (folder / "models" / "a.sql").write_bytes(b"a\r\nb")
    same = ("sha256", sha256(b"a\r\nb").hexdigest())
    other = ("sha256", sha256(b"a\nb").hexdigest())
    assert reasons(folder, node(checksum=same)) == []
    assert reasons(folder, node(checksum=other)) == ["changed"]


def test_missing(folder: Path) -> None:
    assert reasons(folder, node("models/gone.sql"), node("models/a.sql/x.sql")) == ["missing"] * 2


def test_only_the_root_package_and_only_files_with_checksums(folder: Path) -> None:
    others = [
        node("x.sql", package="utils"),
        node("x.yml", kind="test", checksum=("none", "")),
        node("x.yml", kind="unit_test"),
        node("x.yml", kind="exposure"),
        node("y.sql", checksum=("", "")),
    ]
    assert reasons(folder, *others) == []


@pytest.mark.parametrize("kind", ["model", "snapshot", "analysis", "test", "seed"])
def test_kinds(folder: Path, kind: str) -> None:
    assert reasons(folder, node("models/gone.sql", kind=kind)) == ["missing"]


def test_several_nodes_of_one_file(folder: Path) -> None:
    nodes = [msgspec.structs.replace(node(), unique_id=f"snapshot.{i}") for i in range(3)]
    assert reasons(folder, *nodes) == []
    (folder / "models" / "a.sql").write_text("changed", encoding="utf-8")
    assert [entry.node for entry in stale_nodes(project(*nodes), folder)] == [
        "snapshot.0",
        "snapshot.1",
        "snapshot.2",
    ]


def test_large_seeds(folder: Path) -> None:
    seed = node("models/big.csv", kind="seed", checksum=("path", "models/big.csv"))
    (folder / "models" / "big.csv").write_bytes(b"x" * (SEED_LIMIT + 1))
    assert reasons(folder, seed) == []
    (folder / "models" / "big.csv").write_bytes(b"x" * SEED_LIMIT)
    assert reasons(folder, seed) == ["changed"]


@pytest.mark.parametrize(
    "path",
    ["../secret.txt", "../../../../../../etc/passwd", "/etc/passwd", "models/../../secret.txt"],
)
def test_paths_that_lead_out(folder: Path, path: str) -> None:
    (folder.parent / "secret.txt").write_text("x", encoding="utf-8")
    assert reasons(folder, node(path)) == ["outside"]


def test_links_that_lead_out(folder: Path) -> None:
    secret = folder.parent / "secret.txt"
    secret.write_bytes(TEXT.encode())
    (folder / "models" / "link.sql").symlink_to(secret)
    (folder / "out").symlink_to(folder.parent)
    assert reasons(folder, node("models/link.sql"), node("out/secret.txt")) == ["outside"] * 2


def test_links_inside_are_followed(folder: Path) -> None:
    (folder / "models" / "link.sql").symlink_to("a.sql")
    assert reasons(folder, node("models/link.sql")) == []


def test_the_project_itself_may_be_a_link(folder: Path) -> None:
    link = folder.parent / "link"
    link.symlink_to(folder)
    assert reasons(link, node()) == []


def test_odd_files(folder: Path) -> None:
    os.mkfifo(folder / "models" / "pipe.sql")
    (folder / "models" / "circle.sql").symlink_to("circle.sql")
    found = [node("models"), node("models/pipe.sql"), node("models/circle.sql"), node("a\0b")]
    assert reasons(folder, *found) == ["unreadable"] * 4


def test_not_utf8(folder: Path) -> None:
    (folder / "models" / "a.sql").write_bytes(b"\xff\xfe")
    assert reasons(folder, node()) == ["changed"]
    assert file_checksum(b"\xff") == ""


def test_checksum_of_a_byte_order_mark() -> None:
    """dbt keeps it: ``str.strip`` does not take it for white space."""
    data = b"\xef\xbb\xbfselect 1\n"
    assert file_checksum(data) == sha256(data.strip()).hexdigest()
