"""How many mechanical refactorings of real models are proven to change nothing.

    python -m bench.changes.refactorings TARGET... [--show 5]

TARGET is a folder with a compiled manifest.json. Each model's SQL is refactored in several
ways that cannot change its result: printed anew, its CTEs renamed, operands exchanged, all
of it wrapped in a CTE, a final CTE added, a CTE that is used once put where it is used. Both
texts get a fingerprint; what is not proven equal is counted by the way of refactoring.
"""

from __future__ import annotations

import argparse
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from statistics import median
from typing import NamedTuple

from msgspec.structs import replace
from sqlglot import exp, parse_one

import analyticsops as ao
from analyticsops.changes.version import Version
from analyticsops.lineage.questions import FingerprintQuery
from analyticsops.lineage.reading_fingerprints import read_fingerprint
from analyticsops.sql.facts import Problem
from analyticsops.sql.fingerprint import Fingerprint
from analyticsops.sql.syntax import WITH

Refactoring = Callable[[exp.Expression], exp.Expression | None]
"""A tree, which may be changed -> the refactored one; None if there is nothing to do."""


def printed(tree: exp.Expression) -> exp.Expression:
    """Only printed anew."""
    return tree


def ctes_renamed(tree: exp.Expression) -> exp.Expression | None:
    """Other names for all CTEs at the top."""
    clause = tree.args.get(WITH)
    if clause is None or any(inner.args.get(WITH) for inner in _below(tree)):
        return None
    own = [cte for cte in clause.expressions if not _is_ephemeral(cte)]
    names = {cte.alias: f"renamed_{n}" for n, cte in enumerate(own)}
    for cte in own:
        cte.args["alias"].set("this", exp.to_identifier(names[cte.alias]))
    for table in tree.find_all(exp.Table):
        if table.name in names and not table.args.get("db"):
            if not table.args.get("alias"):
                table.set("alias", exp.TableAlias(this=exp.to_identifier(table.name)))
            table.set("this", exp.to_identifier(names[table.name]))
    return tree


def commuted(tree: exp.Expression) -> exp.Expression | None:
    """Operands of equalities and of AND and OR exchanged."""
    found = [n for n in tree.find_all(exp.EQ, exp.And, exp.Or) if not _in_star(n)]
    for node in found:
        left, right = node.this, node.expression
        node.set("this", right)
        node.set("expression", left)
    return tree if found else None


def wrapped(tree: exp.Expression) -> exp.Expression | None:
    """``with w as (<query>) select * from w``."""
    if tree.args.get("order") or tree.args.get("limit"):
        return None
    return exp.select("*").from_("wrapped_").with_("wrapped_", as_=tree)


def finished(tree: exp.Expression) -> exp.Expression | None:
    """The last SELECT as a CTE `final` of its own."""
    clause = tree.args.get(WITH)
    if clause is None or tree.args.get("order") or tree.args.get("limit"):
        return None
    clause.pop()
    query = exp.select("*").from_("final_").with_("final_", as_=tree)
    own = query.args[WITH]
    own.set("expressions", [*clause.expressions, *own.expressions])
    own.set("recursive", clause.args.get("recursive"))
    return query


def inlined(tree: exp.Expression) -> exp.Expression | None:
    """A CTE that is used once, in its place as a subquery."""
    clause = tree.args.get(WITH)
    if clause is None or clause.args.get("recursive"):
        return None
    uses = Counter(t.name for t in tree.find_all(exp.Table) if not t.args.get("db"))
    for cte in clause.expressions:
        if (
            uses[cte.alias] != 1
            or _is_ephemeral(cte)
            or cte.args["alias"].args.get("columns")
            or len(uses) < 2
        ):
            continue
        table = next(t for t in tree.find_all(exp.Table) if t.name == cte.alias)
        if table.args.get("joins") or table.args.get("pivots") or cte.this.args.get(WITH):
            continue
        alias = table.args.get("alias") or exp.TableAlias(this=exp.to_identifier(cte.alias))
        table.replace(exp.Subquery(this=cte.this.copy(), alias=alias.copy()))
        cte.pop()
        if not clause.expressions:
            clause.pop()
        return tree
    return None


