"""One encoder per sink: the only place where foreign words become part of a format.

Names of models, columns and owners, messages and paths come from files that anyone
may have written. Each function here makes such a word harmless in one kind of
output; renderers never put a foreign word into their output in another way.
"""

from __future__ import annotations

import json
import re
from html import escape
from typing import Any
from urllib.parse import quote

from analyticsops.invisible import CONTROLS, INVISIBLE, code_point

# Escape sequences that end properly go as a whole; of a broken one only the
# introducer goes, so that a name cannot hide what follows it.
_SEQUENCES = re.compile(
    r"(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]"  # CSI: colours, cursor movement
    r"|(?:\x1b[\]PX^_]|[\x9d\x90\x98\x9e\x9f])"  # OSC, DCS, SOS, PM, APC ...
    r"[^\x07\x1b\x90\x98\x9c-\x9f]*(?:\x07|\x1b\\|\x9c)"  # ... with a body and an end
    r"|\x1b[ -/]*[0-~]"  # two- and three-byte sequences
)
_CONTROLS_IN_JSON = re.compile(r"[\x7f-\x9f]")  # its writer escapes the others
_LINE_ESCAPES = {"\n": "\\n", "\r": "\\r", "\t": "\\t"}
# A runner of GitHub Actions acts on `::name::` at the beginning of a line, and on `##[name]`
# anywhere in it, of whatever a step prints.
_COMMAND = re.compile(r"##(?=\[)|^\s*(?=::)")
_COMMAND_IN_JSON = re.compile(r"#(?=\[)")
_SURROGATES = re.compile("[\ud800-\udfff]")
# What XML 1.0 allows is written down, the rest goes (https://www.w3.org/TR/xml/#charsets).
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")

# Splits what GitHub would join: invisible, of no width and without a line break.
_JOINER = "\u2060"
_MARKDOWN_ESCAPES = {
    **{char: f"\\{char}" for char in "\\`*_[]|~"},
    "&": "&amp;",
    "<": "&lt;",
    ">": "&gt;",
    "$": "&#36;",  # GitHub reads $...$ as mathematics
}
_SLACK_ESCAPES = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}
_MARKDOWN_SPECIAL = re.compile(r"[\\`*_\[\]|~&<>$]")
_MARKDOWN_LEADING = re.compile(r"^([-+=#]|\d+(?=[.)]))")
# Mentions, issue numbers, emoji codes and bare addresses are found by GitHub in the
# finished text, where a backslash no longer helps.
_AUTOMATIC = re.compile(
    r"@(?=\w)|#(?=\d)|:(?=[\w+-]+:)|:(?=//)|\bwww(?=\.)|\b(?:mailto|xmpp)(?=:)|\bGH(?=-\d)",
    re.ASCII | re.IGNORECASE,
)


def one_line(text: str) -> str:
    """A foreign word for a terminal or any other place that shows plain text.

    One line, without control characters and escape sequences; line breaks and tabs
    as ``\\n`` and ``\\t``; what cannot be seen or turns the direction of writing as
    ``\\u{202e}``; a backslash in what a log of GitHub Actions would act on. The result
    always encodes as UTF-8.
    """
    if text.isascii() and text.isprintable():
        return _COMMAND.sub(_escape_command, text) if "::" in text or "##" in text else text
    text = _SEQUENCES.sub("", text)
    text = CONTROLS.sub(lambda match: _LINE_ESCAPES.get(match[0], ""), text)
    return _COMMAND.sub(_escape_command, INVISIBLE.sub(code_point, text))


def lines(text: str) -> tuple[str, ...]:
    """A foreign text of several lines, each as :func:`one_line` makes it."""
    return tuple(one_line(line) for line in text.replace("\r\n", "\n").split("\n"))


def shorten(text: str, limit: int) -> str:
    """At most ``limit`` characters; what is cut is marked with an ellipsis."""
    return text if len(text) <= limit else text[: limit - 1] + "…"


def json_text(text: str) -> str:
    """A foreign word in JSON: itself, but for half a surrogate pair.

    Most readers of JSON refuse that, so it becomes ``\\u{d800}``.
    """
    return text if text.isascii() else _SURROGATES.sub(code_point, text)


def json_document(value: Any) -> str:
    """Any plain value as an indented JSON document with a line break at its end.

    A reader gets back what was given (see :func:`json_text`); somebody who looks at
    the text itself sees no control characters and no hidden ones.
    """
    return seen_json(json.dumps(_json_value(value), ensure_ascii=False, indent=2)) + "\n"


def seen_json(text: str) -> str:
    """The same JSON, with escapes for what cannot be seen and for what a log would act on."""
    for hidden in (_CONTROLS_IN_JSON, INVISIBLE, _COMMAND_IN_JSON):
        text = hidden.sub(_json_escape, text)
    return text


def json_line(value: Any) -> str:
    """Any plain value as JSON on one line of ASCII, for formats with a document a line."""
    text = json.dumps(_json_value(value), separators=(",", ":"))
    return _COMMAND_IN_JSON.sub(_json_escape, text)


def github_data(text: str) -> str:
    """The message of a GitHub workflow command; its line breaks stay line breaks."""
    return "\n".join(lines(text)).replace("%", "%25").replace("\n", "%0A")


def github_property(text: str) -> str:
    """The value of a property of a GitHub workflow command, such as ``file``."""
    return one_line(text).replace("%", "%25").replace(":", "%3A").replace(",", "%2C")


