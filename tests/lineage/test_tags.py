"""Tags that travel: by value, until masked or declared away; and what is found of them."""

from __future__ import annotations

from typing import Any

import pytest

from analyticsops.errors import ConfigError
from analyticsops.findings import Finding, Location
from analyticsops.lineage.build import build_graph
from analyticsops.lineage.rules import tags as rules
from analyticsops.lineage.tags import Followed, follow
from analyticsops.lineage_settings import ExposedSettings, TagSettings
from analyticsops.project.model import Project

from .small_projects import Entry, end, model, project, source

RAW = "source.shop.raw.users"
A = "model.shop.a"
PII: dict[str, Any] = {"tags": ["pii"]}
SETTINGS = TagSettings(follow=("pii",))


def users(**columns: Any) -> Entry:
    """A source whose column ``email`` is tagged."""
    entry = source("users", "id", "email", "name")
    return with_columns(entry, email=PII, **columns)


def with_columns(entry: Entry, **about: Any) -> Entry:
    """An entry in whose YAML these columns have more than a name."""
    columns = {**entry["columns"], **{name: {"name": name, **what} for name, what in about.items()}}
    return {**entry, "columns": columns}


def followed(
    *entries: Entry, settings: TagSettings = SETTINGS, tags: tuple[str, ...] = ()
) -> tuple[Project, Followed]:
    made = project(*entries)
    return made, follow(made, build_graph(made), settings, tags)


def carried(*entries: Entry, **more: Any) -> dict[str, str]:
    """``node.column`` -> ``declared`` or how sure it is that the tag arrives there."""
    _, found = followed(*entries, **more)
    return {
        f"{c.ref.node.rpartition('.')[2]}.{c.ref.column}".rstrip("."): (
            "declared" if c.declared else c.sure
        )
        for c in found.carriers
    }


def a(sql: str, **columns: Any) -> Entry:
    return with_columns(model("a", sql, RAW), **columns)


# -- where a tag goes ----------------------------------------------------------------


def test_by_value_and_not_by_condition() -> None:
    sql = """select lower(email) as contact, max(email) over (partition by name) as m,
        case when email is null then 1 end as has, row_number() over (order by email) as n,
        name from raw.users where email <> ''"""
    assert carried(users(), a(sql)) == {
        "users.email": "declared",
        "a.contact": "exact",
        "a.m": "exact",
    }


def test_it_ends_where_the_value_is_masked() -> None:
    sql = "select md5(email) as h, sha256(lower(email)) as s, count(email) as n from raw.users"
    assert carried(users(), a(sql)) == {"users.email": "declared"}


def test_it_travels_on_where_the_lineage_is_not_sure() -> None:
    other = source("other")
    sql = "select email as e from raw.users cross join raw.other"
    open_users = with_columns(source("users", "id"), email=PII)
    unsure = model("b", "select u from raw.one, raw.two", "source.shop.raw.one")
    tagged = with_columns(source("one"), u=PII)
    found = carried(open_users, other, tagged, source("two"), model("a", sql, RAW), unsure)
    assert found["a.e"] in ("exact", "inferred")
    assert found["b.u"] == "exact"
    both = with_columns(source("one", "k"), v=PII), source("two", "v")
    read = model(
        "b", "select v from raw.one, raw.two", "source.shop.raw.one", "source.shop.raw.two"
    )
    assert carried(*both, read)["b.v"] == "ambiguous"


def test_through_several_models_to_metrics_by_the_shortest_way() -> None:
    semantic = end(
        "semantic_models",
        "semantic_model",
        "sm",
        "model.shop.b",
        model="ref('b')",
        measures=[{"name": "last", "agg": "max", "expr": "mail"}],
    )
    metric = end("metrics", "metric", "m", type="simple", type_params={"measure": {"name": "last"}})
    entries = (
        users(),
        a("select id, email from raw.users"),
        model("b", "select email as mail from main.a", A),
        semantic,
        metric,
    )
    _, found = followed(*entries)
    ((way, sure),) = [(c.way, c.sure) for c in found.carriers if c.ref.node == "metric.shop.m"]
    assert sure == "exact"
    assert [f"{ref.node.rpartition('.')[2]}.{ref.column}" for ref in way] == [
        "users.email",
        "a.email",
        "b.mail",
        "sm.last",
        "m.",
    ]


@pytest.mark.parametrize(
    ("about", "settings"),
    [
        ({"tags": ["pii"]}, SETTINGS),
        ({"tags": "pii"}, SETTINGS),
        ({"config": {"tags": ["other", "pii"]}}, SETTINGS),
        ({"meta": {"pii": True}}, SETTINGS),
        ({"config": {"meta": {"pii": "yes"}}}, SETTINGS),
        ({"meta": {"class": "pii"}}, TagSettings(follow=("pii",), meta=("class",))),
        ({"meta": {"class": ["x", "pii"]}}, TagSettings(follow=("pii",), meta=("class",))),
        ({"meta": {"class": "pii"}}, TagSettings(meta=("class",))),
        ({"tags": ["pii"]}, TagSettings()),
    ],
)
def test_how_a_column_has_a_tag(about: dict[str, Any], settings: TagSettings) -> None:
    entry = with_columns(source("users", "id"), email=about)
    found = carried(entry, a("select email as e from raw.users"), settings=settings)
    assert found["a.e"] == "exact"


@pytest.mark.parametrize(
    "about",
    [
        {"tags": ["PII_", "x"]},
        {"meta": {"pii": False}},
        {"meta": {"pii": "false"}},
        {"meta": {"class": "pii"}},
        {"meta": {"pii": None}},
    ],
)
def test_how_a_column_has_none(about: dict[str, Any]) -> None:
    entry = with_columns(source("users", "id"), email=about)
    assert carried(entry, a("select email as e from raw.users")) == {}


