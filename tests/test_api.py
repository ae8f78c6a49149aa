"""The public face: one call for each thing that the command line can do."""

from __future__ import annotations

import ast
import subprocess
import sys
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

import analyticsops
from analyticsops import api
from analyticsops.config import Config, load_config
from analyticsops.errors import AnalyticsOpsError, ConfigError, NotFoundError, UsageError
from analyticsops.lineage.graph import ColumnRef
from analyticsops.suppression import write_baseline
from analyticsops.workspace import Workspace
from tests.project_maker import project, workspace, write

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)


def _shop(**more: Any) -> dict[str, Any]:
    return {
        "sources": {"raw.orders": "id, amount, status", "raw.payments": "id, amount"},
        "models": {
            "stg": "select id, amount / 100 as amount from @raw.orders where status = 'paid'",
            "fct": "select id, sum(amount) as total from @stg group by id",
            "orders.v1": {"sql": "select id, total from @fct", "latest_version": 2},
            "orders.v2": {"sql": "select id, total, 1 as extra from @fct", "latest_version": 2},
        },
        "metrics": {"revenue": "sum(fct.total)"},
        "exposures": {"board": {"depends_on": ["metric revenue"], "owner": "CFO"}},
        "tests": ["not_null stg.amount"],
        **more,
    }


SHOP = workspace(project(**_shop()))


# -- what is exported ------------------------------------------------------------


def test_all_is_what_there_is() -> None:
    assert sorted(analyticsops.__all__) == analyticsops.__all__
    assert dir(analyticsops) == analyticsops.__all__
    for name in analyticsops.__all__:
        # No subpackage of that name may take its place once it is imported.
        assert not isinstance(getattr(analyticsops, name), ModuleType), name
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        analyticsops.nothing  # noqa: B018
    assert all(hasattr(api, name) for name in dir(api))


@pytest.mark.parametrize("module", [analyticsops, api], ids=["package", "api"])
def test_the_declared_names_are_the_exported_ones(module: ModuleType) -> None:
    """Those under TYPE_CHECKING, for editors, and those loaded on demand."""
    text = Path(str(module.__file__)).read_text(encoding="utf-8")
    (block,) = [node for node in ast.parse(text).body if isinstance(node, ast.If)]
    imports = [node for node in block.body if isinstance(node, ast.ImportFrom)]
    named = {alias.name: node.module for node in imports for alias in node.names}
    assert sorted({*named, "__version__"}) == sorted({*dir(module), "__version__"})
    for name, home in named.items():
        assert getattr(module, name) is getattr(import_module(str(home)), name), name


HEAVY = ("sqlglot", "msgspec", "yaml", "rich", "duckdb", "jinja2", "click")


def test_importing_the_package_loads_nothing_heavy() -> None:
    code = "import sys, analyticsops; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert not [name for name in done.stdout.split() if name.partition(".")[0] in HEAVY]


def test_a_question_about_a_column_loads_neither_rules_nor_history(tmp_path: Path) -> None:
    folder = write(project(**_shop()), tmp_path)
    code = "import sys, analyticsops as ao; ao.trace(ao.load(sys.argv[1]), 'fct.total')"
    run = [sys.executable, "-c", f"{code}; print(*sys.modules)", str(folder / "target")]
    done = subprocess.run(run, capture_output=True, text=True, check=True)
    loaded = set(done.stdout.split())
    needless = ("catalogue", "changes", "history", "slo", "metrics.rules", "project.render")
    assert not loaded & {"jinja2", *(f"analyticsops.{name}" for name in needless)}
    assert "analyticsops.lineage.build" in loaded


# -- find_column -----------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("stg.amount", ColumnRef("model.shop.stg", "amount")),
        (" STG.Amount ", ColumnRef("model.shop.stg", "amount")),
        ("model.shop.stg.amount", ColumnRef("model.shop.stg", "amount")),
        ("raw.orders.status", ColumnRef("source.shop.raw.orders", "status")),
        ("source.shop.raw.orders.status", ColumnRef("source.shop.raw.orders", "status")),
        ("payments.amount", ColumnRef("source.shop.raw.payments", "amount")),
        ("orders.total", ColumnRef("model.shop.orders.v2", "total")),
        ("orders.v1.total", ColumnRef("model.shop.orders.v1", "total")),
        ("orders.extra", ColumnRef("model.shop.orders.v2", "extra")),
        ("orders.status", ColumnRef("source.shop.raw.orders", "status")),
    ],
)
def test_find_column(text: str, expected: ColumnRef) -> None:
    assert api.find_column(SHOP, text) == expected


