"""What other tools would compute from exported definitions: each format is read as its
documentation says, and DuckDB runs what comes out.

Numbers are by country of the customer where a table is joined with customers, else in all.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

import yaml
from sqlglot import exp, parse_one

Values = Mapping[str, float | None]
Run = Callable[[str], list[tuple[Any, ...]]]


def of_osi(files: Mapping[str, str], run: Run) -> dict[str, Values]:
    """Apache Ossie: expressions over fields of datasets."""
    (model,) = yaml.safe_load(*files.values())["semantic_model"]
    tables = {
        dataset["name"]: (
            dataset["source"],
            {f["name"]: f["expression"]["dialects"][0]["expression"] for f in dataset["fields"]},
        )
        for dataset in model["datasets"]
    }
    joins = [
        (r["from"], r["to"], r["from_columns"][0], r["to_columns"][0])
        for r in model["relationships"]
    ]
    metrics = {m["name"]: m["expression"]["dialects"][0]["expression"] for m in model["metrics"]}
    return _over_tables(tables, joins, metrics, "duckdb", run)


def of_snowflake(files: Mapping[str, str], run: Run) -> dict[str, Values]:
    """Snowflake: metrics of tables over facts and dimensions, and metrics over metrics."""
    view = yaml.safe_load(*files.values())
    tables, metrics = {}, {}
    for table in view["tables"]:
        base = table["base_table"]
        fields = [*table.get("dimensions", ()), *table.get("time_dimensions", ())]
        fields += table.get("facts", ())
        name = f"{base['database']}.{base['schema']}.{base['table']}"
        tables[table["name"]] = (name, {field["name"]: field["expr"] for field in fields})
        for metric in table.get("metrics", ()):
            metrics[f"{table['name']}.{metric['name']}"] = metric["expr"]
    joins = [
        (r["left_table"], r["right_table"], *r["relationship_columns"][0].values())
        for r in view["relationships"]
    ]
    shown = {name.partition(".")[2]: sql for name, sql in metrics.items()}
    for metric in view["metrics"]:
        if len({m.group(1) for m in re.finditer(r"\b([a-z]\w*)\.[a-z]\w*\b", metric["expr"])}) > 1:
            continue  # each is computed over its own table, then put side by side
        sql = re.sub(
            r"\b[a-z]\w*\.[a-z]\w*\b", lambda m: f"({metrics.get(m[0], m[0])})", metric["expr"]
        )
        shown[metric["name"]] = sql
    return _over_tables(tables, joins, shown, "snowflake", run)


def _over_tables(
    tables: Mapping[str, tuple[str, Mapping[str, str]]],
    joins: list[tuple[Any, ...]],
    metrics: Mapping[str, str],
    dialect: str,
    run: Run,
) -> dict[str, Values]:
    found = {}
    for name, sql in metrics.items():
        expression = parse_one(sql, dialect=dialect)
        used = {column.table for column in expression.find_all(exp.Column)}
        facts = [t for t in used if not any(j[1] == t and j[0] in used for j in joins)]
        (fact,) = facts
        sources = [f"({_fields(tables, fact, dialect)}) as {fact}"]
        for left, right, on_left, on_right in joins:
            if left == fact:
                lefts = next(n for n, e in tables[left][1].items() if e == on_left)
                rights = next(n for n, e in tables[right][1].items() if e == on_right)
                sources.append(
                    f"left join ({_fields(tables, right, dialect)}) as {right} "
                    f'on {fact}."{lefts}" = {right}."{rights}"'
                )
        by = _country(fact, [join[1] for join in joins if join[0] == fact])
        found[name] = _grouped(run, by, expression.sql("duckdb"), "\n".join(sources))
    return found


def _fields(tables: Mapping[str, tuple[str, Mapping[str, str]]], name: str, dialect: str) -> str:
    source, fields = tables[name]
    columns = [
        f'{parse_one(sql, dialect=dialect).sql("duckdb")} as "{field}"'
        for field, sql in fields.items()
    ]
    return f"select {', '.join(columns)} from {source}"


def _country(fact: str, joined: list[str]) -> str:
    reached = fact == "customers" or "customers" in joined
    return "customers.country_code" if reached else "'all'"


def _grouped(run: Run, by: str, number: str, source: str) -> Values:
    return dict(run(f"select {by}, {number} from {source} group by 1"))


def of_databricks(files: Mapping[str, str], run: Run) -> dict[str, Values]:
    """Databricks: measures over a source that is joined, and over measures."""
    found: dict[str, Values] = {}
    for text in files.values():
        view = yaml.safe_load(text)
        measures = {m["name"]: m["expr"] for m in view["measures"]}
        dimensions = {d["name"]: d["expr"] for d in view["dimensions"]}
        source = f"{view['source']} as source " + " ".join(
            f"left join {join['source']} as {join['name']} on {join['on']}"
            for join in view.get("joins", ())
        )
        by = dimensions.get("customer__country_code") or dimensions.get("country_code") or "'all'"
        for name, sql in measures.items():
            number = parse_one(_expanded(sql, measures), dialect="databricks").sql("duckdb")
            found[name] = _grouped(run, by, number, source)
    return found


def _expanded(sql: str, measures: Mapping[str, str]) -> str:
    return re.sub(r"(?i)measure\((\w+)\)", lambda m: f"({measures[m[1]]})", sql)


def of_lookml(files: Mapping[str, str], run: Run) -> dict[str, Values]:
    """LookML: measures of views, in the explore of the view."""
    import lkml

    views = {
        view["name"]: view
        for path, text in files.items()
        if path.endswith(".view.lkml")
        for view in lkml.load(text)["views"]
    }
    (model,) = [lkml.load(text) for path, text in files.items() if path.endswith(".model.lkml")]
    found: dict[str, Values] = {}
    for explore in model["explores"]:
        name = explore["name"]
        source = f"{views[name]['sql_table_name']} as {name} "
        for join in explore.get("joins", ()):
            on = _looked_up(views, name, join["sql_on"])
            table = views[join["name"]]["sql_table_name"]
            source += f"left join {table} as {join['name']} on {on} "
        by = _country(name, [join["name"] for join in explore.get("joins", ())])
        for measure in views[name].get("measures", ()):
            number = _measured(views, name, measure)
            found[measure["name"]] = _grouped(run, by, number, source)
    return found


_LOOKML = {"sum": "sum({})", "average": "avg({})", "number": "{}", "max": "max({})"}


def _measured(views: Mapping[str, Any], view: str, measure: Mapping[str, Any]) -> str:
    shape = _LOOKML.get(measure["type"], "count(distinct {})")
    return shape.format(_looked_up(views, view, measure["sql"]))


def _looked_up(views: Mapping[str, Any], view: str, sql: str) -> str:
    """``${...}`` replaced: the table, a field of this view or of another."""

    def field(match: re.Match[str]) -> str:
        if match[1] == "TABLE":
            return view
        other, _, name = match[1].rpartition(".")
        at = views[other or view]
        for kind in ("dimensions", "dimension_groups", "measures"):
            for one in at.get(kind, ()):
                if one["name"] == name or f"{one['name']}_raw" == name:
                    if kind == "measures":
                        return f"({_measured(views, other or view, one)})"
                    return f"({_looked_up(views, other or view, one['sql'])})"
        raise AssertionError(f"{match[0]} is nowhere")

    return re.sub(r"\$\{([\w.]+)\}", field, sql)
