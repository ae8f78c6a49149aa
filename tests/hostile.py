"""Names and texts that people, accidents and attackers have written: the only list of them."""

from __future__ import annotations

NAMES: tuple[str, ...] = (
    # control characters
    "nul\x00byte",
    "bell\x07and\x08backspace",
    "line\nbreak",
    "two\r\nlines",
    "carriage\rreturn",
    "tab\tbed",
    "vertical\x0btab\x0cfeed",
    "delete\x7fd",
    "".join(map(chr, range(32))),
    "".join(map(chr, range(0x7F, 0xA0))),
    "next\x85line",
    # escape sequences
    "\x1b[31mred\x1b[0m",
    "\x1b[2J\x1b[Hcleared",
    "\x1b]0;title\x07",
    "\x1b]8;;http://evil.example\x1b\\link\x1b]8;;\x1b\\",
    "\x1b]52;c;ZXZpbA==\x07clipboard",
    "\x9b31mred\x9b0m",
    "\x9d0;title\x9c",
    "\x1bPdevice\x1b\\control",
    "\x1b]never ends",
    "\x1b[",
    "\x1b",
    "\x1b\x1b[31m[31m",
    # direction and invisibility
    "\u202eelor\u202c",
    "\u2066isolated\u2069",
    "a\u200bb\u200cc\u200dd\ufeff",
    "line\u2028separator\u2029",
    "tag\U000e0041\U000e0042",
    "soft\u00adhyphen",
    # not Unicode, or hardly
    "half \ud800 pair",
    "\udfff\ud800",
    "\ufffe\uffff\ufdd0",
    "e\u0301\u0301\u0301 zalgo",
    "größe_日本語_данные",
    "👩‍👩‍👧 🏴‍☠️ 🎉",
    # workflow commands
    "::error::owned",
    "\n::error file=x::owned\n",
    "%0A::error::owned",
    "::stop-commands::x",
    "##[error]owned",
    "file=a,line=1::owned",
    "::add-mask::x%25",
    # Markdown
    "`",
    "``` ` ```",
    "`code` and ``more``",
    "a|b||c",
    "a\\|b\\",
    "| --- | --- |",
    "[link](http://evil.example)",
    "![image](http://evil.example/x.png)",
    "http://evil.example www.evil.example mail@evil.example",
    "@everyone and @org/team, #123, GH-4, :tada:",
    "# heading",
    "> quote",
    "1. one",
    "- list",
    "***bold*** __under__ ~~gone~~ $x^2$",
    "-->",
    "</details></summary>",
    # HTML and XML
    "</script><script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "]]>",
    "&lt;&amp;&#x41;&unknown;",
    "<!-- comment -->",
    # markup of rich
    "[red]not red[/red]",
    "a[/b]",
    "[link=http://evil.example]x[/link]",
    # Slack
    "<!channel> *now* _x_ `y` <https://evil.example|click> &lt;",
    # formulas
    "=cmd|' /C calc'!A0",
    "+1+1",
    "@SUM(1)",
    # templates and SQL
    "{{ env_var('HOME') }}{% raw %}",
    "${{ secrets.TOKEN }} $(id) `id` ${HOME}",
    "'); drop table x; --",
    # YAML
    "yes",
    "- a: *b\n&c !!python/object:os.system",
    # Mermaid, SARIF, JSON, paths
    'end"] --> n1["%%{init: {}}%%',
    "{0} {{1}} [0](1)",
    '"quoted\\"',
    "../../etc/passwd",
    "/etc/passwd",
    "\x1b[m../\x1b[m../etc/passwd",
    "C:\\Windows\\system32",
    "a:b/c d/é%41?x#y",
    "",
    "   ",
    "x" * 10_000,
    "|`" * 5_000,
)
"""Given to models, columns, owners: what people see of them, in every output."""


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
"""They end a literal, a template, a line or a parser, somewhere: for what becomes SQL."""

LARGE = 5_000_000
"""Bytes of the largest text."""


READABLE = tuple(name for name in NAMES if not any("\ud800" <= c <= "\udfff" for c in name))
"""Names that an artifact can hold: half surrogate pairs do not get past its reader."""


def escaped(text: str) -> str:
    """In ASCII, for an argument of dbt: `.encode().decode('unicode-escape')` is its inverse."""
    return text.encode("unicode_escape").decode("ascii")
