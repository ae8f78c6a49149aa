"""A dbt project with random metrics of all types, over tables with NULLs and missing keys.

    python -m bench.metrics.metricflow.generate FOLDER --seed 1 --metrics 200

Writes the project and ``questions.json``: what to ask of its metrics.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from random import Random
from typing import Any

import yaml

_PROJECT = {
    "name": "generated",
    "version": "1.0",
    "profile": "generated",
    "models": {"generated": {"+materialized": "table"}},
}
_PROFILE = {
    "generated": {
        "target": "dev",
        "outputs": {"dev": {"type": "duckdb", "path": "generated.duckdb", "threads": 2}},
    }
}
_MODELS = {
    "purchases": """
select i as purchase_id,
    case when hash(i) % 11 = 0 then null else hash(i * 3) % 40 end as account_id,
    date '2025-01-01' + cast(hash(i * 5) % 200 as integer) as bought_on,
    case when hash(i * 7) % 9 = 0 then null
        else cast(hash(i * 7) % 1000 as decimal(10, 2)) / 10 end as amount,
    case hash(i * 13) % 4 when 0 then null when 1 then 'web' when 2 then 'shop' else 'app' end
        as channel,
    case when hash(i * 17) % 5 = 0 then null else hash(i * 17) % 2 = 0 end as is_gift,
    cast(hash(i * 19) % 4 as integer) as quantity
from range(700) t(i)
""",
    "visits": """
select i as visit_id,
    case when hash(i * 23) % 7 = 0 then null else hash(i * 29) % 40 end as account_id,
    timestamp '2025-01-01' + to_minutes(cast(hash(i * 31) % 280000 as bigint)) as visited_at,
    case hash(i * 37) % 3 when 0 then null when 1 then 'web' else 'app' end as channel
from range(900) t(i)
""",
    "accounts": """
select i as account_id,
    case when hash(i * 41) % 6 = 0 then null else hash(i * 43) % 5 end as region_id,
    date '2024-06-01' + cast(hash(i * 47) % 300 as integer) as opened_on,
    case when hash(i * 53) % 3 = 0 then 'gold' else 'basic' end as plan
from range(38) t(i)
""",
    "regions": """
select i as region_id, case when i % 2 = 0 then 'north' else 'south' end as region_name
from range(4) t(i)
""",
    "balances": """
select a as account_id, date '2025-01-01' + cast(d as integer) as balance_on,
    cast(hash(a * 100 + d) % 500 as integer) as balance
from range(12) t(a), range(0, 150) u(d) where hash(a * 1000 + d) % 4 > 0
""",
    "days": """
