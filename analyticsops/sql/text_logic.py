"""What can be told of values from their texts alone: tables, types, sizes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from analyticsops.sql.constant_rules import integer
from analyticsops.sql.forms import NULL, Forms
from analyticsops.sql.logic import Logic
from analyticsops.sql.replacing import uses

Use = tuple[str, str]
"""A table: the number of the use that it is in, the outermost if one is in another; its id (as
an atom). No two items of one FROM have one in common."""

ColumnTypes = Mapping[tuple[str, ...], str]
"""(table id, key of a column), as atoms -> family of its type; empty where two are known."""


_LARGE = 1000
"""Parts of a value; hand-written ones have dozens."""

_PLACES = (["denserank"], ["rank"], ["rownumber"])


class TextLogic(Logic):
    """Makes conditions, and knows what values are of.

    Args:
        types: of columns of base tables.
    """

    def __init__(self, forms: Forms, dialect: str, types: ColumnTypes | None = None) -> None:
        super().__init__(forms, dialect)
        self._types = {} if types is None else types
        self._families: dict[str, str] = {}
        self._typed = 0  # as many types were known when these were found
        self._tables: dict[str, frozenset[Use]] = {}
        self._sizes: dict[str, int] = {}

    def is_large(self, text: str) -> bool:
        """True if a CTE that uses the one before it twice made it so: it would double."""
        return self._size(text) > _LARGE

    def _size(self, text: str) -> int:
        """Parts of a value, counted up to what is large."""
        size = self._sizes.get(text)
        if size is None:
            size = 1
            for part in self.forms.parts(text):
                size += self._size(part)
                if size > _LARGE:
                    break
            self._sizes[text] = size
        return size

    def uses(self, text: str) -> tuple[list[str], str]:
        """The numbers of the uses that a leaf or value is in, and it itself."""
        return uses(text, self)

    def table(self, leaf: str) -> Use:
        """The table that a leaf is, whichever version its rows are of."""
        numbers, table = self.uses(leaf)
        return numbers[0] if numbers else "", self.forms.parts(table)[0]

    def tables_used(self, text: str) -> frozenset[Use]:
        """The tables of whose columns a value is."""
        found = self._tables.get(text)
        if found is None:
            found = self._tables[text] = self._tables_used(text)
        return found

    def _tables_used(self, text: str) -> frozenset[Use]:
        how, parts = self.forms.how(text), self.forms.parts(text)
        if how == "column":
            return frozenset({("", parts[0])})
        if how == "use":
            number, inner = parts
            return frozenset((number, table) for _, table in self.tables_used(inner))
        return frozenset().union(*map(self.tables_used, parts))

    def family(self, text: str) -> str:
        """The family of the type of a value; empty if it is not known."""
        if len(self._types) != self._typed:
            self._families.clear()
            self._typed = len(self._types)
        found = self._families.get(text)
        if found is None:
            found = self._families[text] = self._family(text)
        return found

    def _family(self, text: str) -> str:
        how, parts = self.forms.how(text), self.forms.parts(text)
        if how == "column":
            return self._types.get(parts[:2], "")
        if how in ("use", "optional"):
            return self.family(parts[1])
        if integer(text) is not None or self.is_place(text):
            return "integer"
        families = {*map(self.family, self._of_one_type(how, parts))}
        return families.pop() if len(families) == 1 else ""

    def _of_one_type(self, how: str, parts: Sequence[str]) -> Iterable[str]:
        """Values that a value has the type of if theirs is the same."""
        if how == "case":
            return [value for value in (*parts[1:-1:2], parts[-1]) if value != NULL]
        if how == "coalesce":
            return [value for value in parts if value != NULL]
        if how in ("add", "mul", "sub"):  # of integers; of others they have another scale
            return parts if {*map(self.family, parts)} == {"integer"} else ()
        if how in ("over", "window"):
            function = self.forms.parts(parts[0])[0] if how == "window" else parts[0]
            return self.argument(function) if self.forms.how(function) in ("max", "min") else ()
        return ()

    def is_place(self, text: str) -> bool:
        """True for ROW_NUMBER and its like: 1, 2, 3 and so on."""
        function = self.forms.parts(text)[0] if self.forms.how(text) == "window" else ""
        called = self.forms.parts(function) if self.forms.how(function) == "function" else ()
        return [self.forms.how(part) for part in called] in _PLACES

    def origin(self, text: str) -> str:
        """The base column that a value is of, in whichever use; empty if it is none."""
        while self.forms.how(text) in ("use", "optional"):
            text = self.forms.parts(text)[1]
        return text if self.forms.how(text) == "column" else ""

    def is_aggregated(self, text: str) -> bool:
        """True if an aggregate or window is somewhere in it."""
        return any(self.forms.how(part) in ("over", "window") for part in self.forms.below(text))

    def tables_in(self, text: str) -> frozenset[str]:
        """The ids (as atoms) of tables whose columns are somewhere in it."""
        parts = self.forms.below(text)
        return frozenset(
            self.forms.parts(part)[0] for part in parts if self.forms.how(part) == "column"
        )
