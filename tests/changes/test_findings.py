"""What stands in a finding about a change besides its rule: paths, places, identity."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from analyticsops import api
from analyticsops.findings import Affected, Finding
from analyticsops.report.summary import full_message
from analyticsops.suppression import Baseline, BaselineEntry, apply_baseline
from tests.project_maker import project, workspace, write

RAW = {"raw.payments": "id, amount, method"}


def _shop(stg: str, **more: Any) -> dict[str, Any]:
    models = {
        "stg": stg,
        "int": "select id, amount from @stg",
        "fct": {"sql": "select id, amount * 2 as doubled from @int", "group": "finance"},
        **more.pop("models", {}),
    }
    return {
        "sources": RAW,
        "models": models,
        "metrics": {"revenue": "sum(fct.doubled)"},
        "exposures": {"board": {"depends_on": ["metric revenue"], "owner": "CFO"}},
        "groups": {"finance": "Finance"},
        **more,
    }


STG = "select id, amount, method from @raw.payments"


def _diff(base: dict[str, Any], head: dict[str, Any]) -> tuple[Finding, ...]:
    return api.diff(workspace(project(**base)), workspace(project(**head))).findings


def _hit(finding: Finding, name: str) -> Affected:
    (found,) = [hit for hit in finding.affected if hit.name == name]
    return found


def test_paths_lead_from_the_change_to_whoever_is_hit() -> None:
    (found,) = _diff(_shop(STG), _shop(STG.replace("amount,", "amount / 100 as amount,")))
    assert _hit(found, "board").path == (
        "stg.amount",
        "int.amount",
        "fct.doubled",
        "fct_revenue.revenue_m",
        "revenue",
        "board",
    )
    assert _hit(found, "fct").path == ("stg.amount", "int.amount", "fct.doubled")
    assert _hit(found, "fct").owner == "Finance"
    assert _hit(found, "board").owner == "CFO"


def test_a_path_of_a_removal_passes_stars_and_ends_at_the_consumer() -> None:
    star = {"int": "select * from @stg"}
    base, head = _shop(STG, models=star), _shop("select id, method from @raw.payments", models=star)
    (found,) = _diff(base, head)
    assert (_hit(found, "int").via, _hit(found, "fct").via) == ("loses", "breaks")
    assert _hit(found, "fct").path == ("stg.amount", "int.amount", "fct.doubled")
    assert _hit(found, "board").path[-3:] == ("fct_revenue.revenue_m", "revenue", "board")
    assert found.message == ("column stg.amount was removed")
    assert found.evidence == ("handed on by the star of model int", "still read by model fct")


def test_the_most_trusted_metric_is_named_first() -> None:
    base = _shop(STG)
    tiers = {"a_draft": "draft", "z_best": "certified", "m_plain": ""}
    base["metrics"] = {
        "source": "sum(fct.doubled)",
        **{
            name: {
                "type": "simple",
                "type_params": {"measure": {"name": "source_m"}},
                "meta": {"analyticsops": {"tier": tier}},
            }
            for name, tier in tiers.items()
        },
    }
    base["exposures"] = {}
    head = {
        **base,
        "models": {**base["models"], "stg": STG.replace("amount,", "-amount as amount,")},
    }
    # What metrics mean is told as well: tests/metrics.
    (found,) = [found for found in _diff(base, head) if not found.rule.startswith("MET")]
    names = [hit.name for hit in found.affected if hit.kind == "metric"]
    assert names == ["z_best", "m_plain", "source", "a_draft"]
    assert "metrics z_best, m_plain, source and 1 more" in full_message(found)


# -- identity ------------------------------------------------------------------


def _one(base: str, head: str) -> Finding:
    (found,) = _diff(_shop(base), _shop(head))
    return found


def test_a_finding_stays_itself_while_the_file_moves_on() -> None:
    first = _one(STG, STG.replace("amount,", "amount / 100 as amount,"))
    moved = _one(
        "-- a\n\n" + STG, "-- b\n-- c\n\n\n" + STG.replace("amount,", "(amount) / 100 as amount,")
    )
    assert first.fingerprint == moved.fingerprint


def test_a_finding_is_void_when_the_change_changes() -> None:
    first = _one(STG, STG.replace("amount,", "amount / 100 as amount,"))
    other = _one(STG, STG.replace("amount,", "amount / 1000 as amount,"))
    assert first.fingerprint != other.fingerprint
    known = Baseline(entries=(BaselineEntry(fingerprint=first.fingerprint, rule=first.rule),))
    assert apply_baseline([first], known)[0].accepted is not None
    assert apply_baseline([other], known)[0].accepted is None


def test_a_filter_is_void_when_it_changes_again() -> None:
    prints = {_one(STG, f"{STG} where method = '{value}'").fingerprint for value in ("a", "b", "c")}
    assert len(prints) == 3


def test_identities_do_not_depend_on_who_is_hit_or_where_it_was_compiled() -> None:
    head = STG.replace("amount,", "amount / 100 as amount,")
    here = _one(STG, head)
    base, changed = _shop(STG), _shop(head)
    for side in (base, changed):
        side.update(schema="prod", database="elsewhere", exposures={}, metrics={})
    (there,) = _diff(base, changed)
    assert (here.fingerprint, here.severity) != (there.fingerprint, there.severity)
    assert here.fingerprint == there.fingerprint


def test_every_finding_has_its_own_identity() -> None:
    base, head = _shop(STG), _shop("select id + 1 as id, amount * 3 as amount from @raw.payments")
    found = _diff(base, head)
    assert len({finding.fingerprint for finding in found}) == len(found) == 3


# -- places --------------------------------------------------------------------


def _on_disk(folder: Path, parts: dict[str, Any]) -> Any:
    return api.load(write(project(**parts), folder) / "target")


def test_places_are_lines_of_the_project_in_which_they_are(tmp_path: Path) -> None:
    before = "-- one\nselect id,\n  amount,\n  method\nfrom @raw.payments"
    after = before.replace("  amount,", "  amount / 100 as amount,")
    base = _on_disk(tmp_path / "base", _shop(before))
    head = _on_disk(tmp_path / "head", _shop(after))
    (found,) = api.diff(base, head).findings
    assert str(found.location) == "models/stg.sql:3"


def test_a_change_by_a_macro_has_no_line_of_its_own(tmp_path: Path) -> None:
    raw = "select id,\n  {{ usd() }} as amount\nfrom x"
    sides = [
        _on_disk(
            tmp_path / name,
            _shop(
                STG, models={"int": {"sql": f"select id, {sql} as amount from @stg", "raw": raw}}
            ),
        )
        for name, sql in (("base", "amount"), ("head", "amount / 100"))
    ]
    found, cause = api.diff(*sides).findings
    assert cause.name == "variable-changed"
    assert found.subject == "int.amount"
    assert found.location is not None
    assert found.location.line in (None, 1)


def test_what_is_shown_as_evidence() -> None:
    filtered = _one(
        f"{STG} where method <> 'x' and amount > 0", f"{STG} where method <> 'y' and amount > 0"
    )
    assert filtered.evidence == ("was: method <> 'x'", "now: method <> 'y'")
    valued = _one(STG, STG.replace("amount,", "round(amount / 100, 2) as amount,"))
    assert valued.evidence == ("was: the column as it is read", "now: ROUND(amount / 100, 2)")
    long = " + ".join(f"column_number_{n}" for n in range(50))
    sources = {
        "raw.payments": "id, amount, method, " + ", ".join(f"column_number_{n}" for n in range(50))
    }
    base, head = (
        _shop(STG, sources=sources),
        _shop(STG.replace("amount,", f"{long} as amount,"), sources=sources),
    )
    (cut,) = _diff(base, head)
    _, now = cut.evidence
    assert len(now) <= 210
    assert now.endswith("…")


def test_what_is_not_understood_is_not_called_changed() -> None:
    """Two tables with unknown columns: nobody knows whose `amount` it is, on either side."""
    base = {"models": {"fct": "select amount as a from x join y on x.id = y.id"}}
    head = {"models": {"fct": "select amount as a from x join y on x.id = y.id where x.id > 0"}}
    said = [finding.message for finding in _diff(base, head) if finding.column]
    assert said == ["the expression of fct.a could not be compared"]
