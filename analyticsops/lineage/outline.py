"""What the rest of a project needs of a query: small, and packed by the worker that
analysed it, so that the parent does not unpack facts into which nobody looks."""

from __future__ import annotations

import msgspec

from analyticsops.sql.facts import Problem, QueryFacts


class Outline(msgspec.Struct, frozen=True, array_like=True):
    """A query without its facts.

    Attributes:
        columns: names, in the order of the result.
        open_tables: ids of tables behind open stars.
        absent: keys of columns that do not come through those stars.
        seen: names of tables that are none of those it was told of.
        doubtful: places of columns with problems.
        problems: of rows and columns that are part of the result; why there are no facts,
            if there are none.
    """

    columns: tuple[str, ...] = ()
    open_tables: tuple[str, ...] = ()
    absent: tuple[str, ...] = ()
    seen: tuple[str, ...] = ()
    doubtful: tuple[int, ...] = ()
    problems: tuple[Problem, ...] = ()


def outline_of(answer: object) -> Outline:
    """The outline of facts, or of the lack of them; other answers need none."""
    if isinstance(answer, Problem):
        return Outline(problems=(answer,))
    if not isinstance(answer, QueryFacts):
        return Outline()
    columns = answer.columns
    doubtful = [place for place, column in enumerate(columns) if column.problems]
    problems = dict.fromkeys(answer.row_problems)
    for place in doubtful:
        problems.update(dict.fromkeys(columns[place].problems))
    return Outline(
        columns=tuple([column.name for column in columns]),
        open_tables=answer.open_tables,
        absent=answer.absent,
        seen=answer.seen,
        doubtful=tuple(doubtful),
        problems=tuple([answer.problems[place] for place in problems]),
    )
