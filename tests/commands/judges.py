"""What reads each format: judges that we did not write, and a few rules beside them."""

from __future__ import annotations

import csv
import json
import re
import subprocess
from collections.abc import Callable, Iterator, Mapping
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import duckdb
import jsonschema
import lkml
import msgspec
import yaml
from markdown_it import MarkdownIt
from prometheus_client.parser import text_string_to_metric_families

from tests.export.test_formats import _MERMAID, DOT, drawn
from tests.export.test_openlineage import validate
from tests.report.workflow import run_log
from tests.site.reading import called
from tests.slo.exports.making import judged

HIDDEN = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u200b\u2028-\u202e\u2066-\u2069\ud800-\udfff]"
)
SCHEMAS = Path(__file__).parents[1]
MARKDOWN = MarkdownIt("commonmark").enable(["table", "strikethrough"])
OUR_TAGS = {"details", "summary", "code", "br", "sub"}


def text(output: str) -> None:
    """A terminal: nothing that moves the cursor, hides, or turns the direction of writing."""
    found = HIDDEN.search(output)
    assert found is None, output[max(0, found.start() - 80) : found.end() + 20]


def json_document(output: str) -> None:
    """A strict reader of JSON, and eyes that look at it."""
    text(output)
    msgspec.json.decode(output.encode())


class _Tags(HTMLParser):
    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str]] = []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += [(name, value or "") for name, value in attrs]


def _tokens(tokens: list[Any]) -> Iterator[Any]:
    for token in tokens:
        yield token
        yield from _tokens(token.children or [])


def markdown(output: str) -> None:
    """CommonMark with GitHub's tables; mentions and bare addresses as GitHub finds them."""
    text(output)
    tokens = list(_tokens(MARKDOWN.parse(output)))
    kinds = {token.type for token in tokens}
    assert not kinds & {"image", "link_open", "s_open", "em_open"}
    written = [t.content for t in tokens if t.type in ("html_block", "html_inline")]
    page = _Tags("".join(one for one in written if not one.startswith("<!-- analyticsops:")))
    assert set(page.tags) <= OUR_TAGS
    assert not page.attributes
    words = " ".join(t.content for t in tokens if t.type in ("text", "text_special"))
    assert not re.search(r"@\w|https?://|www\.", words, re.ASCII)


def post_mortem(output: str) -> None:
    """The same, but for the questions that it puts to whoever fills it in."""
    markdown(re.sub(r"(?m)^(- )?\*[A-Za-z ,.?]+\*$", "", output))


def html(output: str) -> None:
    """A page of findings: only our own tags, nothing that runs or loads."""
    text(output)
    page = _Tags(output)
    assert page.tags.count("script") <= 1
    assert not {"img", "iframe", "object", "embed", "form", "a", "base", "link"} & set(page.tags)
    assert not [name for name, _ in page.attributes if name.startswith("on")]


def github(output: str) -> None:
    """The runner: our commands, and no other."""
    text(output)
    assert {command.name for command in run_log(output).commands} <= {"error", "warning", "notice"}


def gitlab(output: str) -> None:
    """What GitLab documents of a code quality report."""
    json_document(output)
    issues = json.loads(output)
    assert len({issue["fingerprint"] for issue in issues}) == len(issues)
    for issue in issues:
        assert issue["severity"] in ("info", "minor", "major", "critical", "blocker")
        path = issue["location"]["path"]
        assert not path.startswith("/")
        assert ".." not in path.split("/")
        assert issue["location"]["lines"]["begin"] >= 1


def sarif(output: str) -> None:
    """A schema of what we use of SARIF; tests/report/test_sarif.py takes OASIS's own."""
    json_document(output)
    schema = json.loads((SCHEMAS / "report/schemas/sarif-profile.schema.json").read_text("utf-8"))
    jsonschema.validators.validator_for(schema)(schema).validate(json.loads(output))


def junit(output: str) -> None:
    """An XML parser."""
    text(output)
    root = ElementTree.fromstring(output.encode())
    assert {element.tag for element in root.iter()} <= {
        *("testsuites", "testsuite", "testcase", "failure", "skipped", "system-out", "properties"),
        *("property",),
    }


def openlineage(output: str) -> None:
    """OpenLineage's schema, event by event."""
    text(output)
    for line in output.splitlines():
        validate("OpenLineage", json.loads(line))


