"""The layout of a generated project: which models there are and what each reads.

Sources and seeds, staging, intermediate models in ten layers, and marts. The depth is the
same for every size, so that the cost per model can be compared between sizes.
"""

from __future__ import annotations

from random import Random

from bench.lineage import shapes
from bench.lineage.relations import AMOUNT, DAY, FLAG, KEY, MOMENT, TEXT, Column, Relation

SUBJECTS = (
    "orders", "customers", "payments", "products", "shipments", "sessions", "invoices", "tickets",
    "accounts", "campaigns", "returns", "subscriptions", "suppliers", "stores", "employees",
)  # fmt: skip
WORDS = (
    "billing", "shipping", "unit", "gross", "net", "list", "first", "last", "home", "legal",
    "primary", "referral", "region", "channel", "device", "plan", "tax", "discount", "loyalty",
    "return", "risk", "review", "contract", "session", "partner", "origin",
)  # fmt: skip
ENDINGS = {
    KEY: ("id", "key", "count"), AMOUNT: ("amount", "price", "cost"), DAY: ("date",),
    TEXT: ("name", "code", "status", "note"), MOMENT: ("at",), FLAG: ("flag",),
}  # fmt: skip
TYPES = (TEXT, AMOUNT, KEY, TEXT, MOMENT, AMOUNT, FLAG, DAY, KEY, TEXT)
LAYERS = 10
BETWEEN = (
    shapes.joined, shapes.joined, shapes.united, shapes.latest, shapes.classified,
)  # fmt: skip
MARTS = (shapes.aggregate, shapes.wide, shapes.wide)


def project(models: int) -> list[Relation]:
    """Sources, seeds and so many models, parents before children."""
    rng = Random(models)
    staging, marts = max(4, models // 4), max(2, models // 4)
    roots = [_source(rng, number) for number in range(max(4, staging * 9 // 10))]
    roots += [_seed(rng, number) for number in range(1 + models // 50)]
    found = [
        _model(rng, number, "staging", "stg", shapes.staged, [roots[number % len(roots)]])
        for number in range(staging)
    ]
    layers = [found]
    between = models - staging - marts
    for layer in range(LAYERS):
        first = staging + between * layer // LAYERS
        last = staging + between * (layer + 1) // LAYERS
        made = [_between(rng, number, layer, layers) for number in range(first, last)]
        layers += [made] if made else []
    found = [relation for layer in layers for relation in layer]
    for number in range(staging + between, models):
        shape = MARTS[number % len(MARTS)]
        parents = _parents(rng, layers, 2 if shape is shapes.aggregate else rng.randrange(3, 5))
        found.append(_model(rng, number, "marts", "fct", shape, parents))
    return roots + found


def _between(rng: Random, number: int, layer: int, layers: list[list[Relation]]) -> Relation:
    shape = BETWEEN[number % len(BETWEEN)]
    count = {shapes.joined: rng.randrange(2, 5), shapes.latest: 1}.get(shape, 2)
    folder = f"intermediate/layer_{layer}"
    return _model(rng, number, folder, "int", shape, _parents(rng, layers, count))


def _parents(rng: Random, layers: list[list[Relation]], count: int) -> list[Relation]:
    """One of the layer below, then any; the first of a layer are read the most."""
    chosen = [rng.choice(layers[-1])]
    for _ in range(count * 10):
        layer = rng.choice(layers)
        candidate = layer[int(len(layer) * rng.random() ** 2)]
        if len(chosen) < count and candidate not in chosen:
            chosen.append(candidate)
    return chosen


def _source(rng: Random, number: int) -> Relation:
    name = f"raw_{SUBJECTS[number % len(SUBJECTS)]}_{number}"
    columns = [
        Column("id", KEY), Column("account_id", KEY), Column("amount", AMOUNT),
        Column("balance", AMOUNT), Column("status", TEXT), Column("label", TEXT),
        Column("created_at", MOMENT), Column("updated_at", MOMENT),
    ]  # fmt: skip
    for at in range(rng.randrange(38, 46)):
        kind = TYPES[at % len(TYPES)]
        word = WORDS[(at * 7 + number) % len(WORDS)]
        columns.append(Column(f"{word}_{at}_{rng.choice(ENDINGS[kind])}", kind))
    columns.append(Column("_loaded_at", MOMENT))
    return Relation(f"source.big.raw.{name}", "source", name, "raw", "staging", tuple(columns))


def _seed(rng: Random, number: int) -> Relation:
    columns = tuple(
        Column(f"{ENDINGS[kind][0]}_{at}", kind)
        for at, kind in enumerate((KEY, KEY, AMOUNT, AMOUNT, TEXT, TEXT, MOMENT, MOMENT))
    )
    name = f"seed_{rng.choice(SUBJECTS)}_{number}"
    return Relation(f"seed.big.{name}", "seed", name, "main", "seeds", columns)


def _model(
    rng: Random,
    number: int,
    folder: str,
    prefix: str,
    shape: shapes.Shape,
    parents: list[Relation],
) -> Relation:
    name = f"{prefix}_{SUBJECTS[number % len(SUBJECTS)]}_{number}"
    sql, columns = shape(rng, number, parents)
    read = tuple(parent.unique_id for parent in parents)
    return Relation(f"model.big.{name}", "model", name, "main", folder, columns, sql, read)
