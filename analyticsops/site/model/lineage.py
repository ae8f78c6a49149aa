"""Nodes, columns and edges as numbers, and what there is to say about each."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec


class Nodes(msgspec.Struct, frozen=True, kw_only=True):
    """All nodes, column by column of this table. Places refer to the lists at its end.

    Attributes:
        id: ``unique_id``.
        label: what people call it.
        kind: place in ``kinds``; likewise ``folder``, ``owner``, ``materialized``.
        status: 0 proven, 1 partial, 2 unknown, 3 has no lineage of its own.
        tags: places in ``tag_names``.
        parents: places of the nodes that it reads, as far as dbt or its SQL knows.
        columns: names, in order.
        column_tags: by slot, places in ``tag_names`` of tags that columns carry; those that
            travelled there are negative, less one: tag 3 arrives as -4.
        kinds: dbt's resource types, ``hook`` and ``external``.
    """

    id: tuple[str, ...]
    label: tuple[str, ...]
    kind: tuple[int, ...]
    folder: tuple[int, ...]
    owner: tuple[int, ...]
    materialized: tuple[int, ...]
    status: tuple[int, ...]
    tags: tuple[tuple[int, ...], ...]
    parents: tuple[tuple[int, ...], ...]
    columns: tuple[tuple[str, ...], ...]
    column_tags: Mapping[int, tuple[int, ...]]
    kinds: tuple[str, ...]
    folders: tuple[str, ...]
    owners: tuple[str, ...]
    materializations: tuple[str, ...]
    tag_names: tuple[str, ...]


class Edges(msgspec.Struct, frozen=True, kw_only=True):
    """All edges between slots, by their target.

    Attributes:
        counts: how many edges end in each slot.
        sources: slots in which they begin, in the order of their targets.
        kinds: place in ``names`` of each, times four, plus how sure it is: 0 exact, 1 inferred,
            2 ambiguous, 3 partial.
        names: of kinds; with ``classes`` that say what they are: ``value``, ``control``,
            ``rows``, ``depends`` or ``tests``.
    """

    counts: tuple[int, ...]
    sources: tuple[int, ...]
    kinds: tuple[int, ...]
    names: tuple[str, ...]
    classes: tuple[str, ...]


class ColumnDetail(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What there is to say about a column.

    Attributes:
        steps: how it comes about: (CTE or derived table, SQL), from the final SELECT inwards.
        more: steps that are left out.
        note: what there is to say where there are no steps.
        problems: why its lineage is not proven.
    """

    name: str
    type: str = ""
    description: str = ""
    tests: tuple[str, ...] = ()
    steps: tuple[tuple[str, str], ...] = ()
    more: int = 0
    note: str = ""
    problems: tuple[str, ...] = ()
    inferred: bool = False


class NodeDetail(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What there is to say about a node.

    Attributes:
        path: of its file; ``line`` if known.
        relation: name of its table in the warehouse.
        sql: compiled, else as written; empty without one, or if SQL is left out.
        compiled: False if ``sql`` is as written.
        promises: contract, access, version, group, what was deprecated.
        tests: of the node as a whole.
        problems: why its lineage is not proven.
    """

    description: str = ""
    path: str = ""
    line: int = 0
    relation: str = ""
    owner: str = ""
    language: str = "sql"
    sql: str = ""
    compiled: bool = True
    promises: tuple[str, ...] = ()
    tests: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()
    columns: tuple[ColumnDetail, ...] = ()
