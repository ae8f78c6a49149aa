"""Are inferred types those of the warehouse? A catalog is the judge.

    python -m bench.types TARGET... [--wrong] [--unknown]

Types of sources, seeds and snapshots come from the catalog, those of models from their
SQL alone. Each column of a SQL model that the catalog knows is compared: *family*
(integer, decimal, text, ...) and *exact* (the same type with the same sizes). Where a
catalog shows no sizes at all, as Snowflake's does, sizes are not compared.
"""

from __future__ import annotations

import argparse
import resource
import time
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from analyticsops.artifacts.catalog import Catalog
from analyticsops.artifacts.target import read_target
from analyticsops.lineage.build import build_graph
from analyticsops.lineage.pool import Pool
from analyticsops.lineage.types import InferredType, infer_project_types
from analyticsops.project.build import build_project
from analyticsops.sql.types.families import family_of
from analyticsops.sql.types.spelling import read_type
from analyticsops.workspace import load_workspace


class Judged(NamedTuple):
    """A column of a model: what the catalog shows, what was inferred, and the verdict."""

    column: str
    real: str
    inferred: str
    why: str
    verdict: str


def judge(target: Path) -> tuple[str, list[Judged], float]:
    """(dialect, columns that the catalog can judge, seconds of CPU for the types, the start
    of a worker included)."""
    workspace = load_workspace(target)
    catalog = workspace.catalog
    if catalog is None:
        raise SystemExit(f"{target}: no catalog.json")
    given = {key: table for key, table in catalog.nodes.items() if not key.startswith("model.")}
    sources = Catalog(metadata=catalog.metadata, nodes=given, sources=catalog.sources)
    project = build_project(read_target(target).manifest, sources)
    dialect, code = workspace.dialect, workspace.code
    graph = build_graph(project, code=code, dialect=dialect)
    start = _cpu()
    pool = Pool(1)
    types = infer_project_types(project, graph, code, dialect, pool=pool)
    pool.close()
    spent = _cpu() - start
    by_name = {(ref.node, ref.column.lower()): found for ref, found in types.columns.items()}
    judged: list[Judged] = []
    for unique_id, table in catalog.nodes.items():
        node = project.nodes.get(unique_id)
        if node is not None and node.kind == "model" and node.language == "sql":
            for column in table.in_order():
                found = by_name.get((unique_id, column.name.lower()))
                label = f"{node.label}.{column.name}"
                judged.append(_compared(label, column.type, found, dialect))
    return dialect, judged, spent


def _cpu() -> float:
    """Seconds of this process and of those that it has ended, as a pool's workers are."""
    ended = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + ended.ru_utime + ended.ru_stime


def _compared(label: str, real: str, found: InferredType | None, dialect: str) -> Judged:
    if found is None:
        return Judged(label, real, "", "no such column", "unknown")
    why = str(found.problem) if found.problem else ""
    return Judged(label, real, found.inferred, why, verdict(real, found.inferred, dialect))


def verdict(real: str, inferred: str, dialect: str) -> str:
    """``exact``, ``family``, ``wrong``, ``unknown``, or ``odd`` if the catalog's type is
    not understood."""
    if not inferred:
        return "unknown"
    one, other = read_type(inferred, dialect), read_type(real, dialect)
    if one is None or other is None or not family_of(other):
        return "exact" if inferred == real else "odd"
    sized = dialect != "snowflake" or "(" in real
    if one == other or (one.name == other.name and not sized):
        return "exact"
    return "family" if family_of(one) == family_of(other) else "wrong"


def _share(part: int, whole: int) -> str:
    return f"{100 * part / whole:6.2f} %" if whole else "     -"


def print_head() -> None:
    """The first line of the table."""
    print(
        f"{'project':34} {'dialect':10} columns    family     exact  of known  wrong  unknown"
        "   odd     CPU"
    )


def print_line(target: Path, dialect: str, judged: list[Judged], spent: float) -> None:
    """The shares of one project. ``of known`` leaves out columns of unknown type."""
    counts: Mapping[str, int] = Counter(column.verdict for column in judged)
    total = len(judged) - counts["odd"]
    exact, family = counts["exact"], counts["exact"] + counts["family"]
    known = total - counts["unknown"]
    name = target.parent.name if target.name == "target" else target.name
    print(
        f"{name[:34]:34} {dialect:10} {total:6}  {_share(family, total)}  {_share(exact, total)}"
        f"  {_share(family, known)}  {counts['wrong']:5}  {counts['unknown']:7}  {counts['odd']:4}"
        f"  {spent:6.2f} s"
    )


def main() -> None:
    """Print a line for each target folder."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("targets", nargs="+", type=Path)
    parser.add_argument("--wrong", action="store_true", help="list the wrong ones")
    parser.add_argument("--unknown", action="store_true", help="list why others are unknown")
    arguments = parser.parse_args()
    print_head()
    for target in arguments.targets:
        dialect, judged, spent = judge(target)
        print_line(target, dialect, judged, spent)
        if arguments.wrong:
            for column in judged:
                if column.verdict in ("wrong", "family"):
                    print(f"    {column.column}: {column.real}, inferred {column.inferred}")
        if arguments.unknown:
            whys = Counter(c.why for c in judged if c.verdict == "unknown")
            for why, count in whys.most_common(20):
                print(f"    {count:5}  {why}")


if __name__ == "__main__":
    main()
