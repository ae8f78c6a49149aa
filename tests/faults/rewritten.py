"""A manifest that is written again and again, as dbt does it, while it is read."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path

import msgspec

import analyticsops as ao
from analyticsops.errors import AnalyticsOpsError

WRITER = """
import json, sys, time
path, pause = sys.argv[1], float(sys.argv[2])
versions = [json.load(open(name)) for name in sys.argv[3:]]
print("ready", flush=True)
while True:
    for version in versions:
        with open(path, "w") as file:  # as dbt_common.clients.system.write_json
            json.dump(version, file)
        time.sleep(pause)
"""


class Seen(msgspec.Struct):
    """What readers saw.

    Attributes:
        whole: one of the versions.
        refused: one line that says what is wrong with the file.
        wrong: anything else.
    """

    whole: int = 0
    refused: int = 0
    wrong: int = 0
    slowest: float = 0.0


def read_while_written(folder: Path, times: int, *, models: int, pause: float) -> Seen:
    """Read a manifest so often while another process writes two versions in turn.

    Args:
        pause: seconds between two writes.
    """
    from bench.generate import manifest

    (folder / "target").mkdir(parents=True)
    target = folder / "target" / "manifest.json"
    sizes = (models, models + 1)
    for size in sizes:
        (folder / f"{size}.json").write_text(json.dumps(manifest(size)))
    target.write_bytes((folder / f"{models}.json").read_bytes())
    files = [str(folder / f"{size}.json") for size in sizes]
    writer = subprocess.Popen(
        [sys.executable, "-c", WRITER, str(target), str(pause), *files], stdout=subprocess.PIPE
    )
    seen = Seen()
    try:
        assert writer.stdout is not None
        writer.stdout.readline()
        for _ in range(times):
            begun = time.monotonic()
            try:
                found = len(ao.load(folder / "target").project.of_kind("model"))
                seen.whole += found in sizes
                seen.wrong += found not in sizes
            except AnalyticsOpsError as fault:
                seen.refused += "\n" not in str(fault)
                seen.wrong += "\n" in str(fault)
            seen.slowest = max(seen.slowest, time.monotonic() - begun)
    finally:
        writer.kill()
        writer.communicate()
    return seen
