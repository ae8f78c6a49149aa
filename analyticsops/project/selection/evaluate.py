"""Selection + project -> unique ids. The order of steps is that of dbt's NodeSelector."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from fnmatch import fnmatchcase
from typing import Any, TypeAlias

import msgspec

from analyticsops.errors import SelectionError
from analyticsops.project.model import Project
from analyticsops.project.selection import graph as walk
from analyticsops.project.selection.columns import by_column
from analyticsops.project.selection.context import Context
from analyticsops.project.selection.definitions import Definition, read_definitions
from analyticsops.project.selection.expression import (
    Criterion,
    Difference,
    Expression,
    Indirect,
    Intersection,
    Selection,
)
from analyticsops.project.selection.graph import Graph
from analyticsops.project.selection.kinds import TESTS
from analyticsops.project.selection.methods import METHODS
from analyticsops.project.selection.methods.search import Search

Found: TypeAlias = tuple[set[str], set[str]]
"""What is selected, and the tests that wait for the rest of their parents."""


class _Scope(msgspec.Struct, frozen=True):
    """What stays the same while one selection is answered; ``inside`` are the names of
    the selectors that led here."""

    project: Project
    graph: Graph
    context: Context
    selection: Selection
    inside: tuple[str, ...] = ()

    @property
    def selectors(self) -> Mapping[str, Any]:
        """``selectors.yml`` as data."""
        newer = self.context.selectors
        return self.project.selectors if newer is None else newer

    def definitions(self) -> Mapping[str, Definition]:
        """Read only when one is needed: a strange one must not spoil other selections."""
        return read_definitions(self.selectors, self.selection.indirect)


def select_nodes(
    project: Project, selection: Selection, context: Context | None = None
) -> frozenset[str]:
    """The unique ids that ``dbt ls`` lists for this selection.

    Args:
        project: where to select.
        selection: from :func:`analyticsops.project.selection.parse_selection`.
        context: what some methods need besides; see there.

    Raises:
        SelectionError: a method misses its part of the context, or a value makes no sense.
    """
    scope = _Scope(project, walk.graph_of(project), context or Context(), selection)
    return frozenset(_of_wanted_kinds(scope, _selected(scope)))


def _of_wanted_kinds(scope: _Scope, found: Iterable[str]) -> set[str]:
    nodes, kinds = scope.graph.nodes, scope.selection.kinds
    return {unique_id for unique_id in found if nodes[unique_id].kind in kinds}


def _selected(scope: _Scope) -> set[str]:
    selection = scope.selection
    named = _named(scope)
    if named is not None:
        return _find(scope, named.expression)[0]
    everything = set(scope.graph.nodes)
    kept = _find(scope, selection.select)[0] if selection.select else everything
    return kept - _find(scope, selection.exclude)[0] if selection.exclude else kept


def _named(scope: _Scope) -> Definition | None:
    """``--selector``, or the default selector if nothing else was asked for."""
    selection = scope.selection
    if selection.selector:
        definitions = scope.definitions()
        if selection.selector not in definitions:
            raise _no_selector(selection.selector, definitions, "--selector")
        return definitions[selection.selector]
    if selection.select is not None or selection.exclude is not None or not scope.selectors:
        return None
    return next((known for known in scope.definitions().values() if known.default), None)


def _no_selector(name: str, known: Iterable[str], where: str) -> SelectionError:
    names = sorted(known)
    close = get_close_matches(name, names, n=1)
    guess = f"did you mean {close[0]!r}? " if close else ""
    return SelectionError(
        f"no selector {name!r} is defined",
        where=where,
        hint=f"{guess}selectors: {', '.join(names) or 'none'}",
    )


def _find(scope: _Scope, expression: Expression) -> Found:
    if isinstance(expression, Criterion):
        return _find_criterion(scope, expression)
    if isinstance(expression, Difference):
        kept, kept_waiting = _find(scope, expression.kept)
        dropped, dropped_waiting = _find(scope, expression.dropped)
        return kept - dropped, (kept | kept_waiting) - (dropped | dropped_waiting)
    parts = [_find(scope, part) for part in expression.parts]
    if not parts:
        return set(), set()
    combine = set.intersection if isinstance(expression, Intersection) else set.union
    direct = combine(*(found for found, _ in parts))
    waiting = combine(*(found | tests for found, tests in parts))
    return _with_completed_tests(scope, direct, waiting, expression.indirect), waiting


def _with_completed_tests(
    scope: _Scope, direct: set[str], waiting: set[str], indirect: Indirect
) -> set[str]:
    """Add the waiting tests whose parents have come together in this group. dbt does
    this for data tests only."""
    if indirect not in ("cautious", "buildable") or direct == waiting:
        return direct
    nodes = scope.graph.nodes
    present = direct
    if indirect == "buildable":
        present = direct | walk.parents(scope.graph, direct)
    return direct | {
        unique_id
        for unique_id in waiting - direct
        if nodes[unique_id].kind == "test" and present.issuperset(nodes[unique_id].depends_on)
    }


def _find_criterion(scope: _Scope, criterion: Criterion) -> Found:
    search = Search(criterion, scope.project, scope.graph.nodes, scope.context)
    if criterion.method == "column":
        selected = set(by_column(search))
    else:
        found = METHODS[criterion.method](search) if criterion.method in METHODS else None
        start = _by_selector(scope, search) if found is None else set(found)
        selected = start | _relatives(scope.graph, start, criterion)
    # A named selector has already decided about its tests.
    if criterion.indirect == "empty" or criterion.method == "selector":
        return selected, set()
    return _with_tests(scope, selected, criterion.indirect)


def _relatives(graph: Graph, start: set[str], criterion: Criterion) -> set[str]:
    found: set[str] = set()
    if criterion.childrens_parents:
        found |= walk.childrens_parents(graph, start)
    if criterion.parents:
        found |= walk.parents(graph, start, criterion.parents_depth)
    if criterion.children:
        found |= walk.children(graph, start, criterion.children_depth)
    return found


def _by_selector(scope: _Scope, search: Search) -> set[str]:
    """``selector:``, as in dbt 1.12: names may hold wildcards, resource types apply within."""
    pattern = search.text
    definitions = scope.definitions()
    names = sorted(name for name in definitions if fnmatchcase(name, pattern))
    if not names:
        raise _no_selector(pattern, definitions, search.criterion.where)
    found: set[str] = set()
    for name in names:
        if name in scope.inside:
            raise search.error(f"selector {name!r} leads back to itself")
        within = msgspec.structs.replace(scope, inside=(*scope.inside, name))
        found |= _of_wanted_kinds(scope, _find(within, definitions[name].expression)[0])
    return found


def _with_tests(scope: _Scope, selected: set[str], indirect: Indirect) -> Found:
    """Add the tests that follow from the selected nodes; see :data:`Indirect`."""
    nodes = scope.graph.nodes
    below = walk.children(scope.graph, selected, 1)
    tests = {unique_id for unique_id in below if nodes[unique_id].kind in TESTS}
    if indirect == "eager":
        return selected | tests, set()
    present = selected
    if indirect == "buildable":
        sources = {node.unique_id for node in scope.project.of_kind("source")}
        present = selected | walk.parents(scope.graph, selected) | sources
    complete = {test for test in tests if present.issuperset(nodes[test].depends_on)}
    return selected | complete, tests - complete
