"""The same queries through other tools: where they and we say the same, and where not.

    python -m bench.lineage.peers TARGET... [--show 3] [--keep FOLDER]

For each target folder a table of our columns: *identical*, *they miss* (a column that its
value comes from), *they add* (a column that neither its value comes from nor decides about
it), *both*, *not resolved* (they have no such column, or only a star as its source) and
*failed* (they gave up on the model). ``--show`` prints so many of each kind, so that each
kind of difference can be looked into; ``--keep`` keeps what everyone said.

Compared is what flows into a value. A condition or window that decides about a value may be
listed or not: the tools differ on purpose there. So may the candidates of a name that
several tables with unknown columns might have. Where dbt inlined an ephemeral model, ours
are followed through it, because the others do not see its border. Without a catalog each
tool learns the columns of a model from what it found out about it itself.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from bench.lineage.differences import KINDS, Said, compare, ephemerals, read_said
from bench.lineage.environments import DEFAULT, REPOSITORY, python_of
from bench.lineage.process import measure


class Peer(NamedTuple):
    """A tool, and how it is called."""

    name: str
    environment: str
    runner: str


PEERS = (
    Peer("sqlglot.lineage", "sqlglot", "sqlglot_lineage"),
    Peer("Recce", "recce", "recce_cll"),
    Peer("DataHub", "datahub", "datahub_parser"),
)


def ask(
    peer: Peer, target: Path, folder: Path, venvs: Path, limit: float, **variables: str
) -> Said | str:
    """What a tool finds in a target folder, by model; else why nothing."""
    edges = folder / f"{peer.runner}{''.join(variables.values())}.jsonl"
    command = [
        python_of(peer.environment, venvs), "-m", f"bench.lineage.runners.{peer.runner}",
        str(target), "--edges", str(edges),
    ]  # fmt: skip
    environment = {"PYTHONPATH": str(REPOSITORY), "ANALYTICSOPS_CACHE": "off", **variables}
    print(f"... {target} {peer.name}", file=sys.stderr)
    done = measure(command, environment, limit=limit)
    return done.failure or read_said(edges)


def table(
    target: Path, folder: Path, venvs: Path, limit: float, show: int, peers: Sequence[Peer]
) -> list[str]:
    """The comparison of one project as Markdown."""
    own = Peer("analyticsops", "analyticsops", "analyticsops_graph")
    values = ask(own, target, folder, venvs, limit, BENCH_EDGES="direct")
    controls = ask(own, target, folder, venvs, limit, BENCH_EDGES="indirect")
    if isinstance(values, str) or isinstance(controls, str):
        sys.exit(f"analyticsops on {target}: {values if isinstance(values, str) else controls}")
    through = ephemerals(target / "manifest.json")
    lines = [
        f"| {_name(target)}: {len(values):,} models | columns | {' | '.join(KINDS)} "
        "| models failed |",
        "|---|" + "---:|" * (len(KINDS) + 2),
    ]
    shown: list[str] = []
    for peer in peers:
        theirs = ask(peer, target, folder, venvs, limit)
        if isinstance(theirs, str):
            lines.append(f"| {peer.name} | {theirs} |" + " |" * (len(KINDS) + 1))
            continue
        found = compare(values, controls, theirs, through)
        failed = sum(isinstance(said, str) for said in theirs.values())
        counts = " | ".join(_share(len(found[kind]), found) for kind in KINDS)
        total = sum(map(len, found.values()))
        lines.append(f"| {peer.name} | {total:,} | {counts} | {failed:,} |")
        for kind in KINDS[1:]:
            shown += [f"{peer.name}, {kind}: {difference}" for difference in found[kind][:show]]
    return [*lines, "", *shown]


def _name(target: Path) -> str:
    return target.parent.name if target.name == "target" else target.name


def _share(count: int, found: Mapping[str, Sequence[object]]) -> str:
    total = sum(map(len, found.values()))
    return f"{count:,} ({count / total:.1%})" if total else "0"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("targets", type=Path, nargs="+")
    parser.add_argument("--show", type=int, default=0)
    parser.add_argument("--keep", type=Path)
    parser.add_argument("--limit", type=float, default=1800, help="wall seconds for one tool")
    parser.add_argument("--only", nargs="*", default=[peer.name for peer in PEERS])
    parser.add_argument("--venvs", type=Path, default=DEFAULT)
    options = parser.parse_args()
    peers = [peer for peer in PEERS if peer.name in options.only]
    for target in options.targets:
        with tempfile.TemporaryDirectory() as temporary:
            folder = options.keep / _name(target) if options.keep else Path(temporary)
            folder.mkdir(parents=True, exist_ok=True)
            lines = table(target, folder, options.venvs, options.limit, options.show, peers)
        print("\n".join(lines), flush=True)


if __name__ == "__main__":
    main()
