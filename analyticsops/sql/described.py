"""What can be said of canonical texts without the whole of them: the tables below, the rows that
decide about a value, and what a number is made of."""

from __future__ import annotations

from collections.abc import Sequence

from analyticsops.sql.canonical import Canonical
from analyticsops.sql.canonical_rows import CanonicalRows, Text, UniqueKeys
from analyticsops.sql.expressions import Printer
from analyticsops.sql.forms import digest, is_literal
from analyticsops.sql.meaning import About

_OVER_ROWS = ("over", "window")
"""Forms whose last part are rows that a bare text leaves out."""


class Described(Canonical):
    """The fingerprint algebra, which also describes its texts."""

    def __init__(self, dialect: str, printer: Printer, unique: UniqueKeys) -> None:
        super().__init__(dialect, printer, {}, unique)
        self._units: dict[str, frozenset[str]] = {}
        self.known: dict[str, About] = {}
        """What is said of texts, without their shapes."""
        self.shipped: dict[str, str] = {}
        """Shapes of texts that other queries made."""
        self.seen_keys: set[frozenset[str]] = set()
        """Keys of all tables that were read: which values are different in each row."""

    def joined(
        self, left: CanonicalRows, right: CanonicalRows, how: str, conditions: Sequence[Text]
    ) -> CanonicalRows:
        """As it is, and which tables decide what a value that it looks up is."""
        made = super().joined(left, right, how, conditions)
        if made.unit and made.unit not in self._units:
            others = {"left": [right], "right": [left]}.get(how, [left, right])
            texts = [text for rows in others for text in (*rows.leaves, *rows.predicates)]
            texts += [condition.text for condition in conditions if condition.text]
            self._units[made.unit] = self.tables_in(texts)
        return made

    def about(self, texts: Sequence[str]) -> About:
        """What can be said of texts; a shape only of a single one."""
        found = [self._about(text) for text in texts]
        return About(
            tables=tuple(sorted({table for about in found for table in about.tables})),
            contexts=tuple(sorted({text for about in found for text in about.contexts})),
            shape=self._shape(texts[0]) if len(texts) == 1 else "",
        )

    def tables_in(self, texts: Sequence[str]) -> frozenset[str]:
        """The ids of the tables that texts speak of."""
        return frozenset(self.about(texts).tables)

    def _about(self, text: str) -> About:
        """Without the shape; each part is looked at once."""
        known = self.known.get(text)
        if known is None:
            how, parts = self.forms.how(text), self.forms.parts(text)
            if how in ("column", "table"):
                known = About(tables=(named(parts[0]),))
            else:
                found = [self._about(part) for part in parts]
                tables = {table for about in found for table in about.tables}
                contexts = {context for about in found for context in about.contexts}
                if how == "optional":
                    tables |= self._units.get(parts[0], frozenset())
                    contexts.add(parts[0])
                elif how in _OVER_ROWS and parts:
                    contexts.add(digest(parts[-1]))
                known = About(tuple(sorted(tables)), tuple(sorted(contexts)))
            self.known[text] = known
        return known

    def _shape(self, text: str) -> str:
        """What a number is made of, whatever it is wrapped in."""
        while text:
            shipped = self.shipped.get(text)
            if shipped:
                return shipped
            how, parts = self.forms.how(text), self.forms.parts(text)
            if how == "over":
                return self._aggregate_shape(parts[0])
            if how in ("div", "safedivide"):
                divisor = parts[1] if how == "div" else self._part(parts, "expression:")
                return "" if is_literal(divisor) or divisor.isdigit() else "ratio"
            if self.forms.is_condition(text):
                return "condition"
            if how == "mul":
                text = self._scaled(parts)
            elif how in ("round", "abs"):
                text = self._part(parts, "this:")
            elif how in ("cast", "coalesce", "neg", "paren"):
                text = parts[0]
            elif how in ("optional", "use"):
                text = parts[1]
            else:
                return ""
        return ""

    def _aggregate_shape(self, text: str) -> str:
        how, parts = self.forms.how(text), self.forms.parts(text)
        if how == "avg":
            return "average"
        if how == "sum":
            return "sum"
        if how != "count":
            return ""
        if parts and self.forms.how(parts[0]) == "distinct":
            values = self._listed(self.forms.parts(parts[0]), "expressions:")
            unique = any(key <= frozenset(values) for key in self.seen_keys)
            return "count" if unique else "distinct count"
        return "count"

    def _scaled(self, parts: Sequence[str]) -> str:
        """The factor that is no number."""
        factors = [part for part in parts if not is_literal(part)]
        return factors[0] if len(factors) == 1 else ""

    def _part(self, parts: Sequence[str], name: str) -> str:
        found = self._listed(parts, name)
        return found[0] if len(found) == 1 else ""

    def _listed(self, parts: Sequence[str], name: str) -> tuple[str, ...]:
        """The arguments of that name of a form that is printed generically."""
        found = (self.forms.parts(part) for part in parts if self.forms.how(part) == name)
        return next(found, ())


def named(text: str) -> str:
    """The id that an atom stands for."""
    return text[1:-1].replace("''", "'") if text.startswith("'") else text
