"""What each metric means, down to sources, level by level.

A metric is resolved through measures, dimensions, joins and models. Its fingerprint has
five levels, so that a change says what it is a change of:

- *definition*: its own YAML and what it is computed from, by name;
- *value*: the expression, down to columns of sources;
- *rows*: which rows are counted, whatever restricts or multiplies them further up;
- *time*: by which time they are shown;
- *sources*: the tables at the far end, and the content of seeds.

What is not understood is opaque: it stands for its text, with the reason.
"""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from analyticsops.metrics.definitions import Aggregation
from analyticsops.metrics.instances import Instance, Trouble
from analyticsops.sql.meaning import Meaning

LEVELS = ("definition", "value", "rows", "time", "sources")
"""In the order in which people want to hear of them."""

MEANING = LEVELS[1:]
"""Those that decide about the number."""


class MetricMeaning(msgspec.Struct, frozen=True, kw_only=True):
    """The meaning of a metric.

    Attributes:
        levels: digest by level.
        fingerprint: of all levels that decide about the number: ``m2:`` and 16 digits.
        tables: ids of the sources and seeds at the far end.
        opaque: why parts of it are compared as text, one reason a line; empty if none are.
        troubles: what is wrong with its definition.
        leaves: the aggregations that it ends in.
    """

    levels: Mapping[str, str]
    fingerprint: str
    tables: tuple[str, ...] = ()
    opaque: tuple[str, ...] = ()
    troubles: tuple[Trouble, ...] = ()
    leaves: tuple[Leaf, ...] = ()


class Leaf(msgspec.Struct, frozen=True, kw_only=True):
    """An aggregation under the filters of all metrics above it.

    Attributes:
        filters: templates.
        sql: the instance that was analysed; None if it could not be written.
        value: text of the number over columns of sources, without rows.
        whole: the same with the rows that it is over.
        rows: what is aggregated, and by which time; None if it is not understood.
    """

    aggregation: Aggregation | None
    filters: tuple[str, ...] = ()
    sql: Instance | None = None
    value: str = ""
    whole: str = ""
    rows: Meaning | None = None
