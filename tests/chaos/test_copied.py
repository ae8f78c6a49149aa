"""The copy of a project: what is in it, where its profile leads, and that the original stays."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import duckdb
import pytest
import yaml

from analyticsops.chaos.copied import Copied, copy_project
from analyticsops.chaos.past import moved, slots_before
from analyticsops.chaos.profile import read_profile, redirected
from analyticsops.errors import AnalyticsOpsError, UsageError
from analyticsops.history.reading import Circumstances
from analyticsops.history.record import Invocation, NodeResult, make_record
from analyticsops.slo.schedule import Schedule
from analyticsops.slo.spans import DAY, HOUR, MINUTE, Instant

OUTPUT = {"type": "duckdb", "path": "data/shop.duckdb", "schema": "{{ env_var('WHO') }}"}


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    """A project with a database, and things that are no part of it."""
    root = tmp_path / "shop"
    for name in ("data", "models", "target", "logs", "models/targets", ".git", "dbt_packages"):
        (root / name).mkdir(parents=True)
    (root / "dbt_project.yml").write_text("name: shop\nprofile: \"{{ env_var('P', 'shop') }}\"\n")
    for name in ("models/a.sql", "models/targets/b.sql", "target/manifest.json", ".git/HEAD"):
        (root / name).write_text("select 1 as id")
    (tmp_path / "package").mkdir()
    (tmp_path / "package" / "macro.sql").write_text("of a package")
    (root / "dbt_packages" / "package").symlink_to("../../package")
    (root / "models" / "linked.sql").symlink_to("a.sql")
    with duckdb.connect(str(root / "data" / "shop.duckdb")) as connection:
        connection.execute("create table one as select 1 as id")
    profile(root, OUTPUT)
    return root


def profile(root: Path, output: dict[str, Any], **more: Any) -> None:
    found = {"shop": {"target": "dev", "outputs": {"dev": output}, **more}}
    (root / "profiles.yml").write_text(yaml.safe_dump(found))


def copy(shop: Path, to: Path) -> Copied:
    return copy_project(shop, read_profile(shop, {}), to, [], Circumstances())


def test_a_copy_has_what_belongs_to_the_project(shop: Path, tmp_path: Path) -> None:
    copied = copy(shop, tmp_path / "game")
    files = {str(path.relative_to(copied.project)) for path in copied.project.rglob("*")}
    assert files >= {"models/a.sql", "models/targets/b.sql", "models/linked.sql"}
    assert not files & {"target", "logs", ".git", "data/shop.duckdb"}
    assert (copied.project / "dbt_packages" / "package" / "macro.sql").read_text()
    inside = (copied.project / "models" / "linked.sql").resolve()
    assert inside == (copied.project / "models" / "a.sql").resolve()
    with duckdb.connect(str(copied.data)) as connection:
        connection.execute("insert into one values (2)")
    with duckdb.connect(str(shop / "data" / "shop.duckdb")) as connection:
        assert connection.execute("select id from one").fetchall() == [(1,)]


def test_it_goes_back_to_what_it_was(shop: Path, tmp_path: Path) -> None:
    copied = copy(shop, tmp_path / "game")
    copied.store.put(make_record(_invocation("a", 0), ()))
    (copied.project / "target").mkdir()
    (copied.project / "target" / "run_results.json").write_text("{}")
    copied.keep()
    model = copied.project / "models" / "a.sql"
    model.write_text("broken")
    copied.store.put(make_record(_invocation("b", 0), ()))
    for _ in range(2):
        copied.go_back()
        assert model.read_text() == "select 1 as id"
        assert copied.records() == ()
        assert not (copied.project / "target" / "run_results.json").exists()


def test_a_database_that_somebody_writes_is_not_copied(shop: Path, tmp_path: Path) -> None:
    writer = duckdb.connect(str(shop / "data" / "shop.duckdb"))
    with writer, pytest.raises(UsageError, match="the database cannot be copied") as caught:
        copy(shop, tmp_path / "game")
    assert "wait until nobody writes to it" in str(caught.value)


def test_the_profile_leads_to_the_copy_and_says_the_same_otherwise(
    shop: Path, tmp_path: Path
) -> None:
    found = read_profile(shop, {})
    assert found.database == shop / "data" / "shop.duckdb"
    written = yaml.safe_load(redirected(found, tmp_path / "shop.duckdb"))
    path = str(tmp_path / "shop.duckdb")
    assert written == {"shop": {"target": "dev", "outputs": {"dev": {**OUTPUT, "path": path}}}}


def test_profile_and_target_are_those_that_dbt_was_called_with(
    shop: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    other = {**OUTPUT, "path": "{{ env_var('THERE') }}/shop.duckdb"}
    (tmp_path / "profiles").mkdir()
    text = {"else": {"target": "dev", "outputs": {"dev": OUTPUT, "prod": other}}}
    (tmp_path / "profiles" / "profiles.yml").write_text(yaml.safe_dump(text))
    monkeypatch.setenv("DBT_PROFILES_DIR", str(tmp_path / "profiles"))
    monkeypatch.setenv("THERE", str(shop / "data"))
    found = read_profile(shop, {"profile": "else", "target": "prod"})
    assert (found.name, found.target) == ("else", "prod")
    assert found.database == shop / "data" / "shop.duckdb"
    assert read_profile(shop, {"profile": "else"}, Path("mine.duckdb")).database == Path(
        "mine.duckdb"
    )


@pytest.mark.parametrize(
    ("output", "said"),
    [
        ({**OUTPUT, "type": "postgres"}, "a copy of a DuckDB file, and this target is postgres"),
        ({**OUTPUT, "path": ":memory:"}, "no file that could be copied: :memory:"),
        ({**OUTPUT, "path": "md:shop"}, "no file that could be copied: md:shop"),
        ({**OUTPUT, "attach": [{"path": "x"}]}, "attaches other databases"),
        ({**OUTPUT, "path": "gone.duckdb"}, "there is no such database"),
        ({**OUTPUT, "path": "{{ env_var('NOBODY') }}"}, "NOBODY is not set"),
        ({**OUTPUT, "path": "{{ target }}"}, "cannot be rendered"),
    ],
)
def test_what_cannot_be_copied_is_said(shop: Path, output: dict[str, Any], said: str) -> None:
    profile(shop, output)
    with pytest.raises(AnalyticsOpsError) as caught:
        read_profile(shop, {})
    assert said in str(caught.value)


def test_no_profile(shop: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(shop / "data"))
    with pytest.raises(AnalyticsOpsError, match="no profile 'shop'"):
        read_profile(_with(shop, {}), {})
    with pytest.raises(AnalyticsOpsError, match="no target 'prod'"):
        read_profile(_with(shop, {"shop": {"outputs": {}}}), {"target": "prod"})
    (shop / "profiles.yml").unlink()
    with pytest.raises(AnalyticsOpsError, match=r"there is no profiles\.yml"):
        read_profile(shop, {})


def _with(shop: Path, profiles: dict[str, Any]) -> Path:
    (shop / "profiles.yml").write_text(yaml.safe_dump(profiles))
    return shop


# -- the days before ----------------------------------------------------------------


def _invocation(name: str, start: Instant) -> Invocation:
    return Invocation(
        invocation_id=name,
        started_at=start,
        ended_at=start + MINUTE,
        state="finished",
        manifest="own",
        results=0,
    )


def test_a_run_is_told_as_if_it_had_been_at_each_slot() -> None:
    start = 100 * DAY + 40 * MINUTE
    row = NodeResult(
        unique_id="source.a", status="pass", measured_at=start + 1, max_loaded_at=start - MINUTE
    )
    fresh = make_record(_invocation("f", start), [row])
    built = make_record(_invocation("b", start + 2 * MINUTE), [])
    slots = [99 * DAY, 99 * DAY + HOUR]
    held = {"source.a": 99 * DAY + 5}
    found = list(moved([fresh, built], slots, held))
    assert [one.invocation.started_at for one in found] == [
        slots[0],
        slots[0] + 2 * MINUTE,
        slots[1],
        slots[1] + 2 * MINUTE,
    ]
    assert len({one.invocation.invocation_id for one in found}) == 4
    times = [(one.measured_at, one.max_loaded_at) for each in found for one in each.results]
    assert times == [(slots[0] + 1, slots[0] - MINUTE), (slots[1] + 1, held["source.a"])]


def test_slots_before_end_with_the_one_before_the_present_one() -> None:
    now = 20_000 * DAY + 13 * HOUR + 40 * MINUTE
    hourly = slots_before(Schedule(cron="5 * * * *"), now)
    assert hourly[-1] == now - 95 * MINUTE, "12:05: the one of 13:05 is just running"
    assert len(hourly) == 95
    daily = slots_before(Schedule(cron="0 5 * * *"), now)
    assert len(daily) == 12, "four days would be too few"
    assert daily[-1] == 19_999 * DAY + 5 * HOUR


def test_options_of_dbt_retry_leave_out_variables() -> None:
    from analyticsops.chaos.copied import options_of

    words = ("--profile", "p", "--target", "t", "--vars", "{}")
    assert options_of(words, "build") == words
    assert options_of(words, "retry") == words[:4]
    assert options_of(words[:4], "retry") == words[:4]
