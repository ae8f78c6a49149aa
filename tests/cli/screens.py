"""A shop whose names are as long, as wide and as ill-willed as names get, two versions of it, and
four days of its history: what the pictures in tests/cases/terminal/ are of."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec

from analyticsops.history.store import Store
from analyticsops.slo.gameday.fault import Fault, FaultKind
from analyticsops.slo.gameday.faults import inject
from analyticsops.slo.gameday.rehearsal import Rehearsal, rehearse
from analyticsops.slo.spans import DAY, HOUR, MINUTE, instant_of
from scripts.simulated_history import records_of
from tests.project_maker import project, workspace, write

NOW = datetime(2026, 11, 20, 8, tzinfo=UTC)
MART = "mart_customer_lifetime_value__with_refunds_and_chargebacks_by_acquisition_channel"
HOSTILE = "[red]Ledger[/red] \x1b[31mteam\x07 \u202eevil"
COMMANDS = {
    "lineage": ("lineage", "show", f"{MART}.net_revenue"),
    "diff": ("diff", "--base", "../base/target"),
    "slo": ("slo", "status", "--history", "../history", "--at", NOW.isoformat()),
    "metrics": ("metrics", "show", "average_net_revenue"),
}

_SLO = [
    {
        "name": "data-is-loaded-every-hour-of-the-day-and-night",
        "indicator": {"type": "freshness", "threshold": "2h"},
        "window": {"rolling": "7d"},
    }
]
_SOURCE: dict[str, Any] = {
    "columns": {"id": "integer", "amount": "integer", "customer": "integer", "状態": "text"},
    "known": True,
    "freshness": {"warn_after": {"count": 2, "period": "hour"}, "error_after": None},
    "config": {"meta": {"analyticsops": {"slo": _SLO}}},
}
_GOLDEN = "metric_time__month,value\n2026-01-01,120.5\n2026-02-01,80\n2026-03-01,1300.25\n"


def _measure(name: str) -> dict[str, Any]:
    return {"type": "simple", "type_params": {"measure": {"name": name}}}


def _parts(*, changed: bool) -> dict[str, Any]:
    taken, status = ("amount as taken_back", "refunded") if changed else ("amount", "returned")
    about = {"owner": HOSTILE, "unit": "EUR", "golden": "golden.csv", "why": "Agreed. " * 20}
    chain = {
        f"int_step_{number:02d}": f"select id, net from @int_step_{number - 1:02d}"
        for number in range(2, 9)
    }
    mart = (
        "select p.customer, sum(case when p.currency = 'EUR' then p.amount end) "
        f"- sum(r.{'taken_back' if changed else 'amount'}) + max(s.net) as net_revenue "
        "from @stg_payment_provider__settlements_of_every_country p "
        "join @stg_refunds r on r.customer = p.customer "
        "join @int_step_08 s on s.id = p.id group by p.customer"
    )
    return {
        "sources": {
            "raw.payments": {**_SOURCE, "columns": {**_SOURCE["columns"], "currency": "text"}},
            "raw.refunds": _SOURCE,
        },
        "models": {
            "stg_payment_provider__settlements_of_every_country": (
                "select id, amount, customer, currency from @raw.payments"
            ),
            "stg_refunds": f"select customer, {taken} from @raw.refunds where 状態 = '{status}'",
            "int_step_01": "select id, amount * 2 as net from @raw.payments",
            **chain,
            MART: {"sql": mart, "description": "All of it."},
            "rpt_顧客別_収益": f"select net_revenue from @{MART}",
            **{
                f"rpt_{n:02d}_of_region": f"select net_revenue as revenue from @{MART}"
                for n in range(12)
            },
        },
        "tests": [f"not_null {MART}.net_revenue", *([] if changed else ["unique stg_refunds.id"])],
        "semantic_models": {
            "customers": {
                "model": MART,
                "entities": {"customer": {"type": "primary", "expr": "customer"}},
                "measures": {"net_revenue": "sum(net_revenue)", "many": "count(customer)"},
            }
        },
        "metrics": {
            "net_revenue": {**_measure("net_revenue"), "label": "Net revenue"},
            "number_of_customers": _measure("many"),
            "average_net_revenue": {
                "type": "ratio",
                "label": "[bold]Average[/bold] net revenue",
                "description": "What a customer brings in. " * 6,
                "type_params": {
                    "numerator": {"name": "net_revenue"},
                    "denominator": {"name": "number_of_customers"},
                },
                "config": {"meta": {"analyticsops": about}},
            },
        },
        "exposures": {
            "board_pack_of_the_whole_group_for_investors_and_banks": {
                "depends_on": ["metric average_net_revenue"],
                "owner": HOSTILE,
            },
            "forecast": {"depends_on": [MART], "owner": "treasury@shop.example"},
        },
    }


def make_shop(folder: Path) -> Path:
    """Two versions, ``base`` and ``head``, and ``history``; the path of the second."""
    for name in ("base", "head"):
        root = write(project(**_parts(changed=name == "head")), folder / name)
        (root / "golden.csv").write_text(_GOLDEN, encoding="utf-8")
    _make_history(folder / "history")
    return folder / "head"


def _make_history(folder: Path) -> None:
    """Four days: a source that came late, and a model that fails since three hours ago."""
    shop = workspace(project(**_parts(changed=False))).project
    now = instant_of(NOW)
    observed = rehearse(shop, (now - 4 * DAY, now - 10 * MINUTE), Rehearsal())
    late = Fault(
        kind=FaultKind.SOURCE_LATE, target="source.shop.raw.payments", at=now - DAY, by=9 * HOUR
    )
    failing = Fault(kind=FaultKind.NODE_FAILS, target="model.shop.stg_refunds", at=now - 3 * HOUR)
    for fault in (late, failing):
        observed = inject(shop, observed, fault)
    store = Store(folder)
    for record in records_of(shop, msgspec.structs.replace(observed, environment="prod")):
        store.put(record)
