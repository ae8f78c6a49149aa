"""Meanings of tables that are not simply what their SQL says: taken as a whole, or kept from
one run to the next."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from analyticsops.sql.forms import Forms, atom, digest
from analyticsops.sql.meaning import About, Meaning, Side


def atomic(ident: str, names: Sequence[str]) -> Meaning:
    """A table that is taken as a whole: a base table whose id says what is in it."""
    side = filled(Side(("",) * len(names), (Forms().form("table", atom(ident)),)), names, ident)
    about = (About(tables=(ident,)),) * (len(names) + 1)
    return Meaning(tuple(names), side, side, (ident,), about, ident=ident)


def filled(side: Side, names: Sequence[str], ident: str) -> Side:
    """The side with what is not understood standing for the whole table."""
    columns = tuple(
        text or Forms().form("column", atom(ident), atom(name))
        for name, text in zip(names, side.columns, strict=True)
    )
    return msgspec.structs.replace(side, columns=columns)


def kept(unique_id: str, branches: Sequence[Meaning], settings: Sequence[str]) -> Meaning:
    """A table that is not built anew each time: its rows are what several queries left there.
    A column that all of them compute alike is that."""
    forms = Forms()
    names = branches[0].names
    rows = [forms.form("rows", *b.full.leaves, "where", *b.full.predicates) for b in branches]
    ident = f"{unique_id}@{digest(' '.join((*rows, *settings)))}"

    def side(sides: Sequence[Side]) -> Side:
        columns = []
        for place in range(len(names)):
            texts = list(dict.fromkeys(side.columns[place] for side in sides))
            columns.append(texts[0] if len(texts) == 1 else forms.form("branches", *texts))
        return Side(tuple(columns), (forms.form("table", atom(ident)),))

    bases = {base for branch in branches for base in branch.bases}
    about = [_joined([b.about[place] for b in branches]) for place in range(len(names) + 1)]
    about[-1] = _joined([about[-1], About(tables=(ident,))])
    return Meaning(
        names=names,
        full=side([branch.full for branch in branches]),
        bare=side([branch.bare for branch in branches]),
        bases=tuple(sorted({*bases, ident})),
        about=tuple(about),
        uses=max(branch.uses for branch in branches),
    )


def _joined(several: Sequence[About]) -> About:
    shapes = {about.shape for about in several}
    return About(
        tables=tuple(sorted({table for about in several for table in about.tables})),
        contexts=tuple(sorted({text for about in several for text in about.contexts})),
        shape=shapes.pop() if len(shapes) == 1 else "",
    )
