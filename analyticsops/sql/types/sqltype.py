"""Data types as plain values."""

from __future__ import annotations

import msgspec

MAX = -1
"""The size in VARCHAR(MAX)."""


class SqlType(msgspec.Struct, frozen=True, gc=False):
    """A data type.

    Attributes:
        name: sqlglot's name of it, such as ``BIGINT``, in the one form that the engine
            keeps: ``VARCHAR`` for every text type if the engine does not tell them apart.
        sizes: precision and scale, or length; empty if there is none.
        of: types of elements, of key and value, or of fields.
        fields: names of the fields of a struct, empty where a field has none.
    """

    name: str
    sizes: tuple[int, ...] = ()
    of: tuple[SqlType, ...] = ()
    fields: tuple[str, ...] = ()

    @property
    def element(self) -> SqlType | None:
        """The type of an array's elements, if it is an array with known ones."""
        return self.of[0] if self.name == "ARRAY" and self.of else None

    def field(self, name: str) -> SqlType | None:
        """The type of a struct's field, whatever the case of its name."""
        wanted = name.lower()
        for field, kind in zip(self.fields, self.of, strict=True):
            if field.lower() == wanted:
                return kind
        return None


NULL = SqlType("NULL")
"""Of the constant NULL, which takes any type."""

BOOLEAN = SqlType("BOOLEAN")

ROW = "ROW"
"""Name of the type of a table function: its columns, in the form of a struct."""


def decimal(precision: int, scale: int) -> SqlType:
    """A decimal of this size."""
    return SqlType("DECIMAL", (precision, scale))


def array_of(element: SqlType) -> SqlType:
    """An array of these."""
    return SqlType("ARRAY", of=(element,))


def map_of(key: SqlType, value: SqlType) -> SqlType:
    """A map from these to those."""
    return SqlType("MAP", of=(key, value))


def struct_of(*fields: tuple[str, SqlType], name: str = "STRUCT") -> SqlType:
    """A struct with these fields, or with another name something that has fields."""
    return SqlType(
        name, of=tuple(kind for _, kind in fields), fields=tuple(field for field, _ in fields)
    )
