"""The questions to the column graph, as a person asks them."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from tests.cli.shell import make, run, run_on_terminal

WIDE = ", ".join(f"c{n}" for n in range(10, 90))


@pytest.fixture(scope="module")
def wide(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A column that eighty others are made of, one by one and all at once."""
    return make(
        tmp_path_factory.mktemp("wide"),
        sources={"raw.orders": {"columns": dict.fromkeys(WIDE.split(", "), "int"), "known": True}},
        models={
            "stg": f"select {WIDE} from @raw.orders",
            "fct": f"select {' + '.join(WIDE.split(', '))} as total from @stg where c11 > c12",
            **{f"m{n}": f"select total as t{n} from @fct" for n in range(70)},
        },
        tests=["unique fct.total", "not_null fct.total"],
    )


# -- the group ---------------------------------------------------------------------


@pytest.mark.parametrize(
    "args",
    [
        ["fct.total"],
        ["show", "fct.total"],
        ["--both", "fct.total"],
        ["show", "--both", "fct.total"],
        ["fct.total", "--all"],
    ],
)
def test_show_is_what_is_meant_without_a_command(good: Path, args: list[str]) -> None:
    done = run("lineage", *args, cwd=good)
    assert (done.code, done.err) == (0, "")
    assert done.out == run("lineage", "show", "fct.total", cwd=good).out


def test_a_mistyped_command_brings_the_closest(good: Path) -> None:
    done = run("lineage", "shwo", "fct.total", cwd=good)
    assert done.code == 2
    assert "No such command 'shwo'. Did you mean 'show'?" in done.err
    # With a dot it is a column.
    assert "no model named 'shwo'" in run("lineage", "shwo.total", cwd=good).err


def test_nothing_asked(good: Path) -> None:
    done = run("lineage", cwd=good)
    assert (done.code, done.err.count("\n")) == (2, 1)
    assert "Missing argument 'MODEL.COLUMN' or a command" in done.err


# -- show --------------------------------------------------------------------------


def test_one_way(good: Path) -> None:
    up = run("lineage", "fct.total", "--upstream", cwd=good).out
    down = run("lineage", "fct.total", "--downstream", cwd=good).out
    assert "comes from:" in up
    assert "goes to" not in up
    assert "comes from" not in down
    assert "goes to:" in down
    assert run("lineage", "fct.total", "--no-downstream", cwd=good).out == up
    assert run("lineage", "fct.total", "--no-upstream", cwd=good).out == down


def test_leaves_that_take_part_alike_share_a_line(wide: Path) -> None:
    out = run("lineage", "fct.total", "--upstream", "--depth", "1", cwd=wide).out
    assert out.splitlines() == [
        "fct.total  (proven)",
        "comes from:",
        f"  stg.{WIDE}  [transformation]",
        "its rows depend on:",
        "  stg (rows)  [rows]",
        "  stg.c11, c12  [filter]",
    ]
    down = run("lineage", "fct.total", "--downstream", cwd=wide).out
    assert "  test not_null_fct_total, unique_fct_total  [tests]" in down.splitlines()


def test_what_decides_about_rows_is_told_once_for_the_model(wide: Path) -> None:
    told = ["its rows depend on:", "  stg (rows)  [rows]", "    raw.orders (rows)  [rows]"]
    out = run("lineage", "fct.total", "--upstream", cwd=wide).out.splitlines()
    assert out[-4:] == [*told, "  stg.c11, c12  [filter]"]
    assert out.count("  stg.c11, c12  [filter]") == 1
    shown = run_on_terminal("lineage", "fct.total", "--upstream", "--limit", "0", cwd=wide).out
    shown = re.sub("\x1b[^m]*m", "", shown)
    assert "its rows depend on  2 columns, rows of 2 tables" in shown
    direct = run("lineage", "fct.total", "--upstream", "--direct", cwd=wide).out
    assert "rows" not in direct
    answer = json.loads(run("lineage", "fct.total", "--format", "json", cwd=wide).out)
    assert [step["column"] for step in answer["rows"]] == ["", "c11", "c12", ""]


def test_a_model_alone_means_its_rows(wide: Path) -> None:
    out = run("lineage", "fct", cwd=wide).out.splitlines()
    assert out[:7] == [
        "fct (rows)  (proven)",
        "comes from:",
        "  stg (rows)  [rows]",
        "    raw.orders (rows)  [rows]",
        "  stg.c11  [filter]",
        "    raw.orders.c11  [identity]",
        "  stg.c12  [filter]",
    ]
    assert out[8] == "goes to:"
    assert out[9].startswith("  m0, m1, ")
    assert "  semantic_model fct_s.total  [rows]" in out


