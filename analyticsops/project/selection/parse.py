"""Text of a command line -> :class:`Selection`."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from difflib import get_close_matches
from typing import Any

from analyticsops.errors import SelectionError
from analyticsops.project.selection.expression import (
    INDIRECT,
    Criterion,
    Indirect,
    Intersection,
    Selection,
    Union,
)
from analyticsops.project.selection.kinds import ALL_KINDS, DEFAULT_KINDS
from analyticsops.project.selection.methods import METHOD_NAMES

_CRITERION = re.compile(
    r"(?P<childrens_parents>@)?"
    r"(?:(?P<parents_depth>\d*)(?P<parents>\+))?"
    r"(?:(?P<method>[\w.]+):)?"
    r"(?P<value>.*?)"
    r"(?:(?P<children>\+)(?P<children_depth>\d*))?"
)
_FILE_ENDINGS = (".sql", ".py", ".csv")


def parse_selection(
    select: str | Sequence[str] = (),
    exclude: str | Sequence[str] = (),
    *,
    selector: str = "",
    indirect: str = "eager",
    resource_types: Iterable[str] = (),
    exclude_resource_types: Iterable[str] = (),
) -> Selection:
    """Read what dbt reads from ``--select`` and its companions.

    Args:
        select: one text or several: a space is a union, a comma an intersection. Nothing
            at all means everything; an empty *text* selects nothing, as in dbt.
        exclude: likewise, to be taken away.
        selector: name of a definition in ``selectors.yml``.
        indirect: ``eager``, ``cautious``, ``buildable`` or ``empty``.
        resource_types: only these; also ``all`` and ``default``.
        exclude_resource_types: not these.

    Raises:
        SelectionError: what dbt refuses; with the place, and the methods there are.
    """
    mode = read_indirect(indirect, "--indirect-selection")
    return Selection(
        select=parse_text(select, mode, "--select") if _given(select) else None,
        exclude=parse_text(exclude, mode, "--exclude") if _given(exclude) else None,
        selector=selector,
        indirect=mode,
        kinds=_kinds(resource_types, exclude_resource_types),
    )


def _given(words: str | Sequence[str]) -> bool:
    return isinstance(words, str) or len(words) > 0


def parse_text(words: str | Sequence[str], indirect: Indirect, origin: str) -> Union:
    """``a b,c`` -> union of ``a`` and the intersection of ``b`` and ``c``."""
    text = words if isinstance(words, str) else " ".join(words)
    parts: list[Intersection] = []
    at = 1
    for word in text.split(" "):
        terms: list[Criterion] = []
        for term in word.split(","):
            terms.append(parse_criterion(term, indirect, f"{origin}, character {at}, {term!r}"))
            at += len(term) + 1
        parts.append(Intersection(tuple(terms), indirect))
    return Union(tuple(parts), indirect)


def parse_criterion(text: str, indirect: Indirect, where: str) -> Criterion:
    """One word, such as ``2+config.materialized:table+1``."""
    match = _CRITERION.fullmatch(text)
    if match is None:
        raise SelectionError("a selector cannot span lines", where=where)
    found = match.groupdict()
    method = found["method"] or _default_method(found["value"])
    return make_criterion({**found, "method": method}, text, indirect, where)


def _default_method(value: str) -> str:
    if "/" in value:
        return "path"
    return "file" if value.lower().endswith(_FILE_ENDINGS) else "fqn"


def make_criterion(parts: Mapping[str, Any], raw: str, indirect: Indirect, where: str) -> Criterion:
    """A criterion from its named parts: those of the text, or those written in YAML."""
    method, *arguments = str(parts["method"]).split(".")
    if method not in METHOD_NAMES:
        raise _unknown_method(method, where)
    if parts.get("children") and parts.get("childrens_parents"):
        raise SelectionError(
            'the prefix "@" and the suffix "+" do not go together',
            where=where,
            hint='"@" already takes all children',
        )
    return Criterion(
        raw=raw,
        where=where,
        method=method,
        arguments=tuple(arguments),
        value=parts["value"],
        childrens_parents=bool(parts.get("childrens_parents")),
        parents=bool(parts.get("parents")),
        parents_depth=_depth(parts.get("parents_depth"), where),
        children=bool(parts.get("children")),
        children_depth=_depth(parts.get("children_depth"), where),
        indirect=read_indirect(parts.get("indirect_selection", indirect), where),
    )


def _depth(raw: Any, where: str) -> int | None:
    # A number 0 in YAML is "not given" to dbt, the text "0" is zero steps.
    if not raw:
        return None
    try:
        return int(raw)
    except (TypeError, ValueError):
        raise SelectionError(f"{raw!r} is not a number of steps", where=where) from None


def _unknown_method(method: str, where: str) -> SelectionError:
    close = get_close_matches(method, METHOD_NAMES, n=1)
    guess = f"did you mean {close[0]!r}? " if close else ""
    methods = ", ".join(METHOD_NAMES)
    return SelectionError(
        f"{method!r} is not a selection method", where=where, hint=f"{guess}methods: {methods}"
    )


def read_indirect(mode: Any, where: str) -> Indirect:
    """Check a mode of indirect selection.

    Raises:
        SelectionError: there is no such mode.
    """
    for known in INDIRECT:
        if mode == known:
            return known
    raise SelectionError(
        f"{mode!r} is not a mode of indirect selection",
        where=where,
        hint=f"known are {', '.join(INDIRECT)}",
    )


def _kinds(only: Iterable[str], without: Iterable[str]) -> frozenset[str]:
    wanted = {kind.lower() for kind in only}
    kinds = wanted - {"all", "default"}
    if "all" in wanted:
        kinds |= ALL_KINDS
    if "default" in wanted or not wanted:
        kinds |= DEFAULT_KINDS
    dropped = {kind.lower() for kind in without}
    for flag, names in (("--resource-type", kinds), ("--exclude-resource-type", dropped)):
        for name in sorted(names - ALL_KINDS):
            raise SelectionError(
                f"{name!r} is not a resource type that can be listed",
                where=flag,
                hint=f"known are {', '.join(sorted(ALL_KINDS))}",
            )
    return frozenset(kinds - dropped)
