"""What a selection method gets to see, and the families of nodes it may look through."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from fnmatch import translate
from typing import TypeAlias

import msgspec

from analyticsops.errors import SelectionError
from analyticsops.project.model import Node, Project
from analyticsops.project.selection.context import Context
from analyticsops.project.selection.expression import Criterion
from analyticsops.project.selection.kinds import APART


class Search(msgspec.Struct, frozen=True):
    """One criterion to be answered; ``nodes`` are those that can be selected at all."""

    criterion: Criterion
    project: Project
    nodes: Mapping[str, Node]
    context: Context

    @property
    def text(self) -> str:
        """The value, which must be text.

        Raises:
            SelectionError: a number, list or boolean in YAML.
        """
        value = self.criterion.value
        if isinstance(value, str):
            return value
        raise self.error(f"expected text after {self.criterion.method!r}, found {value!r}")

    def inner(self) -> Iterator[Node]:
        """What a manifest holds under ``nodes``: models, seeds, snapshots, tests..."""
        return (node for node in self.nodes.values() if node.kind not in APART)

    def of(self, *kinds: str) -> Iterator[Node]:
        """The nodes of these kinds."""
        return (node for node in self.nodes.values() if node.kind in kinds)

    def error(self, what: str, hint: str = "") -> SelectionError:
        """The error to raise, with the place in the user's expression."""
        return SelectionError(what, where=self.criterion.where, hint=hint)


Method: TypeAlias = Callable[[Search], Iterable[str]]
"""From a search to the unique ids found."""


def glob(pattern: str) -> Callable[[str], object]:
    """A test of whole names: ``*``, ``?`` and ``[...]``; case counts."""
    return re.compile(translate(pattern)).match