def test_an_end_can_be_asked(good: Path) -> None:
    out = run("lineage", "metric:revenue", "--upstream", "--direct", cwd=good).out.splitlines()
    assert out == [
        "metric revenue  (proven)",
        "comes from:",
        "  semantic_model fct_s.total  [aggregation]",
        "    fct.total  [aggregation]",
        "      stg.amount  [aggregation]",
        "        raw.orders.amount  [identity]",
    ]
    board = run("lineage", "exposure:board", "--upstream", "--depth", "1", cwd=good).out
    assert board.splitlines()[2:] == ["  metric revenue  [depends]"]
    assert run("lineage", "metric:revenu", cwd=good).code == 2


def test_an_end_of_which_whole_nodes_are_known(tmp_path: Path) -> None:
    root = make(tmp_path, exposures={"whole": {"depends_on": ["fct"]}})
    out = run("lineage", "exposure:whole", "--upstream", "--depth", "1", cwd=root).out
    assert out.splitlines()[:2] == [
        "exposure whole  (partial)",
        "  it is not known which columns of fct it reads",
    ]
    assert "  fct.id, total  [depends]" in out.splitlines()


def test_every_way_of_taking_part_is_said(tmp_path: Path) -> None:
    sql = "select case when amount > 1 then amount else 0 end as x from @raw.orders"
    root = make(tmp_path, models={"stg": sql, "fct": "select x, 1 as id, 2 as total from @stg"})
    out = run("lineage", "stg.x", "--upstream", cwd=root).out
    assert out.splitlines()[-1] == "  raw.orders.amount  [transformation, conditional]"
    direct = run("lineage", "stg.x", "--upstream", "--direct", cwd=root).out
    assert direct.splitlines()[-1] == "  raw.orders.amount  [transformation]"


def test_how_sure_it_is_if_it_is_not(doubtful: Path) -> None:
    out = run("lineage", "fct.x", "--upstream", cwd=doubtful).out.splitlines()
    assert out[0] == "fct.x  (partial)"
    assert out[1].startswith("  ambiguous column: ")
    assert out[3:] == ["  raw.a.x  [identity; ambiguous]", "  raw.b.x  [identity; ambiguous]"]


def test_a_screen_is_not_flooded_and_a_pipe_gets_everything(wide: Path) -> None:
    piped = run("lineage", "fct.total", "--downstream", cwd=wide).out.splitlines()
    assert len(piped) > 70
    shown = run_on_terminal("lineage", "fct.total", "--downstream", cwd=wide).out.splitlines()
    assert len(shown) == 2 + 60 + 1
    assert "further down (--limit 0 for all; --depth and --direct for fewer)" in shown[-1]
    everything = run_on_terminal("lineage", "fct.total", "--downstream", "--limit", "0", cwd=wide)
    assert len(everything.out.splitlines()) == len(piped)
    assert "further down" not in everything.out
    few = run("lineage", "fct.total", "--downstream", "--limit", "5", cwd=wide).out.splitlines()
    assert len(few) == 2 + 5
    assert few[-1].split()[1] == str(len(piped) - 2 - 4)


def test_json_says_how(good: Path) -> None:
    answer = json.loads(run("lineage", "fct.total", "--format", "json", cwd=good).out)
    first = answer["upstream"][0]
    assert (first["name"], first["column"], first["kinds"]) == ("stg", "amount", ["aggregation"])
    assert (first["sure"], first["fields"]) == ("exact", [])


# -- coverage ------------------------------------------------------------------------


def test_coverage(good: Path) -> None:
    assert run("lineage", "coverage", cwd=good).out.splitlines() == [
        "models\t2\t4\t4\t0\t0\t100.0 %\t-",
        "all\t2\t4\t4\t0\t0\t100.0 %\t-",
    ]
    assert run("lineage", "coverage", "--by", "reason", cwd=good).out == ""
    chosen = run("lineage", "coverage", "--by", "model", "-s", "stg", cwd=good).out
    assert [line.split("\t")[0] for line in chosen.splitlines()] == ["stg", "all"]


