"""Artifacts -> every command and every format, in this process, where a fault would show.

A command may end with 0, 1 or 2, and with 2 it says why in one line. Whatever else it raises is a
fault: :func:`analyticsops.cli.main` turns nothing but our own errors into an exit code. Queries are
analysed in this process as well, and not by workers, whose end would be taken for a verdict.
"""

from __future__ import annotations

import contextlib
import os
import re
import shutil
from collections import OrderedDict
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple
from unittest import mock

import msgspec

from analyticsops import loading
from analyticsops.artifacts import files
from analyticsops.errors import AnalyticsOpsError
from analyticsops.lineage import worker
from analyticsops.lineage.outline import outline_of
from analyticsops.lineage.pool import Answered, _is_text, shared_pool
from analyticsops.report.encode import one_line
from analyticsops.sql.facts import Problem
from analyticsops.workspace import Workspace, load_workspace
from tests.cli.shell import Done, run

from .seeds import FILES, base

AT = "2026-01-02T06:00Z"
FORMATS = ("text", "json", "markdown", "html", "github", "gitlab", "sarif", "junit", "summary")

_FILES = {name: text.encode() for name, text in FILES.items()}
_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
_encoder = msgspec.msgpack.Encoder()


def _outputs(name: str) -> list[str]:
    return [part for f in FORMATS for part in ("--output", f"{f}={name}.{f}")]


CORE: tuple[tuple[str, ...], ...] = (
    ("check", *_outputs("check")),
    ("diff", "--base", "base/target", *_outputs("diff")),
    ("lineage", "export", "--format", "json"),
    ("search", "orders"),
    (
        "select",
        "-s",
        "+fct+ tag:nightly,config.materialized:table state:modified",
        "--base",
        "base/target",
    ),
    ("ingest", "--environment", "prod", "--git-sha", "abc", "--history", "history"),
    ("report", "--base", "base/target", "--at", AT, "--single-file", "site.html"),
)
"""What every mutant that can be read goes through: the graph, all rules, all formats, a
record of the history, the report with a review and all SQL."""

MORE: tuple[tuple[str, ...], ...] = (
    *(("doctor", "--format", form) for form in ("text", "json")),
    *(("freshness", "--format", form) for form in ("text", "json")),
    *(
        ("lineage", "show", of)
        for of in ("fct.total", "orders.id", "model.jaffle_shop.stg_locations.location_id")
    ),
    ("lineage", "show", "raw.orders.id", "--format", "json", "--direct"),
    *(("lineage", "why", of) for of in ("fct.total", "orders.id")),
    ("lineage", "path", "raw.orders.amount", "fct.total"),
    ("lineage", "path", "raw.orders.id", "exposure:board", "--shortest", "--format", "json"),
    ("lineage", "impact", "raw.orders.id", "stg.amount"),
    ("lineage", "unused"),
    ("lineage", "tags", "--tag", "pii", "--check", *_outputs("tags")),
    *(("lineage", "coverage", "--by", by) for by in ("folder", "model", "reason")),
    *(
        ("lineage", "export", "--format", form, "-o", f"lineage.{form}")
        for form in ("openlineage", "dot", "mermaid", "csv", "parquet")
    ),
    ("lineage", "export", "--format", "openlineage", "--events", "run", "-o", "runs.json"),
    *(
        ("metrics", *what)
        for what in (
            ("list",),
            ("list", "--format", "json"),
            ("show", "revenue"),
            ("show", "n", "--format", "json"),
            ("search", "rev"),
            ("lineage", "share"),
            ("used-by", "raw.orders.amount"),
            ("owners",),
            ("changelog",),
            ("readiness",),
            ("lock", "--check", *_outputs("lock")),
            ("lock",),
            ("sql", "revenue", "--by", "metric_time__month", "--limit", "3"),
            ("sql", "n"),
        )
    ),
    *(
        ("metrics", "export", "--to", to, "-o", f"metrics-{to}")
        for to in ("metricflow", "osi", "cube", "snowflake", "databricks")
    ),
    (
        "select",
        "-s",
        "@raw source:* result:error",
        "--exclude",
        "test_type:generic",
        "--base",
        "base/target",
    ),
    ("select", "-s", "+column:fct.total+", "--format", "json"),
    ("baseline", "write", "--to", "baseline.json"),
    ("slo", "lint"),
    ("report", "--output", "site", "--no-sql"),
)
"""Everything else that reads artifacts."""

PAST: tuple[tuple[str, ...], ...] = (
    CORE[5],
    *(
        ("runs", *what, "--history", "history")
        for what in (
            (),
            ("flapping",),
            ("slow",),
            ("cost",),
            ("retries",),
            ("deployments",),
            ("show", "1111"),
        )
    ),
    *(("history", what, "--history", "history") for what in ("verify", "list", "compact")),
    ("history", "export", "exported", "--history", "history", "--format", "csv"),
    *(
        ("slo", *what, "--history", "history", "--at", AT)
        for what in (
            ("status",),
            ("status", "--format", "json"),
            ("explain", "fct/fresh"),
            ("forecast",),
            ("report",),
            ("suggest",),
            ("gate",),
            ("evaluate", "--incidents", "incidents"),
        )
    ),
    *(
        ("slo", "export", "--to", to, "--history", "history", "--at", AT)
        for to in ("openslo", "prometheus", "prometheus-rules", "alertmanager", "openlineage")
    ),
    ("incidents", "list", "--all", "--incidents", "incidents"),
    ("report", "--history", "history", "--at", AT, "--single-file", "site.html"),
)
"""What asks the history, which was just recorded."""


