"""A copied project that is played on: what can be broken in it, and runs of its job."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from analyticsops.chaos import data
from analyticsops.chaos.copied import BUILD, FRESHNESS, Copied
from analyticsops.chaos.data import Table
from analyticsops.chaos.past import moved, slots_before
from analyticsops.history.record import Record
from analyticsops.history.store import Store
from analyticsops.lineage.graph import ColumnGraph, ColumnRef
from analyticsops.project.model import Project
from analyticsops.slo.observed import Observed
from analyticsops.slo.schedule import Schedule
from analyticsops.slo.spans import Instant
from analyticsops.slo.spec.declared import Declared

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection


class Stage(msgspec.Struct, frozen=True, kw_only=True, dict=True):
    """What is known before anything is broken.

    Attributes:
        lineage: which columns are read.
        schedule: of the job.
        observed: the run that went as it goes today; nothing before it.
        records: of that run.
    """

    project: Project
    lineage: ColumnGraph
    declared: Declared
    copied: Copied
    schedule: Schedule
    observed: Observed = Observed(span=(0, 0))
    records: tuple[Record, ...] = ()

    @cached_property
    def tables(self) -> Mapping[str, Table | str]:
        """The table of each source in the copy; or why it cannot be written."""
        with data.opened(self.copied.data) as connection:
            return {
                node.unique_id: data.table_of(connection, node)
                for node in self.project.nodes.values()
                if node.kind == "source"
            }

    def table(self, source: str) -> Table:
        """The table of a source that can be written."""
        found = self.tables[source]
        assert isinstance(found, Table), "asked for before"
        return found

    def droppable(self, source: str) -> str:
        """A column of a source that a built child reads, rather one without tests, never the one
        that says when a row was loaded; empty if there is none."""
        table, info = self.table(source), self.project.nodes[source].source
        children = [self.project.nodes[name] for name in self.project.children[source]]
        tested = {one.test.column.lower() for one in children if one.test is not None}
        field = info.loaded_at_field.lower() if info is not None else ""
        read = [
            column
            for column in table.columns
            if column.lower() not in field and self._is_read(source, column)
        ]
        return min(read, key=lambda column: column.lower() in tested, default="")

    @cached_property
    def usual_seconds(self) -> float:
        """That all builds of a run take together."""
        builds = (one for listed in self.observed.builds.values() for one in listed)
        return sum(one.seconds or 0.0 for one in builds)

    def _is_read(self, source: str, column: str) -> bool:
        edges = [
            *self.lineage.readers(ColumnRef(source, column)),
            *self.lineage.readers(ColumnRef(source, column.lower())),
        ]
        return any(edge.target.node in self.observed.builds for edge in edges)

    # -- what happens -----------------------------------------------------------------

    def remember(self, now: Instant, held: Mapping[str, Instant], most: int | None = None) -> None:
        """Fill the history with good runs up to now.

        Args:
            held: source -> its newest data, since nothing newer has come.
            most: so many at most; None for as many as there are by default.
        """
        slots = slots_before(self.schedule, now)
        for record in moved(self.records, slots[-most:] if most else slots, held):
            self.copied.store.put(record)

    def rehearse(self, now: Instant, until: Instant) -> Store:
        """A history of its own in which only good runs are, before and after now."""
        store = Store(self.copied.folder / "usual")
        slots = self.schedule.slots(slots_before(self.schedule, now)[0], until)
        for record in moved(self.records, slots, {}):
            store.put(record)
        return store

    def change(self, source: str, how: Callable[[DuckDBPyConnection, Table], None]) -> None:
        """Change the data of a source."""
        with data.opened(self.copied.data) as connection:
            how(connection, self.table(source))

    def load(self) -> None:
        """Let the loader come: the newest rows of every source that can be written are new."""
        now = datetime.now(UTC)
        with data.opened(self.copied.data) as connection:
            for table in self.tables.values():
                if isinstance(table, Table) and table.loaded_at:
                    data.load(connection, table, now)

    def run(self, *, kill_after: int | None = None) -> int:
        """Run the job: measure the sources, build and test everything; the exit code of that.

        Args:
            kill_after: kill it in the middle, after so many nodes.
        """
        self.copied.dbt(*FRESHNESS)
        return self.copied.dbt(*BUILD, kill_after=kill_after)

    def file_of(self, node: str) -> Path | None:
        """The file of an SQL model in the copy; None if it has none of its own there."""
        model = self.project.nodes[node]
        file = self.copied.project / model.path
        own = model.kind == "model" and model.package == self.project.name
        inside = file.resolve().is_relative_to(self.copied.project.resolve())
        return file if own and inside and file.suffix == ".sql" and file.is_file() else None

    @contextmanager
    def changed(self, node: str, how: Callable[[str], str]) -> Iterator[None]:
        """While this lasts, the code of a model is another one."""
        file = self.file_of(node)
        assert file is not None, "asked for before"
        sound = file.read_bytes()
        file.write_text(how(sound.decode("utf-8")), encoding="utf-8")
        try:
            yield
        finally:
            file.write_bytes(sound)
