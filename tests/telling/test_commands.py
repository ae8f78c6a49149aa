"""The commands about incidents: exit codes, text, JSON, and a terminal of 80 columns."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from pathlib import Path

import click
import pytest

from analyticsops.responding import respond
from analyticsops.slo.incident import Affected
from analyticsops.slo.spans import HOUR, instant_of
from analyticsops.slo.spec.entries import ReceiverEntry
from tests.cli.shell import run, run_on_terminal
from tests.telling.making import AFFECTED, alert, evaluation, incident, settings, when
from tests.telling.server import Receiver

OPS = """
version: 1
receivers:
  team: {type: slack, url_env: SLACK_URL}
  pager: {type: pagerduty, key_env: PD_KEY, url_env: PD_URL}
routes: [{to: [team]}, {to: [pager], match: {severity: page}}]
"""
SHARED = settings(team=ReceiverEntry(type="slack", url_env="SLACK_URL"))
EVIL = "\x1b[31m<!channel> | `x` \u202e ${{ x }}"


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    """A project with one incident that grew, and one that is over."""
    (tmp_path / "slos").mkdir()
    (tmp_path / "slos" / "ops.yml").write_text(OPS)
    folder = tmp_path / ".analyticsops" / "incidents"
    now = instant_of(datetime.now(UTC))
    late = alert(page=True, since=now - 7 * HOUR)
    below = alert("fct_orders", since=now - 5 * HOUR, cause="orders")
    evil = incident(alert("evil", what=EVIL, since=now - 5 * HOUR), root="evil", owner=EVIL)
    wider = Affected(marts=("fct_churn", *AFFECTED.marts))
    for hours, found in (
        (6, [incident(late)]),
        (4, [incident(late, below, affected=wider), evil]),
        (1, [incident(late, below, affected=wider)]),
    ):
        at = now - hours * HOUR
        one = evaluation(*found, at=at, shared=SHARED)
        respond(one, folder, now=when(at), environ={})
    return tmp_path


def _id(shop: Path) -> str:
    (one,) = json.loads(run("incidents", "list", "--format", "json", cwd=shop).out)["incidents"]
    return str(one["id"])


def test_what_is_open(shop: Path) -> None:
    done = run("incidents", "list", cwd=shop)
    assert done.code == 0
    (line,) = done.out.splitlines()
    assert line.split("\t")[1:] == ["page", "open", "7h", "orders is 5h too old"]
    everything = run("incidents", "list", "--all", cwd=shop).out
    assert len(everything.splitlines()) == 2
    assert "\x1b" not in everything


def test_nothing_was_ever_evaluated(tmp_path: Path) -> None:
    done = run("incidents", "list", cwd=tmp_path)
    assert (done.code, done.out) == (0, "")
    assert "run `analyticsops slo evaluate`" in done.err
    done = run("incidents", "show", "latest", cwd=tmp_path)
    assert done.code == 2
    assert "there was no incident so far" in done.err


def test_one_incident(shop: Path) -> None:
    name = _id(shop)
    for word in (name, name[:5]):
        done = run("incidents", "show", word, cwd=shop)
        assert done.code == 0
        for said in (
            "Page: orders is 5h too old",
            "caused by orders",
            "marts fct_churn, fct_orders, fct_revenue",
            "team: the environment variable SLACK_URL is not set",
            "opened as a page: orders is 5h too old",
            "also fct_orders is 5h too old; reaches fct_churn as well",
        ):
            assert said in done.out, said
    shown = json.loads(run("incidents", "show", name, "--format", "json", cwd=shop).out)
    assert shown["incident"]["id"] == name
    assert [one["what"] for one in shown["timeline"]][:2] == ["began", "opened"]


@pytest.mark.parametrize("args", [["list", "--all"], ["show", "latest"], ["show"]])
def test_on_a_terminal_of_80_columns(shop: Path, args: list[str]) -> None:
    if args == ["show"]:
        args = ["show", _id(shop)]
    done = run_on_terminal("incidents", *args, cwd=shop, columns=80, env={"NO_COLOR": "1"})
    assert done.code == 0
    assert max(map(len, done.out.splitlines())) <= 80
    assert "\x1b[31m" not in done.out


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (["show", "ffffff"], "no incident named 'ffffff'"),
        (["show", ""], "no incident named ''"),
        (["silence", "--reason", "x", "--until", "1d", "--by", "a"], "name an incident"),
        (["silence", "--root", "x", "--reason", "x", "--until", "soon", "--by", "a"], "no time"),
        (["silence", "--root", "x", "--until", "1d", "--by", "a"], "--reason"),
        (["silence", "--root", "x", "--reason", "x", "--by", "a"], "--until"),
        (["unsilence", "ab", "--by", "a"], "no silence named 'ab'"),
        (["acknowledge", "latest"], "--by"),
        (["timeline", "latest", "-o", "slos/ops.yml"], "slos/ops.yml: cannot be written"),
    ],
)
def test_mistakes_end_in_one_line(shop: Path, args: list[str], said: str) -> None:
    done = run("incidents", *args, cwd=shop, USER="")
    assert done.code == 2, done.out
    assert said in done.err
    assert done.err.count("\n") == 1


def test_acknowledge_tells_at_once(shop: Path, receiver: Receiver) -> None:
    environ = {"SLACK_URL": f"{receiver.url}/x", "PD_KEY": "key", "PD_URL": receiver.url}
    done = run(
        "incidents", "acknowledge", _id(shop), "--by", "ana", "--note", "on it", cwd=shop, **environ
    )
    assert done.code == 0
    assert done.out == f"{_id(shop)} acknowledged by ana: orders is 5h too old\n"
    # What it could not be told before is told in the same message.
    assert len(receiver.got) == 2
    assert "told team: Page: orders is 5h too old" in done.err
    assert "acknowledged by ana: on it" in run("incidents", "show", _id(shop), cwd=shop).out
    assert "\tacknowledged\t" in run("incidents", "list", cwd=shop).out


def test_acknowledge_says_who_was_not_told(shop: Path) -> None:
    done = run("incidents", "acknowledge", _id(shop), "--by", "ana", cwd=shop)
    assert done.code == 0
    assert "could not tell team: the environment variable SLACK_URL is not set" in done.err
    assert "could not tell pager: the environment variable PD_KEY is not set" not in done.out


def test_silence_and_unsilence(shop: Path) -> None:
    done = run(
        *("incidents", "silence", "--root", "ord*", "--reason", EVIL, "--until", "2d"),
        *("--by", "ana"),
        cwd=shop,
    )
    assert done.code == 0
    assert f"covers {_id(shop)}" in done.out
    name = re.findall(r"silence (\w{8}) until", done.out)[0]
    listed = run("incidents", "list", cwd=shop).out
    assert "\tsilenced\t" in listed
    assert f"silence {name} until" in listed
    assert "\x1b" not in listed
    shown = run("incidents", "show", _id(shop), cwd=shop).out
    assert "silenced by ana" in shown
    ended = run("incidents", "unsilence", name[:4], "--by", "ana", cwd=shop)
    assert ended.code == 0
    assert "\topen\t" in run("incidents", "list", cwd=shop).out


def test_a_post_mortem(shop: Path) -> None:
    name = _id(shop)
    done = run("incidents", "timeline", name, "-o", "pm.md", cwd=shop)
    assert done.code == 0
    page = (shop / "pm.md").read_text(encoding="utf-8")
    assert page == run("incidents", "timeline", name, cwd=shop).out
    assert re.findall(r"^#+ (.+)$", page, re.MULTILINE) == [
        "Post-mortem: orders is 5h too old",
        "Summary",
        "Impact",
        "Error budgets",
        "Timeline (UTC)",
        "Alerts",
        "Who was told",
        "Causes",
        "What went well, what did not, where we were lucky",
        "Actions",
    ]
    assert "- orders/fresh: 112 % of the budget of 28d is used at" in page
    assert "also fct\\_orders is 5h too old" in page
    assert "(after 1h) team: opened, which failed" in page


def test_a_post_mortem_of_evil_names(shop: Path) -> None:
    ids = json.loads(run("incidents", "list", "--all", "--format", "json", cwd=shop).out)
    (evil,) = (one["id"] for one in ids["incidents"] if one["root"]["label"] == "evil")
    page = run("incidents", "timeline", evil, cwd=shop).out
    assert "<!channel>" not in page
    assert "\x1b" not in page
    assert "\u202e" not in page


def test_an_exit_of_click_is_the_exit_code(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`slo evaluate` and `slo gate` leave in this way while something pages."""

    @click.command()
    def leave() -> None:
        raise click.exceptions.Exit(3)

    monkeypatch.setattr("analyticsops.cli.cli", leave)
    assert run(cwd=tmp_path).code == 3
