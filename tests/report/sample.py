"""One report with everything in it, as the golden files show it."""

from __future__ import annotations

import msgspec

from analyticsops.executed import ColumnShare, Counterexample, Execution, Rows
from analyticsops.findings import (
    Accepted,
    Affected,
    Finding,
    Location,
    Migration,
    Rule,
    Severity,
    make_finding,
    order_key,
)
from analyticsops.report.model import Coverage, ProjectFacts, Report, Verdict

COLUMN_REMOVED = Rule(
    code="CHG201",
    name="column-removed",
    severity=Severity.ERROR,
    summary="A column that something downstream reads was removed.",
    why="Whatever reads the column fails on its next run.",
    example="```sql\n-- before\nselect id, amount from ...\n-- after\nselect id from ...\n```",
    advice="Keep the column until its readers have moved.",
    unknown="If a reader's SQL cannot be analysed, it is counted as a reader.",
)
TYPE_CHANGED = Rule(
    code="CHG210",
    name="column-retyped",
    severity=Severity.WARNING,
    summary="A column has another type.",
    why="Comparisons and joins may silently give other results.",
    example="```sql\ncast(amount as integer)\n```",
    advice="Cast back where the old type is promised.",
)
NOT_ANALYSED = Rule(
    code="LIN901",
    name="model-not-analysed",
    severity=Severity.INFO,
    summary="The SQL of a model could not be analysed.",
    why="What it reads is unknown, and nothing is promised about it.",
    example="A query that is nested deeper than 256 levels.",
    advice="See the reason; `analyticsops doctor` tells more.",
)
NO_OWNER = Rule(
    code="RDY101",
    name="owner-missing",
    severity=Severity.WARNING,
    summary="A public model without an owner.",
    why="Nobody is asked when it breaks.",
    example="```yaml\nmodels:\n  - name: orders\n```",
    advice="Give it a group with an owner.",
)

HITS = (
    Affected(
        node="model.shop.fct_revenue",
        kind="model",
        name="fct_revenue",
        columns=("gross", "net"),
        owner="finance",
        via="breaks",
        path=("orders.amount", "fct_revenue.gross"),
    ),
    Affected(
        node="metric.shop.revenue",
        kind="metric",
        name="revenue",
        owner="finance",
        via="values",
        path=("orders.amount", "fct_revenue.gross", "revenue"),
    ),
    Affected(
        node="exposure.shop.weekly_numbers",
        kind="exposure",
        name="weekly_numbers",
        owner="bi-team@shop.example",
        via="rows",
        path=("orders.amount", "fct_revenue.gross", "weekly_numbers"),
    ),
    Affected(node="model.shop.legacy", kind="model", name="legacy", via="depends"),
    *(
        Affected(
            node=f"model.shop.mart_{number:02}",
            kind="model",
            name=f"mart_{number:02}",
            columns=("amount",),
            owner="" if number % 3 else "growth",
            via="values",
            path=("orders.amount", "fct_revenue.gross", f"mart_{number:02}.amount"),
        )
        for number in range(9)
    ),
)

SHOWN = Counterexample(
    inputs=(
        Rows("raw.orders", ("id", "ordered_at"), (("1", "2026-03-01 23:30:00"), ("2", None))),
        Rows("raw.customers", ("id",), ()),
    ),
    base=Rows("orders", ("id", "ordered_at"), (("1", "2026-03-01 23:30:00"),)),
    head=Rows("orders", ("id", "ordered_at"), (("1", "2026-03-01"),)),
)

EXECUTIONS = (
    Execution(
        node="model.shop.giant",
        name="giant",
        data="generated",
        outcome="unknown",
        reason="the new version does not run: DuckDB refuses it",
    ),
    Execution(
        node="model.shop.orders",
        name="orders",
        data="generated",
        outcome="differs",
        databases=24,
        differing=9,
        rows=61,
        key=("id",),
        columns=(ColumnShare("ordered_at", 0.412), ColumnShare("amount", 0.004)),
    ),
    Execution(
        node="model.shop.orders",
        name="orders",
        data="sample",
        outcome="differs",
        databases=1,
        differing=1,
        rows=12_400,
        rows_removed=3,
        rows_added=1_200,
        key=("id",),
    ),
    Execution(
        node="model.shop.mart_01",
        name="mart_01",
        data="generated",
        built="downstream",
        outcome="no difference",
        databases=20,
        rows=77,
    ),
)


