"""The encoders, on their own."""

from __future__ import annotations

import json
import re
import time
from urllib.parse import unquote_to_bytes, urlsplit
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given, strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token

from analyticsops.report import encode
from tests.hostile import NAMES

# Hypothesis leaves out surrogates by default; our inputs do not.
ANY = st.text(
    st.one_of(
        st.characters(categories=None),
        st.sampled_from("\x1b[]0;m\\\x07\x9b\n\r\t`|@#:<>&%\u202e\ud800"),
    )
) | st.sampled_from(NAMES)
MARKDOWN = MarkdownIt("commonmark").enable(["table", "strikethrough"])


@given(ANY)
def test_one_line_is_one_harmless_line(text: str) -> None:
    made = encode.one_line(text)
    assert len(made.splitlines()) <= 1
    assert not re.search("[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]", made)
    made.encode("utf-8")


@pytest.mark.parametrize("part", ["\x9d", "\x1b]", "\x9b0", "\x1b", "`a", ":a", "](", "www."])
def test_time_grows_with_length_only(part: str) -> None:
    start = time.monotonic()
    text = part * 200_000
    for encoder in (encode.one_line, encode.markdown_prose, encode.github_data, encode.sarif_text):
        encoder(text)
    assert time.monotonic() - start < 10


@given(ANY)
def test_one_line_twice_is_once(text: str) -> None:
    once = encode.one_line(text)
    assert encode.one_line(once) == once


@given(st.text(st.characters(min_codepoint=32, max_codepoint=126)))
def test_one_line_keeps_ordinary_words(text: str) -> None:
    assert encode.one_line(text) == text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b[31mred\x1b[0m", "red"),
        ("\x1b]0;title\x07word", "word"),
        ("\x1b]8;;http://x\x1b\\link", "link"),
        ("\x1b]never ends", "never ends"),
        ("\x9b31mred", "red"),
        ("a\nb\tc\r", "a\\nb\\tc\\r"),
        ("a\u202eb", "a\\u{202e}b"),
        ("tag\U000e0041", "tag\\u{e0041}"),
        ("half \ud800", "half \\u{d800}"),
        ("größe 日本", "größe 日本"),
        ("✔️", "✔️"),
    ],
)
def test_one_line_examples(text: str, shown: str) -> None:
    assert encode.one_line(text) == shown


@given(ANY, st.integers(1, 50))
def test_shorten(text: str, limit: int) -> None:
    made = encode.shorten(text, limit)
    assert len(made) <= limit
    assert made == text or made.endswith("…")


@given(ANY)
def test_json_text_is_lossless_but_for_surrogates(text: str) -> None:
    made = encode.json_text(text)
    assert json.loads(json.dumps(made, ensure_ascii=False).encode()) == made
    if not re.search("[\ud800-\udfff]", text):
        assert made == text


@given(ANY)
def test_json_document_reads_back_and_hides_nothing(text: str) -> None:
    made = encode.json_document({"a": [text, 1, None, True]})
    assert json.loads(made.encode()) == {"a": [encode.json_text(text), 1, None, True]}
    assert encode.one_line(made.replace("\n", "")) == made.replace("\n", "")


def test_words_can_be_read_in_json() -> None:
    assert '"größe 数"' in encode.json_document(["größe 数"])


@given(ANY)
def test_github_property_cannot_end(text: str) -> None:
    made = encode.github_property(text)
    assert not set(made) & set(":,\r\n")
    decoded = made.replace("%2C", ",").replace("%3A", ":").replace("%25", "%")
    assert decoded == encode.one_line(text)


@given(ANY)
def test_github_data_is_one_line(text: str) -> None:
    made = encode.github_data(text)
    assert len(made.splitlines()) <= 1
    decoded = made.replace("%0A", "\n").replace("%25", "%")
    assert decoded == "\n".join(encode.lines(text))


def _inline(markdown: str) -> list[Token]:
    tokens = MARKDOWN.parse(markdown)
    assert [token.type for token in tokens] == ["paragraph_open", "inline", "paragraph_close"]
    children = tokens[1].children
    assert children is not None
    return children


@given(ANY, st.booleans())
def test_markdown_code_is_one_code_span(text: str, cell: bool) -> None:
    children = _inline(f"x {encode.markdown_code(text, cell=cell)} y")
    assert [child.type for child in children] == ["text", "code_inline", "text"]
    if not cell:
        shown = encode.one_line(text) or " "
        assert children[1].content in (shown, f" {shown} ")


