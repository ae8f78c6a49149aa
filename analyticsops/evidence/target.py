"""Both versions on the tables of a dbt target: queries to be run there, and what their counts
say. Each model runs over the same inputs, those of the base where it has them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from analyticsops.changes.compare import Comparison
from analyticsops.changes.version import Version
from analyticsops.evidence.counting import Choices, execution_of
from analyticsops.evidence.pair import Job, Model
from analyticsops.evidence.query import comparison_query, counted
from analyticsops.executed import Execution
from analyticsops.sql.translate import column_text


class Asked(NamedTuple):
    """A model, and the query that compares its two versions.

    ``alone`` is True if the head reads columns that the base's tables may not have: such a
    query may fail, and must not take others with it.
    """

    alone: bool
    job: Job
    model: Model
    choices: Choices
    sql: str


def queries(comparison: Comparison, jobs: Sequence[Job]) -> list[Asked]:
    """A query for each model that runs by itself, in the project's own dialect."""
    found = []
    for job in jobs:
        for model in job.models if job.built == "model" else ():
            sql = _both(comparison, model.id)
            if model.claim is None or sql is None:
                continue
            choices = Choices(model.claim, model.key, each=False)
            text = comparison_query(
                *sql,
                choices.pairs,
                choices.all,
                lambda name: column_text(name, comparison.head.dialect),
            )
            found.append(Asked(_reads_new(comparison, job), job, model, choices, text))
    return found


def _reads_new(comparison: Comparison, job: Job) -> bool:
    changes = (comparison.nodes.get(one.table.id) for one in job.inputs)
    ids = {node.unique_id for node in comparison.added}
    return any(change is not None and change.added for change in changes) or any(
        one.table.id in ids for one in job.inputs
    )


def conclusion(one: Asked, rows: Sequence[Mapping[str, object]]) -> Execution:
    """What the answer to a model's query says."""
    return execution_of(one.job, one.model, "target", one.choices, counted(rows))


def not_executed(one: Asked, reason: str) -> Execution:
    """A model whose query the target refused."""
    return Execution(
        node=one.model.id, name=one.model.label, data="target", outcome="unknown", reason=reason
    )


def _both(comparison: Comparison, unique_id: str) -> tuple[str, str] | None:
    """The SQL of both versions, over the same relations."""
    base, head = comparison.base, comparison.head
    old, new = _sql(base, unique_id), _sql(head, unique_id)
    if old is None or new is None:
        return None
    return old, _with_relations_of(base, head, new)


def _sql(version: Version, unique_id: str) -> str | None:
    return version.code(version.project.nodes[unique_id]).sql


def _with_relations_of(base: Version, head: Version, sql: str) -> str:
    """The head's SQL over the base's relations, which are built where the base is."""
    names = {
        node.relation_name: known.relation_name
        for node in head.project.nodes.values()
        if node.relation_name and node.relation_name in sql
        if (known := base.project.nodes.get(node.unique_id)) is not None and known.relation_name
    }
    if not names:
        return sql
    longest_first = sorted(names, key=len, reverse=True)
    pattern = "|".join(re.escape(name) for name in longest_first)
    return re.sub(rf"(?<![\w.\"`])(?:{pattern})(?![\w.\"`])", lambda m: names[m[0]], sql)
