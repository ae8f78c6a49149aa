"""Texts that end a literal, a template, a line or a parser, somewhere."""

from __future__ import annotations

TEXTS = [
    "'", "''", "\\'", '"', "`", "\\", "\\\\", "ends with \\", "it's; drop table x; --", "-- x",
    "/* x", "*/ x", "$$", "$analyticsops$", "$$; select 1; $$", "$1", ":name", "?", "%s", "%(x)s",
    "%%", "%", "{{ 1 / 0 }}", "{% raw %}", "{# x #}", "{{ return('x') }}", "{", "}}", "[", "]]",
    '"]]', '["a"]', "null", "none", "NULL", "true", "", " ", "  x  ", "001", "1e5", "NaN", "-1",
    "2026-01-01", "\n", "\r\n", "a\nb\r\nc", "\t", "\x0b\x0c", "\x00", "a\x00b", "\\u0000",
    "\\x00", "\\n", "".join(map(chr, range(1, 32))), "".join(map(chr, range(127, 160))),
    "\u2028\u2029\u0085", "\ufeff", "\u200b", "\u202e reversed", "e\u0301", "\U0001f600",
    "\U0001f468\u200d\U0001f469\u200d\U0001f467", "\U0010ffff", "\uffff", "日本語", "<script>",
    "&amp;", "é" * 1000, "${jndi:x}", "\\Z", "x'41'", "N'x'", "E'\\n'", "U&'\\0041'", "{fn now()}",
    "@x", "#x",
]  # fmt: skip

LARGE = 5_000_000
"""Bytes of the largest text."""


def escaped(text: str) -> str:
    """In ASCII, for an argument of dbt: `.encode().decode('unicode-escape')` is its inverse."""
    return text.encode("unicode_escape").decode("ascii")
