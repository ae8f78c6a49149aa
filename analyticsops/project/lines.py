"""Where a node, a column, a test or a metric stands in the user's files.

dbt's artifacts hold no line numbers, so the YAML and SQL files are looked into. A
place that is not found is a path without a line, never a guess.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

import yaml

from analyticsops.findings import Location
from analyticsops.project.confined import read_inside
from analyticsops.project.entries import (
    composed,
    entry_of,
    line_of,
    named,
    part_of,
    setting_of,
    value_at,
    version_of,
)
from analyticsops.project.model import Node

YAML_LIMIT = 500_000
"""Bytes. PyYAML reads about 150,000 in a second."""

SQL_LIMIT = 4_000_000
"""Bytes."""

PACKAGES = "dbt_packages"

_YAML = (".yml", ".yaml")


class Locator:
    """Finds places in the files of one project; every file is read once.

    Args:
        project_dir: folder of dbt_project.yml; None gives paths without lines.
            Nothing outside of it is read.
        root: name of the root project; nodes of other packages are looked up under
            ``dbt_packages``. Empty: all nodes are the root project's.
    """

    def __init__(self, project_dir: Path | None, *, root: str = "") -> None:
        self._folder = project_dir
        self._root = root
        self._texts: dict[tuple[str, int], str | None] = {}
        self._documents: dict[str, yaml.Node | None] = {}

    def locate(
        self, node: Node, column: str | None = None, part: str | None = None
    ) -> Location | None:
        """The place of a node or of something in it; None if it has no file.

        Args:
            column: a column of it. One that YAML does not declare is looked for in the
                SQL, where it is named last.
            part: a measure, dimension, entity, metric or export of it by name, or a
                key of its entry such as ``description``.
        """
        file = node.patch_path or (node.path if node.path.endswith(_YAML) else "")
        if file:
            path = self._path(node, file)
            line = self._in_yaml(node, path, column, part)
            if line is not None or not node.path or node.path == file:
                return Location(path, line)
        if not node.path:
            return None
        path = self._path(node, node.path)
        if file and not column:
            return Location(self._path(node, file))  # described there, place not found
        return Location(path, self._in_code(path, column))

    def setting(self, node: Node, steps: Sequence[str | int]) -> Location | None:
        """The place of something under a node's ``config.meta.analyticsops``."""
        file = node.patch_path or (node.path if node.path.endswith(_YAML) else "")
        if not file:
            return None
        path = self._path(node, file)
        document = self._document(path)
        entry = entry_of(document, node) if document is not None else None
        found = setting_of(version_of(entry, node), steps) if entry is not None else None
        found = found or setting_of(entry, steps)
        return Location(path, line_of(found)) if found is not None else self.locate(node)

    def _path(self, node: Node, path: str) -> str:
        """Relative to the root project."""
        if not self._root or not node.package or node.package == self._root:
            return path
        return f"{PACKAGES}/{node.package}/{path}"

    # -- SQL

    def _in_code(self, path: str, column: str | None) -> int | None:
        text = self._text(path, SQL_LIMIT)
        if text is None:
            return None
        return named_last(text, column) if column else 1

    # -- YAML

    def _in_yaml(self, node: Node, path: str, column: str | None, part: str | None) -> int | None:
        document = self._document(path)
        entry = entry_of(document, node) if document is not None else None
        if entry is None:
            return None
        version = version_of(entry, node)
        if column is not None:
            for place in (version, entry):
                found = named(value_at(place, "columns"), column)
                if found is not None:
                    return line_of(found)
            return None
        if part is not None:
            found = part_of(version, part) or part_of(entry, part)
            if found is not None:
                return line_of(found)
        return line_of(version or entry)

    def _document(self, path: str) -> yaml.Node | None:
        if path not in self._documents:
            text = self._text(path, YAML_LIMIT)
            self._documents[path] = None if text is None else composed(text)
        return self._documents[path]

    def _text(self, path: str, limit: int) -> str | None:
        key = (path, limit)
        if key not in self._texts:
            self._texts[key] = self._read(path, limit)
        return self._texts[key]

    def _read(self, path: str, limit: int) -> str | None:
        if self._folder is None:
            return None
        contents = read_inside(self._folder, path, limit=limit)
        return None if contents.fault else contents.data.decode("utf-8", "replace")


def named_last(sql: str, column: str) -> int:
    """1-based line where ``column`` is given its name in SQL: the last ``as column``,
    else the last mention, else 1."""
    name = re.escape(column)
    forms = (rf"\bas\s+[\"`\[]?{name}(?!\w)", rf"(?<!\w){name}(?!\w)")
    for form in forms:
        places = [found.end() for found in re.finditer(form, sql, re.IGNORECASE)]
        if places:
            return sql.count("\n", 0, places[-1]) + 1
    return 1


def line_in_raw(raw: str, compiled: str, line: int) -> int:
    """The line of a model's own file from which a line of its compiled SQL comes.

    A line counts as the same if its text is the same, and if that text occurs as often in
    both. 0 if there is none: Jinja made it.
    """
    compiled_lines = [text.strip() for text in compiled.splitlines()]
    if not 1 <= line <= len(compiled_lines) or not compiled_lines[line - 1]:
        return 0
    wanted = compiled_lines[line - 1]
    there = [n for n, text in enumerate(compiled_lines, 1) if text == wanted]
    here = [n for n, text in enumerate(raw.splitlines(), 1) if text.strip() == wanted]
    return here[there.index(line)] if len(here) == len(there) else 0
