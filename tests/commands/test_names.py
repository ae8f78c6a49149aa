"""Hostile names where they become code, a path, or a line of a log that somebody acts on."""

from __future__ import annotations

import json
import re
from pathlib import Path

import lkml
import msgspec
import pyte
import pytest
import yaml
from prometheus_client.parser import text_string_to_metric_families

import analyticsops as ao
from analyticsops.errors import AnalyticsOpsError, UsageError
from analyticsops.invisible import hidden_in_code
from analyticsops.metrics.exports.lookml import _dump
from analyticsops.publishing import publish
from analyticsops.report.encode import json_document, json_line, one_line
from analyticsops.slo.exports.prometheus import exposition
from analyticsops.slo.spans import HOUR
from analyticsops.suggesting import _flow
from tests.cli.shell import make, run
from tests.hostile import READABLE
from tests.project_maker import project, workspace
from tests.report.workflow import run_log
from tests.slo.exports.making import NOW, evaluation, loaded, slo

from .judges import text

ALL = pytest.mark.parametrize("name", READABLE, ids=range(len(READABLE)))


@ALL
def test_a_log_of_github_acts_on_nothing(name: str) -> None:
    """At the beginning of a line, within one, and in JSON."""
    for said in (one_line(name), f"a {one_line(name)}", json_document([name]), json_line([name])):
        assert run_log(said).commands == []
    assert json.loads(json_document([name])) == json.loads(json_line([name])) == [name]


@ALL
def test_a_terminal_only_shows_it(name: str) -> None:
    screen = pyte.Screen(80, 200)
    before = (screen.title, screen.icon_name, set(screen.mode), screen.charset)
    pyte.Stream(screen).feed(one_line(name))
    assert (screen.title, screen.icon_name, set(screen.mode), screen.charset) == before


# -- metrics: a name is code ---------------------------------------------------------


def shop(name: str, project_name: str = "shop") -> ao.Workspace:
    """A metric of that name, and one beside it that is described by it."""
    made = project(
        sources={"raw.t": "id"},
        models={"fct": "select id from @raw.t"},
        metrics={"bad": "sum(fct.id)", "good": "sum(fct.id)"},
    )
    metrics = made.manifest["metrics"]
    metrics["metric.shop.bad"]["name"] = name
    metrics["metric.shop.good"] |= {"label": name, "description": name}
    made.manifest["metadata"]["project_name"] = project_name
    return workspace(made)


@ALL
@pytest.mark.parametrize("target", ["osi", "cube", "lookml", "snowflake", "databricks"])
def test_only_words_become_names(name: str, target: str) -> None:
    found = ao.export_metrics(shop(name), target)
    whole = {loss.subject for loss in found.losses if loss.whole}
    assert (f"metric {name}" in whole) == (re.fullmatch(r"[A-Za-z_]\w*", name) is None)
    assert "good" in "".join(found.files.values())
    for path, content in found.files.items():
        assert re.fullmatch(r"[\w.]+", path)
        text(content)
        if target == "lookml":
            lkml.load(content)
        else:
            assert isinstance(yaml.safe_load(content), dict)


@ALL
def test_lookml_holds_every_text(name: str) -> None:
    view = {"views": [{"name": "v", "measures": [{"name": "m", "label": name, "tags": [name]}]}]}
    written = _dump(view)
    text(written)
    (measure,) = lkml.load(written)["views"][0]["measures"]
    assert measure["name"] == "m"
    assert measure.keys() <= {"name", "label", "tags"}


def test_sql_that_would_end_is_refused() -> None:
    with pytest.raises(UsageError, match="cannot hold SQL with ;;"):
        _dump({"views": [{"name": "v", "measures": [{"name": "m", "sql": "x = ';;'"}]}]})


def test_files_are_not_named_by_a_path() -> None:
    made = shop("revenue")
    facts = msgspec.structs.replace(made.project, name="../../x")
    with pytest.raises(UsageError, match="no name of a project"):
        ao.export_metrics(msgspec.structs.replace(made, project=facts), "osi")


@ALL
def test_sql_shows_all_that_is_in_it(name: str) -> None:
    made = shop(name)
    if hidden_in_code(name):
        with pytest.raises(AnalyticsOpsError, match="a character that nobody sees"):
            ao.metric_sql(made, [name])
        return
    sql = ao.metric_sql(made, [name])
    text(sql)
    assert re.match(r"with \w+ as \(\n", sql)


# -- objectives, incidents, the page ----------------------------------------------------


@ALL
def test_labels_of_prometheus(name: str) -> None:
    found = exposition(evaluation(loaded(slo(owner=name, runbook=name), NOW - HOUR, NOW)))
    text(found)
    assert list(text_string_to_metric_families(found))


@ALL
def test_what_is_suggested(name: str) -> None:
    written = _flow({"owner": name})
    text(written)
    assert yaml.safe_load(written) == {"owner": name}


def test_what_people_say_of_incidents(tmp_path: Path) -> None:
    make(tmp_path)
    for word in READABLE:
        said = ("--root", word or "x", "--reason", word or "x", "--until", "1h", "--by", "you")
        if "\0" not in word:
            done = run("incidents", "silence", *said, "--incidents", "log", cwd=tmp_path)
            text(done.out + done.err)
    done = run("incidents", "list", "--incidents", "log", cwd=tmp_path)
    assert done.out.count("silence ") > 60
    text(done.out + done.err)
    assert run_log(done.out).commands == []


@ALL
def test_the_data_in_the_page(name: str) -> None:
    made = workspace(project(models={"a": {"sql": "select 1 as x", "meta": {"owner": name}}}))
    page = publish(made, title=name).single()
    text(page.partition('id="index">')[2].partition("</script>")[0])