class FaultError(Exception):
    """A command that ended as none may."""


class Outcome(NamedTuple):
    """What became of a mutant.

    Attributes:
        read: False if its folder was refused, in one line.
        commands: that ended well.
        refused: commands that had nothing to say, and said so in one line.
    """

    read: bool
    commands: int
    refused: int


class _Here:
    """Answers questions in this process; the same question once."""

    def __init__(self, most: int = 20_000) -> None:
        self._known: OrderedDict[bytes, tuple[bytes, bytes | None]] = OrderedDict()
        self._most = most

    def submit(self, job: Any) -> None:
        if not _is_text(job):
            return
        key = job.query.key
        if key not in self._known:
            answer = worker._answer(job.query)
            packed = None if isinstance(answer, Problem) else _encoder.encode(answer)
            self._known[key] = _encoder.encode(outline_of(answer)), packed
            if len(self._known) > self._most:
                self._known.popitem(last=False)
        self._known.move_to_end(key)
        job.out.put([Answered(job.ticket, *self._known[key])])


_HERE = _Here()


@contextlib.contextmanager
def in_process() -> Iterator[None]:
    """No workers, no waiting for files that nobody writes, no waiting for a disk."""
    with contextlib.ExitStack() as stack:
        patch = mock.patch.object
        stack.enter_context(patch(shared_pool(), "submit", _HERE.submit))
        stack.enter_context(patch(files, "_PAUSES", ()))
        stack.enter_context(patch(os, "fsync", lambda _file: None))
        yield


class Pipeline:
    """A project folder whose artifacts are written again and again.

    Args:
        folder: an empty one.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        before = {f"base/target/{name}": data for name, data in base().artifacts.items()}
        self._always = {**_FILES, "base/dbt_project.yml": _FILES["dbt_project.yml"], **before}
        self._write(self._always)
        self._base = load_workspace(folder / "base" / "target")
        self._known: dict[Any, Workspace] = {}

    def run(
        self,
        files: Mapping[str, bytes],
        commands: Sequence[tuple[str, ...]] = CORE,
        *,
        brief: bool = False,
    ) -> Outcome:
        """Put a project through commands.

        Args:
            files: by their paths in it, beside those that are always there; one in ``base/`` is
                of the version that it is compared with.
            brief: True to let a folder that cannot be read go without asking a command, which
                costs five times as much and says the same.

        Raises:
            FaultError: a command ended as none may.
        """
        self._clean()
        self._write({**self._always, **files})
        done: list[int] = []
        same = not any(name.startswith("base/") for name in files)
        with self._read_once(self._base if same else None):
            if brief and not self._readable():
                return Outcome(False, 0, 1)
            for command in commands:
                done.append(self._ends_well(command))
                if not self._known:
                    return Outcome(False, 0, 1)
        return Outcome(True, sum(code < 2 for code in done), done.count(2))

    def _readable(self) -> bool:
        try:
            loading.load(self.folder / "target", project_dir=self.folder)
        except AnalyticsOpsError as why:
            if wrong := _wrong(Done(2, "", f"{one_line(str(why))}\n")):
                raise FaultError(f"reading: {wrong}") from why
            return False
        except Exception as fault:
            raise FaultError("reading") from fault
        return True

    def _ends_well(self, command: tuple[str, ...]) -> int:
        try:
            done = run(*command, cwd=self.folder, ANALYTICSOPS_CACHE="off")
        except Exception as fault:
            raise FaultError(" ".join(command)) from fault
        wrong = _wrong(done)
        if wrong:
            raise FaultError(f"{' '.join(command)}: {wrong}: {done.err[-500:]!a}")
        return done.code

    @contextlib.contextmanager
    def _read_once(self, before: Workspace | None) -> Iterator[None]:
        """A folder that is not written meanwhile is read once for all commands."""
        known: dict[Any, Workspace] = {}
        self._known = known

        def load(target: Path, **more: Any) -> Workspace:
            if target.parent.name == "base" and before is not None:
                return before
            root = more.get("project_dir")
            key = self.folder / target, root and self.folder / root
            if key not in known:
                known[key] = load_workspace(target, **more)
            return known[key]

        with mock.patch.object(loading, "load_workspace", load):
            yield

    def _write(self, files: Mapping[str, bytes]) -> None:
        for name, data in files.items():
            path = self.folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)

    def _clean(self) -> None:
        """Remove what the last project and its commands left; all else is written anew."""
        for path in self.folder.iterdir():
            if not path.is_dir():
                path.unlink()
            elif path.name not in ("base", "models"):
                shutil.rmtree(path)


def _wrong(done: Done) -> str:
    """What is wrong with the end of a command; empty if nothing is."""
    if done.code not in (0, 1, 2):
        return f"exit code {done.code}"
    if done.code == 2 and done.err.count("\n") != 1:
        return "no single line that says why"
    for text in (done.out, done.err):
        found = _CONTROLS.search(text)
        if found:
            return f"prints {text[max(0, found.start() - 20) : found.end() + 20]!a}"
    return ""
