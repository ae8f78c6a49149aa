"""The answer to a query, from the project's own warehouse by way of dbt's adapter."""

from __future__ import annotations

import json
import shlex
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from analyticsops.commits import dbt
from analyticsops.errors import ProcessError, UsageError

_LONGEST = 120_000
"""Characters of one argument, of which Linux takes 131,072."""


class Shown(NamedTuple):
    """A query, and how many rows its answer has at the most.

    ``alone`` is True if it may fail by itself, and must not take others with it.
    """

    sql: str
    rows: int
    alone: bool = False


def show_all(
    queries: Sequence[Shown],
    project_dir: Path,
    *,
    target: str,
    like: Mapping[str, Any],
    seconds: float,
) -> list[list[dict[str, Any]] | str]:
    """Run queries of the same columns, many in one: dbt takes seconds to start. What fails
    together is run in halves. Names of columns are lower case.

    Args:
        target: of the profile, the rest as for :func:`show`.
        seconds: for all of them.

    Returns:
        Of each the rows, or why there are none.
    """
    found: dict[int, list[dict[str, Any]] | str] = {}
    end = time.monotonic() + seconds
    batches = list(_batches(queries))
    while batches:
        batch = batches.pop(0)
        sql = "\nunion all\n".join(
            f"select {n} as q, x{n}.* from (\n{queries[n].sql}\n) as x{n}" for n in batch
        )
        limit = sum(queries[n].rows for n in batch)
        left = max(end - time.monotonic(), 1.0)
        try:
            rows = show(sql, project_dir, target=target, like=like, limit=limit, seconds=left)
        except ProcessError as fault:
            half = len(batch) // 2
            if half and time.monotonic() < end:
                batches[:0] = [batch[:half], batch[half:]]
            else:
                found.update(dict.fromkeys(batch, str(fault)))
            continue
        answers: dict[int, list[dict[str, Any]]] = {n: [] for n in batch}
        for row in rows:
            lower = {name.lower(): value for name, value in row.items()}
            answers[int(float(str(lower.pop("q"))))].append(lower)
        found.update(answers)
    return [found[n] for n in range(len(queries))]


def _batches(queries: Sequence[Shown]) -> Iterator[list[int]]:
    """Numbers of queries that are run together: as many as dbt takes at once."""
    batch: list[int] = []
    size = 0
    for number, query in enumerate(queries):
        if query.alone:
            continue
        length = len(query.sql) + 60
        if batch and size + length > _LONGEST:
            yield batch
            batch, size = [], 0
        batch.append(number)
        size += length
    if batch:
        yield batch
    yield from ([number] for number, query in enumerate(queries) if query.alone)


def show(
    sql: str,
    project_dir: Path,
    *,
    target: str,
    like: Mapping[str, Any],
    limit: int,
    seconds: float,
) -> list[dict[str, Any]]:
    """Run a query with ``dbt show``. Nothing is written to the project's folders.

    Args:
        target: of the profile; empty for the default.
        like: how dbt was called for the project.
        limit: rows of the answer, at most.
        seconds: after which dbt is stopped.

    Raises:
        ProcessError: dbt is missing, fails, does not end, or the query is too long for it.
    """
    if "endraw" in sql or len(sql) > _LONGEST:
        raise ProcessError(f"the query is too long for `dbt show`: {len(sql):,} characters")
    words = ["dbt", "show", *dbt.command_like({**like, "full_refresh": False})[2:]]
    if target:
        words = [*_without(words, "--target"), "--target", target]
    options = ["--output", "json", "--limit", str(limit), "--quiet"]
    command = [*words, *options, "--inline", f"{{% raw %}}\n{sql}\n{{% endraw %}}"]
    with tempfile.TemporaryDirectory(prefix="analyticsops-") as folder:
        environ = {
            **dbt.environment(None),
            "DBT_TARGET_PATH": f"{folder}/target",
            "DBT_LOG_PATH": f"{folder}/logs",
        }
        done = _run(command, shlex.join([*words, *options]), project_dir, environ, seconds)
    return _rows(done)


def _without(words: Sequence[str], option: str) -> list[str]:
    """The words without an option and its value."""
    if option not in words:
        return [*words]
    place = words.index(option)
    return [*words[:place], *words[place + 2 :]]


def _run(
    command: Sequence[str], shown: str, folder: Path, environ: Mapping[str, str], seconds: float
) -> str:
    try:
        done = subprocess.run(  # noqa: S603 - a list, no shell
            [dbt.executable(command[0]), *command[1:]],
            cwd=folder,
            env=environ,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=seconds,
        )
    except subprocess.TimeoutExpired as error:
        raise ProcessError(f"`{shown}` did not end within {seconds:.0f} seconds") from error
    except OSError as error:
        raise ProcessError(f"`{shown}` cannot be run: {error.strerror or error}") from error
    if done.returncode:
        raise ProcessError(dbt.last_words(f"{done.stdout}\n{done.stderr}"), where=f"`{shown}`")
    return done.stdout


def _rows(output: str) -> list[dict[str, Any]]:
    """What dbt printed; lines about its plugins may stand before it."""
    start = output.find("{")
    try:
        found = json.loads(output[start:])["show"]
    except (ValueError, KeyError, TypeError) as error:
        raise ProcessError(f"dbt printed no rows: {dbt.last_words(output)}") from error
    if not isinstance(found, list):
        raise UsageError("dbt printed no list of rows", hint="dbt-core 1.5 or later is needed")
    return found
