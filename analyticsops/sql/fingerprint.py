"""What a fingerprint holds: data only, so that who compares them need not parse SQL."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec


class Fingerprint(msgspec.Struct, frozen=True, kw_only=True):
    """The meaning of a query, comparable with that of another version of it.

    Attributes:
        columns: (key, name, text, expression) in order. ``text`` holds the rows that an
            aggregate or window is computed over; ``expression`` leaves them out, so that
            a changed filter is not also a changed expression. Both are digests, empty if
            the column is not understood.
        rows: digest of the row set; empty if it is not understood.
        filters: digests of all predicates, however deep, without the rows that their
            aggregates are computed over.
        openings: stars over unknown columns, as (table and what became of its columns,
            excluded names).
        assumed: (table id, columns) that somebody promises to be unique, and without which
            the texts would be others.
    """

    columns: tuple[tuple[str, str, str, str], ...]
    rows: str
    filters: frozenset[str]
    openings: tuple[tuple[str, tuple[str, ...]], ...]
    assumed: tuple[tuple[str, tuple[str, ...]], ...] = ()


Renames = Mapping[tuple[str, str], str]
"""(table id, key of a column) -> key under which the other version knows it."""


NOT_UNDERSTOOD = Fingerprint(columns=(), rows="", filters=frozenset(), openings=())
"""Of a query that is nested too deeply."""