def dot(output: str) -> None:
    """Graphviz."""
    text(output)
    if DOT:
        drawn(output.encode())


def mermaid(output: str) -> None:
    """The part of Mermaid's grammar that we use."""
    text(output)
    for line in output.splitlines():
        ascii_only = re.sub(r'"[^"]*"', lambda m: m[0] if m[0].isascii() else '"x"', line)
        assert _MERMAID.fullmatch(ascii_only), line


def csv_table(output: str) -> None:
    """The csv module; and a spreadsheet, which takes four signs for the beginning of a formula."""
    rows = list(csv.reader(output.splitlines(keepends=True), strict=True))
    assert {len(row) for row in rows} == {len(rows[0])}
    for row in rows:
        for cell in row:
            assert not re.match(r"[=+@]|-(?![\d.]+$)", cell), cell


def sql(output: str) -> None:
    """DuckDB."""
    text(output)
    with duckdb.connect() as connection:
        (found,) = connection.execute("select json_serialize_sql(?::varchar)", [output]).fetchall()
    assert not json.loads(found[0])["error"]
    assert len(json.loads(found[0])["statements"]) == 1


def yaml_documents(output: str) -> None:
    """PyYAML."""
    text(output)
    assert all(isinstance(one, (dict, list)) for one in yaml.safe_load_all(output) if one)


def osi(output: str) -> None:
    """The published schema."""
    yaml_documents(output)
    schema = json.loads((SCHEMAS / "export/schemas/ossie-0.2.0.dev0.json").read_text("utf-8"))
    jsonschema.Draft202012Validator(schema).validate(yaml.safe_load(output))


def lookml(output: str) -> None:
    """A parser of LookML."""
    text(output)
    assert lkml.load(output)


def prometheus(output: str) -> None:
    """Prometheus' client in Python."""
    text(output)
    assert list(text_string_to_metric_families(output))


def completion(output: str) -> None:
    """bash."""
    subprocess.run(["bash", "-n"], input=output, text=True, check=True)


def _by_tool(tool: str, *arguments: str) -> Callable[[Path], None]:
    def judge(path: Path) -> None:
        yaml_documents(path.read_text("utf-8"))
        judged(tool, *arguments, path.name, folder=path.parent)

    return judge


def parquet(path: Path) -> None:
    """DuckDB."""
    assert duckdb.read_parquet(str(path)).fetchall()


def site(path: Path) -> None:
    """A parser of HTML and one of JSON; tests/e2e/test_report_page.py has a browser."""
    if path.suffix == ".js":
        called(path.read_bytes())
        return
    page = path.read_text("utf-8")
    tags = _Tags(page)
    assert not {"img", "iframe", "object", "embed", "form", "base"} & set(tags.tags)
    assert not [name for name, _ in tags.attributes if name.startswith("on")]


OUTPUTS: Mapping[str, Callable[[str], None]] = {
    "text": text,
    "json": json_document,
    "markdown": markdown,
    "summary": markdown,
    "html": html,
    "github": github,
    "gitlab": gitlab,
    "sarif": sarif,
    "junit": junit,
    "openlineage": openlineage,
    "openlineage-slo": openlineage,
    "dot": dot,
    "sql": sql,
    "mermaid": mermaid,
    "csv": csv_table,
    "csv-folder": csv_table,
    "osi": osi,
    "metricflow": yaml_documents,
    "cube": yaml_documents,
    "snowflake": yaml_documents,
    "databricks": yaml_documents,
    "lookml": lookml,
    "post-mortem": post_mortem,
    "openslo": yaml_documents,
    "prometheus": prometheus,
    "grafana": json_document,
    "completion": completion,
}
"""Format -> what reads its text."""

FILES: Mapping[str, Callable[[Path], None]] = {
    "parquet": parquet,
    "parquet-folder": parquet,
    "site": site,
    "prometheus-rules": _by_tool("promtool", "check", "rules"),
    "alertmanager": _by_tool("amtool", "check-config"),
}
"""Format -> what reads its file."""

BY_NAME: Mapping[str, Callable[[str], None]] = {".json": json_document, ".yml": yaml_documents}
"""Ending of a file that a command of another format writes beside it -> what reads it."""
