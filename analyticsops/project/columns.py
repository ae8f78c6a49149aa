"""The columns of a node: what YAML declares, refined by the catalog."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from msgspec.structs import replace

from analyticsops.artifacts import manifest as m
from analyticsops.artifacts.catalog import CatalogTable
from analyticsops.project.merging import merged, tags_of
from analyticsops.project.model import EMPTY, Column


def columns_of(
    declared: Mapping[str, m.Column], table: CatalogTable | None, *, contract: bool
) -> Mapping[str, Column]:
    """The columns by name, in the order of the catalog, then in that of the YAML.

    Args:
        declared: what YAML says.
        table: the relation in the catalog, which knows names, order and types.
        contract: True if the node is under contract.
    """
    if not declared and table is None:
        return EMPTY
    return _Columns(declared, table, contract)


class _Columns(Mapping[str, Column]):
    """Made when somebody looks: a large project has half a million columns in its catalog,
    and most questions are about a few of them."""

    __slots__ = ("_contract", "_declared", "_made", "_table")

    def __init__(
        self, declared: Mapping[str, m.Column], table: CatalogTable | None, contract: bool
    ) -> None:
        self._declared = declared
        self._table = table
        self._contract = contract
        self._made: dict[str, Column] | None = None

    def _all(self) -> dict[str, Column]:
        if self._made is None:
            self._made = _refined(self._declared, self._table, self._contract)
            self._declared, self._table = EMPTY, None
        return self._made

    def __getitem__(self, name: str) -> Column:
        return self._all()[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._all())

    def __len__(self) -> int:
        return len(self._all())

    def __eq__(self, other: object) -> bool:
        """As of mappings; what two versions say alike is compared without being made."""
        if isinstance(other, _Columns) and self._said() == other._said():
            return True
        return isinstance(other, Mapping) and self._all() == dict(other)

    def _said(self) -> tuple[object, ...]:
        """All that the columns are made of."""
        return self._made, self._contract, self._declared, self._table

    def __repr__(self) -> str:
        return repr(self._all())


def _refined(
    declared: Mapping[str, m.Column], table: CatalogTable | None, contract: bool
) -> dict[str, Column]:
    """YAML and catalog may differ in case (Snowflake answers in upper case); a name that
    matches when case is ignored is the same column."""
    found = {key.lower(): _declared(column, contract) for key, column in declared.items()}
    if table is None:
        return {column.name: column for column in found.values()}
    result: dict[str, Column] = {}
    for real in table.in_order():
        known = found.pop(real.name.lower(), None)
        type_from = "catalog" if real.type else ""
        if known is None:
            result[real.name] = Column(name=real.name, type=real.type, type_from=type_from)
        else:
            result[real.name] = replace(known, name=real.name, type=real.type, type_from=type_from)
    return {**result, **{column.name: column for column in found.values()}}


def _declared(column: m.Column, contract: bool) -> Column:
    config = column.config
    data_type = column.data_type or ""
    return Column(
        name=column.name,
        type=data_type,
        type_from=("contract" if contract else "declared") if data_type else "",
        declared=True,
        declared_type=data_type,
        description=column.description or "",
        tags=tags_of(column.tags, config.tags if config else ()),
        meta=merged(column.meta, config.meta if config else None),
        constraints=tuple([(c.type, c.expression or "") for c in column.constraints]),
    )
