"""What is promised by files and beside nodes of a small shop, in full, or what is said of mistakes.

Both stand in tests/cases/slo/declared.txt: ``orders:`` and ``raw.orders:`` before a file is what
stands in the meta of these nodes, and ``----`` begins another file. After a wanted change:

    GOLDEN=write python -m pytest tests/slo/spec/test_declared_cases.py
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import msgspec
import pytest
import yaml

from analyticsops.errors import ConfigError
from analyticsops.project.model import Project
from analyticsops.slo.spans import Instant, time_of
from analyticsops.slo.spec.declared import declare
from analyticsops.slo.spec.reading import read_files
from tests.project_maker import project, workspace
from tests.slo.cases import CASES, Case, check, read_cases

FILE = CASES / "declared.txt"


def shop(meta: dict[str, Any]) -> Project:
    """Orders of a group go to an exposure and a metric; a seed and a test stand beside them.

    Args:
        meta: name of a node -> objectives beside it.
    """

    def promised(name: str) -> dict[str, Any]:
        return {"meta": {"analyticsops": meta[name]}} if name in meta else {}

    made = project(
        sources={
            "raw.orders": {
                "columns": "id",
                "freshness": {"warn_after": {"count": 6, "period": "hour"}},
                "config": promised("raw.orders"),
            },
            "raw.rates": {"columns": "id"},
        },
        seeds={"colours": "id"},
        groups={"money": "Finance"},
        models={
            "stg": {"sql": "select id from @raw.orders", "materialized": "view"},
            "orders": {"sql": "select id from @stg", "group": "money", **promised("orders")},
        },
        tests=["unique orders.id"],
        exposures={"board": {"depends_on": ["orders"], "owner": "CFO"}},
    )
    made.manifest["groups"]["group.shop.money"]["config"] = promised("money")
    return workspace(made).project


def said(case: Case, folder: Path) -> Iterator[str]:
    """Every objective with all that is not as usual; or the error, in one line."""
    meta: dict[str, Any] = {}
    texts = [list[str]()]
    for line in case.given.splitlines():
        name, _, rest = line.partition(": ")
        if line == "----":
            texts.append([])
        elif name in ("orders", "raw.orders", "money"):
            meta[name] = yaml.safe_load(rest)
        else:
            texts[-1].append(line)
    (folder / "slos").mkdir()
    for number, lines in enumerate(texts):
        text = "\n".join(("version: 1", *lines))
        (folder / "slos" / f"{number}.yml").write_text(text, encoding="utf-8")
    made = shop(meta)
    try:
        found = declare(made, read_files(folder), lambda node: f"{node.label}.yml")
    except ConfigError as error:
        yield str(error).replace(f"{folder}/slos/", "")
        return
    for slo in found.slos:
        yield f"{slo.full_name} {slo.origin} at {slo.where.replace(f'{folder}/slos/', '')}"
        told = {key: value for key, value in fields(slo) if key not in ("where", "origin")}
        yield "  " + "; ".join(f"{key} {value}" for key, value in told.items())
    for one in found.invalid:
        yield f"invalid {one.subject}/{one.name} {one.node}: {one.what}"
    for work, nodes in found.maintenance:
        yield f"work {words(work)} on {'all' if nodes is None else ' '.join(sorted(nodes))}"


def fields(struct: msgspec.Struct) -> Iterator[tuple[str, str]]:
    """What is not as usual, in words."""
    for field in msgspec.structs.fields(struct):
        value = getattr(struct, field.name)
        if value != field.default:
            yield field.name, words(value, field.name)


def words(value: Any, name: str = "") -> str:
    """A value as people read it."""
    if name == "span" and value is not None:
        return " to ".join(moment(one) for one in value)
    if isinstance(value, msgspec.Struct):
        kind = type(value).__name__
        return f"{kind}({', '.join(f'{key}={one}' for key, one in fields(value))})"
    if isinstance(value, Fraction):
        return f"{float(value):g}"
    if isinstance(value, frozenset):
        return " ".join(map(str, sorted(value)))
    if isinstance(value, tuple) and value and isinstance(value[0], msgspec.Struct):
        return " and ".join(map(words, value))
    return str(value)


def moment(instant: Instant) -> str:
    return f"{time_of(instant):%Y-%m-%dT%H:%MZ}"


@pytest.mark.parametrize("case", read_cases(FILE), ids=lambda case: case.name)
def test_case(case: Case, tmp_path: Path) -> None:
    check(FILE, case, said(case, tmp_path))
