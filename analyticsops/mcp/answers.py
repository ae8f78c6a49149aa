"""What each tool answers: one call of the API each, made small enough to be read."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from analyticsops import api
from analyticsops.catalogue import find_rule
from analyticsops.doctor import examine
from analyticsops.errors import AnalyticsOpsError, NotFoundError, UsageError
from analyticsops.mcp.desk import Desk
from analyticsops.mcp.plain import MAX_ITEMS, capped, plain
from analyticsops.project.model import Node
from analyticsops.report.encode import lines
from analyticsops.report.rules import page
from analyticsops.report.summary import active, changes_line, result_line
from analyticsops.slo.facts import facts_of

Answer = dict[str, Any]

MAX_SQL = 40_000
"""Characters of a query that an agent is given."""


def status(desk: Desk, now: datetime) -> Answer:
    """What there is, how old it is, and what is missing."""
    workspace = desk.workspace
    kinds = ("model", "source", "seed", "snapshot", "test", "metric", "exposure", "saved_query")
    counts = {kind: len(workspace.project.of_kind(kind)) for kind in kinds}
    return {"counts": counts, "facts": plain(examine(workspace, now))}


def search(desk: Desk, text: str, kinds: Sequence[str], limit: int) -> Answer:
    """Things by name and description."""
    found = api.search(desk.workspace, text, kinds=kinds, limit=min(max(limit, 1), MAX_ITEMS))
    shown = [
        {"kind": d.kind, "name": d.name, "label": d.label, "owner": d.owner, "says": d.description}
        for d in found.documents
    ]
    more = found.total - len(shown)
    return {**plain({"found": shown, "did_you_mean": found.close}), **_more(more, "kinds, words")}


def describe(desk: Desk, name: str) -> Answer:
    """A model, source, seed, snapshot or exposure; a metric; a column as MODEL.COLUMN."""
    workspace = desk.workspace
    nodes = _named(desk, name)
    if not nodes:
        return _column(desk, name)
    if nodes[0].kind == "metric":
        return {"metric": plain(api.find_metric(workspace, nodes[0].name))}
    others = [node.unique_id for node in nodes[1:]]
    return {**_node(desk, nodes[0]), **plain({"also_called_so": others})}


def _named(desk: Desk, name: str) -> list[Node]:
    wanted = name.strip().lower()
    nodes = desk.workspace.project.nodes.values()
    found = [n for n in nodes if wanted in (n.label.lower(), n.name.lower(), n.unique_id.lower())]
    order = ("metric", "model", "source", "snapshot", "seed", "exposure")
    kinds = {kind: place for place, kind in enumerate(order)}
    return sorted(found, key=lambda node: (kinds.get(node.kind, len(order)), node.unique_id))


def _node(desk: Desk, node: Node) -> Answer:
    project, graph = desk.workspace.project, desk.workspace.graph
    lineage = graph.nodes.get(node.unique_id)
    columns = [
        {
            "name": name,
            "type": column.type if (column := node.columns.get(name)) else "",
            "says": column.description if column else "",
            "tags": column.tags if column else (),
        }
        for name in (lineage.names if lineage else ())
    ]
    shown, left = capped(columns)
    readers = [project.nodes[child] for child in project.children.get(node.unique_id, ())]
    facts = {
        "kind": node.kind,
        "name": node.label,
        "unique_id": node.unique_id,
        "file": node.path,
        "says": node.description,
        "owner": node.owner.name if node.owner else "",
        "materialized": node.materialized,
        "access": node.access,
        "contract": node.contract or None,
        "tags": node.tags,
        "lineage": lineage.status if lineage else "",
        "columns": shown,
        "reads": [project.nodes[p].label for p in node.depends_on if p in project.nodes],
        "read_by": [f"{n.kind} {n.label}" for n in readers if n.kind != "test"][:MAX_ITEMS],
        "tests": [n.name for n in readers if n.kind == "test"][:MAX_ITEMS],
    }
    return {**plain(facts), **_more(left, "one column: MODEL.COLUMN")}


def _column(desk: Desk, name: str) -> Answer:
    workspace = desk.workspace
    try:
        api.find_column(workspace, name)
        found = api.trace(workspace, name, depth=1)
    except NotFoundError as fault:
        close = api.search(workspace, name, limit=5)
        words = [document.name for document in close.documents] or list(close.close)
        raise NotFoundError("model, metric or column", name, words) from fault
    node = workspace.project.nodes[found.node]
    spelled = found.column.rpartition(".")[2]
    column = node.columns.get(spelled)
    types = api.infer_types(workspace, select=node.name) if node.kind != "source" else ()
    kind = next((t for t in types if t.node == node.unique_id and t.name == spelled), None)
    return _plain(
        {
            "kind": "column",
            "name": found.column,
            "says": column.description if column else "",
            "tags": column.tags if column else (),
            "type": kind.type if kind else column.type if column else "",
            "type_from": kind.type_from if kind else column.type_from if column else "",
            "lineage": found.status,
            "problems": found.problems,
            "from": [_step(step) for step in found.upstream],
            "to": [_step(step) for step in found.downstream][:MAX_ITEMS],
        }
    )


def lineage(
    desk: Desk, column: str, direction: str, depth: int | None, direct: bool, limit: int
) -> Answer:
    """Where a column comes from and goes to, the whole way in one answer, and what decides
    about the rows of its table."""
    if direction not in ("upstream", "downstream", "both"):
        raise UsageError(f"direction {direction!r}", hint="upstream, downstream or both")
    found = api.trace(desk.workspace, column, depth=depth, direct=direct)
    answer: Answer = plain(
        {"column": found.column, "lineage": found.status, "problems": found.problems}
    )
    for word, way, steps in (
        ("upstream", "upstream", found.upstream),
        ("rows", "upstream", found.rows),
        ("downstream", "downstream", found.downstream),
    ):
        if direction in (way, "both"):
            shown, left = capped(steps, limit)
            answer[word] = [plain(_step(step)) for step in shown]
            answer |= _more(left, "depth, direct", f"{word}_more")
    return answer


def _step(step: api.Step) -> Answer:
    return {
        "column": f"{step.name}.{step.column}" if step.column else f"{step.node_kind} {step.name}",
        "how": step.kinds,
        "sure": "" if step.sure == "exact" else step.sure,
        "steps_away": step.distance,
        "through": step.next if step.distance > 1 else "",
        "owner": step.owner,
    }


def impact(desk: Desk, columns: Sequence[str], limit: int) -> Answer:
    """Who is hit when columns change, ends first."""
    found = api.find_impact(desk.workspace, columns)
    shown, left = capped(found.hits, limit)
    return {
        **plain({"columns": found.columns, "hits": shown, "owners": dict(found.owners)}),
        **_more(left, "limit"),
    }


def diff(desk: Desk, select: str, limit: int) -> Answer:
    """What changed against the version that the server was started with."""
    base = desk.base
    if base is None:
        raise UsageError(
            "the server knows no other version",
            hint="start it with --base DIR: the target folder of the version to compare with",
        )
    report = api.diff(base, desk.workspace, select=select)
    shown, left = capped(active(report), limit)
    findings = [
        {
            "rule": f"{f.rule} {f.name}",
            "severity": f.severity,
            "subject": f.subject,
            "says": f.message,
            "proven": f.proven,
            "where": str(f.location) if f.location else "",
            "evidence": f.evidence,
            "hits": [f"{hit.kind} {hit.name}: {hit.via}" for hit in f.affected][:20],
            "fix": f.fix,
        }
        for f in shown
    ]
    verdicts = {verdict.name: verdict.verdict for verdict in report.verdicts[:MAX_ITEMS]}
    summary = [changes_line(report), result_line(report)]
    return {
        **plain({"summary": summary, "verdicts": verdicts, "findings": findings}),
        **_more(left, "select"),
    }


def metrics(desk: Desk, name: str, limit: int) -> Answer:
    """One metric with its formula down to source columns, or all in a line each."""
    workspace = desk.workspace
    if name:
        return {"metric": plain(api.find_metric(workspace, name))}
    entries, left = capped(api.list_metrics(workspace), limit)
    shown = [
        {"name": e.name, "type": e.type, "tier": e.tier, "owner": e.owner, "formula": e.formula}
        for e in entries
    ]
    return {**plain({"metrics": shown}), **_more(left, "name")}


def metric_sql(
    desk: Desk,
    metrics: Sequence[str],
    by: Sequence[str],
    where: Sequence[str],
    order: Sequence[str],
    limit: int,
    dialect: str,
) -> Answer:
    """The query that computes metrics. It is not run, and not shortened: a part of a query is
    another query."""
    sql = api.metric_sql(
        desk.workspace, metrics, by=by, where=where, order=order, limit=limit, dialect=dialect
    )
    if len(sql) > MAX_SQL:
        raise UsageError(
            f"the query has {len(sql):,} characters", hint="ask for fewer metrics at a time"
        )
    text = "\n".join(lines(sql))  # as long as it is, without what hides
    return {"sql": text, "dialect": dialect or desk.workspace.dialect}


def slo(desk: Desk, now: datetime) -> Answer:
    """How fresh sources are, and how the objectives stand: by the history where there is one,
    with what is wrong and why."""
    try:
        return _by_history(desk, now)
    except UsageError as fault:
        return {**_by_one_measurement(desk, now), "history": str(fault)}


def _by_history(desk: Desk, now: datetime) -> Answer:
    found = facts_of(api.evaluate_objectives(desk.workspace, desk.history, now=now))
    objectives = [
        {
            "name": one.objective,
            "state": one.state,
            "now": one.now,
            "because": one.because,
            "good": one.sli,
            "good_at_worst": one.sli_worst,
            "target": one.target,
            "budget_left": one.budget_left,
            "next_data": one.arrives_at,
            "owner": one.owner,
            "runbook": one.runbook,
        }
        for one in found.objectives[:MAX_ITEMS]
    ]
    incidents = [
        {
            "id": one.id,
            "severity": one.severity,
            "cause": one.root_label,
            "says": [alert.sentence for alert in one.alerts[:5]],
            "reaches": one.affected,
        }
        for one in found.incidents[:MAX_ITEMS]
    ]
    more = len(found.objectives) - len(objectives)
    hidden = len(found.incidents) - len(incidents)
    shown = {
        "environment": found.environment,
        "objectives": objectives,
        "incidents": incidents,
        "invalid": found.invalid,
    }
    return {
        **plain(shown),
        **_more(more, "the command line"),
        **_more(hidden, "the command line", "incidents_more"),
    }


def _by_one_measurement(desk: Desk, now: datetime) -> Answer:
    found = api.read_freshness(desk.workspace, now=now)
    note = "" if found.measured else "`dbt source freshness` was not run: nothing is measured"
    sources = [
        {
            "name": source.name,
            "status": source.status,
            "newest_data": source.loaded_at,
            "measured_at": source.measured_at,
            "owner": source.owner,
        }
        for source in found.sources[:MAX_ITEMS]
    ]
    objectives = [
        {
            "name": objective.name,
            "about": objective.subject,
            "target": objective.target,
            "state": objective.state,
            "because": objective.because,
            "owner": objective.owner,
            "runbook": objective.runbook,
        }
        for objective in found.objectives[:MAX_ITEMS]
    ]
    return _plain({"note": note, "sources": sources, "objectives": objectives})


def explain(desk: Desk, what: str) -> Answer:
    """A rule by code or name; or the expressions by which a column comes about."""
    try:
        return {"rule": plain(page(find_rule(what)))}
    except AnalyticsOpsError:
        if "." not in what:
            raise
    found = api.explain_column(desk.workspace, what)
    columns = [
        {
            "column": column.column,
            "file": column.path,
            "steps": [
                {"in": step.query or "the final SELECT", "sql": step.sql, "line": step.line or None}
                for step in column.steps
            ],
            "comes_from": column.sources,
            "note": column.note,
            "problems": column.problems,
        }
        for column in found.columns
    ]
    shown, left = capped(columns)
    return {**plain({"columns": shown}), **_more(left, "a column further up")}


def _plain(answer: Answer) -> Answer:
    found: Answer = plain(answer)
    return found


def _more(left: int, how: str, key: str = "more") -> Answer:
    """What is not shown is said, and how to see it."""
    return {key: f"{left:,} more; narrow it with {how}"} if left else {}
