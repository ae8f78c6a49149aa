"""Methods that look at one property: tag, group, access, type, version."""

from __future__ import annotations

from collections.abc import Iterator

from analyticsops.project.model import Node
from analyticsops.project.selection.kinds import APART, KINDS, TESTS
from analyticsops.project.selection.methods.search import Search, glob


def by_tag(search: Search) -> Iterator[str]:
    """``tag:``. dbt gives semantic models no tags."""
    matches = glob(search.text)
    for unique_id, node in search.nodes.items():
        if node.tags and node.kind != "semantic_model" and any(map(matches, node.tags)):
            yield unique_id


def by_group(search: Search) -> Iterator[str]:
    """``group:``: nodes and metrics, by their config."""
    matches = glob(search.text)
    for node in search.nodes.values():
        if node.kind in APART and node.kind != "metric":
            continue
        group = node.config.get("group")
        if group and matches(str(group)):
            yield node.unique_id


def by_access(search: Search) -> Iterator[str]:
    """``access:``: ``public``, ``protected`` or ``private`` models."""
    wanted = search.text
    return (node.unique_id for node in search.of("model") if node.access == wanted)


def by_resource_type(search: Search) -> Iterator[str]:
    """``resource_type:``."""
    wanted = search.text
    if wanted not in KINDS:
        raise search.error(
            f"{wanted!r} is not a resource type", f"known are {', '.join(sorted(KINDS))}"
        )
    return (node.unique_id for node in search.of(wanted))


def by_test_name(search: Search) -> Iterator[str]:
    """``test_name:``: of the generic test (``not_null``) or of the unit test."""
    matches = glob(search.text)
    for node in search.of(*TESTS):
        name = node.name if node.test is None else node.test.name
        if name and matches(name):
            yield node.unique_id


def by_test_type(search: Search) -> Iterator[str]:
    """``test_type:``: ``generic`` (or ``schema``), ``singular``, ``data`` or ``unit``."""
    wanted = search.text
    # dbt asks whether the word is *in* "data", "singular", "unit": any piece of them will do.
    if wanted in ("generic", "schema"):
        types = {"generic"}
    elif wanted in "data":
        types = {"generic", "singular"}
    elif wanted in "singular":
        types = {"singular"}
    elif wanted in "unit":
        types = {"unit"}
    else:
        raise search.error(
            f"{wanted!r} is not a type of test", "known are generic, singular, data and unit"
        )
    for node in search.of(*TESTS):
        if _test_type(node) in types:
            yield node.unique_id


def _test_type(node: Node) -> str:
    if node.test is None:
        return "unit"
    return "generic" if node.test.name else "singular"


def by_version(search: Search) -> Iterator[str]:
    """``version:``: ``latest``, ``prerelease``, ``old`` or ``none``."""
    wanted = search.text
    if wanted not in ("latest", "prerelease", "old", "none"):
        raise search.error(
            f"{wanted!r} says nothing about versions", "known are latest, prerelease, old and none"
        )
    for node in search.of("model"):
        if _age(node) == wanted:
            yield node.unique_id


def _age(node: Node) -> str:
    this, latest = node.version, node.latest_version
    if not this:
        return "none"
    if this == latest:
        return "latest"
    # dbt takes a version 0 for "no version" here, but not above.
    if _zero(this) or _zero(latest):
        return ""
    if _before(this, latest):
        return "old"
    return "prerelease" if _before(latest, this) else ""


def _zero(version: str) -> bool:
    return version in ("", "0", "0.0")


def _before(left: str, right: str) -> bool:
    """Versions are numbers if both can be read as numbers, else text."""
    try:
        return float(left) < float(right)
    except ValueError:
        return left < right
