"""One change of a generated project: of the kinds that pull requests make."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from random import Random
from typing import NamedTuple

from sqlglot import exp

from bench.changes.dags import Dag
from bench.changes.edits import EDITS, Edit, parse, printed
from bench.changes.writing import Model


class Injected(NamedTuple):
    """A change.

    Attributes:
        kind: what was done.
        model: to which model.
        sql: of all models afterwards, by name.
        edited: names of those whose SQL is another.
    """

    kind: str
    model: str
    sql: Mapping[str, str]
    edited: frozenset[str]


def inject(dag: Dag, seed: int) -> Injected:
    """A change of a random kind, drawn first, at a random model that it fits."""
    chance = Random(seed)
    before = {name: model.sql for name, model in dag.models.items()}
    while True:
        kind = chance.choice([*EDITS, *MOVES])
        names = chance.sample(list(before), len(before))
        for name in names:
            if kind in MOVES:
                changed = MOVES[kind](dag, name, chance)
            else:
                text = _edited(before[name], EDITS[kind], chance)
                changed = None if text is None else {name: text}
            if changed is not None:
                return Injected(kind, name, {**before, **changed}, frozenset(changed))


def _edited(sql: str, edit: Edit, chance: Random) -> str | None:
    tree = parse(sql)
    before = tree.sql(dialect="duckdb")
    if not edit(tree, chance) or tree.sql(dialect="duckdb") == before:
        return None
    return printed(tree)


# -- changes of two models --------------------------------------------------------------


def moved_up(dag: Dag, name: str, chance: Random) -> dict[str, str] | None:
    """What a model computes of a column is computed where the column is made; the column
    keeps its name, so that other readers get the new one. The model yields what it did."""
    found = _movable(dag.models[name], dag, chance)
    if found is None:
        return None
    tree, item, column, parent = found
    text = _in_parent(item)
    item.replace(exp.alias_(column.copy(), item.alias_or_name))
    others = ", ".join(f"moved.{c.name}" for c in parent.columns if c.name != column.name)
    above = f"select {others}, {text} as {column.name} from ({parent.sql}) as moved"
    return {name: printed(tree), parent.name: above}


def handed_up(dag: Dag, name: str, chance: Random) -> dict[str, str] | None:
    """The same, but under a new name beside the column: nothing else changes."""
    found = _movable(dag.models[name], dag, chance)
    if found is None:
        return None
    tree, item, column, parent = found
    text = _in_parent(item)
    item.replace(exp.alias_(exp.column("handed_up", column.table), item.alias_or_name))
    above = f"select moved.*, {text} as handed_up from ({parent.sql}) as moved"
    return {name: printed(tree), parent.name: above}


def _in_parent(item: exp.Expression) -> str:
    """An expression as it is written over the parent itself."""
    inside = item.unalias().copy()
    for column in list(inside.find_all(exp.Column)):
        column.set("table", exp.to_identifier("moved"))
    return str(inside.sql(dialect="duckdb"))


def _movable(
    model: Model, dag: Dag, chance: Random
) -> tuple[exp.Expression, exp.Expression, exp.Column, Model] | None:
    """(tree, item of a SELECT, the only column that it computes something of, the model that
    the column comes from)."""
    tree = parse(model.sql)
    tables = {
        table.alias_or_name: table.name.removeprefix("_at_")
        for table in tree.find_all(exp.Table)
        if table.name.startswith("_at_") and table.args.get("alias")
    }
    for cte in tree.find_all(exp.CTE):
        inner = cte.this.find(exp.Table)
        if (
            cte.this.expressions
            and cte.this.expressions[0].is_star
            and inner.name.startswith("_at_")
        ):
            tables[cte.alias] = inner.name.removeprefix("_at_")
    found = []
    for select in tree.find_all(exp.Select):
        for item in select.expressions:
            expression = item.unalias()
            columns = list(expression.find_all(exp.Column))
            texts = {column.sql() for column in columns}
            if len(texts) != 1 or expression.find(exp.AggFunc, exp.Window, exp.Query, exp.Star):
                continue
            parent = dag.models.get(tables.get(columns[0].table, ""))
            if isinstance(expression, exp.Column) or parent is None:
                continue
            # Whoever reads the column elsewhere in the model would see the change.
            same = [c for c in tree.find_all(exp.Column) if c.sql() in texts]
            if len(same) == len(columns):
                found.append((tree, item, columns[0], parent))
    return chance.choice(found) if found else None


def split(dag: Dag, name: str, _chance: Random) -> dict[str, str] | None:
    """The model's query in a new model, which it hands on."""
    model = dag.models[name]
    new = f"{name}_base"
    return {new: model.sql, name: f"select * from @{new}"}


MOVES: Mapping[str, Callable[[Dag, str, Random], dict[str, str] | None]] = {
    "logic moved up": moved_up,
    "logic handed up": handed_up,
    "a model split": split,
}

REFACTORINGS = frozenset(
    {"a CTE renamed", "a column added", "a model split", "another spelling", "logic handed up"}
)
"""Kinds after which every column that was there before is the same."""
