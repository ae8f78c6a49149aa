"""Data that somebody wrote as YAML -> structs, with better words than the decoder's own."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from difflib import get_close_matches
from typing import Any, Protocol, TypeAlias, TypeVar

import msgspec

from analyticsops.errors import ConfigError
from analyticsops.yaml_files import Step

_T = TypeVar("_T")


class Places(Protocol):
    """Knows where each value stands: :class:`Lines` does."""

    def at(self, steps: Sequence[Step] = ()) -> str:
        """``file:line`` of the value at ``steps``."""


Place: TypeAlias = Places | str
"""Where values stand: each at its own line, or all at one place."""

MISSING = {
    "version": "write `version: 1`",
    "reason": "say why it is accepted",
    "until": "give the last day on which it holds, YYYY-MM-DD",
    "rule": "give the code or name of the rule",
    "why": "say why, for whoever asks in a year",
    "release_note": "say what readers are told",
    "approved_by": "say who decided",
    "migration": "say what readers do",
    "backfill": "say what becomes of values computed before; `none` if nothing does",
    "expr": "an SQL aggregate such as `sum(amount)`",
    "model": "the model that it is over",
}


def at(place: Place, steps: tuple[Step, ...]) -> str:
    """The place of a value, as an error names it."""
    return place if isinstance(place, str) else place.at(steps)


def check_keys(
    data: object, struct: type[msgspec.Struct], steps: tuple[Step, ...], place: Place
) -> None:
    """Refuse unknown and missing keys.

    Raises:
        ConfigError: with the place and the closest known key.
    """
    if not isinstance(data, dict):
        raise ConfigError(f"expected a mapping, got {kind(data)}", where=at(place, steps))
    known = struct.__struct_fields__
    for key in data:
        if key not in known:
            close = get_close_matches(str(key), known, n=1)
            advice = f"did you mean {close[0]!r}?" if close else f"known: {', '.join(known)}"
            raise ConfigError(f"unknown key {key!r}", where=at(place, (*steps, key)), hint=advice)
    for field in msgspec.structs.fields(struct):
        if field.required and data.get(field.name) is None:
            hint = MISSING.get(field.name, "")
            raise ConfigError(f"{field.name!r} is missing", where=at(place, steps), hint=hint)


def convert(
    data: object,
    struct: type[_T],
    steps: tuple[Step, ...],
    place: Place,
    word: Callable[[type[Any], Any], Any] | None = None,
    hints: Mapping[str, str] = {},
) -> _T:
    """The data as a struct.

    Args:
        word: reads values of types that are text with a form of their own.
        hints: key -> what is expected there.

    Raises:
        ConfigError: with the place and what was expected there.
    """
    try:
        return msgspec.convert(data, struct, dec_hook=word)
    except msgspec.ValidationError as error:
        what, _, where = str(error).partition(" - at `$")
        path = tuple(
            int(step[1]) if step[1] else step[2]
            for step in re.finditer(r"\[(\d+)\]|\.(\w+)", where)
        )
        where = at(place, (*steps, *path))
        raise ConfigError(_plain(what), where=where, hint=_hint(path, hints)) from error


def _plain(what: str) -> str:
    """The decoder's sentence in the words of YAML."""
    words = {
        "object": "a mapping",
        "array": "a list",
        "str": "text",
        "null": "nothing",
        "int": "a whole number",
        "float": "a number",
        "bool": "true or false",
    }
    plain = re.sub(r"`(\w+)(?: \| null)?`", lambda match: words.get(match[1], match[1]), what)
    plain = plain.replace("text of length >= 1", "text, got none")
    plain = re.sub(r"Expected text matching regex .*", "not of the expected form", plain)
    plain = re.sub(r"Object missing required field (\w+)", r"'\1' is missing", plain)
    plain = re.sub(r"Object contains unknown field (\w+)", r"unknown key '\1'", plain)
    return plain[:1].lower() + plain[1:]


def _hint(path: tuple[Step, ...], hints: Mapping[str, str]) -> str:
    expected = {
        "until": "a day as YYYY-MM-DD",
        "fail_on": "error, warning, info or never",
        "strictness": "relation, schema, data, kpi or strict",
        "perspective": "consumer or producer",
        "version": "this analyticsops reads version 1"
        if len(path) == 1
        else "three numbers as in 2.1.0, in quotes",
        "tier": "draft, reviewed, certified or deprecated",
        "direction": "up, down, target or neutral",
        "slo": "a number and a unit, as in 24h or 2 days",
        "fingerprint": "as metrics.lock.yml shows it: m2: and 16 digits",
        "date": "a day as YYYY-MM-DD",
        "sunset": "a day as YYYY-MM-DD",
        "kind": "fix, redefine, rename or deprecate",
        **hints,
    }
    return expected.get(str(path[-1]), "") if path else ""


def kind(value: object) -> str:
    """What a value is, in the words of YAML."""
    names = {dict: "a mapping", list: "a list", str: "text", bool: "true or false"}
    return "nothing" if value is None else names.get(type(value), "a number")
