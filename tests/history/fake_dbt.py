"""Stands in for dbt where dbt itself would be too slow: ``fake_dbt.py HOW build ...``.

Writes the log that dbt writes, prints bytes that are no text, and ends as HOW says:
``0``, ``1``, ``2``, ``hang`` (until a signal), ``kill`` (itself), ``before`` (it has an id).
"""

from __future__ import annotations

import json
import os
import signal
import sys
import time
from pathlib import Path

ID = "11111111-2222-4333-8444-555555555555"
BASE = "https://schemas.getdbt.com/dbt"


def event(name: str, data: object) -> str:
    """A line of the log."""
    moment = "2026-11-27T05:00:00.000000Z"
    info = {"name": name, "invocation_id": ID, "pid": os.getpid(), "ts": moment, "level": "debug"}
    return json.dumps({"data": data, "info": info}, sort_keys=True) + "\n"


def interrupted(*_: object) -> None:
    """Note it, wait whether there is another, and leave."""
    with Path("interrupts").open("a") as file:
        file.write("once\n")
    time.sleep(0.5)
    sys.exit(2)


def main(how: str, *words: str) -> None:
    """Play dbt."""
    if how == "before":
        sys.exit(2)
    Path("logs").mkdir(exist_ok=True)
    Path("pid").write_text(str(os.getpid()))
    text = os.environ.get("DBT_LOG_FORMAT_FILE") != "json"
    with Path("logs/dbt.log").open("a") as log:
        if text:
            log.write(f"{'=' * 30} 05:00:00.000000 | {ID} {'=' * 30}\n")
        else:
            log.write(event("MainReportVersion", {}))
            log.write(event("MainReportArgs", {"args": {"invocation_command": "dbt build"}}))
            node = {"unique_id": "model.shop.a", "materialized": "table"}
            log.write(
                event(
                    "NodeFinished",
                    {"node_info": node, "run_result": {"status": "success", "execution_time": 1.5}},
                )
            )
    os.write(1, b"out \xff\x00 " + " ".join(words).encode() + b"\n")
    os.write(2, b"err \xfe\n")
    if how == "hang":
        signal.signal(signal.SIGINT, interrupted)
        time.sleep(60)
    if how == "kill":
        time.sleep(0.5)
        os.kill(os.getpid(), signal.SIGKILL)
    Path("target").mkdir(exist_ok=True)
    metadata = {"invocation_id": ID, "generated_at": "2026-11-27T05:00:09Z"}
    for name, kind, rest in (
        ("manifest.json", "manifest/v12", {"nodes": {}}),
        ("run_results.json", "run-results/v6", {"results": [], "args": {"which": "build"}}),
    ):
        whole = {"metadata": {**metadata, "dbt_schema_version": f"{BASE}/{kind}.json"}, **rest}
        Path("target", name).write_text(json.dumps(whole))
    sys.exit(int(how))


if __name__ == "__main__":
    main(*sys.argv[1:])