@pytest.fixture(scope="module")
def doubtful(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project in which one of four columns is not proven, and that is too many."""
    root = make(
        tmp_path_factory.mktemp("doubtful"),
        sources={"raw.orders": {"columns": "id", "known": True}, "raw.a": {}, "raw.b": {}},
        models={
            "stg": "select id, id as amount, id as total from @raw.orders",
            "fct": "select x from @raw.a cross join @raw.b",
        },
        metrics={},
        semantic_models={},
        exposures={},
    )
    text = "version: 1\nlineage:\n  coverage: {'models/**': 75.1}\n"
    (root / "analyticsops.yml").write_text(text, encoding="utf-8")
    return root


@pytest.mark.parametrize(("percent", "code"), [("75", 0), ("75.1", 1), ("100", 1)])
def test_coverage_fails_under(doubtful: Path, percent: str, code: int) -> None:
    done = run("lineage", "coverage", "--fail-under", percent, cwd=doubtful)
    assert done.code == code
    assert ("75.0 % are proven" in done.err) == bool(code)


def test_check_holds_the_objective(doubtful: Path) -> None:
    done = run("check", cwd=doubtful)
    assert done.code == 1
    assert (
        "analyticsops.yml LIN107 error 75.0 % of the columns of models/** have proven lineage, "
        "objective 75.1 %" in done.out
    )
    answer = json.loads(run("lineage", "coverage", "--format", "json", cwd=doubtful).out)
    assert answer["total"]["percent"] == 75.0


# -- unused --------------------------------------------------------------------------


def test_unused(doubtful: Path) -> None:
    done = run("lineage", "unused", cwd=doubtful)
    assert done.out.splitlines() == [
        "fct\tall 1\tnone\tnothing depends on this model\t-",
        "stg\tall 3\tnone\tnothing depends on this model\t-",
    ]


def test_unused_says_so_if_there_are_none(good: Path) -> None:
    done = run("lineage", "unused", "--select", "stg", cwd=good)
    assert (done.out, done.err) == ("", "every column is read by somebody\n")
    answer = json.loads(run("lineage", "unused", "--format", "json", cwd=good).out)
    assert [(node["name"], node["columns"]) for node in answer] == [
        ("fct", [{"name": "id", "use": "unused", "reason": ""}])
    ]


# -- impact --------------------------------------------------------------------------


def test_impact(good: Path) -> None:
    done = run("lineage", "impact", "stg.amount", cwd=good)
    assert done.out.splitlines() == [
        "exposure\tboard\t-\tdepends on it\tCFO\trevenue",
        "metric\trevenue\t-\tvalues change\tFinance\tfct_s.total",
        "semantic_model\tfct_s\ttotal\tvalues change\t-\tfct.total",
        "model\tfct\ttotal\tvalues change\t-\tstg.amount",
    ]
    assert done.err == "owners: CFO (1), Finance (1)\n"


def test_impact_of_several_columns_with_their_ways(good: Path) -> None:
    out = run("lineage", "impact", "raw.orders.id", "stg.amount", "--ways", cwd=good).out
    assert out.splitlines()[1].endswith("stg.amount > fct.total > fct_s.total > revenue")
    answer = json.loads(run("lineage", "impact", "stg.id", "--format", "json", cwd=good).out)
    assert answer["columns"] == ["stg.id"]
    assert run("lineage", "impact", "stg.nothing", cwd=good).code == 2
    assert run("lineage", "impact", cwd=good).code == 2


# -- path ----------------------------------------------------------------------------


def test_path(good: Path) -> None:
    done = run("lineage", "path", "raw.orders.amount", "metric:revenue", cwd=good)
    assert done.out.splitlines() == [
        "1  4 steps",
        "  raw.orders.amount",
        "  > stg.amount  [identity]",
        "  > fct.total  [aggregation]",
        "  > fct_s.total  [aggregation]",
        "  > revenue  [aggregation]",
    ]
    assert run("lineage", "path", "stg.id", "exposure:board", "--limit", "1", cwd=good).code == 0


def test_path_to_the_rows_of_a_model(good: Path) -> None:
    done = run("lineage", "path", "raw.orders.id", "fct.total", cwd=good)
    assert done.out.splitlines()[-1] == "  > fct  [group_by]"
    assert done.err == "(to the rows of fct)\n"
    direct = run("lineage", "path", "raw.orders.id", "fct.total", "--direct", cwd=good)
    assert (direct.out, direct.err) == ("", "there is no way along which values flow\n")


def test_path_the_other_way_round(good: Path) -> None:
    done = run("lineage", "path", "fct.total", "stg.amount", cwd=good)
    assert done.err == "there is no way, but there is one from TO to FROM\n"


def test_path_to_an_end_that_is_not_there(good: Path) -> None:
    done = run("lineage", "path", "stg.id", "metric:revenu", cwd=good)
    assert done.code == 2
    assert "no metric named 'revenu' (did you mean 'revenue'?)" in done.err
    answer = run("lineage", "path", "stg.id", "fct.id", "--format", "json", cwd=good).out
    assert json.loads(answer)["ways"][0][0]["kinds"] == ["identity"]


# -- tags ----------------------------------------------------------------------------


@pytest.fixture(scope="module")
def tagged(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tagged column that travels into a model without the tag, and to an exposure."""
    columns = {"id": {}, "amount": {"config": {"tags": ["secret"]}}}
    return make(
        tmp_path_factory.mktemp("tagged"),
        sources={"raw.orders": {"columns": columns}},
        models={
            "stg": "select id, amount from @raw.orders",
            "fct": "select id, sum(amount) as total from @stg group by id",
        },
    )


def test_tags(tagged: Path) -> None:
    out = run("lineage", "tags", cwd=tagged).out.splitlines()
    assert out[1] == "secret\tfct.total\tlineage\t-\traw.orders.amount > stg.amount > fct.total"
    assert "secret\traw.orders.amount\tyaml\t-\t-" in out
    assert [line.split("\t")[1] for line in out if "whole node" in line] == ["exposure board"]
    assert run("lineage", "tags", "--tag", "pii", cwd=tagged).err == "no column has a tag\n"
    answer = json.loads(run("lineage", "tags", "--format", "json", cwd=tagged).out)
    assert {column["tag"] for column in answer["columns"]} == {"secret"}


def test_tags_that_are_checked(tagged: Path, tmp_path: Path) -> None:
    args = ["lineage", "tags", "--check", "--tag", "secret"]
    done = run(*args, cwd=tagged)
    assert done.code == 0
    assert [line.split(" ")[1] for line in done.out.splitlines()[:3]] == ["LIN108"] * 2 + ["LIN109"]
    assert run(*args, "--fail-on", "warning", cwd=tagged).code == 1
    done = run(*args, "--output", f"json={tmp_path / 'x.json'}", cwd=tagged)
    report = json.loads((tmp_path / "x.json").read_text(encoding="utf-8"))
    assert report["command"] == "lineage tags"
    assert len(report["findings"]) == 3


def test_check_follows_the_tags_of_the_settings(tagged: Path, tmp_path: Path) -> None:
    config = tmp_path / "a.yml"
    config.write_text("version: 1\nlineage: {tags: {follow: [secret]}}\n", encoding="utf-8")
    assert "LIN108" not in run("check", cwd=tagged).out
    assert "LIN108" in run("check", "--config", config, cwd=tagged).out


def test_tags_in_other_formats_need_a_check(tagged: Path) -> None:
    done = run("lineage", "tags", "--format", "sarif", cwd=tagged)
    assert (done.code, done.err.count("\n")) == (2, 1)


# -- export --------------------------------------------------------------------------


def test_export_to_a_pipe_and_to_a_file(good: Path, tmp_path: Path) -> None:
    done = run("lineage", "export", "--format", "csv", "-s", "stg", cwd=good)
    lines = done.out.splitlines()
    assert lines[0].startswith("source_node,source_kind,")
    assert lines[1].startswith("source.shop.raw.orders,source,raw.orders,,,model.shop.stg,")
    path = tmp_path / "lineage.csv"
    written = run("lineage", "export", "--format", "csv", "-s", "stg", "-o", path, cwd=good)
    assert (written.out, written.err) == ("", "")
    assert path.read_bytes().decode().splitlines() == lines
    parquet = tmp_path / "x.parquet"
    run("lineage", "export", "--format", "parquet", "--output", parquet, cwd=good)
    assert parquet.read_bytes()[:4] == b"PAR1"


def test_openlineage_asks_for_the_namespace(good: Path) -> None:
    done = run("lineage", "export", "--format", "openlineage", cwd=good)
    assert json.loads(done.out.splitlines()[0])["job"]["namespace"] == "dbt"
    assert done.err.startswith("note: the tables are in the namespace 'duckdb'")
    named = run("lineage", "export", "--format", "openlineage", "--namespace", "a://b", cwd=good)
    assert named.err == ""
    assert '"namespace":"a://b"' in named.out


def test_export_that_cannot_be(good: Path, tmp_path: Path) -> None:
    done = run_on_terminal("lineage", "export", "--format", "parquet", cwd=good)
    assert done.code == 2
    assert "parquet is nothing for a terminal" in done.out
    assert run("lineage", "export", "--output", tmp_path / "no" / "x", cwd=good).code == 2
    assert run("lineage", "export", "--format", "xml", cwd=good).code == 2


# -- why -----------------------------------------------------------------------------


def test_why(good: Path) -> None:
    done = run("lineage", "why", "fct.total", cwd=good)
    assert done.out.splitlines() == [
        "fct.total  models/fct.sql",
        "  c1  SUM(amount) as total",
        "  from stg.amount",
        "stg.amount  models/stg.sql",
        "  c1  amount",
        "  from raw.orders.amount",
        "raw.orders.amount  models/_sources.yml",
        "  column of a source",
    ]
    assert len(run("lineage", "why", "fct.total", "--depth", "0", cwd=good).out.splitlines()) == 3
    answer = json.loads(run("lineage", "why", "fct.total", "--format", "json", cwd=good).out)
    assert answer["columns"][0]["steps"][0]["compiled_line"] == 1
    assert run("lineage", "why", "fct.nothing", cwd=good).code == 2
