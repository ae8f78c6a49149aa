"""`make jaffle-shop`: every metric of dbt's jaffle-shop, asked of MetricFlow and of us.

    python -m bench.metrics.metricflow.jaffle_shop CHECKOUT --python .metricflow/bin/python

The repository of jaffle-shop keeps no orders; they are made up here, always the same. Packages
must be there (`dbt deps`). Any difference in the rows fails.
"""

from __future__ import annotations

import argparse
import csv
import json
import shutil
import sys
import tempfile
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

import analyticsops as ao
from analyticsops.metrics.checks.dimensions import aggregations_of, dimensions_of
from bench.metrics.metricflow.compare import compare, run

_PROFILE = """
default:
  target: dev
  outputs:
    dev: {type: duckdb, path: jaffle.duckdb, schema: main, threads: 2}
"""
_ORDERS = 1500
_FIRST = datetime(2024, 1, 1)


def main() -> int:
    """Build, ask, compare."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("checkout", type=Path)
    parser.add_argument("--python", type=Path, required=True, help="with dbt-metricflow")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch) / "jaffle"
        leave = shutil.ignore_patterns("target", "logs", "*.duckdb")
        shutil.copytree(options.checkout, folder, ignore=leave)
        (folder / "profiles.yml").write_text(_PROFILE, encoding="utf-8")
        _make_up(folder / "seeds" / "jaffle-data", Random(7))
        bin_ = options.python.parent.absolute()
        data = ["--vars", "{load_source_data: true}"]
        for command in (["seed", *data], ["run"]):
            run([str(bin_ / "dbt"), *command, "--quiet", "--profiles-dir", "."], folder)
        questions = list(_questions(folder))
        (folder / "questions.json").write_text(json.dumps(questions), encoding="utf-8")
        oracle = Path(__file__).with_name("oracle.py").resolve()
        files = [".", "questions.json", "answers.json"]
        run([str(options.python.absolute()), str(oracle), *files], folder)
        counts, told = compare(folder, folder / "answers.json")
    metrics = {name for question in questions for name in question["metrics"]}
    print(f"{len(metrics)} metrics, {len(questions)} questions: {dict(counts)}")
    for line in told:
        print(f"  {line}")
    return 1 if counts["differs"] else 0


def _questions(folder: Path) -> Iterator[dict[str, Any]]:
    """Each metric in all, by times, and by every dimension at hand, with a month beside it."""
    registry = ao.load(folder / "target").registry
    for name in sorted(registry.definitions):
        found = list(aggregations_of(registry.definitions, registry.layer, name))
        ways = [[], ["metric_time__day"], ["metric_time__month"], ["metric_time__year"]]
        for dimension in dimensions_of(registry.layer, found):
            ways += [[dimension], ["metric_time__month", dimension]]
        yield from ({"metrics": [name], "by": by, "where": []} for by in ways)


def _make_up(folder: Path, chance: Random) -> None:
    """Orders and their items, over two and a half years; some customers come again."""
    customers = _column(folder / "raw_customers.csv", "id")[:300]
    stores = _column(folder / "raw_stores.csv", "id")
    products = _rows(folder / "raw_products.csv")
    orders, items = [], []
    for number in range(_ORDERS):
        bought = [chance.choice(products) for _ in range(chance.choice((1, 1, 2, 3, 5)))]
        subtotal = sum(int(product["price"]) for product in bought)
        tax = subtotal * chance.choice((4, 6, 8)) // 100
        at = _FIRST + timedelta(minutes=chance.randrange(900 * 24 * 60))
        orders.append(
            [f"order-{number}", chance.choice(customers), at.isoformat(), chance.choice(stores),
             subtotal, tax, subtotal + tax]
        )  # fmt: skip
        items += [
            [f"item-{number}-{n}", f"order-{number}", product["sku"]]
            for n, product in enumerate(bought)
        ]
    header = ["id", "customer", "ordered_at", "store_id", "subtotal", "tax_paid", "order_total"]
    _write(folder / "raw_orders.csv", header, orders)
    _write(folder / "raw_items.csv", ["id", "order_id", "sku"], items)


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _column(path: Path, name: str) -> list[str]:
    return [row[name] for row in _rows(path)]


def _write(path: Path, header: list[str], rows: list[list[Any]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([header, *rows])


if __name__ == "__main__":
    sys.exit(main())
