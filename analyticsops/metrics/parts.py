"""The meaning of a metric under filters, on the way to a whole."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from analyticsops.metrics.definitions import Aggregation, Definition
from analyticsops.metrics.instances import Trouble
from analyticsops.metrics.meaning import Leaf
from analyticsops.sql.forms import Forms, atom, digest
from analyticsops.sql.meaning import About, Meaning, Side


class Part(NamedTuple):
    """Texts of the levels, and what else there is to say."""

    value: str
    rows: str
    time: str
    tables: frozenset[str]
    opaque: tuple[str, ...] = ()
    troubles: tuple[Trouble, ...] = ()
    leaves: tuple[Leaf, ...] = ()


def form(how: str, *parts: str) -> str:
    """A form of which some parts are words."""
    return Forms().form(
        how, *(part if part.startswith(("(", "#")) else atom(part) for part in parts)
    )


def semi_additive(aggregation: Aggregation) -> tuple[str, ...]:
    """Along which dimension it must not be summed, as texts."""
    stated = {key: value for key, value in aggregation.non_additive.items() if value}
    return tuple(f"{key}: {value}" for key, value in sorted(stated.items()))


def together(parts: Sequence[Part]) -> Part:
    """Everything of several but their values."""
    rows = sorted({part.rows for part in parts})
    times = sorted({part.time for part in parts})
    return Part(
        value="",
        rows=form("all", *rows),
        time=form("all", *times),
        tables=frozenset(table for part in parts for table in part.tables),
        opaque=tuple(dict.fromkeys(why for part in parts for why in part.opaque)),
        troubles=tuple(dict.fromkeys(trouble for part in parts for trouble in part.troubles)),
        leaves=tuple(leaf for part in parts for leaf in part.leaves),
    )


def as_table(name: str, part: Part) -> Meaning:
    """The values of a metric by entity."""
    meant = digest(f"{part.value} {part.rows}")
    ident = f"metric {name} {meant}"
    forms = Forms()
    bare = (forms.form("column", atom(ident), "k"), form("metric", part.value))
    full = (bare[0], form("metric", part.value, part.rows))
    leaf = (forms.form("table", atom(ident)),)
    key = ((bare[0],),)
    below = tuple(sorted(part.tables))
    rows = About(tables=(ident, *below), contexts=(digest(part.rows),))
    about = (About(tables=(ident,)), About(below, (digest(part.rows),)), rows)
    return Meaning(
        ("aops_k", "aops_v"),
        Side(full, leaf, (), key),
        Side(bare, leaf, (), key),
        tuple(sorted({ident, *part.tables})),
        about,
    )


def unknown(trouble: Trouble) -> Part:
    """The meaning of what is not there."""
    return opaque(digest(trouble.text), trouble.text, frozenset())._replace(troubles=(trouble,))


def opaque(text: str, reason: str, tables: frozenset[str]) -> Part:
    """The meaning of what is compared as text."""
    unknown = form("opaque", text)
    return Part(unknown, unknown, unknown, tables, (reason,))


def defined(definition: Definition) -> str:
    """A definition as a text that is the same however it is written: without words for
    people, and with what holds together in one order."""
    parts = [
        definition.type,
        *sorted(definition.filters),
        *(
            " ".join((part.role, part.name, part.alias, part.shift, part.filling,
                      *sorted(part.filters)))
            for part in definition.inputs
        ),
        aggregation_text(definition.aggregation) if definition.aggregation is not None else "",
        definition.expr,
        definition.window,
        definition.grain_to_date,
        definition.period_agg,
        definition.entity,
        definition.calculation,
        *(" ".join(pair) for pair in definition.constants),
        definition.grain,
        definition.filling,
        definition.model,
        definition.time,
    ]  # fmt: skip
    return "\n".join(parts)


def aggregation_text(aggregation: Aggregation) -> str:
    """An aggregation as a text that is the same however it is written."""
    return "\n".join(
        (
            aggregation.semantic_model,
            aggregation.agg,
            aggregation.expr,
            *aggregation.params,
            aggregation.time,
            *semi_additive(aggregation),
        )
    )