@pytest.mark.parametrize(
    ("text", "kind", "message"),
    [
        ("stg.amuont", NotFoundError, r"stg: no column named 'amuont' \(did you mean 'amount'"),
        ("sgt.amount", NotFoundError, r"no model named 'sgt' \(did you mean 'stg'"),
        ("raw.order.id", NotFoundError, r"no model named 'raw.order' \(did you mean 'raw.orders'"),
        ("stg", UsageError, r"stg: no column is named \(its columns: id, amount\)"),
        ("raw.orders", UsageError, r"raw.orders: no column is named \(its columns: id"),
        ("nothing", NotFoundError, "no model named 'nothing'"),
        ("", NotFoundError, "no model named ''"),
        (".", NotFoundError, "no model named"),
        ("stg.", NotFoundError, "no column named ''"),
    ],
)
def test_a_column_that_is_not_there(text: str, kind: type[Exception], message: str) -> None:
    with pytest.raises(kind, match=message):
        api.find_column(SHOP, text)


def test_columns_and_models_with_dots_and_quotes() -> None:
    models = {"stg": 'select 1 as "a.b", 2 as "A", 3 as a, 4 as "größe"'}
    shop = workspace(project(models=models))
    assert api.find_column(shop, "stg.a.b").column == "a.b"
    assert api.find_column(shop, "stg.GRÖSSE".replace("SS", "ß")).column == "größe"


def test_two_sources_with_one_table_name_are_told_apart() -> None:
    shop = workspace(project(sources={"a.orders": "id", "b.orders": "id, extra"}))
    with pytest.raises(UsageError, match=r"orders.id: it means several columns \(a.orders.id, b"):
        api.find_column(shop, "orders.id")
    assert api.find_column(shop, "orders.extra").node == "source.shop.b.orders"
    assert api.find_column(shop, "b.orders.id").node == "source.shop.b.orders"


def test_the_projects_own_model_goes_before_a_packages() -> None:
    made = project(models={"own": "select 1 as id"})
    other = {**made.manifest["nodes"]["model.shop.own"]}
    other |= {"unique_id": "model.another.own", "package_name": "another"}
    made.manifest["nodes"] = {"model.another.own": other, **made.manifest["nodes"]}
    assert api.find_column(workspace(made), "own.id").node == "model.shop.own"
    assert api.find_column(workspace(made), "model.another.own.id").node == "model.another.own"


# -- lineage ---------------------------------------------------------------------


def test_lineage_both_ways() -> None:
    answer = api.trace(SHOP, "fct.total")
    assert (answer.column, answer.node, answer.status) == ("fct.total", "model.shop.fct", "proven")
    assert [(s.name, s.column, s.kind, s.distance, s.next) for s in answer.upstream] == [
        ("stg", "amount", "aggregation", 1, "fct.total"),
        ("raw.orders", "amount", "transformation", 2, "stg.amount"),
    ]
    down = {(step.node_kind, step.name): step for step in answer.downstream}
    assert down["exposure", "board"].owner == "CFO"
    assert down["exposure", "board"].next == "revenue"
    assert ("model", "orders.v2") in down


def test_lineage_depth_and_direct() -> None:
    assert [s.distance for s in api.trace(SHOP, "fct.total", depth=1).upstream] == [1]
    status = api.trace(SHOP, "raw.orders.status")
    assert status.downstream[0].kind == "filter"
    assert api.trace(SHOP, "raw.orders.status", direct=True).downstream == ()


def test_lineage_says_why_it_is_not_proven() -> None:
    models = {"py": {"language": "python", "sql": "def model(): ...", "columns": "id"}}
    answer = api.trace(workspace(project(models=models)), "py.id")
    assert answer.status == "unknown"
    assert answer.problems == ("python model: known at table level only",)


# -- selection -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("select", "expected"),
    [
        ("stg", {"model.shop.stg", "test.shop"}),
        ("column:stg.amount", {"model.shop.stg"}),
        (
            "column:fct.total+",
            {
                "model.shop.fct",
                "model.shop.orders.v1",
                "model.shop.orders.v2",
                "semantic_model.shop.fct_revenue",
                "metric.shop.revenue",
                "exposure.shop.board",
            },
        ),
        ("+column:fct.total", {"source.shop.raw.orders", "model.shop.stg", "model.shop.fct"}),
        ("1+column:fct.total", {"model.shop.stg", "model.shop.fct"}),
        ("column:stg.amount+,exposure:*", {"exposure.shop.board"}),
    ],
)
def test_selected_nodes(select: str, expected: set[str]) -> None:
    found = api.selected_nodes(SHOP, select, (), kinds=("all",))
    shortened = {"test.shop" if name.startswith("test.") else name for name in found}
    assert shortened - ({"test.shop"} - expected) == expected


