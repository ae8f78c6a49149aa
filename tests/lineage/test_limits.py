"""Workers under limits that somebody else set, and without a parent."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

_LIMITED = """
import resource
resource.setrlimit(resource.RLIMIT_AS, (3 << 30, 3 << 30))
from analyticsops.lineage.pool import Pool
from analyticsops.lineage.query import Query
pool = Pool(1)
session = pool.open()
session.ask(0, Query("select 1 as a", "duckdb"))
(answer,) = session.answers()
pool.close()
print("answered" if answer.facts is not None else answer.outline)
"""


def test_workers_start_under_a_hard_limit_of_memory() -> None:
    """As of `ulimit -v`: a limit that cannot be raised, and lower than our own."""
    done = subprocess.run(
        [sys.executable, "-c", _LIMITED], capture_output=True, text=True, timeout=60, check=False
    )
    assert (done.stdout.strip(), done.stderr) == ("answered", "")


_DYING = """
import os, signal, time
from analyticsops.lineage.pool import Pool
from analyticsops.lineage.query import Query
pool = Pool(1)
session = pool.open()
session.ask(0, Query("select 1 as a", "duckdb"))
list(session.answers())
session.ask(1, Query(f"select {' + '.join(['x'] * 30_000)} as a from t", "duckdb"))
time.sleep(0.3)
print(pool._servers[0]._worker.pid, flush=True)
os.kill(os.getpid(), signal.SIGKILL)
"""


def test_workers_of_a_process_that_died_end_quietly() -> None:
    """Whoever kills the command sees no traceback of a worker that finds nobody to answer."""
    done = subprocess.run(
        [sys.executable, "-c", _DYING], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == -9
    assert done.stderr == ""
    assert not Path(f"/proc/{done.stdout.strip()}").exists()
