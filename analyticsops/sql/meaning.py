"""What columns and rows of a table mean, down to sources: data only, handed on to whoever
reads the table, so that its meaning holds that of everything below.
"""

from __future__ import annotations

import msgspec


class Side(msgspec.Struct, frozen=True, gc=False, array_like=True):
    """Canonical texts (:mod:`analyticsops.sql.forms`) of a table.

    Attributes:
        columns: in the order of :attr:`Meaning.names`; empty if it is not understood.
        leaves: of the rows, as are the predicates.
        keys: sets of values that no two rows have in common, NULL taken as a value.
        matches: the same, but several rows may have NULL.
    """

    columns: tuple[str, ...] = ()
    leaves: tuple[str, ...] = ()
    predicates: tuple[str, ...] = ()
    keys: tuple[tuple[str, ...], ...] = ()
    matches: tuple[tuple[str, ...], ...] = ()


class About(msgspec.Struct, frozen=True, gc=False, array_like=True):
    """What can be said of a text without the whole of it.

    Attributes:
        tables: ids of the tables at the far end that it speaks of.
        contexts: digests of the rows that decide about a value: those that aggregates and
            windows in it are over, and those in which it is looked up.
        shape: what a number is made of, if it is known: ``sum``, ``average``, ``ratio``,
            ``distinct count``, ``count`` or ``condition``.
    """

    tables: tuple[str, ...] = ()
    contexts: tuple[str, ...] = ()
    shape: str = ""


class Meaning(msgspec.Struct, frozen=True, gc=False, array_like=True):
    """The meaning of a table, or of a query.

    Attributes:
        names: of its columns.
        full: texts that hold the rows which an aggregate or window is computed over.
        bare: texts without those.
        bases: ids of the tables at the far end, whatever becomes of them.
        about: of each column; the last entry is of the rows.
        uses: the highest number given to a use of one of them.
        ident: id under which it is taken as a whole, so that it has any column that is asked
            for; empty if it is understood.
        known: False if something in the rows is not understood.
        assumed: (table id, columns) that somebody promises to be unique, and without which
            the texts would be others.
    """

    names: tuple[str, ...] = ()
    full: Side = Side()
    bare: Side = Side()
    bases: tuple[str, ...] = ()
    about: tuple[About, ...] = ()
    uses: int = 0
    ident: str = ""
    known: bool = True
    assumed: tuple[tuple[str, tuple[str, ...]], ...] = ()