REFACTORINGS: Mapping[str, Refactoring] = {
    "printed": printed,
    "CTEs renamed": ctes_renamed,
    "operands exchanged": commuted,
    "wrapped": wrapped,
    "a final CTE": finished,
    "a CTE inlined": inlined,
}


def _is_ephemeral(cte: exp.Expression) -> bool:
    """True for a model that dbt put there: its name says which."""
    return bool(cte.alias.startswith("__dbt__cte__"))


def _below(tree: exp.Expression) -> Iterator[exp.Expression]:
    return (node for node in tree.find_all(exp.Query) if node is not tree)


def _in_star(node: exp.Expression) -> bool:
    return node.find_ancestor(exp.Star, exp.Columns) is not None


class Outcome(NamedTuple):
    """What became of one project.

    Attributes:
        models: those whose SQL there is.
        analysed: those whose rows and columns are all understood.
        tried: refactorings, by name.
        proven: likewise.
        failures: (way, model) that are not proven.
        seconds: of one fingerprint, of each model.
    """

    models: int
    analysed: int
    tried: Counter[str]
    proven: Counter[str]
    failures: list[tuple[str, str]]
    seconds: list[float]


def measure(target: Path) -> Outcome:
    """Refactor every model of a target folder."""
    workspace = ao.load(target)
    version = Version(
        project=workspace.project,
        graph=workspace.graph,
        code=workspace.code,
        dialect=workspace.dialect,
    )
    tried: Counter[str] = Counter()
    proven: Counter[str] = Counter()
    failures: list[tuple[str, str]] = []
    seconds: list[float] = []
    models = analysed = 0
    for node in workspace.project.of_kind("model"):
        sql = workspace.code(node).sql
        if sql is None or node.language != "sql":
            continue
        models += 1
        question = version.question(node, sql)
        start = time.process_time()
        before = _fingerprint(question)
        seconds.append(time.process_time() - start)
        if before is None or not _is_whole(before):
            continue
        analysed += 1
        for name, refactoring in REFACTORINGS.items():
            try:
                tree = refactoring(parse_one(sql, dialect=version.dialect))
                text = tree.sql(dialect=version.dialect, pretty=True) if tree else None
            except Exception:  # sqlglot cannot print all that it reads
                continue
            if text is None:
                continue
            tried[name] += 1
            after = _fingerprint(replace(question, sql=text))
            if after is not None and _same(before, after):
                proven[name] += 1
            else:
                failures.append((name, node.label))
    return Outcome(models, analysed, tried, proven, failures, seconds)


def _fingerprint(question: FingerprintQuery) -> Fingerprint | None:
    found = read_fingerprint(question)
    return None if isinstance(found, Problem) else found


def _is_whole(found: Fingerprint) -> bool:
    return bool(found.rows) and all(text for _, _, text, _ in found.columns)


def _same(before: Fingerprint, after: Fingerprint) -> bool:
    columns = [{key: text for key, _, text, _ in side.columns} for side in (before, after)]
    return before.rows == after.rows and columns[0] == columns[1]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("targets", type=Path, nargs="+")
    parser.add_argument("--show", type=int, default=0, help="failures of each project to name")
    options = parser.parse_args()
    print("| project | models | analysed | refactorings | proven | ms median | ms largest |")
    print("|---|--:|--:|--:|--:|--:|--:|")
    for target in options.targets:
        found = measure(target)
        tried, proven = found.tried.total(), found.proven.total()
        print(
            f"| {ao.load(target).project.name} | {found.models:,} "
            f"| {found.analysed:,} ({100 * found.analysed / max(found.models, 1):.1f} %) "
            f"| {tried:,} | {proven:,} ({100 * proven / max(tried, 1):.1f} %) "
            f"| {1000 * median(found.seconds):.1f} | {1000 * max(found.seconds):.0f} |"
        )
        for name, label in found.failures[: options.show]:
            print(f"<!-- {name}: {label} -->")


if __name__ == "__main__":
    main()