select cast(range as date) as day
from range(date '2024-12-01', date '2025-09-01', interval 1 day)
""",
}


def _day(name: str) -> dict[str, Any]:
    return {"name": name, "type": "time", "type_params": {"time_granularity": "day"}}


def _word(name: str, expr: str = "") -> dict[str, Any]:
    return {"name": name, "type": "categorical", **({"expr": expr} if expr else {})}


def _entity(name: str, kind: str) -> dict[str, Any]:
    return {"name": name, "type": kind, "expr": f"{name}_id"}


def _measure(name: str, agg: str, expr: str, **more: Any) -> dict[str, Any]:
    return {"name": name, "agg": agg, "expr": expr, **more}


def _last(choice: str, *entities: str) -> dict[str, Any]:
    grouped = {"window_groupings": list(entities)} if entities else {}
    return {"name": "balance_on", "window_choice": choice, **grouped}


_PURCHASES = [
    _measure("spent", "sum", "amount"),
    _measure("spent_average", "average", "amount"),
    _measure("spent_most", "max", "amount"),
    _measure("spent_least", "min", "amount"),
    _measure("buys", "count", "purchase_id"),
    _measure("amounts", "count", "amount"),
    _measure("buyers", "count_distinct", "account_id"),
    _measure("gifts", "sum_boolean", "is_gift"),
    _measure("spent_median", "median", "amount"),
    _measure("pieces", "sum", "quantity * 2"),
    _measure("one", "sum", "1"),
    _measure("spent_p90", "percentile", "amount", agg_params={"percentile": 0.9}),
    _measure(
        "spent_d25",
        "percentile",
        "amount",
        agg_params={"percentile": 0.25, "use_discrete_percentile": True},
    ),
]
_VISITS = [
    _measure("visit_count", "sum", "1"),
    _measure("visitors", "count_distinct", "account_id"),
]
_BALANCES = [
    _measure("balance_end", "sum", "balance", non_additive_dimension=_last("max")),
    _measure("balance_start", "sum", "balance", non_additive_dimension=_last("min", "account")),
    _measure("balance_top", "max", "balance", non_additive_dimension=_last("max", "account")),
]
_SEMANTIC: list[dict[str, Any]] = [
    {
        "name": "purchases",
        "defaults": {"agg_time_dimension": "bought_on"},
        "entities": [_entity("purchase", "primary"), _entity("account", "foreign")],
        "dimensions": [
            _day("bought_on"),
            _word("channel"),
            _word("is_gift"),
            _word("size", "case when amount > 50 then 'large' else 'small' end"),
        ],
        "measures": _PURCHASES,
    },
    {
        "name": "visits",
        "defaults": {"agg_time_dimension": "visited_at"},
        "entities": [_entity("visit", "primary"), _entity("account", "foreign")],
        "dimensions": [_day("visited_at"), _word("channel")],
        "measures": _VISITS,
    },
    {
        "name": "accounts",
        "defaults": {"agg_time_dimension": "opened_on"},
        "entities": [_entity("account", "primary"), _entity("region", "foreign")],
        "dimensions": [_day("opened_on"), _word("plan")],
        "measures": [_measure("account_count", "sum", "1")],
    },
    {
        "name": "regions",
        "entities": [_entity("region", "primary")],
        "dimensions": [_word("region_name")],
    },
    {
        "name": "balances",
        "defaults": {"agg_time_dimension": "balance_on"},
        "primary_entity": "balance",
        "entities": [_entity("account", "foreign")],
        "dimensions": [_day("balance_on")],
        "measures": _BALANCES,
    },
]
_GOLD = "{{ Dimension('account__plan') }} = 'gold'"
_SPRING = "{{ TimeDimension('metric_time', 'month') }} >= '2025-03-01'"
_NORTH = "{{ Dimension('region__region_name', entity_path=['account']) }} = 'north'"
_BOTH = [_GOLD, _SPRING, _NORTH]
_FILTERS = {
    "purchases": [
        *_BOTH,
        "{{ Dimension('purchase__channel') }} = 'web'",
        "{{ Dimension('purchase__channel') }} is not null"
        " and {{ Dimension('purchase__size') }} = 'small'",
        "{{ Entity('account') }} < 20",
        "{{ Dimension('purchase__is_gift') }}",
        "{{ TimeDimension('account__opened_on', 'month') }} < '2024-12-01'",
    ],
    "visits": [
        _GOLD,
        "{{ Dimension('visit__channel') }} = 'web'",
        "{{ TimeDimension('metric_time', 'day') }} >= '2025-02-10'",
    ],
    "others": [],
}
_BY = [
    [],
    ["metric_time__day"],
    ["metric_time__week"],
    ["metric_time__month"],
    ["account__plan"],
    ["metric_time__month", "account__plan"],
    ["account__region__region_name"],
    ["metric_time__day", "metric_time__quarter"],
    ["account"],
    ["metric_time__quarter", "account__region__region_name"],
    ["account__opened_on__month"],
]
_WHERE: list[list[str]] = [
    [],
    [],
    [_GOLD],
    [_SPRING],
    [_NORTH],
    ["{{ TimeDimension('metric_time', 'day') }} between '2025-02-03' and '2025-05-20'"],
    ["{{ Dimension('account__plan') }} is null"],
]


class _Metrics:
    def __init__(self, random: Random) -> None:
        self.random = random
        self.made: list[dict[str, Any]] = []
        self.of: dict[str, str] = {}
        """Simple metrics that others may be made of, and the semantic model of each."""
        self.ratios: list[str] = []

    def chance(self, share: float) -> bool:
        return self.random.random() < share

    def add(self, kind: str, params: dict[str, Any], filters: list[str], share: float) -> str:
        name = f"{kind}_{len(self.made)}"
        metric = {"name": name, "label": name, "type": kind, "type_params": params}
        if filters and self.chance(share):
            metric["filter"] = self.random.choice(filters)
        self.made.append(metric)
        return name

    def measure(self) -> tuple[dict[str, Any], str]:
        kinds = {"purchases": _PURCHASES, "visits": _VISITS, "others": _BALANCES}
        source = self.random.choices([*kinds], [5, 3, 2])[0]
        found = {"name": self.random.choice(kinds[source])["name"]}
        if self.chance(0.1):
            found, source = {"name": "account_count"}, "others"
        return found, source

    def simple(self, *, alone: bool) -> None:
        """Of one that is alone the measure itself is filtered: dbt wants those apart."""
        measure, source = self.measure()
        filters = _FILTERS[source]
        if self.chance(0.3):
            measure["fill_nulls_with"] = self.random.choice([0, 7])
        if self.chance(0.25):
            measure["join_to_timespine"] = True
        if alone and filters:
            measure["filter"] = self.random.choice(filters)
        name = self.add("simple", {"measure": measure}, filters, 0.4)
        if not alone:
            self.of[name] = source

    def input(self, name: str, alias: str = "") -> dict[str, Any]:
        found = {"name": name, **({"alias": alias} if alias else {})}
        if self.chance(0.25):
            shared = self.of.get(name) in ("purchases", "visits")
            found["filter"] = self.random.choice(_BOTH if shared else [_SPRING])
        return found

    def ratio(self) -> None:
        # One metric with two filters MetricFlow 0.213 takes for one with one.
        above, below = self.random.sample([*self.of], 2)
        shared = all(self.of[name] != "others" for name in (above, below))
        params = {"numerator": self.input(above), "denominator": self.input(below)}
        self.ratios.append(self.add("ratio", params, _BOTH if shared else [], 0.3))

    def derived(self) -> None:
        inputs = []
        for number in range(self.random.choice([1, 2, 2, 3])):
            pool = [*self.of] if self.chance(0.75) or not self.ratios else self.ratios
            found = self.input(self.random.choice(pool), f"in_{number}")
            if self.chance(0.3):
                windows = ["1 month", "7 days", "1 week", "14 days", "1 quarter"]
                found["offset_window"] = self.random.choice(windows)
            elif self.chance(0.15):
                found["offset_to_grain"] = self.random.choice(["month", "week", "quarter"])
            inputs.append(found)
        names = [part["alias"] for part in inputs]
        expression = self.random.choice(
            [
                " + ".join(names),
                " - ".join(names),
                " + ".join(f"coalesce({name}, 0)" for name in names),
                f"({' - '.join(names)}) / nullif({names[-1]}, 0)",
            ]
        )
        self.add("derived", {"expr": expression, "metrics": inputs}, _BOTH[:2], 0.2)

    def cumulative(self) -> None:
        measure, source = self.measure()
        while source == "others":
            measure, source = self.measure()
        if self.chance(0.3):
            measure["fill_nulls_with"] = 0
        how: dict[str, Any] = {}
        if self.chance(0.4):
            how["window"] = self.random.choice(["7 days", "28 days", "2 months", "3 weeks"])
        elif self.chance(0.5):
            how["grain_to_date"] = self.random.choice(["month", "week", "quarter"])
        if self.chance(0.5):
            how["period_agg"] = self.random.choice(["first", "last", "average"])
        params = {"measure": measure, "cumulative_type_params": how}
        self.add("cumulative", params, _FILTERS[source], 0.3)

    def conversion(self) -> None:
        how: dict[str, Any] = {
            "entity": "account",
            "calculation": self.random.choice(["conversion_rate", "conversions"]),
            "base_measure": {"name": "visit_count"},
            "conversion_measure": {"name": self.random.choice(["one", "buys"])},
        }
        if self.chance(0.7):
            how["window"] = self.random.choice(["7 days", "1 month", "1 day"])
        if self.chance(0.3):
            same = {"base_property": "channel", "conversion_property": "channel"}
            how["constant_properties"] = [same]
        for part in ("base_measure", "conversion_measure"):
            if self.chance(0.3):
                how[part]["fill_nulls_with"] = 0
        self.add("conversion", {"conversion_type_params": how}, _FILTERS["visits"][:2], 0.3)


def generate(folder: Path, seed: int, metrics: int, each: int = 3) -> None:
    """Write a project, and what to ask of it.

    Args:
        metrics: how many; three tenths of them simple, a quarter derived.
        each: questions to each metric.
    """
    made = _Metrics(Random(seed))
    shares = {"simple": 25, "alone": 5, "ratio": 20, "derived": 25, "cumulative": 15}
    for kind, share in shares.items():
        for _ in range(metrics * share // 100):
            if kind in ("simple", "alone"):
                made.simple(alone=kind == "alone")
            else:
                getattr(made, kind)()
    while len(made.made) < metrics:
        made.conversion()
    (folder / "models").mkdir(parents=True, exist_ok=True)
    for name, sql in _MODELS.items():
        (folder / "models" / f"{name}.sql").write_text(sql.lstrip(), encoding="utf-8")
    spine = {
        "name": "days",
        "time_spine": {"standard_granularity_column": "day"},
        "columns": [{"name": "day", "granularity": "day"}],
    }
    semantic = [{**part, "model": f"ref('{part['name']}')"} for part in _SEMANTIC]
    _dump(folder / "dbt_project.yml", _PROJECT)
    _dump(folder / "profiles.yml", _PROFILE)
    _dump(
        folder / "models" / "semantics.yml",
        {"models": [spine], "semantic_models": semantic, "metrics": made.made},
    )
    questions = list(_questions(made, each))
    (folder / "questions.json").write_text(json.dumps(questions), encoding="utf-8")


def _questions(made: _Metrics, each: int) -> list[dict[str, Any]]:
    random = made.random
    names = [metric["name"] for metric in made.made]
    asked = [[name] for name in names for _ in range(each)]
    asked += [random.sample(names, random.choice([2, 3])) for _ in range(len(names) // 5)]
    return [
        {"metrics": some, "by": random.choice(_BY), "where": random.choice(_WHERE)}
        for some in asked
    ]


def _dump(path: Path, value: Any) -> None:
    path.write_text(yaml.safe_dump(value, sort_keys=False), encoding="utf-8")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--metrics", type=int, default=200)
    options = parser.parse_args()
    generate(options.folder, options.seed, options.metrics)


if __name__ == "__main__":
    main()