def test_selecting_an_unknown_column_is_an_error() -> None:
    with pytest.raises(NotFoundError, match="no column named 'amout'"):
        api.selected_nodes(SHOP, "column:stg.amout+", ())


def _changed(**models: Any) -> Workspace:
    parts = _shop()
    parts["models"] = {k: v for k, v in {**parts["models"], **models}.items() if v is not None}
    return workspace(project(**parts))


STG = "select id, amount / 10 as amount from @raw.orders where status = 'PAID'"


def test_diff_of_a_selection() -> None:
    head = _changed(stg=STG, fct="select id, max(amount) as total from @stg group by id")
    assert {f.subject for f in api.diff(SHOP, head).findings} == {"stg", "stg.amount", "fct.total"}
    only = api.diff(SHOP, head, select="fct")
    assert {finding.subject for finding in only.findings} == {"fct.total"}
    rest = api.diff(SHOP, head, exclude=["fct"])
    assert {finding.subject for finding in rest.findings} == {"stg", "stg.amount"}
    assert api.diff(SHOP, head, select="state:modified").findings == api.diff(SHOP, head).findings


@pytest.mark.parametrize(
    ("select", "exclude", "found"),
    [
        ("orders.v1", "", True),
        ("orders", "", True),
        ("stg", "", False),
        ("", "orders.v1", False),
        ("", "stg", True),
        ("column:fct.total+", "", True),
        ("column:stg.amount", "", False),
    ],
)
def test_what_is_gone_is_selected_by_what_it_was(select: str, exclude: str, found: bool) -> None:
    head = _changed(**{"orders.v1": None})
    report = api.diff(SHOP, head, select=select, exclude=exclude)
    names = [finding.subject for finding in report.findings if finding.rule == "CON605"]
    assert names == (["orders.v1"] if found else [])


# -- what does not count -----------------------------------------------------------


def _accepting(*, until: str = "2026-12-31", rule: str = "meaning-changed") -> dict[str, Any]:
    entry = {"rule": rule, "column": "amount", "reason": "agreed", "until": until}
    return {"analyticsops": {"allow": [entry]}}


def test_accepted_in_meta() -> None:
    head = _changed(stg={"sql": STG, "meta": _accepting()})
    report = api.diff(SHOP, head, now=NOW)
    accepted = {f.subject: f.accepted.reason for f in report.findings if f.accepted}
    assert accepted == {"stg.amount": "agreed"}
    assert report.failed  # for the filter


def test_accepted_in_meta_until_yesterday() -> None:
    head = _changed(stg={"sql": STG, "meta": _accepting(until="2026-11-19")})
    report = api.diff(SHOP, head, now=NOW)
    assert not any(finding.accepted for finding in report.findings)
    assert [f.name for f in report.findings if f.rule == "SYS902"] == ["acceptance-expired"]


def test_an_acceptance_in_meta_of_an_unknown_rule() -> None:
    head = _changed(stg={"sql": STG, "meta": _accepting(rule="meaning-chnaged")})
    with pytest.raises(NotFoundError, match=r"allow\[0\] of model.shop.stg.*did you mean 'meani"):
        api.diff(SHOP, head)


def test_a_broken_acceptance_in_meta() -> None:
    meta = {"analyticsops": {"allow": [{"rule": "meaning-changed", "until": "2026-12-31"}]}}
    with pytest.raises(ConfigError, match="'reason' is missing"):
        api.check(_changed(stg={"sql": STG, "meta": meta}))


def test_settings_of_the_project(tmp_path: Path) -> None:
    file = tmp_path / "analyticsops.yml"
    file.write_text(
        "version: 1\nfail_on: warning\nrules: {ROW301: off, meaning-changed: info}\nallow:\n"
        "  - {rule: meaning-changed, node: stg, reason: agreed, until: 2026-12-31}\n"
        "baseline: base.json\n",
        encoding="utf-8",
    )
    (tmp_path / "base.json").write_bytes(write_baseline([]))
    config = load_config(None, tmp_path)
    made = workspace(
        project(**{**_shop(), "models": {**_shop()["models"], "stg": STG}}), config=config
    )
    report = api.diff(SHOP, made, now=NOW)
    assert [(f.name, f.severity.value) for f in report.findings] == [("meaning-changed", "info")]
    assert report.findings[0].accepted is not None
    assert (report.failed, report.fail_on) == (False, "warning")


def test_a_baseline_lets_only_new_findings_fail(tmp_path: Path) -> None:
    first = _changed(stg=STG)
    path = tmp_path / "baseline.json"
    path.write_bytes(write_baseline(api.diff(SHOP, first).findings))
    assert not api.diff(SHOP, first, baseline=path).failed
    second = _changed(stg=STG.replace("PAID", "Paid"))
    again = api.diff(SHOP, second, baseline=path)
    assert [f.name for f in again.findings if not f.accepted] == ["filter-changed"]
    assert again.failed
    with pytest.raises(ConfigError, match="cannot read the baseline"):
        api.diff(SHOP, first, baseline=tmp_path / "none.json")


