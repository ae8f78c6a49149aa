"""Every hostile name in every place of a report, through every renderer.

Each output is read back the way its consumer reads it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given, settings, strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token

from analyticsops.report import formats, markdown, terminal
from analyticsops.report.encode import json_text, one_line
from tests.hostile import NAMES

from . import hostile
from .workflow import run_log

MARKDOWN = MarkdownIt("commonmark").enable(["table", "strikethrough"])
# Every piece of HTML that we write ourselves, as text outside <code> in a summary.
OUR_TAGS = {"details", "summary", "code"}
names = pytest.mark.parametrize("name", NAMES, ids=range(len(NAMES)))


def test_enough_names() -> None:
    assert len(set(NAMES)) >= 60


@names
@pytest.mark.parametrize("wanted", formats.FORMATS)
def test_is_utf8_without_controls(wanted: str, name: str) -> None:
    made = formats.render(hostile.report(name), wanted)
    made.encode("utf-8")
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f]", made)
    assert not re.search("[\x80-\x9f\u202a-\u202e\u2066-\u2069\u2028\u2029\u200b]", made)


@names
def test_text_is_one_line_a_finding(name: str) -> None:
    found = formats.render(hostile.report(name), "text").split("\n")
    # Two findings, one note, the changes, the executions, the result, the coverage, the end.
    assert len(found) == 8
    for line in found[:2]:
        assert re.search(r" CHG201 (error|warning) ", line)
    assert found[2].startswith("note: ")
    assert found[6].startswith("lineage: 0 of 1 model proven")


@names
def test_terminal_without_color_has_no_escape(name: str) -> None:
    made = terminal.render(hostile.report(name), width=80)
    assert "\x1b" not in made
    assert made.count("CHG201 column-removed") == 2


@names
def test_terminal_colors_are_ours_alone(name: str) -> None:
    report = hostile.report(name)
    colored = terminal.render(report, width=80, color=True)
    bare = re.sub(r"\x1b\[[0-9;]*m", "", colored)
    assert "\x1b" not in bare
    # The same words, whatever rich makes of spaces at the end of a line.
    plain = terminal.render(report, width=80)
    assert bare.split() == plain.split()


@names
def test_terminal_shows_names_as_they_are(name: str) -> None:
    report = hostile.report(name)
    shown = "".join(terminal.render(report, width=80).split())
    assert "".join(one_line(name).split()) in shown


@names
def test_json_gives_back_the_name(name: str) -> None:
    read = json.loads(formats.render(hostile.report(name), "json").encode())
    assert read["findings"][0]["subject"] == json_text(name)
    assert read["verdicts"][0]["reason"] == json_text(name)


@names
def test_github_runner_sees_our_commands_only(name: str) -> None:
    log = run_log(formats.render(hostile.report(name), "github"))
    assert [command.name for command in log.commands] == ["error", "warning"]
    assert [set(command.properties) for command in log.commands] == [
        {"file", "line", "col", "title"} - ({"line", "col"} if _no_place(name) else set()),
        {"file", "title"},
    ]
    title = one_line(f"CHG201 column-removed: {name}").strip()
    assert log.commands[0].properties["title"] == title
    assert log.commands[0].message.startswith(one_line(name))
    assert len(log.stopped) == 5


@names
def test_gitlab_reads_issues(name: str) -> None:
    issues = json.loads(formats.render(hostile.report(name), "gitlab").encode())
    assert len(issues) == 2
    for issue in issues:
        path = issue["location"]["path"]
        assert not path.startswith("/")
        assert ".." not in path.split("/")
        assert issue["location"]["lines"]["begin"] >= 1


@names
def test_junit_is_xml(name: str) -> None:
    root = ET.fromstring(formats.render(hostile.report(name), "junit").encode())
    assert [child.tag for child in root] == ["testsuite"]
    assert [child.tag for child in root[0]] == ["testcase", "system-out"]
    assert [child.tag for child in root[0][0]] == ["failure"]
    assert root[0][0].get("name") == one_line(name)


class _Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs

    def handle_endtag(self, tag: str) -> None:
        self.tags.append(tag)


def _leaves(tokens: list[Token]) -> Iterator[Token]:
    for token in tokens:
        yield token
        yield from _leaves(token.children or [])


def _judge_markdown(text: str, marker: bool = True) -> None:
    tokens = list(_leaves(MARKDOWN.parse(text)))
    assert not {token.type for token in tokens} & {"link_open", "image", "s_open", "em_open"}
    assert sum(token.type == "h3_open" or token.tag == "h3" for token in tokens) == 2
    html = [token.content for token in tokens if token.type in ("html_block", "html_inline")]
    if marker:
        assert html.pop(0).strip() == "<!-- analyticsops:diff -->"
    reader = _Tags()
    reader.feed("".join(html))
    reader.close()
    assert set(reader.tags) <= OUR_TAGS | {"br"}
    assert not reader.attributes
    assert reader.tags.count("details") % 2 == 0
    words = " ".join(t.content for t in tokens if t.type in ("text", "text_special"))
    assert not re.search(r"@\w|https?://|www\.", words, re.ASCII)
    outside = re.sub("<code>.*?</code>", "", "".join(html), flags=re.DOTALL)
    assert not re.search(r"@\w|https?://|www\.", outside, re.ASCII)


@names
def test_markdown_is_ours_alone(name: str) -> None:
    made = formats.render(hostile.report(name), "markdown")
    assert made.split("\n", 1)[0] == "<!-- analyticsops:diff -->"
    assert len(made) <= markdown.LIMIT
    _judge_markdown(made)


@names
def test_markdown_tables_keep_their_columns(name: str) -> None:
    tokens = MARKDOWN.parse(formats.render(hostile.report(name), "markdown"))
    rows: list[int] = []
    for token in tokens:
        if token.type == "tr_open":
            rows.append(0)
        elif token.type in ("td_open", "th_open"):
            rows[-1] += 1
    # What breaks for whom; changed models; executions; accepted; and of both findings that
    # count the two inputs and the two answers of a counterexample.
    assert rows == [4, 4, 4, 3, 3, 2, 2, 2, 4, 4, *[2, 2, 2] * 4 * 2]


@names
def test_mermaid_has_our_lines_only(name: str) -> None:
    made = formats.render(hostile.report(name), "markdown")
    (block,) = re.findall(r"^```mermaid\n(.*?)\n```$", made, re.DOTALL | re.MULTILINE)
    for line in block.split("\n"):
        assert re.fullmatch(
            r'flowchart LR|  n\d+\["[^"`<>%{}\[\]]*"\]|  n\d+ --> n\d+'
            r"|  style n\d+ stroke:#d1242f,stroke-width:3px",
            line,
        )


@settings(max_examples=60)
@given(st.text(st.characters(categories=None), max_size=40))
def test_any_name_ends_in_an_answer(name: str) -> None:
    report = hostile.report(name)
    for wanted in formats.FORMATS:
        formats.render(report, wanted).encode("utf-8")
    _judge_markdown(formats.render(report, "markdown"))
    assert len(run_log(formats.render(report, "github")).commands) == 2
    ET.fromstring(formats.render(report, "junit").encode())


def _no_place(name: str) -> bool:
    controls = re.search("[\x00-\x1f\x7f-\x9f]", name)
    return name == "" or controls is not None or name.startswith(("../", "/", "\\", "C:"))
