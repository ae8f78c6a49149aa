"""Metric views of Databricks, one for each table that is aggregated (YAML 1.1):
https://docs.databricks.com/aws/en/business-semantics/metric-views/yaml-reference"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from analyticsops.metrics.exports.expressions import Words, number_sql
from analyticsops.metrics.exports.portable import (
    Aggregate,
    Exported,
    Field,
    FieldRef,
    Join,
    Loss,
    Number,
    Portable,
    Table,
    untold,
)
from analyticsops.metrics.exports.translating import joined_sql, qualified, translated
from analyticsops.metrics.exports.yaml_text import yaml_text

_DIALECT = "databricks"


def export_databricks(portable: Portable) -> Exported:
    """A view for each table, with the tables that it is joined with."""
    views = {
        table.name: _View(portable, table)
        for table in portable.tables.values()
        if any(number.tables == {table.name} for number in portable.numbers.values())
    }
    files = {f"{name}.metric_view.yml": yaml_text(view.document()) for name, view in views.items()}
    losses = [*portable.losses, *_between(portable)]
    losses += [loss for view in views.values() for loss in view.losses]
    return Exported(files=files, losses=tuple(losses))


def _between(portable: Portable) -> Iterator[Loss]:
    for number in portable.numbers.values():
        if len(number.tables) > 1:
            tables = ", ".join(sorted(number.tables))
            yield Loss(f"metric {number.name}", f"it is of several tables ({tables}): a metric "
                       "view has one source")  # fmt: skip
    own = [number for number in portable.numbers.values() if len(number.tables) == 1]
    yield from untold(own, ("label", "description", "synonyms"))


class _View:
    def __init__(self, portable: Portable, table: Table) -> None:
        self._portable = portable
        self._table = table
        self._joins = {join.right: join for join in portable.joins if join.left == table.name}
        self.losses: list[Loss] = []

    def document(self) -> dict[str, Any]:
        """The view as plain data."""
        own = [n for n in self._portable.numbers.values() if n.tables == {self._table.name}]
        measures = [measure for number in own if (measure := self._measure(number)) is not None]
        return {
            "version": "1.1",
            "source": str(self._table.relation),
            "comment": self._table.description,
            "joins": [self._join(join) for join in self._joins.values()],
            "dimensions": list(self._dimensions()),
            "measures": measures,
        }

    def _join(self, join: Join) -> dict[str, Any]:
        right = self._portable.tables[join.right]
        on = (
            f"{self._sql(self._table.fields[join.left_field], 'source')} = "
            f"{self._sql(right.fields[join.right_field], join.right)}"
        )
        return {"name": join.right, "source": str(right.relation), "on": on}

    def _dimensions(self) -> Iterator[dict[str, Any]]:
        for field in self._table.fields.values():
            if field.role != "value":
                yield self._dimension(field.name, field, "source")
        for join in self._joins.values():
            for field in self._portable.tables[join.right].fields.values():
                if field.role in ("category", "time"):
                    yield self._dimension(f"{join.entity}__{field.name}", field, join.right)

    def _dimension(self, name: str, field: Field, table: str) -> dict[str, Any]:
        return {
            "name": name,
            "expr": self._sql(field, table),
            "comment": field.description,
            "display_name": field.label,
        }

    def _sql(self, field: Field, table: str) -> str:
        sql = self._joined(field, table)
        return qualified(sql, table, self._portable.dialect, _DIALECT)

    def _joined(self, field: Field, table: str) -> str:
        if table == "source":
            return field.sql
        return joined_sql(field, self._portable.tables[table], self._portable)

    def _measure(self, number: Number) -> dict[str, Any] | None:
        far = sorted({ref.table for ref in _refs(number)} - {self._table.name, *self._joins})
        if far:
            what = f"it filters by {', '.join(far)}, which is more than one join away"
            self.losses.append(Loss(f"metric {number.name}", what))
            return None
        words = Words(self._field, self._named, self._portable.dialect)
        sql = number_sql(number, words, named=False)
        return {
            "name": number.name,
            "expr": translated(sql, self._portable.dialect, _DIALECT),
            "comment": number.about.get("description", ""),
            "display_name": number.about.get("label", ""),
            "synonyms": number.about.get("synonyms", []),
        }

    def _named(self, number: Number) -> str:
        if number.hidden:
            words = Words(self._field, None, self._portable.dialect)
            return f"({number_sql(number, words)})"
        return f"measure({number.name})"

    def _field(self, _: str, ref: FieldRef) -> str:
        field = self._portable.tables[ref.table].fields[ref.field]
        table = "source" if ref.table == self._table.name else ref.table
        return f"({qualified(self._joined(field, table), table, self._portable.dialect)})"


def _refs(number: Number) -> Iterator[FieldRef]:
    computed = number.computed
    if isinstance(computed, Aggregate):
        for condition in computed.conditions:
            yield from (piece for piece in condition if isinstance(piece, FieldRef))
    else:
        for part in computed.parts.values():
            yield from _refs(part)
