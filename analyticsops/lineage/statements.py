"""What hooks, operations and analyses read and write, as part of the column graph.

A statement is a node: its columns are those that it writes, made of what it reads. From
there edges lead to the columns of the table that it writes. What dbt builds first and a hook
changes later then has both origins, and whatever a hook reads has a reader.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple, cast

import msgspec

from analyticsops.lineage.analyst import Analysed, Analyst
from analyticsops.lineage.code import Finder
from analyticsops.lineage.graph import ColumnRef, Edge, HookLineage, Link, NodeLineage, Status
from analyticsops.lineage.outline import Outline
from analyticsops.lineage.query import packed_near
from analyticsops.lineage.questions import ReadStatement, StatementsQuery
from analyticsops.lineage.tables import Table
from analyticsops.project.hooks import held_statements, owner_id, statement_id
from analyticsops.project.model import Node, Project
from analyticsops.sql.facts import (
    UNKNOWN_COLUMN,
    UNNAMED,
    Base,
    Kind,
    Problem,
    Sure,
    TableColumns,
    demanded,
)
from analyticsops.sql.folding import Fold
from analyticsops.sql.silent import silent_word

NOT_UNDERSTOOD = "hook not understood"
"""The reason where nobody knows what a hook may write."""

PARTLY_UNDERSTOOD = "hook partly understood"
"""The reason where a hook writes what it does, and perhaps more."""

HOOK_REASONS = frozenset({NOT_UNDERSTOOD, PARTLY_UNDERSTOOD})
"""Reasons of doubt that a table has from its hooks."""

WHOLE = ""
"""Stands for all columns of a node where doubts are kept."""

_answers = msgspec.msgpack.Decoder(tuple[ReadStatement, ...])
_outlines = msgspec.msgpack.Decoder(Outline)

Doubts = Mapping[str, Mapping[str, tuple[Problem, ...]]]
"""Problems by node and column."""


class Held(NamedTuple):
    """What the statements of a project add to its graph.

    Attributes:
        hooks: all of them, also those without columns.
        queries: what each statement says, by its id.
        readers: ids of the statements that read a table, by its id.
        edges: into the columns of the tables that they write.
        bases: the columns that they name.
        doubts: of the tables that they write, or may write.
    """

    hooks: tuple[HookLineage, ...]
    queries: Mapping[str, tuple[Analysed, ...]]
    readers: Mapping[str, Sequence[str]]
    edges: frozenset[Edge]
    bases: tuple[Base, ...]
    doubts: Doubts


class Surroundings(NamedTuple):
    """What statements are read in.

    Attributes:
        tables: how SQL names each node.
        lineage: the columns of each node.
        find: the table that a name means, among all of the project.
    """

    project: Project
    tables: Mapping[str, Table | None]
    lineage: Mapping[str, NodeLineage]
    find: Callable[[Sequence[str]], Table | None]
    dialect: str
    fold: Fold


def read_held(around: Surroundings, code: Finder, analyst: Analyst) -> Held:
    """Analyse everything that a project holds beside its tables."""
    asked = _Asked(around, analyst)
    held = list(held_statements(around.project))
    for node in held:
        found = code(node)
        if found.sql is None:
            asked.give_up(node, found.problems, writes=found.writes)
        elif found.sql.strip():
            asked.ask(node, found.sql, found.problems, writes=found.writes)
        else:
            asked.pass_over(node)
    return asked.finish([node.unique_id for node in held])


class _Hook(NamedTuple):
    node: Node
    sql: str
    problems: tuple[Problem, ...]
    writes: bool
    near: tuple[str, ...]


class _Asked:
    """Hooks whose statements are being read, then the sum of what they say."""

    def __init__(self, around: Surroundings, analyst: Analyst) -> None:
        self._around = around
        self._analyst = analyst
        self._waiting: list[_Hook] = []
        self._answers: dict[str, Analysed] = {}
        self._under_way: dict[bytes, list[str]] = {}
        self.hooks: dict[str, HookLineage] = {}
        self.queries: dict[str, tuple[Analysed, ...]] = {}
        self.readers: dict[str, list[str]] = {}
        self.edges: set[Edge] = set()
        self.bases: list[Base] = []
        self.doubts: dict[str, dict[str, tuple[Problem, ...]]] = {}

    # -- questions -----------------------------------------------------------------------

    def ask(self, node: Node, sql: str, problems: tuple[Problem, ...], *, writes: bool) -> None:
        """Have the statements of a hook read, unless their first word says enough."""
        sure = not (problems and writes)
        if sure and ";" not in sql.rstrip("; \n\t") and silent_word(sql):
            self.pass_over(node)
            return
        near = self._named((owner_id(node.unique_id), *node.depends_on), sql)
        hook = _Hook(node, sql, problems, writes, near)
        self._waiting.append(hook)
        self._send(hook)

    def pass_over(self, node: Node) -> None:
        """A hook that reads and writes no columns."""
        self._keep(node, Status.PROVEN)

    def _named(self, tables: Iterable[str], sql: str) -> tuple[str, ...]:
        """Those whose name is in the text: of equal texts only one is then read."""
        text = sql.lower()
        known = ((name, self._around.tables.get(name)) for name in dict.fromkeys(tables))
        return tuple(name for name, table in known if table and table.identifier in text)

    def _query(self, hook: _Hook) -> StatementsQuery:
        near = [self._packed(name) for name in hook.near]
        return StatementsQuery(hook.sql, self._around.dialect, tuple(near))

    def _packed(self, unique_id: str) -> msgspec.Raw:
        table, lineage = self._around.tables[unique_id], self._around.lineage[unique_id]
        assert table is not None, "only tables are near"
        return packed_near(table, TableColumns(unique_id, lineage.names, lineage.complete))

    def _send(self, hook: _Hook) -> None:
        query = self._query(hook)
        known = self._analyst.known(query)
        if known is not None:
            self._answers[hook.node.unique_id] = known
            return
        same = self._under_way.setdefault(query.key, [])
        same.append(hook.node.unique_id)
        if len(same) == 1:
            self._analyst.ask(same, query)

    def _receive(self) -> None:
        for ticket, found in self._analyst.answers():
            self._answers.update(dict.fromkeys(cast("list[str]", ticket), found))
        self._under_way.clear()

    def finish(self, order: Iterable[str]) -> Held:
        """Everything, in this order. Hooks that name other tables of the project than dbt
        knows are read a second time."""
        self._receive()
        again = [_Hook(*hook[:4], self._wider(hook)) for hook in self._waiting]
        for hook, wider in zip(self._waiting, again, strict=True):
            if wider.near != hook.near:
                self._send(wider)
        self._receive()
        for hook in again:
            self._conclude(hook)
        readers = {table: sorted(set(names)) for table, names in self.readers.items()}
        return Held(
            tuple(self.hooks[unique_id] for unique_id in order),
            self.queries,
            readers,
            frozenset(self.edges),
            tuple(dict.fromkeys(self.bases)),
            self.doubts,
        )

    def _wider(self, hook: _Hook) -> tuple[str, ...]:
        statements = _statements(self._answers[hook.node.unique_id])
        named = {name for found in statements or () for name in (*found.reads, found.target)}
        foreign = sorted(name for name in named if name and name not in self._around.tables)
        tables = (self._around.find(name.split(".")) for name in foreign)
        return tuple(dict.fromkeys([*hook.near, *(table.id for table in tables if table)]))

    # -- answers --------------------------------------------------------------------------

    def give_up(self, node: Node, problems: tuple[Problem, ...], *, writes: bool) -> None:
        """A hook that is not understood: it may write any column of its node."""
        self._keep(node, Status.UNKNOWN, problems=problems)
        if writes:
            self._doubt_whole(node, NOT_UNDERSTOOD, problems)

    def _doubt_whole(self, node: Node, reason: str, problems: Sequence[Problem]) -> None:
        why = f": {problems[0]}" if problems else ""
        told = Problem(reason, f"{node.name}{why}")
        self._doubt(owner_id(node.unique_id), WHOLE, [told])

    def _doubt(self, table: str, column: str, problems: Iterable[Problem]) -> None:
        if table in self._around.lineage:
            columns = self.doubts.setdefault(table, {})
            columns[column] = tuple(dict.fromkeys((*columns.get(column, ()), *problems)))

    def _keep(
        self,
        node: Node,
        status: Status,
        *,
        statements: tuple[str, ...] = (),
        problems: tuple[Problem, ...] = (),
    ) -> None:
        self.hooks[node.unique_id] = HookLineage(
            node=node.unique_id,
            owner=owner_id(node.unique_id),
            status=status,
            statements=statements,
            problems=problems,
        )

    def _conclude(self, hook: _Hook) -> None:
        analysed = self._answers[hook.node.unique_id]
        found = _statements(analysed)
        if found is None:
            self.give_up(hook.node, analysed.outline.problems, writes=hook.writes)
            return
        spoken = [one for one in found if one.facts or one.problem]
        ids: list[str] = []
        problems = list(hook.problems if spoken or hook.writes else ())
        if hook.problems and hook.writes and not any(one.target for one in spoken):
            self._doubt_whole(hook.node, NOT_UNDERSTOOD, hook.problems)
        for number, one in enumerate(spoken, 1):
            if one.problem is not None:
                problems.append(one.problem)
                if hook.writes:
                    self._doubt_whole(hook.node, NOT_UNDERSTOOD, [one.problem])
                continue
            unique_id = statement_id(hook.node.unique_id, number, len(spoken))
            ids.append(unique_id)
            problems += self._statement(unique_id, one, hook)
        status = Status.PROVEN
        if problems:
            status = Status.PARTIAL if ids else Status.UNKNOWN
        self._keep(
            hook.node,
            status,
            statements=tuple(ids),
            problems=tuple(dict.fromkeys(problems)),
        )

    def _statement(self, unique_id: str, found: ReadStatement, hook: _Hook) -> tuple[Problem, ...]:
        """Add one statement; its problems."""
        analysed = Analysed(_outlines.decode(found.outline), found.facts)
        self.queries[unique_id] = (analysed,)
        for table in found.reads:
            self.readers.setdefault(table, []).append(unique_id)
        facts = analysed.facts
        self.bases += facts.bases
        if not found.target:  # nobody sees what the columns are called
            return tuple(p for p in facts.problems if p.reason != UNNAMED)
        self._written(unique_id, found, analysed, hook)
        return (*facts.problems, *self._missing(found, [column.name for column in facts.columns]))

    def _missing(self, found: ReadStatement, names: Iterable[str]) -> Iterator[Problem]:
        """Columns that a statement writes and that its target has not."""
        lineage = self._around.lineage.get(found.target)
        if lineage is None or not lineage.complete or found.verb == "create":
            return
        label = self._around.project.nodes[found.target].label
        for name in names:
            if lineage.spelled(name) not in lineage.names:
                yield Problem(UNKNOWN_COLUMN, f"{name} in {label}")

    def _written(
        self, unique_id: str, found: ReadStatement, analysed: Analysed, hook: _Hook
    ) -> None:
        facts, target = analysed.facts, found.target
        lineage = self._around.lineage.get(target)
        spelled = lineage.spelled if lineage else str
        sure = Sure.PARTIAL if hook.problems else Sure.EXACT
        more = _through_stars(analysed, lineage, self._around.fold, unique_id)
        self.edges |= more
        names = dict.fromkeys([*(c.name for c in facts.columns), *(e.target.column for e in more)])
        rows, into = ColumnRef(unique_id), ColumnRef(target)
        for name in names:
            written = ColumnRef(target, spelled(name))
            self.bases.append(Base(target, name))
            self.edges.add(Edge(ColumnRef(unique_id, name), written, Kind.IDENTITY, sure))
            if name in found.updated and (facts.row_codes or facts.tables):
                self.edges.add(Edge(rows, written, Kind.CONDITIONAL, sure))
        if "insert" in found.effects:
            self.edges.add(Edge(rows, into, Link.ROWS, sure))
        elif "delete" in found.effects:
            self.edges.add(Edge(rows, into, Kind.FILTER, sure))
        doubtful = {column.name: facts.problems_of(column) for column in facts.columns}
        own = [Problem(PARTLY_UNDERSTOOD, f"{hook.node.name}: {p}") for p in hook.problems[:1]]
        for name in names:
            if problems := (*doubtful.get(name, ()), *own):
                self._doubt(target, spelled(name), problems)


def _through_stars(
    analysed: Analysed, lineage: NodeLineage | None, fold: Fold, unique_id: str
) -> set[Edge]:
    """What a star over unknown columns may write: the columns that the target has."""
    facts = analysed.facts
    if not facts.stars or lineage is None:
        return set()
    listed = {fold(column.name, False) for column in facts.columns}
    edges: set[Edge] = set()
    for name in lineage.names:
        key = fold(name, False)
        more = None if key in listed else demanded(facts, name, key)
        for found in more.inputs if more else ():
            source = ColumnRef(found.table, found.column)
            edges.add(Edge(source, ColumnRef(unique_id, name), found.kind, found.sure, found.path))
    return edges


def _statements(analysed: Analysed) -> tuple[ReadStatement, ...] | None:
    """The statements of an answer; None if there is none."""
    return None if analysed.packed is None else _answers.decode(analysed.packed)


def with_doubts(lineage: Mapping[str, NodeLineage], doubts: Doubts) -> Iterator[NodeLineage]:
    """The nodes that hooks make doubtful, with those doubts."""
    for unique_id, columns in doubts.items():
        node = lineage[unique_id]
        whole = columns.get(WHOLE, ())
        found = dict(node.doubts)
        for name in node.names:
            own = (*columns.get(name, ()), *whole)
            if own:
                found[name] = tuple(dict.fromkeys((*found.get(name, ()), *own)))
        problems = dict.fromkeys((*node.problems, *(p for of in columns.values() for p in of)))
        status = Status.PARTIAL if node.status is Status.PROVEN else node.status
        yield msgspec.structs.replace(node, status=status, problems=tuple(problems), doubts=found)
