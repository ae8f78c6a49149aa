"""Columns of models and queries that compute what a metric computes.

A column is an aggregate or it is none: lookups, casts and defaults around it are taken off.
Equal texts of value and rows are the same number, grouped in whatever way.
"""

from __future__ import annotations

import enum
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from analyticsops.metrics.meaning import Leaf
from analyticsops.metrics.registry import Registry
from analyticsops.project.keys import promised_keys
from analyticsops.sql.forms import Forms, digest, read_form, short
from analyticsops.sql.meaning import Meaning


class Likeness(enum.StrEnum):
    """How a column is like a metric."""

    EXACT = "the same"
    COUNTED = "the same rows, counted otherwise"
    ROWS = "the same value of other rows"
    NAMED = "another value under the same name"


class Shadow(NamedTuple):
    """A column that is like a metric.

    Attributes:
        node: ``unique_id`` of the model or analysis.
    """

    metric: str
    node: str
    column: str
    likeness: Likeness


class _Known(NamedTuple):
    """A metric that is one aggregation; texts as a column would have them.

    Attributes:
        values: what its aggregate is written as, without rows.
        wholes: likewise, with them.
        counts: what counts the same rows in other words; empty if it counts none.
        names: what people call it, as a column would be called.
    """

    name: str
    values: frozenset[str]
    wholes: frozenset[str]
    counts: frozenset[str]
    names: frozenset[str]
    about_columns: bool


class _Index:
    """Metrics by each text that a column may share with them."""

    def __init__(self, known: Iterable[_Known]) -> None:
        self._by_text: dict[str, list[_Known]] = {}
        self._by_name: dict[str, list[_Known]] = {}
        for metric in known:
            for text in metric.values | metric.counts:
                self._by_text.setdefault(text, []).append(metric)
            for name in metric.names:
                self._by_name.setdefault(name, []).append(metric)

    def like(self, column: str, bare: str, full: str) -> Iterator[tuple[_Known, Likeness]]:
        """The metrics that a column is like, each once and in the way that says most."""
        near = (self._by_text.get(bare, ()), self._by_text.get(full, ()))
        named = self._by_name.get(column.lower(), ())
        every = {metric.name: metric for found in (*near, named) for metric in found}
        for metric in every.values():
            if (likeness := _likeness(metric, column, bare, full)) is not None:
                yield metric, likeness


def find_shadows(registry: Registry) -> list[Shadow]:
    """Every column that is like a metric, sorted; those that the metric itself is computed
    from are not."""
    index = _Index(_known(registry))
    found: set[Shadow] = set()
    for node, meaning in (*registry.meant.tables.items(), *registry.meant.queries.items()):
        if meaning is None or not meaning.names:
            continue
        for column, bare, full in _aggregates(meaning):
            found.update(
                Shadow(metric.name, node, column, likeness)
                for metric, likeness in index.like(column, bare, full)
                if not _is_above(registry, metric.name, node, column)
            )
    return sorted(found)


def _known(registry: Registry) -> Iterator[_Known]:
    for name, definition in registry.definitions.items():
        leaves = registry.meant.metrics[name].leaves
        if definition.type not in ("simple", "sql") or len(leaves) != 1 or not leaves[0].value:
            continue
        if not registry.is_own(name):
            continue
        leaf = leaves[0]
        rows = _rows(leaf.whole)
        additive = not (leaf.aggregation and leaf.aggregation.non_additive)
        if rows and additive and not definition.filling:
            reads = leaf.rows is not None and bool(leaf.rows.about[0].tables)
            counted = leaf.value in _ROW_COUNTS
            counts = _counts(_keys(registry, leaf), rows) if counted else frozenset()
            names = _names(registry, name)
            yield _Known(name, _forms(leaf.value), _forms(leaf.whole), counts, names, reads)


def _keys(registry: Registry, leaf: Leaf) -> Iterator[str]:
    """Texts of single columns that tell the rows of the metric's model apart."""
    model = registry.layer.models.get(leaf.aggregation.semantic_model) if leaf.aggregation else None
    meaning = registry.meant.tables.get(model.model) if model is not None else None
    if model is None or meaning is None:
        return
    texts = {n.lower(): t for n, t in zip(meaning.names, meaning.bare.columns, strict=True)}
    for names, filled in promised_keys(registry.project, registry.project.nodes[model.model]):
        if filled and len(names) == 1 and names[0] in texts:
            yield texts[names[0]]


def _aggregates(meaning: Meaning) -> Iterator[tuple[str, str, str]]:
    """(column, its aggregate without rows, and with them)."""
    sides = zip(meaning.names, meaning.bare.columns, meaning.full.columns, strict=True)
    for name, bare, full in sides:
        yield name, _unwrapped(bare), _unwrapped(full)


def _unwrapped(text: str) -> str:
    """What is inside of lookups, uses, casts and defaults."""
    while (found := read_form(text)) is not None and len(found[1]) >= 2:
        how, parts = found
        if how in ("optional", "use"):
            text = parts[1]
        elif how == "cast" or (how == "coalesce" and parts[1].isdigit()):
            text = parts[0]
        else:
            break
    return text


def _rows(whole: str) -> str:
    found = read_form(whole)
    return found[1][-1] if found is not None and found[0] == "over" else ""


_ROW_COUNTS = ("(over (sum (this: 1)) rows)", "(over (count *) rows)")


def _likeness(metric: _Known, column: str, bare: str, full: str) -> Likeness | None:
    if bare in metric.values:
        if full in metric.wholes:
            return Likeness.EXACT
        return Likeness.ROWS if metric.about_columns else None
    if full in metric.counts:
        return Likeness.COUNTED
    named = column.lower() in metric.names
    return Likeness.NAMED if named and bare.startswith("(over ") else None


def _forms(text: str) -> frozenset[str]:
    """A text as it stands in columns: as it is, shortened, or as a digest."""
    return frozenset((text, short(text), _digest(text)))


def _digest(text: str) -> str:
    return f"#{digest(text)}"


def _counts(keys: Iterable[str], rows: str) -> frozenset[str]:
    """Texts that count the same rows: count(*), and the distinct values of a key."""
    forms = Forms()
    counted = {"(count *)", "(sum (this: 1))"}
    for key in keys:
        once = forms.form("distinct", forms.form("expressions:", key))
        counted |= {forms.form("count", once), forms.form("count", key)}
    texts = [f"(over {short(count)} {rows})" for count in counted]
    return frozenset((*texts, *map(_digest, texts)))


def _names(registry: Registry, name: str) -> frozenset[str]:
    words = (name, *registry.settings[name].synonyms)
    return frozenset("_".join(word.lower().split()) for word in words)


def _is_above(registry: Registry, name: str, node: str, column: str) -> bool:
    """True if the metric is computed from the column."""
    return any(ref.node == node and ref.column == column for ref in registry.reads(name))


def by_metric(shadows: list[Shadow]) -> Mapping[str, list[Shadow]]:
    """The shadows of each metric."""
    found: dict[str, list[Shadow]] = {}
    for shadow in shadows:
        found.setdefault(shadow.metric, []).append(shadow)
    return found