def markdown_code(text: str, *, cell: bool = False) -> str:
    """A foreign word as a code span, which neither markup nor mentions can leave.

    Args:
        cell: inside a table, where ``|`` ends a cell even in a code span.
    """
    word = one_line(text) or " "
    runs = re.findall(r"`+", word)
    fence = "`" * (max(map(len, runs), default=0) + 1)
    # Padding is stripped again by the reader, but only if both sides have it.
    pad = " " if word[0] in "` " or word[-1] in "` " else ""
    if cell:
        word = word.replace("|", "\\|")
    return f"{fence}{pad}{word}{pad}{fence}"


def markdown_text(text: str) -> str:
    """Foreign prose on one line of Markdown, also inside a table cell.

    No markup, HTML, link, mention, issue number, emoji code or mathematics in it is
    acted on.
    """
    prose = one_line(text).strip()
    prose = _AUTOMATIC.sub(lambda match: match[0] + _JOINER, prose)
    prose = _MARKDOWN_SPECIAL.sub(lambda match: _MARKDOWN_ESCAPES[match[0]], prose)
    return _MARKDOWN_LEADING.sub(_escape_leading, prose)


def markdown_prose(text: str, *, cell: bool = False) -> str:
    """As :func:`markdown_text`, but what stands in backticks becomes a code span."""
    pieces = re.split(r"(?<!`)`([^`]+)`(?!`)", text.strip())
    encoded = [
        markdown_code(piece, cell=cell) if index % 2 else _keeping_spaces(piece)
        for index, piece in enumerate(pieces)
    ]
    return "".join(encoded)


def markdown_block(text: str) -> str:
    """Foreign text of several lines as a fenced block without a language."""
    body = "\n".join(lines(text))
    runs = re.findall(r"`+", body)
    fence = "`" * max(3, max(map(len, runs), default=0) + 1)
    return f"{fence}\n{body}\n{fence}"


def slack_text(text: str, limit: int) -> str:
    """Foreign text of at most ``limit`` characters on one line in Slack's ``mrkdwn``, where three
    characters begin links, mentions and entities (https://docs.slack.dev/messaging/formatting).
    """
    pieces = [_SLACK_ESCAPES.get(character, character) for character in one_line(text)]
    if sum(map(len, pieces)) <= limit:
        return "".join(pieces)
    room, kept = limit - 1, 0
    for piece in pieces:  # an entity is kept as a whole or not at all
        room -= len(piece)
        if room < 0:
            break
        kept += 1
    return "".join(pieces[:kept]) + "…"


def html_code(text: str) -> str:
    """A foreign word as ``<code>`` for the few lines of HTML inside Markdown."""
    return f"<code>{escape(one_line(text))}</code>"


def mermaid_label(text: str) -> str:
    """A foreign word as a quoted Mermaid label: ASCII punctuation as entities.

    Not only quotes: Mermaid looks for directives (``%%{init``) and Markdown in labels. It
    refuses an empty label.
    """
    word = re.sub(r"[!-,/;-@\[-^`{-~]", lambda match: f"#{ord(match[0])};", one_line(text) or " ")
    return f'"{word}"'


def dot_string(text: str) -> str:
    """A foreign word as a quoted string of Graphviz's DOT language."""
    word = one_line(text).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{word}"'


def dot_html(text: str) -> str:
    """A foreign word inside an HTML-like label of DOT; never empty, which Graphviz refuses."""
    return escape(xml_text(one_line(text))) or " "


def csv_cell(text: str) -> str:
    """A foreign word in a cell of CSV: on one line, and no formula for a spreadsheet, which
    begins with one of ``= + - @`` (https://owasp.org/www-community/attacks/CSV_Injection)."""
    word = one_line(text)
    return f"'{word}" if word.startswith(("=", "+", "-", "@")) else word


def xml_text(text: str) -> str:
    """Foreign text without what XML 1.0 forbids; the XML writer escapes the rest."""
    return _NOT_XML.sub("", text)


def sarif_text(text: str) -> str:
    """A foreign word in a SARIF message, where ``[text](target)`` would be a link."""
    word = "\n".join(lines(text))
    if "](" not in word:
        return word
    return word.replace("\\", "\\\\").replace("[", "\\[").replace("]", "\\]")


def uri_path(path: str) -> str:
    """A relative path as a relative URI reference, percent-encoded (RFC 3986)."""
    return quote(path.encode("utf-8", "surrogatepass"), safe="/")


def _json_value(value: Any) -> Any:
    if isinstance(value, str):
        return json_text(value)
    if isinstance(value, dict):
        return {key: _json_value(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_json_value(item) for item in value]
    return value


def _json_escape(match: re.Match[str]) -> str:
    units = match[0].encode("utf-16-be")
    return "".join(
        f"\\u{int.from_bytes(units[at : at + 2], 'big'):04x}" for at in range(0, len(units), 2)
    )


def _escape_command(match: re.Match[str]) -> str:
    return "#\\#" if match[0] == "##" else f"{match[0]}\\"


def _escape_leading(match: re.Match[str]) -> str:
    # A number is not escaped itself, but the dot or bracket after it is.
    return f"{match[1]}\\" if match[1].isdigit() else f"\\{match[1]}"


def _keeping_spaces(piece: str) -> str:
    if not piece.strip():
        return piece and " "
    before = " " if piece[0].isspace() else ""
    after = " " if piece[-1].isspace() else ""
    return before + markdown_text(piece) + after
