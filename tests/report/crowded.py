"""A report with more of everything than most formats show: what is left out has to be counted."""

from __future__ import annotations

from typing import Literal

import msgspec

from analyticsops.executed import Counterexample, Execution, Rows
from analyticsops.findings import (
    Accepted,
    Affected,
    Finding,
    Location,
    Migration,
    make_finding,
    order_key,
)
from analyticsops.report.model import Report, Verdict

from . import sample

MENTIONS = {"finance": "@shop/finance", "growth": "grace", "bi-team@shop.example": "@bi-team"}
BUILT: tuple[Literal["model", "downstream"], ...] = ("model", "downstream")
LONG = "a sentence that goes on " * 40


def _hits() -> tuple[Affected, ...]:
    """More than the details name; the first with many columns and a long way."""
    first = Affected(
        node="model.shop.wide",
        kind="model",
        name="wi|de",
        columns=("a", "b|b", "c", "d"),
        owner="finance",
        via="breaks",
        path=tuple(f"step_{number}.a" for number in range(9)),
    )
    way = tuple(f"step_{number}.a" for number in range(8))
    named = (("metric", "bi-team@shop.example"), ("exposure", ""), ("saved_query", "growth"))
    others = [
        Affected(
            node=f"{kind}.shop.{kind}_{number}",
            kind=kind,
            name=f"{kind}_{number}",
            owner=owner,
            via="values",
            path=way,
        )
        for number in range(5)
        for kind, owner in named
    ]
    models = [
        Affected(node=f"model.shop.m{number}", kind="model", name=f"m{number}", via="depends")
        for number in range(10)
    ]
    return (first, *others, *models)


def _worst() -> Finding:
    """One with more hits, facts, steps and rows than are shown."""
    steps = tuple(
        Migration(step="pin", path=f"models/m{number}.sql", text=f"- a{number}\n+ b{number}\n")
        for number in range(26)
    )
    example = Counterexample(
        inputs=(Rows("raw.orders", ("id", "n" * 40), tuple((str(n), " x") for n in range(12))),),
        base=Rows("orders", ("id",), (("v" * 40,),)),
        head=Rows("orders", ("id",), ()),
    )
    found = make_finding(
        sample.COLUMN_REMOVED,
        node="model.shop.orders",
        subject="orders.a",
        column="a",
        location=Location("models/marts/finance/orders_of_all_shops.sql", 1, 1),
        message=f"Column a was removed: {LONG}",
        evidence=tuple(f"fact {number}" for number in range(41)),
        affected=_hits(),
        owner="finance",
        fix="First this.\n\nThen `that`.",
        migration=steps,
    )
    return msgspec.structs.replace(found, counterexample=example)


def _findings() -> tuple[Finding, ...]:
    short = [
        make_finding(
            sample.TYPE_CHANGED,
            node=f"model.shop.m{number:02}",
            subject=f"m{number:02}.a|b",
            location=Location(f"models/m{number:02}.sql", number),
            message="Type of a changed",
            owner="growth" if number == 1 else "a|b",
        )
        for number in range(1, 84)
    ]
    mark = Accepted(by="allow", reason="known", where="analyticsops.yml:3")
    accepted = [msgspec.structs.replace(one, accepted=mark) for one in short[41:]]
    return tuple(sorted([_worst(), *short[:41], *accepted], key=order_key))


def report() -> Report:
    """The report; it does not fail, and one model is unknown."""
    verdicts = tuple(
        Verdict(node=f"model.shop.m{number:02}", name=f"m{number:02}", verdict=word)
        for number, word in enumerate(("unknown", *("values changed",) * 40))
    )
    executions = tuple(
        Execution(
            node=f"model.shop.m{number:02}",
            name=f"m{number:02}",
            data="generated",
            built=built,
            outcome="no difference",
            databases=1,
        )
        for built in BUILT
        for number in range(41)
    )
    plain = sample.report()
    return msgspec.structs.replace(
        plain,
        project=msgspec.structs.replace(plain.project, models=1, columns=1),
        base=msgspec.structs.replace(
            sample.facts("2026-11-20T17:30:00.123Z"), commit="0123456789abcdef"
        ),
        findings=_findings(),
        verdicts=verdicts,
        executions=executions,
        notes=tuple(f"note {number}" for number in range(1, 42)),
        fail_on="never",
        failed=False,
    )
