"""One self-contained page: no script, no request, every foreign word escaped.

Jinja2 escapes whatever the template prints, and a Content-Security-Policy forbids the
page to load or run anything, so a name that slipped through could still do nothing.
"""

from __future__ import annotations

from base64 import b64encode
from functools import cache
from hashlib import sha256
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from analyticsops.executed import told
from analyticsops.report import summary
from analyticsops.report.encode import lines, one_line
from analyticsops.report.examples import cell_text, parts_of
from analyticsops.report.model import Report
from analyticsops.report.options import PLAIN, Options
from analyticsops.report.place import place

if TYPE_CHECKING:
    from jinja2 import Template


def render(report: Report, options: Options = PLAIN) -> str:  # noqa: ARG001
    """The page as HTML 5."""
    style = _resource("page.css")
    return (
        _template()
        .render(
            report=report,
            active=summary.active(report),
            style=style,
            style_hash=b64encode(sha256(style.encode()).digest()).decode(),
            summary=summary,
            place=place,
            says=_told,
            told=told,
            parts_of=parts_of,
            cell_text=cell_text,
            fix_lines=lines,
        )
        .rstrip("\n")
        + "\n"
    )


def _told(value: Any) -> str:
    """A foreign word, with whatever a reader would not see made visible."""
    return one_line(str(value))


@cache
def _template() -> Template:
    from jinja2 import Environment, StrictUndefined

    environment = Environment(
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    return environment.from_string(_resource("page.html.jinja"))


def _resource(name: str) -> str:
    return files("analyticsops.report").joinpath(name).read_text(encoding="utf-8")
