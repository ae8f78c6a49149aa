"""``modules.re``: regular expressions that could run for ever are refused."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from analyticsops.project.render.limits import LimitError
from analyticsops.project.render.values import Exposed

if TYPE_CHECKING:
    from analyticsops.project.render.session import RenderSession

_WORK = 10**8
_ESCAPED = re.compile(r"\\.", re.DOTALL)
_GROUP_REPEATED = re.compile(r"\)[*+?{]")
_REPEAT = re.compile(r"[*+{]")
_CHOICE = re.compile(r"[|?]")


class RegexModule(Exposed):
    """``modules.re``: patterns that cannot explode, on texts that are not too long."""

    exposed = frozenset(
        {"I", "IGNORECASE", "M", "MULTILINE", "S", "DOTALL", "VERBOSE", "X", "compile", "escape"}
        | {"findall", "fullmatch", "match", "search", "split", "sub"}
    )
    I = IGNORECASE = re.IGNORECASE  # noqa: E741
    M = MULTILINE = re.MULTILINE
    S = DOTALL = re.DOTALL
    X = VERBOSE = re.VERBOSE
    escape = staticmethod(re.escape)

    def __init__(self, session: RenderSession) -> None:
        self.session = session

    def missing(self, name: str) -> Any:
        """The rest of the module."""
        return self.session.unknown(f"modules.re.{name}", "is not run here")

    def compile(self, pattern: str, flags: int = 0) -> Pattern:
        """A pattern, refused if matching it could take for ever."""
        return Pattern(self.session, pattern, flags)

    def match(self, pattern: str, string: str, flags: int = 0) -> Any:
        """As ``re.match``."""
        return self.compile(pattern, flags).match(string)

    def fullmatch(self, pattern: str, string: str, flags: int = 0) -> Any:
        """As ``re.fullmatch``."""
        return self.compile(pattern, flags).fullmatch(string)

    def search(self, pattern: str, string: str, flags: int = 0) -> Any:
        """As ``re.search``."""
        return self.compile(pattern, flags).search(string)

    def findall(self, pattern: str, string: str, flags: int = 0) -> list[Any]:
        """As ``re.findall``."""
        return self.compile(pattern, flags).findall(string)

    def split(self, pattern: str, string: str, maxsplit: int = 0, flags: int = 0) -> list[Any]:
        """As ``re.split``."""
        return self.compile(pattern, flags).split(string, maxsplit)

    def sub(self, pattern: str, repl: str, string: str, count: int = 0, flags: int = 0) -> str:
        """As ``re.sub``, with a text as replacement."""
        return self.compile(pattern, flags).sub(repl, string, count)


class Pattern(Exposed):
    """A compiled pattern."""

    exposed = frozenset({"findall", "fullmatch", "match", "pattern", "search", "split", "sub"})

    def __init__(self, session: RenderSession, pattern: str, flags: int) -> None:
        plain = _ESCAPED.sub("x", pattern)
        self.session = session
        self.pattern = pattern
        self._repeats = len(_REPEAT.findall(plain))
        self._choices = len(_CHOICE.findall(plain))
        if len(pattern) > 1000 or self._choices > 24 or _GROUP_REPEATED.search(plain):
            raise self._endless()
        self._compiled = re.compile(pattern, flags)

    def _endless(self) -> LimitError:
        return LimitError(f"the regular expression {self.pattern[:60]!r} may run for ever")

    def _checked(self, string: str) -> str:
        """Without nesting, backtracking takes at most so many steps: each repeat ends
        anywhere in the text, each choice goes both ways."""
        steps = (len(string) + 1) ** min(self._repeats + 1, 30) * 2**self._choices
        if steps > _WORK:
            raise self._endless()
        self.session.budget.spend(len(string) + 1)
        return string

    def match(self, string: str) -> Any:
        """As of ``re``."""
        return _matched(self._compiled.match(self._checked(string)))

    def fullmatch(self, string: str) -> Any:
        """As of ``re``."""
        return _matched(self._compiled.fullmatch(self._checked(string)))

    def search(self, string: str) -> Any:
        """As of ``re``."""
        return _matched(self._compiled.search(self._checked(string)))

    def findall(self, string: str) -> list[Any]:
        """As of ``re``."""
        return self._compiled.findall(self._checked(string))

    def split(self, string: str, maxsplit: int = 0) -> list[Any]:
        """As of ``re``."""
        return self._compiled.split(self._checked(string), maxsplit)

    def sub(self, repl: str, string: str, count: int = 0) -> str:
        """As of ``re``, with a text as replacement."""
        if not isinstance(repl, str):
            raise TypeError("the replacement must be a text")
        times = len(string) + 1 if repl else 0
        self.session.budget.spend(times * (len(repl) + repl.count("\\") * len(string)))
        return self._compiled.sub(repl, self._checked(string), count)


class Match(Exposed):
    """A match."""

    exposed = frozenset({"end", "group", "groupdict", "groups", "span", "start"})

    def __init__(self, match: re.Match[str]) -> None:
        self.end, self.group, self.groupdict = match.end, match.group, match.groupdict
        self.groups, self.span, self.start = match.groups, match.span, match.start

    def __getitem__(self, key: Any) -> Any:
        return self.group(key)


def _matched(match: re.Match[str] | None) -> Match | None:
    return None if match is None else Match(match)
