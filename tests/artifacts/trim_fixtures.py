"""Makes ``fixtures/jaffle`` out of the target folder of a real jaffle-shop run.

    python tests/artifacts/trim_fixtures.py <jaffle-shop>/target

Keeps whole entries as dbt wrote them, but few of them, and no documentation.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent / "fixtures" / "jaffle"

KEPT = (
    "model.jaffle_shop.stg_locations",
    "model.jaffle_shop.locations",
    "seed.jaffle_shop.raw_stores",
    "source.jaffle_shop.ecom.raw_stores",
    "test.jaffle_shop.unique_stg_locations_location_id.2e2fc58ecc",
    "semantic_model.jaffle_shop.locations",
    "metric.jaffle_shop.revenue",
    "metric.jaffle_shop.food_revenue_pct",
    "unit_test.jaffle_shop.stg_locations.test_does_location_opened_at_trunc_to_date",
    "saved_query.jaffle_shop.order_metrics",
    "macro.jaffle_shop.cents_to_dollars",
)

_SECTIONS = (
    "nodes", "sources", "macros", "exposures", "metrics", "groups", "saved_queries",
    "semantic_models", "unit_tests", "functions", "parent_map", "child_map",
)  # fmt: skip


def trim(target: Path) -> dict[str, Any]:
    """The artifacts of a target folder, with only the kept nodes."""
    manifest = _load(target / "manifest.json")
    for section in _SECTIONS:
        manifest[section] = {k: v for k, v in manifest.get(section, {}).items() if k in KEPT}
    for name in ("docs",):
        manifest[name] = {}
    catalog = _load(target / "catalog.json")
    for section in ("nodes", "sources"):
        catalog[section] = {k: v for k, v in catalog[section].items() if k in KEPT}
    results = _load(target / "run_results.build.json")
    results["results"] = [r for r in results["results"] if r["unique_id"] in KEPT]
    sources = _load(target / "sources.json")
    sources["results"] = sources["results"][:2]
    return {
        "manifest.json": manifest,
        "catalog.json": catalog,
        "run_results.json": results,
        "sources.json": sources,
    }


def _load(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))


def main() -> None:
    """Write the fixtures."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name, content in trim(Path(sys.argv[1])).items():
        text = json.dumps(content, indent=1).replace(str(Path(sys.argv[1]).parent), "/jaffle-shop")
        (FOLDER / name).write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