@given(st.lists(ANY, min_size=3, max_size=3))
def test_markdown_cells_stay_cells(words: list[str]) -> None:
    row = (
        encode.markdown_code(words[0], cell=True),
        encode.markdown_text(words[1]),
        encode.markdown_prose(words[2], cell=True),
    )
    tokens = MARKDOWN.parse(f"| a | b | c |\n|---|---|---|\n| {' | '.join(row)} |\n| x | y | z |")
    cells = [tokens[number + 1] for number, token in enumerate(tokens) if token.type == "td_open"]
    assert len(cells) == 6
    assert [cell.content for cell in cells[3:]] == ["x", "y", "z"]
    code = cells[0].children
    assert code is not None
    assert [child.type for child in code] == ["code_inline"]
    if len(words[0]) < 200 and words[0].strip():
        assert code[0].content.strip() == encode.one_line(words[0]).strip()


@given(ANY)
def test_markdown_text_is_text(text: str) -> None:
    made = encode.markdown_text(text)
    children = _inline(f"x {made}")
    assert {child.type for child in children} <= {"text", "text_special"}
    shown = "".join(child.content for child in children)
    assert shown.replace("\u2060", "").split() == f"x {encode.one_line(text)}".split()
    # What GitHub would make of the finished text.
    assert not re.search(r"@\w|#\d|https?://|www\.|:[a-z0-9_+-]+:", shown, re.ASCII)


@given(ANY)
def test_markdown_text_starts_no_block(text: str) -> None:
    made = encode.markdown_text(text)
    if made:
        assert MARKDOWN.parse(made)[0].type == "paragraph_open"


@given(ANY)
def test_markdown_prose_is_text_and_code(text: str) -> None:
    children = _inline(f"x {encode.markdown_prose(text)}")
    assert {child.type for child in children} <= {"text", "text_special", "code_inline"}


def test_markdown_prose_keeps_code_and_spaces() -> None:
    made = encode.markdown_prose("Column `a*b` of `c|d` is gone, see *.")
    assert made == "Column `a*b` of `c|d` is gone, see \\*."


@given(ANY)
def test_markdown_block_is_one_block(text: str) -> None:
    tokens = MARKDOWN.parse(f"{encode.markdown_block(text)}\n\nafter")
    assert tokens[0].type == "fence"
    assert len(tokens) == 4
    assert tokens[0].content == "\n".join(encode.lines(text)) + "\n"


@given(ANY)
def test_html_code_has_no_markup_of_its_own(text: str) -> None:
    inner = encode.html_code(text).removeprefix("<code>").removesuffix("</code>")
    assert not set(inner) & set("<>\"'\n")


@given(ANY)
def test_mermaid_label_has_only_its_own_quotes(text: str) -> None:
    made = encode.mermaid_label(text)
    inner = made[1:-1]
    assert made[0] == made[-1] == '"'
    assert not set(re.sub(r"#\d+;", "", inner)) & set("\"'`<>&#;%{}[]()|\\\n")
    decoded = re.sub(r"#(\d+);", lambda match: chr(int(match[1])), inner)
    assert decoded == (encode.one_line(text) or " ")


def test_an_empty_mermaid_label_is_a_blank() -> None:
    assert encode.mermaid_label("") == encode.mermaid_label("\x1b[0m") == '" "'  # "" is refused


@given(ANY)
def test_xml_text_survives_a_parser(text: str) -> None:
    element = ET.Element("a", b=encode.xml_text(text))
    element.text = encode.xml_text(text)
    read = ET.fromstring(ET.tostring(element, encoding="utf-8"))
    kept = re.sub("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]", "", text)
    assert (read.text or "") == re.sub("\r\n?", "\n", kept)


@given(ANY)
def test_sarif_text_holds_no_link(text: str) -> None:
    made = encode.sarif_text(text)
    assert not re.search(r"(?<!\\)(\\\\)*\]\(", made)


@given(ANY)
def test_uri_path_is_a_relative_reference(text: str) -> None:
    made = encode.uri_path(text)
    assert re.fullmatch(r"[A-Za-z0-9_.~/%-]*", made)
    assert unquote_to_bytes(made) == text.encode("utf-8", "surrogatepass")
    assert not urlsplit(made).scheme
