"""The page is judged by a parser: what a name becomes in it, and what it may load."""

from __future__ import annotations

from html.parser import HTMLParser

import pytest

from analyticsops.report import formats
from tests.hostile import NAMES
from tests.report import hostile, sample

names = pytest.mark.parametrize("name", NAMES, ids=range(len(NAMES)))


class _Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: set[str] = set()
        self.texts: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes |= {name for name, _ in attrs}

    def handle_data(self, data: str) -> None:
        self.texts.append(data)


def _parsed(page: str) -> _Tags:
    parser = _Tags()
    parser.feed(page)
    parser.close()
    return parser


@names
def test_a_name_makes_no_tag(name: str) -> None:
    found = _parsed(formats.render(hostile.report(name), "html"))
    harmless = _parsed(formats.render(hostile.report("orders"), "html"))
    # A fix may have several lines, and an empty owner is not shown: nothing else differs.
    assert set(found.tags) <= {*harmless.tags, "br"}
    assert found.tags.count("article") == harmless.tags.count("article")
    assert found.attributes <= harmless.attributes


def test_nothing_is_loaded_and_nothing_runs() -> None:
    page = formats.render(sample.report(), "html")
    found = _parsed(page)
    assert not {"script", "link", "img", "iframe", "object", "form"} & set(found.tags)
    assert not {"src", "onclick", "style"} & found.attributes
    assert "default-src 'none'" in page
    assert "http://" not in page.replace('http-equiv="', "")


def test_says_what_the_report_says() -> None:
    report = sample.report()
    text = " ".join("".join(_parsed(formats.render(report, "html")).texts).split())
    for finding in report.findings:
        assert finding.name in text
