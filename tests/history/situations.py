"""The fixtures, ingested step by step, in words: one line a run.

``python -m tests.history.situations`` prints them all: what stands in situations.txt, and
was read line by line when it was written.
"""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

from analyticsops.errors import ArtifactError
from analyticsops.history import meaning, retries, timeline
from analyticsops.history.ingest import ingest
from analyticsops.history.query import open_history
from analyticsops.history.reading import Circumstances
from analyticsops.history.store import Store
from analyticsops.history.timeline import Run

FIXTURES = Path(__file__).parent / "fixtures"
TOLD = Circumstances()


def names() -> list[str]:
    """All situations."""
    return sorted(path.name for path in FIXTURES.iterdir())


def steps(name: str) -> list[Path]:
    """Target folders of a situation, in order."""
    return sorted((FIXTURES / name).iterdir(), key=lambda path: int(path.name))


def ingest_steps(store: Store, folders: list[Path]) -> list[str]:
    """Ingest after each step, as a job would; what could not be read."""
    faults = []
    for folder in folders:
        try:
            ingest(store, folder, folder / "dbt.log", TOLD)
        except ArtifactError as fault:
            faults.append(f"nothing to ingest: {fault.what}")
    return faults


def described(store: Store) -> list[str]:
    """One line a run, oldest first, and one for all chains with a retry."""
    with open_history(store) as connection:
        meaning.define(connection)
        found = sorted(timeline.timeline(connection), key=lambda run: run.started_at)
        linked = retries.find_retries(connection)
    number = {run.invocation_id: place for place, run in enumerate(found, 1)}
    lines = [_line(run) for run in found]
    for chain in linked.retried:
        parts = " <- ".join(str(number[attempt]) for attempt in chain.attempts)
        start = "" if chain.known_start else "? <- "
        final = "ok" if chain.final_ok else "not ok"
        lines.append(f"chain {start}{parts}: {final}, at first {'ok' if chain.first_ok else 'not'}")
    return lines


def _line(run: Run) -> str:
    command = f"retry ({run.command})" if run.retry else run.command or "?"
    return (
        f"{command}, {run.environment or '?'}: {run.state}, {run.verdict}; "
        f"built {run.built}, failed {run.failed}, skipped {run.skipped}; "
        f"tests {run.tests}, failed {run.tests_failed}, warned {run.tests_warned}; "
        f"loads {run.loads}"
    )


def told(name: str) -> str:
    """A situation in words."""
    with TemporaryDirectory() as folder:
        store = Store(Path(folder))
        faults = ingest_steps(store, steps(name))
        return "\n".join([f"## {name}", *faults, *described(store)])


def main() -> None:
    """Print all of them."""
    print("\n\n".join(map(told, names())))


if __name__ == "__main__":
    main()