def findings() -> tuple[Finding, ...]:
    """Every kind of finding: failing, mild, unproven, accepted, without a place."""
    made = [
        make_finding(
            COLUMN_REMOVED,
            node="model.shop.orders",
            subject="orders.amount",
            column="amount",
            location=Location("models/marts/orders.sql", 12, 3),
            message="Column `amount` was removed; 13 others read it",
            evidence=(
                "in the base: amount decimal(18,2), from `stg_payments.amount_cents`",
                "in the head: no column of this name, and none with the same definition",
            ),
            affected=HITS,
            owner="finance",
        ),
        make_finding(
            TYPE_CHANGED,
            node="model.shop.orders",
            subject="orders.ordered_at",
            column="ordered_at",
            location=Location("models/marts/orders.sql", 9),
            message="Type of ordered_at changed from timestamp to date",
            fix="Cast back in the readers:\n\n    cast(ordered_at as timestamp)",
            migration=(
                Migration(
                    step="pin",
                    path="models/marts/fct_revenue.sql",
                    text="- from {{ ref('orders') }}\n+ from {{ ref('orders', v=1) }}\n",
                ),
                Migration(
                    step="full-refresh",
                    path="",
                    text="dbt build --full-refresh --select fct_revenue\n",
                ),
            ),
            affected=HITS[1:2],
            owner="finance",
            identity=("date",),
        ),
        make_finding(
            COLUMN_REMOVED,
            node="model.shop.customers",
            subject="customers.region",
            column="region",
            severity=Severity.WARNING,
            location=Location("models/marts/customers.sql"),
            message="Column region may be gone: the star of raw.crm.customers cannot be expanded",
            proven=False,
        ),
        make_finding(
            NOT_ANALYSED,
            node="model.shop.giant",
            subject="giant",
            location=Location("models/giant.sql", 1),
            message="Not analysed: nested deeper than 256 levels",
        ),
        make_finding(
            NO_OWNER, node="", subject="shop", message="Three public models have no owner"
        ),
        make_finding(
            COLUMN_REMOVED,
            node="model.shop.stg_payments",
            subject="stg_payments.legacy_id",
            column="legacy_id",
            location=Location("models/staging/stg_payments.sql", 4, 1),
            message="Column legacy_id was removed",
        ),
        make_finding(
            TYPE_CHANGED,
            node="model.shop.stg_payments",
            subject="stg_payments.id",
            column="id",
            location=Location("models/staging/stg_payments.sql", 3, 5),
            message="Type of id changed from integer to bigint",
        ),
    ]
    made[1] = msgspec.structs.replace(made[1], counterexample=SHOWN)
    accepted = {
        "stg_payments.legacy_id": Accepted(
            by="allow",
            reason="finance moved to payment_id, see TICKET-12",
            until="2027-03-31",
            where="analyticsops.yml:12",
        ),
        "stg_payments.id": Accepted(
            by="baseline", reason="known since the baseline", where="baseline.json"
        ),
    }
    return tuple(sorted((_with(item, accepted) for item in made), key=order_key))


def report() -> Report:
    """A ``diff`` that fails."""
    return Report(
        command="diff",
        version="0.1.0",
        project=facts("2026-11-21T08:00:00Z"),
        base=facts("2026-11-20T17:30:00Z"),
        coverage=Coverage(
            proven=1304,
            partial=5,
            unknown=3,
            reasons=(
                ("star of an unknown table", 5),
                ("too deep", 1),
                ("time", 1),
                ("Python model", 1),
            ),
        ),
        findings=findings(),
        rules=(COLUMN_REMOVED, TYPE_CHANGED, NOT_ANALYSED, NO_OWNER),
        verdicts=(
            Verdict(node="model.shop.customers", name="customers", verdict="unknown",
                    reason="the star of raw.crm.customers cannot be expanded"),
            Verdict(node="model.shop.giant", name="giant", verdict="refactored",
                    reason="same canonical form"),
            Verdict(node="model.shop.orders", name="orders", verdict="breaking",
                    reason="`amount` is gone and is read by 13"),
            Verdict(node="model.shop.stg_payments", name="stg_payments", verdict="additive",
                    reason="2 columns more"),
        ),
        executions=EXECUTIONS,
        notes=("3 models are newer on disk than in the manifest: run dbt parse again",),
        fail_on="error",
        failed=True,
    )  # fmt: skip


def clean_report() -> Report:
    """A ``check`` that found nothing."""
    return Report(
        command="check",
        version="0.1.0",
        project=facts("2026-11-21T08:00:00Z"),
        coverage=Coverage(proven=14, partial=0, unknown=0),
    )


def facts(generated_at: str) -> ProjectFacts:
    """The project of all samples."""
    return ProjectFacts(
        name="shop",
        dbt_version="1.11.2",
        adapter="duckdb",
        generated_at=generated_at,
        models=1312,
        columns=18204,
    )


def _with(finding: Finding, accepted: dict[str, Accepted]) -> Finding:
    mark = accepted.get(finding.subject)
    return msgspec.structs.replace(finding, accepted=mark) if mark else finding
