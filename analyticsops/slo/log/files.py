"""The folder of incidents: one immutable file per event.

::

    2026-11/20261127T050000.000000Z_opened_<digest>.json      what happened
    evaluated/20261127T050000.000000Z_evaluated_<digest>.json the last evaluations
    sending/<key>                                             a message that is on its way

As in the history nothing is changed in place, and two folders are merged by copying one over the
other. Of evaluations only the last few are kept, since nobody asks for others. What lies in
`sending` keeps two evaluations at the same time from sending the same message; it means nothing
to a third one later.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

import msgspec

from analyticsops.history.disk import Disk, make_folders, publish
from analyticsops.history.store import unreadable, unwritable
from analyticsops.slo.log.events import (
    AnyEvent,
    EvaluatedEvent,
    EventError,
    decode,
    digest_in,
    encode,
    is_whole,
    month_of,
    name_of,
)
from analyticsops.slo.log.state import State, fold
from analyticsops.slo.spans import MINUTE, Instant

EVALUATED = "evaluated"
SENDING = "sending"

EVALUATIONS_KEPT = 3
"""Of a project and environment."""

CLAIMED_FOR = 10 * MINUTE
"""Microseconds after which who was sending a message is believed to be dead."""


class Known(msgspec.Struct, frozen=True):
    """What the folder says.

    Attributes:
        state: how incidents stand.
        events: all that happened.
        damaged: files that do not hold what they should; they count for nothing.
    """

    state: State
    events: tuple[AnyEvent, ...] = ()
    damaged: tuple[str, ...] = ()


class IncidentLog:
    """Incidents in a folder, which need not be there before something happened."""

    def __init__(self, folder: Path, disk: Disk | None = None) -> None:
        self.folder = folder
        self.disk = disk or Disk()

    def read(self) -> Known:
        """All that happened, and how incidents stand after that.

        Raises:
            HistoryError: the folder cannot be read.
        """
        events: list[AnyEvent] = []
        damaged: list[str] = []
        for path in self._files():
            data = self._data(path)
            if data is None:
                continue
            try:
                if not is_whole(path.name, data):
                    raise EventError("not what its name says")
                events.append(decode(data))
            except EventError as error:
                damaged.append(f"{path}: {error}")
        return Known(fold(events), tuple(events), tuple(sorted(damaged)))

    def put(self, event: AnyEvent) -> None:
        """Record it; when this returns it is there to stay. Twice is as good as once.

        Raises:
            HistoryError: it could not be written; what was recorded before is as it was.
        """
        evaluated = isinstance(event, EvaluatedEvent)
        folder = self.folder / (EVALUATED if evaluated else month_of(event))
        path = folder / name_of(event)
        try:
            make_folders(self.disk, folder)
            if not path.is_file():
                publish(self.disk, path, encode(event))
        except OSError as error:
            raise unwritable(path, error) from error

    def put_all(self, events: Iterable[AnyEvent]) -> None:
        """Record several; see :meth:`put`."""
        for event in events:
            self.put(event)

    def put_evaluated(self, event: EvaluatedEvent) -> None:
        """Record an evaluation, and forget those that are long past.

        Raises:
            HistoryError: see :meth:`put`.
        """
        self.put(event)
        own = [
            path
            for path in self._files_in(self.folder / EVALUATED)
            if digest_in(path.name) and self._is_of(path, event.project, event.environment)
        ]
        for path in sorted(own)[:-EVALUATIONS_KEPT]:
            self._remove(path)

    def claim(self, key: str, now: Instant) -> bool:
        """True if a message may be sent; False if somebody else is just sending it.

        Args:
            key: of the message.

        Raises:
            HistoryError: the folder cannot be written.
        """
        path = self.folder / SENDING / key
        try:
            make_folders(self.disk, path.parent)
            for _ in range(2):
                try:
                    self._create(path, now)
                except FileExistsError:
                    if self._claimed_at(path) > now - CLAIMED_FOR:
                        return False
                    self.disk.remove(path)
                else:
                    return True
        except OSError as error:
            raise unwritable(path, error) from error
        return False  # somebody else found that its sender is dead, and was faster

    def release(self, key: str) -> None:
        """The message did not arrive: others may try at once."""
        self._remove(self.folder / SENDING / key)

    def sweep_claims(self, now: Instant) -> None:
        """Forget claims that mean nothing any more."""
        for path in self._files_in(self.folder / SENDING):
            if self._claimed_at(path) <= now - 2 * CLAIMED_FOR:
                self._remove(path)

    def _create(self, path: Path, now: Instant) -> None:
        file = self.disk.create(path)
        try:
            self.disk.write(file, memoryview(str(now).encode()))
        finally:
            self.disk.close(file)

    def _claimed_at(self, path: Path) -> Instant:
        """When; an empty file is just being written, or was left by a process that died, and its
        own time decides."""
        try:
            data = self.disk.read(path)
            return int(data) if data else int(path.stat().st_mtime * 1_000_000)
        except (FileNotFoundError, ValueError):
            return 0

    def _is_of(self, path: Path, project: str, environment: str) -> bool:
        data = self._data(path)
        try:
            event = decode(data) if data is not None else None
        except EventError:
            return False
        return isinstance(event, EvaluatedEvent) and (
            (event.project, event.environment) == (project, environment)
        )

    def _data(self, path: Path) -> bytes | None:
        """None if it is gone: another evaluation has tidied up."""
        try:
            return self.disk.read(path)
        except FileNotFoundError:
            return None
        except OSError as error:
            raise unreadable(path, error) from error

    def _remove(self, path: Path) -> None:
        try:
            self.disk.remove(path)
        except OSError as error:
            raise unwritable(path, error) from error

    def _files(self) -> Iterator[Path]:
        """Those with a name of an event."""
        for folder in self._files_in(self.folder):
            if folder.name != SENDING and folder.is_dir():
                yield from (p for p in self._files_in(folder) if digest_in(p.name) is not None)

    def _files_in(self, folder: Path) -> list[Path]:
        try:
            return sorted(folder.iterdir())
        except FileNotFoundError:
            return []
        except OSError as error:
            raise unreadable(folder, error) from error
