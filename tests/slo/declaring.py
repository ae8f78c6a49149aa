"""Objectives as tests write them: a small shop, and what stands in `slos/`."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from textwrap import dedent
from typing import Any

from analyticsops.project.model import Project
from analyticsops.slo.spec.declared import Declared, declare
from analyticsops.slo.spec.reading import read_files

from .. import project_maker as pm

FRESH = {"error_after": {"count": 12, "period": "hour"}}


def shop(
    *, model: Any = None, source: Any = None, tests: tuple[str, ...] = (), **more: Any
) -> Project:
    """raw.orders -> stg (view) -> orders, an exposure of it, and a seed beside them.

    Args:
        model: the objectives in `orders`' meta; likewise source.
    """

    def meta(listed: Any) -> Mapping[str, Any]:
        return {"meta": {"analyticsops": {"slo": listed}}} if listed is not None else {}

    made = pm.project(
        sources={
            "raw.orders": {"columns": "id", "freshness": FRESH, "config": meta(source)},
            "raw.dim": {"columns": "id"},
        },
        seeds={"colours": "id"},
        models={
            "stg": {"sql": "select id from @raw.orders", "materialized": "view"},
            "orders": {"sql": "select id from @stg", **meta(model)},
            "wide": "select a.id from @orders a join @raw.dim b on a.id = b.id",
            "shades": "select id from @colours",
        },
        exposures={"board": "orders"},
        tests=tests,
        **more,
    )
    return pm.workspace(made).project


def declared(project: Project, folder: Path, *files: str) -> Declared:
    """What is declared with these files in `slos/`."""
    (folder / "slos").mkdir(exist_ok=True)
    for number, text in enumerate(files):
        path = folder / "slos" / f"{number}.yml"
        path.write_text("version: 1\n" + dedent(text), encoding="utf-8")
    return declare(project, read_files(folder), lambda node: f"{node.label}.yml:1")
