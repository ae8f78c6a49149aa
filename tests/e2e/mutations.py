"""Single changes of the example's manifest, and what must be found for each.

The 63 kinds of the notes on what dbt itself selects and calls breaking: dbt warns of 7, does
not select 11, and selects 4 that mean nothing. What must be found stands in
``tests/cases/mutations.txt``, as ``severity rule subject``.
"""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any, NamedTuple

Manifest = dict[str, Any]
Edit = Callable[[Manifest], None]


class Mutation(NamedTuple):
    """One change of a manifest."""

    name: str
    edit: Edit


def mutated(manifest: Manifest, mutation: Mutation) -> Manifest:
    """A copy with the change."""
    changed = copy.deepcopy(manifest)
    mutation.edit(changed)
    return changed


def put(path: str, value: Any) -> Edit:
    """Set what stands at ``part > part > part``; it must have been something else."""

    def edit(manifest: Manifest) -> None:
        *steps, last = path.split(" > ")
        place: Any = manifest
        for step in steps:
            place = place[int(step)] if isinstance(place, list) else place[step]
        key: Any = int(last) if isinstance(place, list) else last
        old = place[key] if isinstance(place, list) else place.get(key)
        assert old != value, f"{path} is {value!r} already"
        place[key] = value

    return edit


def drop(path: str) -> Edit:
    """Remove what stands there."""

    def edit(manifest: Manifest) -> None:
        *steps, last = path.split(" > ")
        place: Any = manifest
        for step in steps:
            place = place[int(step)] if isinstance(place, list) else place[step]
        del place[int(last) if isinstance(place, list) else last]

    return edit


def setting(node: str, key: str, value: Any) -> Edit:
    """Another setting, as it is written and as dbt resolves it."""
    return all_of(
        put(f"{node} > config > {key}", value), put(f"{node} > unrendered_config > {key}", value)
    )


def spaced(path: str) -> Edit:
    """Other blanks in a text."""

    def edit(manifest: Manifest) -> None:
        *steps, last = path.split(" > ")
        place: Any = manifest
        for step in steps:
            place = place[step]
        place[last] = "\n" + place[last].replace(" ", "  ")

    return edit


def code(model: str, old: str, new: str) -> Edit:
    """Other SQL in a model, before and after Jinja."""

    def edit(manifest: Manifest) -> None:
        node = manifest["nodes"][f"model.shop.{model}"]
        for key in ("raw_code", "compiled_code"):
            assert old in node[key], f"no {old!r} in {key} of {model}"
            node[key] = node[key].replace(old, new)

    return edit


def rendered(model: str, old: str, new: str) -> Edit:
    """Other SQL after Jinja alone."""

    def edit(manifest: Manifest) -> None:
        node = manifest["nodes"][f"model.shop.{model}"]
        assert old in node["compiled_code"], f"no {old!r} in {model}"
        node["compiled_code"] = node["compiled_code"].replace(old, new)

    return edit


def all_of(*edits: Edit) -> Edit:
    """Several edits that are one change to dbt."""

    def edit(manifest: Manifest) -> None:
        for one in edits:
            one(manifest)

    return edit


def part(kind: str, semantic: str, name: str, key: str, value: Any) -> Edit:
    """Another setting of a measure, dimension or entity."""

    def edit(manifest: Manifest) -> None:
        parts = manifest["semantic_models"][f"semantic_model.shop.{semantic}"][kind]
        (found,) = [entry for entry in parts if entry["name"] == name]
        assert found.get(key) != value
        found[key] = value

    return edit


def without_part(kind: str, semantic: str, name: str) -> Edit:
    """Without a dimension or entity."""

    def edit(manifest: Manifest) -> None:
        model = manifest["semantic_models"][f"semantic_model.shop.{semantic}"]
        model[kind] = [entry for entry in model[kind] if entry["name"] != name]

    return edit


ORDERS = "nodes > model.shop.fct_orders"
PAYMENTS = "nodes > model.shop.fct_payments"
SESSIONS = "nodes > model.shop.fct_web_sessions"
V1, V2 = "nodes > model.shop.dim_products.v1", "nodes > model.shop.dim_products.v2"
SNAPSHOT = "nodes > snapshot.shop.customers_snapshot"
SOURCE = "sources > source.shop.shop_raw.orders"
TEST = "nodes > test.shop."
UNIQUE = TEST + "unique_fct_payments_payment_id.4572b82d46"
NOT_NULL = TEST + "not_null_fct_payments_payment_id.f8fe414166"
ACCEPTED = (
    TEST + "accepted_values_fct_payments_payment_method__credit_card__paypal__bank_transfer"
    "__gift_card.1ddda8bd43"
)
METRIC = "metrics > metric.shop."
SAVED = "saved_queries > saved_query.shop.weekly_executive_report"
