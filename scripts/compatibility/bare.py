"""Every command where the wheel alone is installed: no dbt, and none of our extras.

    python -m scripts.compatibility.bare ANALYTICSOPS [DEMO]

ANALYTICSOPS is the command to try, DEMO what `make demo` built (by default .demo). Each command
works on what dbt wrote, or says in one line which extra, or which dbt, it lacks. A command that is
not tried is an error, so that a new one cannot be forgotten.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

import click

from analyticsops.cli import cli

TRIED = """
init
doctor
check --fail-on never
diff --base ../harmful/target --fail-on never --output json=../diff.json
diff --base ../harmful/target --execute --fail-on never
render ../diff.json --format html
approve {finding} --report ../diff.json --until 2027-06-30 --reason x
baseline write
lineage show fct_orders.net_revenue
lineage why fct_orders.net_revenue
lineage path stg_orders.order_id fct_orders.order_id
lineage impact stg_orders.order_id
lineage unused
lineage tags --tag pii
lineage verify --database shop.duckdb -s stg_orders
lineage coverage
lineage export --format openlineage
lineage export --format parquet -o ../edges.parquet
metrics list
metrics show revenue
metrics search money
metrics lineage revenue
metrics used-by revenue
metrics owners
metrics changelog
metrics readiness
metrics lock
metrics sql revenue
metrics query revenue --database shop.duckdb
metrics export --to cube
metrics export --to lookml -> [lookml]
metrics verify revenue --database shop.duckdb
freshness
slo status --history ../month/history
slo explain fct_orders/orders-fresh --history ../month/history
slo forecast --history ../month/history
slo report --history ../month/history
slo evaluate --history ../month/history --incidents ../incidents
slo export --to openslo --history ../month/history
slo export --to prometheus --history ../month/history -> [slo]
slo serve --history ../month/history -> [slo]
slo lint
slo measure --database shop.duckdb --history ../measured
slo suggest --history ../month/history
slo gate --history ../month/history
incidents list --incidents ../incidents
incidents show latest --incidents ../incidents
incidents timeline latest --incidents ../incidents
incidents acknowledge latest --by x --incidents ../incidents
incidents silence latest --by x --until 1h --reason x --incidents ../incidents --format json
incidents unsilence {silence} --by x --incidents ../incidents
gameday --fault source-late
ingest --history ../own
run --history ../own -- dbt build -> dbt
runs show latest --history ../month/history
runs cost --history ../own
runs deployments --history ../own
runs flapping --history ../own
runs retries --history ../own
runs slow --history ../own
history compact --history ../own
history export --history ../own ../exported
history list --history ../own
history list --history s3://bucket/history -> [cloud]
history pull --history ../own -> dbt
history verify --history ../own
report --output ../site --history ../month/history
serve -> [serve]
select -s +fct_orders
search orders
mcp -> [mcp]
explain ROW301
completion bash
"""
"""One command a line; behind the arrow what it says that it lacks."""


def leaves(command: click.Command, name: str, context: click.Context) -> Iterator[str]:
    """The names of all commands that do something."""
    if isinstance(command, click.Group):
        for part in command.list_commands(context):
            found = command.get_command(context, part)
            assert found is not None
            yield from leaves(found, f"{name} {part}".strip(), context)
    else:
        yield name


def untried(lines: Sequence[str]) -> list[str]:
    """Commands that no line tries."""
    return [
        name
        for name in leaves(cli, "", click.Context(cli))
        if not any(f"{line} ".startswith(f"{name} ") for line in lines)
    ]


def judged(code: int, out: str, err: str, lacks: str) -> str:
    """What is wrong with how a command ended; empty if nothing is.

    Args:
        lacks: the extra in brackets, or the tool, that it must name; empty if it must work.
    """
    if "Traceback" in err:
        return f"traceback: {err.splitlines()[-1]}"
    if not lacks:
        return "" if code in (0, 1) else f"exit code {code}: {err.strip() or out.strip()}"
    said = err.strip().splitlines()
    if code == 0 or len(said) != 1 or lacks not in said[0]:
        return f"{lacks} should be missed in one line, but exit code {code}: {err or out!r}"
    return ""


class Place:
    """A copy of the example, and what commands before left there."""

    def __init__(self, analyticsops: Path, demo: Path, folder: Path) -> None:
        self.command = analyticsops
        self.said = ""
        self.project = folder / "base"
        for name in ("base", "harmful", "month"):
            shutil.copytree(
                demo / name, folder / name, ignore=shutil.ignore_patterns("dbt_packages", ".git")
            )

    def filled(self, line: str) -> list[str]:
        """The words of a line, with identities that only now are known."""
        return [self.known(word) if word.startswith("{") else word for word in line.split()]

    def known(self, word: str) -> str:
        """The fingerprint of a finding that was written, or the id of the silence just made."""
        if word == "{finding}":
            report = json.loads((self.project.parent / "diff.json").read_text("utf-8"))
            return str(report["findings"][0]["fingerprint"])
        return str(json.loads(self.said)["silence"]["id"])

    def run(self, words: Sequence[str]) -> subprocess.CompletedProcess[str]:
        """Run a command in the project, with nothing on the PATH but what stands beside it."""
        environ = {"PATH": f"{self.command.parent}:/usr/bin:/bin", "HOME": str(self.project.parent)}
        return subprocess.run(
            [self.command, *words],
            cwd=self.project, env=environ, capture_output=True, text=True, timeout=300,
            stdin=subprocess.DEVNULL,
        )  # fmt: skip


def main(analyticsops: str, demo: str = ".demo") -> int:
    """Try every line; 1 if one is not as written."""
    lines = TRIED.strip().splitlines()
    wrong = [f"{name}: not tried" for name in untried(lines)]
    missed = 0
    with tempfile.TemporaryDirectory() as folder:
        place = Place(Path(analyticsops).absolute(), Path(demo), Path(folder))
        for line in lines:
            words, _, lacks = line.partition(" -> ")
            done = place.run(place.filled(words))
            place.said = done.stdout
            missed += bool(lacks)
            fault = judged(done.returncode, done.stdout, done.stderr, lacks)
            wrong += [f"{words}: {fault}"] if fault else []
    print("\n".join(wrong))
    print(f"{len(lines)} commands without dbt and extras: {len(lines) - missed} work, "
          f"{missed} say in one line what they lack, {len(wrong)} are wrong")  # fmt: skip
    return int(bool(wrong))


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