def test_one_tag_of_several_may_be_asked_for() -> None:
    entry = with_columns(source("users"), email=PII, pay={"tags": ["money"]})
    model_a = a("select email, pay from raw.users")
    assert carried(entry, model_a, tags=("money",)) == {"users.pay": "declared", "a.pay": "exact"}
    assert len(carried(entry, model_a, settings=TagSettings())) == 4


def test_it_ends_where_a_person_declared_so() -> None:
    gone = {"meta": {"analyticsops": {"declassified": ["pii"], "reason": "a domain is nobody"}}}
    _, found = followed(
        users(),
        a("select split_part(email, '@', 2) as domain, email from raw.users", domain=gone),
        model("b", "select domain, email from main.a", A),
    )
    assert {(c.ref.node, c.ref.column) for c in found.carriers} == {
        (RAW, "email"),
        (A, "email"),
        ("model.shop.b", "email"),
    }
    (stop,) = found.declassified
    assert (stop.ref.column, stop.tag, stop.reason) == ("domain", "pii", "a domain is nobody")


@pytest.mark.parametrize(
    ("meta", "said"),
    [
        ({"declassified": "pii", "reason": "x"}, "expected a list of tags"),
        ({"declassified": ["pii"]}, "'reason' is missing"),
        ({"declassified": ["pii"], "reason": " "}, "'reason' is missing"),
    ],
)
def test_a_declaration_needs_its_form_and_a_reason(meta: dict[str, Any], said: str) -> None:
    entry = a("select email as e from raw.users", e={"meta": {"analyticsops": meta}})
    with pytest.raises(ConfigError, match=said):
        followed(users(), entry)


def test_where_nobody_knows_which_columns_are_used() -> None:
    found = carried(
        users(),
        a("select email from raw.users"),
        model("p", None, A, columns=["q"], language="python"),
        end("exposures", "exposure", "board", A),
    )
    assert {name: found[name] for name in ("p", "p.q", "board")} == {
        "p": "whole node",
        "p.q": "whole node",
        "board": "whole node",
    }


def test_a_column_that_another_case_spells() -> None:
    entry = with_columns(model("a", "select email from raw.t"), EMAIL=PII)
    assert carried(entry, model("b", "select email from main.a", A))["b.email"] == "exact"


# -- what is found ---------------------------------------------------------------------


def found(*entries: Entry, exposed: ExposedSettings | None = None) -> list[Finding]:
    made, arrived = followed(*entries)
    place = Location("models/a.yml", 3)
    return list(rules.findings(made, arrived, exposed or ExposedSettings(), lambda *_: place))


def test_a_column_without_the_tag() -> None:
    (finding,) = found(users(), a("select email as e, id from raw.users"))
    assert (finding.rule, finding.subject, finding.severity.value) == ("LIN108", "a.e", "warning")
    assert finding.message == "a.e carries pii from raw.users.email and is not tagged"
    assert finding.evidence == ("raw.users.email > a.e",)
    assert finding.proven
    assert found(users(), a("select email as e from raw.users", e=PII)) == []


def test_columns_of_a_python_model_may_carry_it() -> None:
    python = model("p", None, A, columns=["q"], language="python")
    (finding,) = found(users(), a("select email from raw.users", email=PII), python)
    assert (finding.subject, finding.severity.value, finding.proven) == ("p.q", "info", False)
    assert finding.message == "p.q may carry pii from a.email and is not tagged"
    assert finding.evidence == ("a.email > p > p.q (whole node)",)


def test_an_exposure_that_names_its_columns() -> None:
    def board(*columns: str) -> Entry:
        meta = {"analyticsops": {"columns": {"a": list(columns)}}}
        return end("exposures", "exposure", "board", A, meta=meta)

    tagged = a("select id, email from raw.users", email=PII)
    (finding,) = found(users(), tagged, board("email"))
    assert (finding.rule, finding.severity.value) == ("LIN109", "error")
    assert finding.message == "pii arrives at exposure board"
    assert found(users(), tagged, board("id")) == []
    assert found(users(), tagged, board("email"), exposed=ExposedSettings(exposures=False)) == []


def test_an_exposure_of_a_whole_model_may_show_it() -> None:
    tagged = a("select id, email from raw.users", email=PII)
    (finding,) = found(users(), tagged, end("exposures", "exposure", "board", A))
    assert (finding.severity.value, finding.proven) == ("warning", False)
    assert finding.message == "pii may arrive at exposure board"


def test_public_models_and_groups() -> None:
    def a_of(**more: Any) -> Entry:
        return {**a("select id, email from raw.users", email=PII), **more}

    (finding,) = found(users(), a_of(access="public"))
    assert finding.message == "pii arrives at public model a in email"
    quiet = ExposedSettings(public=False)
    assert found(users(), a_of(access="public"), exposed=quiet) == []
    core = ExposedSettings(groups=("core",))
    assert [f.rule for f in found(users(), a_of(group="sales"), exposed=core)] == ["LIN109"]
    assert [f.rule for f in found(users(), a_of(), exposed=core)] == ["LIN109"]
    assert found(users(), a_of(group="core"), exposed=core) == []


def test_findings_do_not_depend_on_where_they_stand() -> None:
    (one,) = found(users(), a("select email as e from raw.users"))
    (other,) = found(users(), a("select id, email as e from raw.users"))
    assert one.fingerprint == other.fingerprint
