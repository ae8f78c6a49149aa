"""How much is proven: counted by hand on small projects."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from analyticsops.findings import Location
from analyticsops.lineage.build import build_graph
from analyticsops.lineage.coverage import Share, folder, matching, measure, measure_reasons
from analyticsops.lineage.rules.coverage import findings
from analyticsops.project.model import Project

from .small_projects import Entry, model, project, source

RAW = ("source.shop.raw.a", "source.shop.raw.b")


def shop() -> Project:
    """Two proven columns; one that may come from two tables; a star; a Python model."""
    return project(
        source("a", "id", "x"),
        source("b"),
        _in("models/staging/a.sql", model("a", "select id, x from raw.a", RAW[0])),
        _in(
            "models/staging/deep/both.sql",
            model("both", "select a.id, y from raw.a cross join raw.b", *RAW),
        ),
        _in("models/marts/star.sql", model("star", "select * from raw.b", RAW[1])),
        _in(
            "models/marts/script.py",
            model("script", None, RAW[0], columns=["p", "q"], language="python"),
        ),
    )


def _in(path: str, entry: Entry) -> Entry:
    return {**entry, "original_file_path": path}


def shares(by: str = "") -> Mapping[str, Share]:
    made = shop()
    graph = build_graph(made)
    if by == "reason":
        return {share.name: share for share in measure_reasons(made, graph, made.nodes)}
    label: Any = {"folder": lambda n: folder(made, n), "": lambda n: n.label}[by]
    return {share.name: share for share in measure(made, graph, made.nodes, label)}


def counts(share: Share) -> tuple[int, int, int, int, int]:
    return share.models, share.columns, share.proven, share.partial, share.unknown


def test_columns_are_counted_by_what_is_known() -> None:
    found = shares()
    assert counts(found["a"]) == (1, 2, 2, 0, 0)
    assert counts(found["both"]) == (1, 2, 1, 1, 0)
    assert found["both"].reasons == (("ambiguous column", 1),)


def test_what_nobody_lists_counts_as_one_more() -> None:
    found = shares()
    assert counts(found["star"]) == (1, 1, 0, 1, 0)
    assert found["star"].reasons == (("star over unknown columns", 1),)
    assert counts(found["script"]) == (1, 3, 0, 0, 3)
    assert found["script"].reasons == (("python model", 3),)


def test_by_folder() -> None:
    found = shares("folder")
    assert set(found) == {"models/staging", "models/staging/deep", "models/marts"}
    assert counts(found["models/marts"]) == (2, 4, 0, 1, 3)


def test_by_reason_most_frequent_first() -> None:
    found = shares("reason")
    assert list(found) == ["python model", "ambiguous column", "star over unknown columns"]
    assert counts(found["python model"]) == (1, 3, 0, 0, 3)


def test_a_hundred_percent_means_all() -> None:
    sql = "select " + ", ".join(f"x as c{n}" for n in range(2000)) + ", y from raw.a, raw.b"
    made = project(source("a", "id", "x"), source("b", "z"), model("m", sql, *RAW))
    (share,) = measure(made, build_graph(made), made.nodes, lambda node: node.label)
    assert (share.columns - share.proven, share.percent) == (1, 99.9)


@pytest.mark.parametrize(
    ("pattern", "names"),
    [
        ("**", {"a", "both", "star", "script"}),
        ("models/staging", {"a", "both"}),
        ("models/staging/", {"a", "both"}),
        ("models/staging/*", {"a"}),
        ("models/staging/**", {"a", "both"}),
        ("models/*/star.sql", {"star"}),
        ("**/star.sql", {"star"}),
        ("models/stag", set()),
        ("models.staging", set()),
    ],
)
def test_patterns(pattern: str, names: set[str]) -> None:
    assert {unique_id.split(".")[-1] for unique_id in matching(shop(), pattern)} == names


def test_nodes_of_a_package_lie_in_its_folder() -> None:
    entry = {**_in("models/p.sql", model("p", "select 1 as x")), "package_name": "other"}
    made = project(entry)
    assert folder(made, made.nodes["model.shop.p"]) == "dbt_packages/other/models"
    assert matching(made, "models/**") == frozenset()
    assert matching(made, "dbt_packages/other") == {"model.shop.p"}


def test_below_its_objective() -> None:
    made = shop()
    place = Location("analyticsops.yml")
    asked = {"models/staging": 75, "models/marts/**": 10.5, "models/none": 100}
    (finding,) = findings(made, build_graph(made), asked, place)
    assert (finding.rule, finding.subject, finding.location) == ("LIN107", "models/marts/**", place)
    assert finding.message == (
        "0.0 % of the columns of models/marts/** have proven lineage, objective 10.5 %"
    )
    assert finding.evidence == (
        "python model: 3 columns",
        "star over unknown columns: 1 column",
        "script: 3 of 3 not proven",
        "star: 1 of 1 not proven",
    )
