"""Each check has something that passes it and something that does not."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

import analyticsops as ao
from analyticsops.findings import Severity, make_finding
from analyticsops.readiness.checks import CHECKS, Answer
from analyticsops.readiness.scorecard import Scorecard, products, scorecards
from analyticsops.slo.objective import Slo
from analyticsops.slo.spec.words import Duration
from tests.project_maker import project, workspace
from tests.report.sample import COLUMN_REMOVED
from tests.slo.making import freshness_slo

MART = "model.shop.mart"


def shop(**mart: Any) -> ao.Workspace:
    """raw.orders -> stg -> mart -> board, and a model that is not understood."""
    made = project(
        sources={"raw.orders": "id, amount"},
        models={
            "stg": "select id, amount from @raw.orders",
            "mart": {"sql": "select id, amount from @stg", **mart},
            "odd": "select id, from from where @stg ((",
        },
        exposures={"board": {"depends_on": ["mart"], "owner": "CFO"}},
        tests=mart.pop("tests", ()),
        metrics={"revenue": "sum(mart.amount)"},
        groups={"finance": "Finance"},
    )
    return workspace(made)


def cards(shop_: ao.Workspace, **more: Any) -> Mapping[str, Scorecard]:
    found = scorecards(shop_.project, shop_.graph, metrics=shop_.registry.entries, **more)
    return {card.node: card for card in found}


def answer(code: str, shop_: ao.Workspace, node: str = MART, **more: Any) -> Answer:
    return next(one for one in cards(shop_, **more)[node].answers if one.code == code)


GOOD: dict[str, Any] = {
    "group": "finance",
    "description": "One row for each order that was paid, of all shops.",
    "columns": {
        "id": {"description": "of the order", "data_type": "int"},
        "amount": {"description": "in cents", "data_type": "int"},
    },
    "contract": True,
}
TESTS = ("unique mart.id", "not_null mart.id", "not_null stg.id")


def _slo(**more: Any) -> Slo:
    return freshness_slo(MART, Duration.read("26h"), **more)


@pytest.mark.parametrize(
    ("code", "mart", "more"),
    [
        ("RDY01", GOOD, {}),
        ("RDY02", GOOD, {}),
        ("RDY03", GOOD, {}),
        ("RDY04", {"tests": TESTS}, {}),
        ("RDY05", GOOD, {}),
        ("RDY06", {}, {"objectives": [_slo()]}),
        ("RDY07", {}, {"objectives": [_slo(runbook="https://x.example")]}),
        ("RDY08", {}, {}),
        ("RDY09", {"tests": TESTS}, {}),
        ("RDY10", {}, {"last": {MART: {"": "good", "not_null": "warned"}}}),
        ("RDY12", {}, {}),
    ],
)
def test_what_passes(code: str, mart: dict[str, Any], more: dict[str, Any]) -> None:
    assert answer(code, shop(**mart), **more).state == "passed"


@pytest.mark.parametrize(
    ("code", "mart", "more", "said"),
    [
        ("RDY01", {}, {}, "nobody owns it"),
        ("RDY02", {"description": "orders"}, {}, "only 'orders'"),
        ("RDY03", {"columns": {"id": {"description": "x"}}}, {}, "1 of 2 columns"),
        ("RDY04", {}, {}, "no test says"),
        ("RDY04", {"tests": ("unique mart.id",)}, {}, "may be null"),
        ("RDY05", {}, {}, "no contract"),
        ("RDY06", {}, {}, "nothing is promised"),
        ("RDY07", {}, {"objectives": [_slo()]}, "no runbook"),
        ("RDY09", {"tests": ("unique mart.id",)}, {}, "no test looks at stg"),
        ("RDY10", {}, {"last": {"model.shop.stg": {"": "bad"}}}, "failed last: stg (build)"),
        ("RDY11", {}, {}, "nobody answers for revenue"),
    ],
)
def test_what_fails(code: str, mart: dict[str, Any], more: dict[str, Any], said: str) -> None:
    found = answer(code, shop(**mart), **more)
    assert found.state == "failed"
    assert said in found.said
    assert found.fix


def test_what_is_not_known_is_unknown() -> None:
    shop_ = shop()
    assert answer("RDY10", shop_).state == "unknown"
    assert answer("RDY10", shop_, last={}).state == "unknown"
    assert answer("RDY08", shop_, "model.shop.odd").state == "unknown"
    assert cards(shop_)["model.shop.odd"].score < 1


def test_an_open_error_fails_and_an_accepted_one_does_not() -> None:
    shop_ = shop()
    finding = make_finding(
        COLUMN_REMOVED, node=MART, subject="mart.x", message="gone", severity=Severity.ERROR
    )
    assert answer("RDY12", shop_, findings=[finding]).said.startswith(COLUMN_REMOVED.code)
    assert answer("RDY12", shop_).state == "passed"


def test_an_exposure_is_asked_what_applies_to_it() -> None:
    board = cards(shop(), objectives=[])["exposure.shop.board"]
    states = {one.code: one.state for one in board.answers}
    assert states["RDY01"] == "passed"
    assert {states[code] for code in ("RDY03", "RDY04", "RDY05")} == {"not applicable"}


def test_products_are_what_others_rely_on() -> None:
    assert {node.name for node in products(shop().project)} == {"mart", "odd", "board"}


def test_a_score_is_the_share_of_what_applies() -> None:
    for card in cards(shop()).values():
        asked = [one for one in card.answers if one.state != "not applicable"]
        assert card.score == sum(one.state == "passed" for one in asked) / len(asked)
        assert card.ready == (card.score == 1)


def test_codes_are_in_order_and_names_are_claims() -> None:
    assert [check.code for check in CHECKS] == [f"RDY{n:02}" for n in range(1, len(CHECKS) + 1)]
    assert len({check.name for check in CHECKS}) == len(CHECKS)
