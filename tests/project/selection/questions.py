"""Random questions for ``dbt ls``, made from the names that a manifest holds."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from random import Random
from typing import Any, NamedTuple

from analyticsops.project.selection import Selection, parse_selection

KINDS = (
    "metric",
    "semantic_model",
    "saved_query",
    "source",
    "analysis",
    "function",
    "model",
    "test",
    "unit_test",
    "exposure",
    "snapshot",
    "seed",
)
MODES = ("eager", "cautious", "buildable", "empty")
STATES = (
    "new",
    "old",
    "modified",
    "unmodified",
    "modified.body",
    "modified.configs",
    "modified.persisted_descriptions",
    "modified.relation",
    "modified.macros",
    "modified.contract",
)


FIXED = ("resource_type", "state", "test_type", "version", "access", "result", "source_status")
"""Methods whose values take no wildcards."""


class Question(NamedTuple):
    """The arguments of one ``dbt ls``."""

    select: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    selector: str = ""
    indirect: str = "eager"
    only: tuple[str, ...] = ()
    without: tuple[str, ...] = ()

    def arguments(self) -> list[str]:
        """As typed behind ``dbt ls``."""
        parts = ["--indirect-selection", self.indirect]
        for flag, values in (
            ("--select", self.select),
            ("--exclude", self.exclude),
            ("--resource-type", self.only),
            ("--exclude-resource-type", self.without),
        ):
            parts += [flag, *values] if values else []
        return [*parts, "--selector", self.selector] if self.selector else parts

    def parsed(self) -> Selection:
        """As analyticsops reads it."""
        return parse_selection(
            self.select,
            self.exclude,
            selector=self.selector,
            indirect=self.indirect,
            resource_types=self.only,
            exclude_resource_types=self.without,
        )


Words = Mapping[str, list[Any]]


def words_of(raw: dict[str, Any]) -> Words:
    """What can stand behind each method, from a manifest as JSON."""
    nodes = list(raw["nodes"].values())
    sources = list(raw["sources"].values())
    named = {
        name: list(raw[collection].values())
        for name, collection in (
            ("exposure", "exposures"),
            ("metric", "metrics"),
            ("semantic_model", "semantic_models"),
            ("saved_query", "saved_queries"),
            ("unit_test", "unit_tests"),
        )
    }
    everything = [*nodes, *sources, *(entry for found in named.values() for entry in found)]
    everything += raw["functions"].values()
    paths = {entry["original_file_path"].removeprefix("./") for entry in everything}
    paths |= {entry["patch_path"].split("://")[1] for entry in nodes if entry.get("patch_path")}
    folders = {"/".join(path.split("/")[:size]) for path in paths for size in range(1, 4)}
    words: dict[str, list[Any]] = {
        "fqn": [fqn for entry in everything for fqn in _fqns(entry["fqn"])],
        "tag": [tag for entry in everything for tag in entry.get("tags") or ()],
        "group": [entry["config"].get("group") or "none" for entry in everything],
        "access": ["public", "protected", "private", "none"],
        "source": [name for entry in sources for name in _source_names(entry)],
        "path": [*paths, *folders, "models/**", "**/*.yml", "*/staging"],
        "file": [
            name
            for path in paths
            for name in (path.split("/")[-1], path.split("/")[-1].split(".")[0])
        ],
        "package": [*{entry["package_name"] for entry in everything}, "this"],
        "test_name": [*{(e.get("test_metadata") or {"name": e["name"]})["name"] for e in nodes}],
        "test_type": ["generic", "singular", "unit", "data", "schema", "dat", "ni"],
        "resource_type": [*KINDS, "operation", "doc"],
        "state": list(STATES),
        "result": ["success", "error", "skipped", "fail", "warn", "pass", "none"],
        "source_status": ["fresher", "fresher", "pass"],
        "version": ["latest", "prerelease", "old", "none"],
        "config": [pair for entry in (*nodes, *sources) for pair in _settings(entry["config"])],
    }
    for name, entries in named.items():
        own = [entry["name"] for entry in entries] or ["none"]
        words[name] = [*own, *(f"{entry['package_name']}.{entry['name']}" for entry in entries)]
    return {method: sorted(set(values), key=repr) or ["none"] for method, values in words.items()}


def _fqns(fqn: list[str]) -> Iterator[str]:
    for start in range(len(fqn)):
        for end in range(start + 1, len(fqn) + 1):
            yield ".".join(fqn[start:end])
    yield "_".join(fqn[-2:])


def _source_names(entry: dict[str, Any]) -> Iterator[str]:
    yield entry["source_name"]
    yield f"{entry['source_name']}.{entry['name']}"
    yield f"{entry['package_name']}.{entry['source_name']}.{entry['name']}"


def _settings(config: Mapping[str, Any], path: str = "config") -> Iterator[tuple[str, Any]]:
    for key, value in config.items():
        place = f"{path}.{key.replace('-', '_')}"
        if isinstance(value, Mapping):
            yield from _settings(value, place)
        for item in value if isinstance(value, list) else [value]:
            if isinstance(item, str | int | float | bool | None):
                yield place, item
        yield f"{place}.more", "x"


class Asker:
    """Makes one random question after another."""

    def __init__(self, words: Words, random: Random) -> None:
        self.words = words
        self.random = random

    def question(self) -> Question:
        """The next question."""
        random = self.random
        return Question(
            select=self._option() if random.random() < 0.9 else (),
            exclude=self._option() if random.random() < 0.4 else (),
            indirect=random.choice(MODES),
            only=self._kinds(0.3, ("all", "default")),
            without=self._kinds(0.15, ()),
        )

    def _kinds(self, chance: float, more: tuple[str, ...]) -> tuple[str, ...]:
        if self.random.random() > chance:
            return ()
        return tuple(self.random.sample([*KINDS, *more], k=self.random.randrange(1, 4)))

    def _option(self) -> tuple[str, ...]:
        size = self.random.choice((1, 1, 1, 2, 3))
        parts = tuple(self._word() for _ in range(size))
        return (" ".join(parts),) if self.random.random() < 0.3 else parts

    def _word(self) -> str:
        size = self.random.choice((1, 1, 1, 1, 1, 2))
        return ",".join(self.term() for _ in range(size))

    def term(self) -> str:
        """One criterion as text."""
        random = self.random
        if random.random() < 0.02:
            return random.choice(ODD)
        method, value = self.pair()
        if method in ("fqn", "path", "file") and random.random() < 0.7:
            text = str(value)
        else:
            text = f"{method}:{value}"
        before = random.choice(("", "", "", "", "+", "1+", "2+", "0+", "@", "@+"))
        after = random.choice(("", "", "", "+", "+1", "+2", "+0")) if "@" not in before else ""
        return f"{before}{text}{after}"

    def pair(self) -> tuple[str, Any]:
        """A method, perhaps with arguments, and a value."""
        random = self.random
        method = random.choice(
            (*self.words, "fqn", "fqn", "tag", "config", "state", "path", "result")
        )
        value = random.choice(self.words[method])
        if method == "config":
            return value[0], random.choice((str(value[1]).lower(), str(value[1])))
        blur = method not in FIXED and "*" not in value and random.random() < 0.3
        return method, self._blurred(value) if blur else value

    def _blurred(self, value: str) -> str:
        if len(value) < 2:
            return "*"
        start = self.random.randrange(len(value))
        end = self.random.randrange(start, len(value)) + 1
        # ** inside a word is left out: Python before 3.13 refuses it in paths.
        wild = self.random.choice(("*", "*", "?", "[a-m]", "[!x]", "[", "]"))
        return value[:start] + wild + value[end:]

    def definition(self, depth: int = 0) -> Any:
        """A definition as it may stand in selectors.yml."""
        random = self.random
        shape = random.random()
        if depth < 3 and shape < 0.45 - depth * 0.1:
            operator = random.choice(("union", "intersection"))
            items = [self.definition(depth + 1) for _ in range(random.randrange(1, 4))]
            if random.random() < 0.4:
                items.append({"exclude": self._definitions(depth)})
            return {operator: items}
        if shape < 0.6:
            return self.term()
        method, value = self.pair()
        if shape < 0.7:
            return {method: value}
        return self._full(method, value, depth)

    def _full(self, method: str, value: Any, depth: int) -> dict[str, Any]:
        random = self.random
        full: dict[str, Any] = {"method": method, "value": value}
        options: list[tuple[str, Any]] = [
            ("parents", True),
            ("parents_depth", random.choice((0, 1, 2, "0", "1"))),
            ("indirect_selection", random.choice(MODES)),
            ("exclude", self._definitions(depth) if depth < 3 else []),
        ]
        if random.random() < 0.3:
            options.append(("childrens_parents", True))
        else:
            options += [("children", True), ("children_depth", random.choice((0, 1, "2")))]
        full.update((key, option) for key, option in options if random.random() < 0.4)
        return full

    def _definitions(self, depth: int) -> list[Any]:
        return [self.definition(depth + 1) for _ in range(self.random.randrange(3))]


ODD = (
    "",
    "+",
    "@",
    "++",
    "a+b+c",
    "@orders+",
    "tga:nightly",
    "tag:",
    "fqn:",
    "path:",
    "path:/etc",
    "path:models/",
    "path:./models",
    "path:models/../models",
    "path:**",
    "path:*",
    "models//staging",
    "path:.",
    "path:./",
    "config:x",
    "config.nothing:x",
    "config.nothing:None",
    "config.materialized.upper:x",
    "config.meta.keys:x",
    "source:a.b.c.d",
    "exposure:a.b.c",
    "metric:a.b.c",
    "state:modified.everything",
    "state:",
    "version:newest",
    "test_type:other",
    "test_type:",
    "resource_type:thing",
    "*.sql",
    "*",
    "*.*",
    "?",
    "[a-z]*",
    "1+2",
    "tag.more:nightly",
    "fqn.x:orders",
    ":orders",
    "::",
    "config.tags.0:x",
    "package:th*",
    "99999999999999999999+orders",
)
