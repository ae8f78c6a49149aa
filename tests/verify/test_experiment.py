"""What was not predicted is found, and what only looks like it is not."""

from __future__ import annotations

import msgspec
import pytest

from analyticsops.verify.experiment import Outcome, experiment
from analyticsops.verify.prediction import Output, Prediction
from analyticsops.verify.variants import COLUMN_CHANGES, Change

from .tables import predicted, trial_of

ORDERS = "o: id, customer, amount decimal(9,2), status varchar, tags int[]\nc: id, name varchar"

RIGHT = {
    "value": "select id, amount * 2 as a from o",
    "filter": "select id from o where amount > 1",
    "join": "select o.id, c.name from o left join c on o.customer = c.id",
    "group": "select status, sum(amount) as s from o group by status",
    "window": "select id, rank() over (partition by status order by amount) as r from o",
    "case": "select id, case when status = 'a' then amount end as a from o",
    "unnest": "select id, unnest(tags) as tag from o",
    "distinct": "select distinct status from o",
    "union": "select id from o union all select id from c",
    "exists": "select name from c where exists (select 1 from o where o.customer = c.id)",
    "scalar": "select id, (select max(amount) from o where o.customer = c.id) as m from c",
}


def run(sql: str, prediction: Prediction | None = None) -> Outcome:
    with trial_of(sql, ORDERS, prediction) as trial:
        unsteady = trial.unsteady()
        assert isinstance(unsteady, frozenset)
        trial.ignored |= unsteady
        return experiment(trial)


@pytest.mark.parametrize("sql", RIGHT.values(), ids=RIGHT)
def test_right_lineage_has_no_violation_and_shows(sql: str) -> None:
    outcome = run(sql)
    assert outcome.violations == ()
    assert outcome.slack == frozenset()
    assert outcome.predicted


@pytest.mark.parametrize("sql", RIGHT.values(), ids=RIGHT)
def test_every_edge_that_is_taken_away_is_missed(sql: str) -> None:
    """Each predicted input of a column, and each of the rows, is needed."""
    with trial_of(sql, ORDERS) as trial:
        whole = trial.prediction
        for number, output in enumerate(whole.outputs):
            for input_ in output.inputs - whole.rows:
                less = Output(output.name, output.value - {input_}, output.control - {input_})
                outputs = [*whole.outputs[:number], less, *whole.outputs[number + 1 :]]
                trial.prediction = Prediction(tuple(outputs), whole.rows)
                found = {(v.input, v.output) for v in experiment(trial).violations}
                assert (".".join(input_), output.name) in found
        for input_ in whole.rows:
            trial.prediction = msgspec.structs.replace(whole, rows=whole.rows - {input_})
            named = input_[0] if not input_[1] else ".".join(input_)
            assert named in {violation.input for violation in experiment(trial).violations}


def test_the_evidence() -> None:
    sql = "select id, coalesce(status, 'none') as s from o"
    whole = predicted(sql, ORDERS)
    outcome = run(sql, Prediction((whole.outputs[0], Output("s")), whole.rows))
    (violation,) = outcome.violations
    assert (violation.input, violation.output) == ("o.status", "s")
    assert violation.change in COLUMN_CHANGES
    assert violation.before
    assert violation.before != violation.after


def test_values_that_only_change_places_are_seen() -> None:
    """A permutation keeps every column's values, but not the rows."""
    sql = "select id, customer from o"
    whole = predicted(sql, ORDERS)
    with trial_of(sql, ORDERS, Prediction((whole.outputs[0], Output("customer")), whole.rows)) as t:
        changes = {("o", "customer"): Change.PERMUTED}
        difference = t.difference(changes)
        assert not isinstance(difference, tuple)
        assert difference.unpredicted()
        assert t.violations(changes, difference)


UNSTEADY = {
    "ties": ("select id, row_number() over (order by status) as n from o", {"n"}),
    "any value": ("select status, first(id) as f from o group by status", {"f"}),
    "chance": ("select id, random() as r from o", {"r"}),
    "identity": ("select id, uuid() as u from o", {"u"}),
    "list": ("select list(id) as l from o", {"l"}),
}


@pytest.mark.parametrize(("sql", "columns"), UNSTEADY.values(), ids=UNSTEADY)
def test_what_depends_on_order_or_chance_is_ignored(sql: str, columns: set[str]) -> None:
    with trial_of(sql, ORDERS) as trial:
        unsteady = trial.unsteady()
        assert isinstance(unsteady, frozenset)
        assert {trial.prediction.outputs[n].name for n in unsteady} == columns
        trial.ignored |= unsteady
        assert experiment(trial).violations == ()


@pytest.mark.parametrize(
    "sql",
    [
        "select id from o where random() < 0.5",
        "select id, unnest(range((random() * 9)::int)) from o",
    ],
)
def test_rows_by_chance(sql: str) -> None:
    with trial_of(sql, ORDERS) as trial:
        assert trial.unsteady()  # -1, or the column where as many rows came out by chance


def test_a_tie_that_nobody_noticed_is_no_violation() -> None:
    """Even if it was not looked for, the order of rows explains the difference."""
    sql = "select id, status, first(amount) over (partition by status) as f from o"
    with trial_of(sql, ORDERS, predicted(sql, ORDERS)) as trial:
        assert experiment(trial).violations == ()


def test_the_order_of_floating_point_sums_is_no_violation() -> None:
    sql = "select status, sum(amount::double / 3) as s from o group by status"
    assert run(sql).violations == ()


def test_a_budget_of_queries() -> None:
    with trial_of(RIGHT["join"], ORDERS) as trial:
        outcome = experiment(trial, most=5)
        assert str(outcome.stopped) == "budget: 5 queries"
        assert trial.sandbox.queries <= 1 + 5 + 1


def test_changes_that_the_query_refuses_are_counted() -> None:
    sql = "select id, (status || '0')::int as a from o"
    with trial_of(sql, ORDERS, hints=("1", "2"), only=("1", "2")) as trial:
        outcome = experiment(trial)
        assert outcome.violations == ()
        assert {refused.reason for refused in outcome.refused} == {"DuckDB refuses it"}


def test_slack_is_what_never_shows() -> None:
    sql = "select id, case when amount > 1000000 then customer else 0 end as a from o"
    outcome = run(sql)
    assert outcome.violations == ()
    assert {edge[0] for edge in outcome.slack} == {("o", "customer"), ("o", "amount")}
