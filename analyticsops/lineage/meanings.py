"""What every table of a project means, down to sources: parents before children.

The meaning of a model holds that of what it reads, so that a change anywhere above changes
it, and a change that moves things from one model to another does not. What is not
understood stands for its own text and for all that it reads, with the reason.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple, cast

import msgspec

from analyticsops.lineage.analyst import Analysed, Analyst
from analyticsops.lineage.code import Finder, with_ids
from analyticsops.lineage.graph import ColumnGraph, ColumnRef
from analyticsops.lineage.query import Query, packed_near
from analyticsops.lineage.questions import MeaningQuery, MeantTable, packed_meaning
from analyticsops.lineage.schedule import Schedule
from analyticsops.lineage.tables import Table, seen_by, table_of
from analyticsops.lineage.wholes import atomic, filled, kept
from analyticsops.project.keys import promised_keys
from analyticsops.project.model import Node, Project
from analyticsops.sql.facts import Problem, TableColumns
from analyticsops.sql.forms import Forms, atom, digest
from analyticsops.sql.meaning import About, Meaning

_meaning = msgspec.msgpack.Decoder(Meaning)
_encoder = msgspec.msgpack.Encoder()

_OF_SNAPSHOTS = ("strategy", "unique_key", "updated_at", "check_cols", "hard_deletes")
_OF_INCREMENTAL = ("unique_key", "incremental_strategy", "merge_update_columns")
"""Settings that decide which rows are there."""


class Asked(NamedTuple):
    """A piece of SQL over tables of the project.

    Attributes:
        tables: name in the SQL -> the id of a table, or a table made up for the purpose.
        names: of the columns that are asked for.
    """

    sql: str
    tables: tuple[tuple[str, str | Meaning], ...]
    names: tuple[str, ...] = ()


class Names(NamedTuple):
    """What a piece of SQL names.

    Attributes:
        columns: of tables of the project.
        missing: names of columns that no table has.
    """

    columns: tuple[ColumnRef, ...] = ()
    missing: tuple[str, ...] = ()


class TableMeanings:
    """The meaning of the tables of a project, made when first asked for.

    Args:
        code: where a node's SQL comes from.
        dialect: sqlglot's name.
    """

    def __init__(
        self, project: Project, graph: ColumnGraph, code: Finder, dialect: str, analyst: Analyst
    ) -> None:
        self.project = project
        self.graph = graph
        self._code = code
        self._dialect = dialect
        self._analyst = analyst
        nodes = [project.nodes[name] for name in project.topological if name in graph.nodes]
        self._near = {node.unique_id: graph.near(node.unique_id, node.depends_on) for node in nodes}
        self.found: dict[str, Meaning | None] = {}
        """The meaning of tables; None for one that is not made from others."""
        self._packed: dict[tuple[str, str, bool], msgspec.Raw] = {}
        self._answers: dict[str, list[Meaning | Problem | None]] = {}
        self.opaque: dict[ColumnRef, str] = {}
        """Columns and rows (without a column) that are not understood, and why."""

    def of(self, unique_id: str) -> Meaning | None:
        """The meaning of a table; None for one that is not made from others."""
        self.settle([unique_id])
        return self.found.get(unique_id)

    # -- tables ------------------------------------------------------------------------

    def settle(self, wanted: Iterable[str]) -> None:
        """Find the meaning of these tables and of all that they are made from."""
        missing = self._closure(wanted)
        schedule = Schedule({name: self._near[name] for name in missing})
        while schedule.left:
            self._advance(schedule)
            for ticket, answer in self._analyst.answers():
                unique_id, place = cast("tuple[str, int]", ticket)
                self._answers[unique_id][place] = _read(answer)
                if None not in self._answers[unique_id]:
                    self._finish(schedule, unique_id)
                    self._advance(schedule)
            schedule.break_cycle()  # a damaged manifest may hold one

    def _closure(self, wanted: Iterable[str]) -> list[str]:
        stack = [name for name in wanted if name in self._near]
        found: set[str] = set()
        while stack:
            name = stack.pop()
            if name not in found and name not in self.found:
                found.add(name)
                stack += self._near[name]
        return [name for name in self._near if name in found]  # parents first

    def _advance(self, schedule: Schedule) -> None:
        """Do everything that can be done without waiting for an answer."""
        while (unique_id := schedule.next()) is not None:
            node = self.project.nodes[unique_id]
            if node.kind not in ("model", "snapshot"):
                self.found[unique_id] = None
                schedule.finish(unique_id)
                continue
            queries = self._queries(node)
            answers = self._answers[unique_id] = []
            for place, query in enumerate(queries):
                known = self._analyst.known(query)
                answers.append(_read(known) if known is not None else None)
                if known is None:
                    self._analyst.ask((unique_id, place), query)
            if None not in answers:
                self._finish(schedule, unique_id)

    def _finish(self, schedule: Schedule, unique_id: str) -> None:
        node = self.project.nodes[unique_id]
        answers = [answer for answer in self._answers.pop(unique_id) if answer is not None]
        self.found[unique_id] = self._settled(node, answers)
        schedule.finish(unique_id)

    def _queries(self, node: Node) -> list[MeaningQuery]:
        """One for each branch of ``is_incremental()``: that which builds the table anew first,
        whichever dbt compiled last."""
        code = self._code(node)
        if code.sql is None:
            return []
        own = node.relation_name

        def builds_on_itself(sql: str) -> tuple[bool, int, str]:
            return (bool(own) and own in sql, len(sql), sql)

        branches = sorted({code.sql, *code.others}, key=builds_on_itself)
        near = tuple(
            packed
            for name in (*self._near[node.unique_id], node.unique_id)
            if (packed := self._pack(name, self._seen_by(node, name))) is not None
        )
        names = self.graph.nodes[node.unique_id].names
        return [MeaningQuery(sql, self._dialect, near, names, node.unique_id) for sql in branches]

    def _seen_by(self, reader: Node, unique_id: str) -> Table | None:
        return seen_by(reader, table_of(self.project.nodes[unique_id]))

    def _pack(self, unique_id: str, table: Table | None) -> msgspec.Raw | None:
        """A table of the project as a query may read it; not found yet: itself, or in a
        cycle."""
        if table is None:
            return None
        place = (unique_id, table.identifier, table.outside)
        packed = self._packed.get(place)
        if packed is None:
            node, lineage = self.project.nodes[unique_id], self.graph.nodes[unique_id]
            columns = TableColumns(unique_id, lineage.names, lineage.complete)
            unique = tuple(promised_keys(self.project, node))
            meant = MeantTable(table, columns, self.found.get(unique_id), unique)
            packed = packed_meaning(meant)
            if unique_id in self.found:
                self._packed[place] = packed
        return packed

    # -- what is not simply the SQL --------------------------------------------------------

    def _settled(self, node: Node, answers: Sequence[Meaning | Problem]) -> Meaning:
        """One meaning without gaps from the answers about all branches of a node."""
        understood = [answer for answer in answers if isinstance(answer, Meaning)]
        reasons = [*self._code(node).problems]
        reasons += [answer for answer in answers if isinstance(answer, Problem)]
        if not understood or len(understood) < len(answers):
            self._doubt(node, "", reasons[0] if reasons else Problem("no SQL"))
            for name in self.graph.nodes[node.unique_id].names:
                self._doubt(node, name, reasons[0] if reasons else Problem("no SQL"))
            return atomic(self._ident(node), self.graph.nodes[node.unique_id].names)
        if reasons:
            self._doubt(node, "", reasons[0])
        whole = self._without_gaps(node, understood[0])
        if len(understood) > 1 or node.kind == "snapshot":
            others = [self._without_gaps(node, answer) for answer in understood[1:]]
            keys = _OF_SNAPSHOTS if node.kind == "snapshot" else _OF_INCREMENTAL
            settings = [f"{key}: {node.config[key]}" for key in keys if node.config.get(key)]
            return kept(node.unique_id, [whole, *others], settings)
        return whole

    def _doubt(self, node: Node, column: str, problem: Problem) -> None:
        reason = f"{problem.reason}: {problem.detail}" if problem.detail else problem.reason
        self.opaque[ColumnRef(node.unique_id, column)] = reason

    def _without_gaps(self, node: Node, meaning: Meaning) -> Meaning:
        """What is not understood stands for the node's whole text."""
        gaps = [name for name, text in zip(meaning.names, meaning.full.columns, strict=True)
                if not text]  # fmt: skip
        if meaning.known and not gaps:
            return meaning
        ident = self._ident(node)
        for name in gaps:
            self._doubt(node, name, Problem("not understood", "compared as text"))
        full, bare = (filled(side, meaning.names, ident) for side in (meaning.full, meaning.bare))
        bases = tuple(sorted({*meaning.bases, ident}))
        if not meaning.known:
            self._doubt(node, "", Problem("rows not understood", "compared as text"))
            leaf = Forms().form("table", atom(ident))
            full = msgspec.structs.replace(full, leaves=(leaf,), predicates=(), keys=(), matches=())
            bare = msgspec.structs.replace(bare, leaves=(leaf,), predicates=(), keys=(), matches=())
        whole = About(tables=(ident,))
        about = [
            whole if name in gaps else own
            for name, own in zip(meaning.names, meaning.about, strict=False)
        ]
        about.append(meaning.about[-1] if meaning.known else whole)
        return msgspec.structs.replace(
            meaning, full=full, bare=bare, bases=bases, about=tuple(about), known=True
        )

    def _ident(self, node: Node) -> str:
        """A name for a table as its own text and all that it reads make it."""
        parents = [self.project.nodes[name] for name in self._near[node.unique_id]]
        sql = self._code(node).sql
        text = with_ids(sql, [node, *parents]) if sql is not None else node.raw_code
        below = sorted(f"{parent.unique_id} {self.digest(parent)}" for parent in parents)
        made = digest("\n".join((" ".join(text.split()), *below)))
        return f"{node.unique_id}@{made}"

    def digest(self, node: Node) -> str:
        """A digest of all that a table means."""
        found = self.found.get(node.unique_id)
        return digest(_encoder.encode(found).hex()) if found is not None else node.checksum[1]

    # -- other SQL -----------------------------------------------------------------------

    def ask(self, asked: Mapping[str, Asked]) -> dict[str, Meaning | Problem]:
        """The meaning of pieces of SQL, by whatever name they are asked for."""
        self.settle(
            table for piece in asked.values() for _, table in piece.tables if isinstance(table, str)
        )
        found: dict[str, Meaning | Problem] = {}
        for name, piece in asked.items():
            query = self._query(piece)
            known = self._analyst.known(query)
            if known is not None:
                found[name] = _read(known)
            else:
                self._analyst.ask(name, query)
        for ticket, answer in self._analyst.answers():
            found[cast("str", ticket)] = _read(answer)
        return found

    def of_texts(self, texts: Mapping[str, str]) -> dict[str, Meaning]:
        """The meaning of SQL outside of the project, by whatever name. What is not understood
        is left out."""
        tables = {n: table_of(self.project.nodes[n]) for n in self._near} if texts else {}
        near = {}
        for name, sql in texts.items():
            lower = sql.lower()
            near[name] = [n for n, table in tables.items() if table and table.identifier in lower]
        self.settle(n for names in near.values() for n in names)
        found: dict[str, Meaning] = {}
        for name, sql in texts.items():
            packed = (self._pack(n, tables[n]) for n in near[name])
            query = MeaningQuery(sql, self._dialect, tuple(p for p in packed if p is not None))
            known = self._analyst.known(query)
            if known is None:
                self._analyst.ask(name, query)
            elif isinstance(answer := _read(known), Meaning):
                found[name] = answer
        return found | self._understood()

    def _understood(self) -> dict[str, Meaning]:
        """The answers that are still to come, by ticket."""
        return {
            cast("str", ticket): answer
            for ticket, answered in self._analyst.answers()
            if isinstance(answer := _read(answered), Meaning)
        }

    def of_queries(self, nodes: Iterable[Node]) -> dict[str, Meaning]:
        """The meaning of queries that build no table: analyses. Those that are not understood
        are left out."""
        found: dict[str, Meaning] = {}
        listed = [node for node in nodes if self._code(node).sql is not None]
        self.settle(name for node in listed for name in node.depends_on)
        for node in listed:
            sql = self._code(node).sql or ""
            near = (self._pack(name, table_of(self.project.nodes[name]))
                    for name in node.depends_on if name in self._near)  # fmt: skip
            query = MeaningQuery(sql, self._dialect, tuple(p for p in near if p is not None))
            known = self._analyst.known(query)
            if known is None:
                self._analyst.ask(node.unique_id, query)
            elif isinstance(answer := _read(known), Meaning):
                found[node.unique_id] = answer
        return found | self._understood()

    def read(self, asked: Iterable[Asked]) -> dict[Asked, Names]:
        """What pieces of SQL name."""
        found: dict[Asked, Names] = {}
        for piece in asked:
            query = self._lineage(piece)
            known = self._analyst.known(query)
            if known is not None:
                found[piece] = _named(known)
            else:
                self._analyst.ask(piece, query)
        for ticket, answer in self._analyst.answers():
            found[cast("Asked", ticket)] = _named(answer)
        return found

    def _lineage(self, piece: Asked) -> Query:
        near = []
        for name, table in piece.tables:
            if isinstance(table, str):
                lineage = self.graph.nodes[table]
                columns = TableColumns(table, lineage.names, lineage.complete)
                near.append(packed_near(Table(table, "", "", name), columns))
            else:
                columns = TableColumns(name, table.names, complete=True)
                near.append(packed_near(Table(name, "", "", name), columns))
        return Query(piece.sql, self._dialect, tuple(near))

    def _query(self, piece: Asked) -> MeaningQuery:
        near = []
        for name, table in piece.tables:
            if isinstance(table, str):
                packed = self._pack(table, Table(table, "", "", name))
            else:
                columns = TableColumns(name, table.names, complete=True)
                packed = packed_meaning(MeantTable(Table(name, "", "", name), columns, table))
            near.append(packed)
        packed_all = tuple(packed for packed in near if packed is not None)
        return MeaningQuery(piece.sql, self._dialect, packed_all, piece.names)


def _read(answer: Analysed) -> Meaning | Problem:
    return answer.outline.problems[0] if answer.packed is None else _meaning.decode(answer.packed)


def _named(answer: Analysed) -> Names:
    facts = answer.facts
    missing = (p.detail for p in facts.problems if p.reason == "unknown column")
    return Names(
        tuple(sorted({ColumnRef(base.table, base.column) for base in facts.bases})),
        tuple(dict.fromkeys(missing)),
    )
