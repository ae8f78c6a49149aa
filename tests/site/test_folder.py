"""Chunks, the page, and how they come to a disk."""

from __future__ import annotations

import json
import re
from base64 import b64encode
from hashlib import sha256
from html.parser import HTMLParser
from pathlib import Path

import msgspec
import pytest

import analyticsops as ao
from analyticsops.errors import UsageError
from analyticsops.publishing import publish
from analyticsops.site import folder as folders
from analyticsops.site.chunks import pack
from analyticsops.site.folder import Site, write_site
from analyticsops.site.page import resource
from scripts import site_schema
from tests.hostile import NAMES
from tests.project_maker import project, workspace

from .reading import called, chunk, unpacked

HOSTILE = pytest.mark.parametrize("name", NAMES, ids=range(len(NAMES)))


def shop() -> ao.Workspace:
    made = project(
        sources={"raw.orders": "id, amount"},
        models={"orders": "select id, amount from @raw.orders"},
        exposures={"board": "orders"},
    )
    return workspace(made)


@pytest.fixture(scope="module")
def site() -> Site:
    return publish(shop())


class _Elements(HTMLParser):
    """Texts of scripts and styles, and the policy."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None], str]] = []
        self.policy = ""
        self.open = ""
        self.tags: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.tags.append(tag)
        if given.get("http-equiv") == "Content-Security-Policy":
            self.policy = given["content"] or ""
        if tag in ("script", "style"):
            self.found.append((tag, given, ""))

        self.open = tag

    def handle_endtag(self, tag: str) -> None:
        self.open = ""

    def handle_data(self, data: str) -> None:
        if self.open in ("script", "style"):
            tag, given, text = self.found[-1]
            self.found[-1] = (tag, given, text + data)


def parsed(page: str) -> _Elements:
    elements = _Elements()
    elements.feed(page)
    elements.close()
    return elements


def index_in(page: str) -> dict[str, object]:
    texts = [text for _, given, text in parsed(page).found if given.get("id") == "index"]
    found: dict[str, object] = json.loads(texts[0])
    return found


# -- chunks --------------------------------------------------------------------


@HOSTILE
def test_any_name_comes_out_of_a_chunk_as_it_went_in(name: str) -> None:
    assert unpacked(pack("nodes", {"name": name}).data) == {"name": name}


def test_a_file_of_data_is_one_call_and_named_by_what_it_holds(site: Site) -> None:
    files = {name: content for name, content in site.files().items() if name != "index.html"}
    assert {called(content)[0] for content in files.values()} == {one.name for one in site.chunks}
    one, other = pack("nodes", [1]), pack("nodes", [2])
    assert one.file != other.file
    assert one == pack("nodes", [1])


# -- the page ------------------------------------------------------------------


def test_the_licences_of_its_code_go_with_the_page(site: Site) -> None:
    licences = resource("licences.md")
    assert "## react-dom - " in licences
    for page in (site.single(), site.files()["index.html"].decode()):
        (text,) = (t for _, given, t in parsed(page).found if given.get("id") == "licences")
        assert text.strip() == licences.strip()


def test_the_policy_names_what_runs_and_nothing_else_may(site: Site) -> None:
    elements = parsed(site.single())
    runs = [text for tag, given, text in elements.found if tag == "script" and "type" not in given]
    styles = [text for tag, _, text in elements.found if tag == "style"]
    assert len(runs) == len(styles) == 1
    hashes = [b64encode(sha256(text.encode()).digest()).decode() for text in (*runs, *styles)]
    policy = dict(part.split(" ", 1) for part in elements.policy.split("; "))
    assert policy["default-src"] == "'none'"
    assert policy["script-src"] == f"'sha256-{hashes[0]}' 'strict-dynamic'"
    assert policy["style-src"] == f"'sha256-{hashes[1]}'"
    assert policy["connect-src"] == policy["base-uri"] == policy["form-action"] == "'none'"
    assert not {"iframe", "object", "embed", "img", "form"} & set(elements.tags)


def test_only_a_page_that_is_served_may_ask_its_server(site: Site) -> None:
    served = site.files(live=True)["index.html"].decode()
    assert "connect-src 'self'" in served
    assert 'name="analyticsops-live"' in served
    assert "analyticsops-live" not in site.files()["index.html"].decode().split("<script")[0]


@HOSTILE
def test_a_name_is_data_in_the_page(site: Site, name: str) -> None:
    named = Site(msgspec.structs.replace(site.index, title=name), site.chunks).single()
    assert index_in(named)["title"] == name
    assert parsed(named).tags == parsed(site.single()).tags


def test_nothing_in_the_page_names_another_host(site: Site) -> None:
    page = site.single()
    loaded = re.findall(r"""(?:src|href|action)=["']([^"']*)""", page.split("<script")[0])
    assert all(address.startswith("data:") for address in loaded)


def test_the_front_end_leaves_room_below_a_megabyte(site: Site) -> None:
    assert len(site.single().encode()) < 1_000_000


def test_the_front_end_knows_the_data_as_it_is() -> None:
    assert site_schema.PATH.read_text(encoding="utf-8") == site_schema.text(), "run `make web`"


# -- the disk ------------------------------------------------------------------


def _changed(site: Site) -> Site:
    return Site(site.index, (*site.chunks[1:], pack("nodes", {"id": ["another"]})))


def test_a_site_is_written_and_what_is_old_goes(site: Site, tmp_path: Path) -> None:
    write_site(site, tmp_path / "site")
    before = {path.name for path in (tmp_path / "site" / "data").iterdir()}
    write_site(_changed(site), tmp_path / "site")
    page = (tmp_path / "site" / "index.html").read_text(encoding="utf-8")
    chunks = index_in(page)["chunks"]
    assert isinstance(chunks, dict)
    files = {path.name for path in (tmp_path / "site" / "data").iterdir()}
    assert files == {entry["file"] for entry in chunks.values()}
    assert before - files


def test_other_peoples_files_stay(site: Site, tmp_path: Path) -> None:
    (tmp_path / "index.html").write_text("mine", encoding="utf-8")
    with pytest.raises(UsageError, match="no report wrote"):
        write_site(site, tmp_path)
    assert (tmp_path / "index.html").read_text(encoding="utf-8") == "mine"
    write_site(site, tmp_path / "site")
    kept = tmp_path / "site" / "data" / "notes.js"
    kept.write_text("mine", encoding="utf-8")
    write_site(site, tmp_path / "site")
    assert kept.exists()


def test_a_file_is_no_folder(site: Site, tmp_path: Path) -> None:
    (tmp_path / "site").write_text("", encoding="utf-8")
    with pytest.raises(UsageError, match="no folder"):
        write_site(site, tmp_path / "site")


def test_a_site_that_cannot_be_written_leaves_the_old_one(
    site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_site(site, tmp_path / "site")
    page = (tmp_path / "site" / "index.html").read_bytes()
    files = index_in(page.decode())["chunks"]
    put = folders.put

    def full(path: Path, content: bytes) -> None:
        if path.name == "index.html":
            raise OSError(28, "No space left on device")
        put(path, content)

    monkeypatch.setattr(folders, "put", full)
    with pytest.raises(UsageError, match="No space left"):
        write_site(_changed(site), tmp_path / "site")
    assert (tmp_path / "site" / "index.html").read_bytes() == page
    assert isinstance(files, dict)
    for entry in files.values():
        assert (tmp_path / "site" / "data" / entry["file"]).exists()


def test_the_same_project_is_the_same_site(site: Site) -> None:
    again = publish(shop())
    assert {one.name: one.data for one in again.chunks} == {o.name: o.data for o in site.chunks}


def test_sql_is_there_if_it_is_asked_for(site: Site) -> None:
    without, with_ = chunk(site, "details/0"), chunk(publish(shop(), sql=True), "details/0")
    assert any("select id" in detail.get("sql", "") for detail in with_)
    text = json.dumps(without)
    assert "select id" not in text
    assert '"steps"' not in text


def test_python_writes_the_same_in_one_call(site: Site, tmp_path: Path) -> None:
    size = ao.write_report(shop(), tmp_path / "site")
    files = [path for path in (tmp_path / "site").rglob("*") if path.is_file()]
    assert size == sum(path.stat().st_size for path in files)
    ao.write_report(shop(), tmp_path / "one.html", title="One")
    assert index_in((tmp_path / "one.html").read_text(encoding="utf-8"))["title"] == "One"
    with pytest.raises(UsageError, match="no history"):
        ao.write_report(shop(), tmp_path / "two", history=tmp_path / "nothing")
