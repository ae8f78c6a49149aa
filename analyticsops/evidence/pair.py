"""What is executed, as plain data: it is sent to a process that may be killed."""

from __future__ import annotations

import enum
from collections.abc import Mapping

import msgspec

from analyticsops.executed import Counterexample, Execution
from analyticsops.verify.tables import Hints, Table


class Side(enum.IntEnum):
    """One of the two versions."""

    BASE = 0
    HEAD = 1


SIDES = (Side.BASE, Side.HEAD)


class Seen(msgspec.Struct, frozen=True, gc=False):
    """A table as one version sees it.

    Attributes:
        name: database, schema and identifier, as far as its SQL names them.
        columns: (name, position in the table, type or empty for that of the table).
    """

    name: tuple[str, ...]
    columns: tuple[tuple[str, int, str], ...]


class Input(msgspec.Struct, frozen=True, gc=False):
    """A table that both versions are given with the same rows.

    Attributes:
        table: all columns that either version has; its id is the ``unique_id``.
        label: what people call it.
        seen: by the base and by the head; None by the one that does not have it.
        guessed: positions of columns of whose types nobody says anything.
    """

    table: Table
    label: str
    seen: tuple[Seen | None, Seen | None]
    guessed: tuple[int, ...] = ()


class Query(msgspec.Struct, frozen=True, gc=False):
    """A model in one version.

    Attributes:
        name: of its relation, for those that read it; empty for ephemeral models.
        sql: in DuckDB's words.
    """

    name: tuple[str, ...]
    sql: str


class Claim(msgspec.Struct, frozen=True, gc=False):
    """What the comparison says of a model, as far as execution can refute it.

    Attributes:
        rows: True if it has the same rows.
        equal: pairs (name in the base, name in the head) of columns that are the same
            where the rows are.
        other: likewise, of columns of which no such thing is said.
    """

    rows: bool
    equal: tuple[tuple[str, str], ...]
    other: tuple[tuple[str, str], ...] = ()


class Model(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A model in both versions.

    Attributes:
        versions: the base's and the head's; None where it does not exist.
        reads: ids of the models of the same job that it reads.
        claim: None for one that is only built because others read it.
        key: columns of the head that are promised to be unique together.
    """

    id: str
    label: str
    versions: tuple[Query | None, Query | None]
    reads: tuple[str, ...] = ()
    claim: Claim | None = None
    key: tuple[str, ...] = ()


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """What an execution may cost.

    Attributes:
        seconds: for one model.
        databases: that are generated for each.
        seed: chooses their rows.
        memory: in DuckDB's words.
    """

    seconds: float = 2.0
    databases: int = 40
    seed: int = 0
    memory: str = "1GB"


class Wanted(msgspec.Struct, frozen=True, gc=False):
    """A difference that somebody wants to see: of a column of the head, or of the rows if
    the name is empty."""

    model: str
    column: str = ""


class Actual(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A DuckDB database of the user's.

    Attributes:
        path: of the file.
        name: of the database in the project's SQL.
        sample: rows of each table, at most; 0 for all.
        keys: (table, column) that models are joined by.
    """

    path: str
    name: str
    sample: int = 0
    keys: tuple[tuple[str, str], ...] = ()


class Job(msgspec.Struct, frozen=True, kw_only=True):
    """Models over one set of inputs, parents before children.

    Attributes:
        inputs: tables that are given.
        models: those that are built.
        built: as :class:`Execution` says.
        families: how columns are used, by their names in lower case: what types to try
            where nobody says them.
        wanted: differences to be shown by a counterexample.
        actual: where rows come from; None to make them up.
    """

    inputs: tuple[Input, ...]
    models: tuple[Model, ...]
    built: str
    hints: Hints
    families: Mapping[str, str]
    limits: Limits
    wanted: tuple[Wanted, ...] = ()
    actual: Actual | None = None


class Found(msgspec.Struct, frozen=True, kw_only=True):
    """What came of a job.

    Attributes:
        executions: one for each model with a claim.
        shown: the counterexamples that were found.
        refuted: counterexamples to claims.
    """

    executions: tuple[Execution, ...]
    shown: tuple[tuple[Wanted, Counterexample], ...] = ()
    refuted: tuple[tuple[str, Counterexample], ...] = ()


def unknown(job: Job, reason: str) -> Found:
    """Nothing came of it."""
    return Found(
        executions=tuple(
            Execution(
                node=model.id,
                name=model.label,
                data="generated" if job.actual is None else "sample",
                built="model" if job.built == "model" else "downstream",
                outcome="unknown",
                reason=reason,
            )
            for model in job.models
            if model.claim is not None
        )
    )
