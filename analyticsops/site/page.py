"""The page itself: script, style and the first data in one file, and nothing that it may ask for
but its own chunks.

The Content-Security-Policy names the script and the style by their hashes. ``strict-dynamic`` lets
that script, and nothing else, bring further ones: the chunks beside the page, also from a disk,
where a browser knows no own origin.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterable
from functools import cache
from hashlib import sha256
from html import escape
from importlib.resources import files

from analyticsops.report.encode import seen_json
from analyticsops.site.chunks import Packed, encoded
from analyticsops.site.model.index import Index

MARK = '<meta name="generator" content="analyticsops report">'
"""By which a folder is known to hold a report, and not somebody's own page."""

_ICON = (
    "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 24 24' fill='none' stroke='#3157d5' "
    "stroke-width='2.2' stroke-linecap='round'><path d='M4 6h5c4 0 3 12 7 12h4M4 18h5c1.6 0 2.4-2 "
    "3-4'/></svg>"
)


def page(index: Index, inside: Iterable[Packed] = (), *, live: bool = False) -> str:
    """The page as HTML.

    Args:
        inside: chunks that stand in the page.
        live: it asks the server that it came from when it changed.
    """
    script, style = resource("app.js"), resource("app.css")
    asked = "'self'" if live else "'none'"
    policy = "; ".join(
        (
            "default-src 'none'",
            f"script-src {_hash(script)} 'strict-dynamic'",
            f"style-src {_hash(style)}",
            "img-src data: blob:",
            f"connect-src {asked}",
            "base-uri 'none'",
            "form-action 'none'",
        )
    )
    icon = b64encode(_ICON.encode()).decode()
    chunks = "".join(
        f'<script type="text/plain" id="data:{escape(one.name)}">{one.data}</script>\n'
        for one in inside
    )
    reload = '<meta name="analyticsops-live" content="changes">\n' if live else ""
    return (
        "<!doctype html>\n"
        '<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="referrer" content="no-referrer">\n'
        f"{MARK}\n{reload}"
        f"<title>{_text(index.title)}</title>\n"
        f'<link rel="icon" href="data:image/svg+xml;base64,{icon}">\n'
        f"<style>{style}</style>\n</head>\n<body>\n"
        '<div id="root"></div>\n'
        "<noscript>This report needs JavaScript, which is switched off here.</noscript>\n"
        f'<script type="application/json" id="index">{_json(index)}</script>\n'
        # Whoever passes a report on passes that code on, and its licences ask to go with it.
        f'<script type="text/plain" id="licences">\n{resource("licences.md")}</script>\n'
        f"{chunks}<script>{script}</script>\n</body>\n</html>\n"
    )


@cache
def resource(name: str) -> str:
    """A file of the front end, as it was built."""
    text = files("analyticsops.site").joinpath("page", name).read_text(encoding="utf-8")
    assert "</script" not in text.lower(), "it would end the element that it stands in"
    assert "</style" not in text.lower(), "likewise"
    return text


def _hash(text: str) -> str:
    return f"'sha256-{b64encode(sha256(text.encode()).digest()).decode()}'"


def _json(index: Index) -> str:
    """JSON in which nothing can end the element that it stands in."""
    text = encoded(index).decode()
    for char in "<>&":
        text = text.replace(char, f"\\u{ord(char):04x}")
    return seen_json(text)


def _text(text: str) -> str:
    return escape(text.encode("utf-8", "replace").decode())