@pytest.mark.parametrize(
    ("fail_on", "failed"), [("error", True), ("warning", True), ("info", True), ("never", False)]
)
def test_fail_on(fail_on: str, failed: bool) -> None:
    assert api.diff(SHOP, _changed(stg=STG), fail_on=fail_on).failed is failed


def test_fail_on_counts_from_its_severity() -> None:
    config = Config(fail_on="error")
    models = {"stg": "select *, 1 as one from x"}
    partial = workspace(project(models=models), config=config)
    assert [f.severity.value for f in api.check(partial).findings] == ["info"]
    assert not api.check(partial).failed
    assert not api.check(partial, fail_on="warning").failed
    assert api.check(partial, fail_on="info").failed
    with pytest.raises(UsageError, match="no severity named 'fatal'"):
        api.check(partial, fail_on="fatal")


# -- check and notes ---------------------------------------------------------------


def test_check_finds_a_column_that_is_not_there() -> None:
    report = api.check(_changed(fct="select id, sum(amuont) as total from @stg group by id"))
    (found,) = [finding for finding in report.findings if finding.rule == "LIN103"]
    assert (found.subject, found.severity.value) == ("fct", "error")
    assert "amuont" in found.message
    assert report.failed


def test_check_of_a_selection() -> None:
    head = _changed(fct="select id, sum(amuont) as total from @stg group by id")
    assert api.check(head, select="fct").failed
    assert not [f for f in api.check(head, exclude="fct").findings if f.rule == "LIN103"]


def test_versions_of_different_tools_are_noted() -> None:
    made = project(**_shop())
    made.manifest["metadata"] |= {"dbt_version": "2.0.0", "adapter_type": "postgres"}
    report = api.diff(SHOP, workspace(made))
    assert "adapter differs: base duckdb, head postgres" in report.notes
    assert "dbt version differs: base 1.11.16, head 2.0.0" in report.notes


def test_the_same_input_gives_the_same_report() -> None:
    head = project(**{**_shop(), "models": {**_shop()["models"], "stg": STG}})
    turned = project(**{**_shop(), "models": {**_shop()["models"], "stg": STG}})
    turned.manifest["nodes"] = dict(reversed(turned.manifest["nodes"].items()))
    assert api.diff(SHOP, workspace(head), now=NOW) == api.diff(SHOP, workspace(turned), now=NOW)


# -- load --------------------------------------------------------------------------


def test_load_a_folder_or_a_file(tmp_path: Path) -> None:
    root = write(project(**_shop()), tmp_path)
    for path in (root / "target", str(root / "target"), root / "target" / "manifest.json"):
        loaded = api.load(path)
        assert loaded.project_dir is not None
        assert loaded.project_dir.samefile(root)
        assert len(loaded.project.of_kind("model")) == 4


def test_load_finds_the_settings_of_the_project(tmp_path: Path) -> None:
    root = write(project(**_shop()), tmp_path)
    (root / "analyticsops.yml").write_text("version: 1\nfail_on: never\n", encoding="utf-8")
    assert api.load(root / "target").config.fail_on == "never"
    other = tmp_path / "other.yml"
    other.write_text("version: 1\nfail_on: info\n", encoding="utf-8")
    assert api.load(root / "target", config=other).config.fail_on == "info"
    other.write_text("version: 1\nrules: {no-such-rule: off}\n", encoding="utf-8")
    with pytest.raises(ConfigError, match=r"other.yml:2.*no rule named 'no-such-rule'"):
        api.load(root / "target", config=other)


def test_load_borrows_what_the_base_knows_of_sources(tmp_path: Path) -> None:
    parts = _shop(models={"stg": "select * from @raw.orders"})
    base = api.load(write(project(**parts), tmp_path / "base") / "target")
    made = project(**parts)
    head_root = write(msgspec_without_catalog(made), tmp_path / "head")
    alone = api.load(head_root / "target")
    helped = api.load(head_root / "target", base=base)
    assert not alone.graph.nodes["model.shop.stg"].complete
    assert list(helped.graph.nodes["model.shop.stg"].columns) == ["id", "amount", "status"]
    assert helped.catalog is None
    assert api.diff(base, helped).findings == ()


def msgspec_without_catalog(made: Any) -> Any:
    """The same project, of which no catalog was made."""
    return type(made)(manifest=made.manifest)


def test_load_of_nothing(tmp_path: Path) -> None:
    with pytest.raises(AnalyticsOpsError, match="there is no manifest file here"):
        api.load(tmp_path)
