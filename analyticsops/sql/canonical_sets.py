"""Set operations of the fingerprint algebra: UNION in any order, and what has no rows."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from analyticsops.sql.canonical_rows import MANY, CanonicalRows, Merge, RowForms, Text
from analyticsops.sql.constant_rules import compared, is_constant
from analyticsops.sql.forms import FALSE, atom


class SetForms(RowForms):
    """What UNION, EXCEPT and INTERSECT make of rows."""

    def combined_rows(
        self,
        how: str,
        left: CanonicalRows,
        right: CanonicalRows,
        values: Sequence[tuple[Text, Text]],
    ) -> CanonicalRows:
        """UNION ALL appends, in an order that does not matter; UNION takes the distinct
        rows of that; the others compare whole rows, so columns matter."""
        known = all(a.text is not None and b.text is not None for a, b in values)
        both = CanonicalRows(
            bases=left.bases | right.bases,
            filters=left.filters | right.filters,
            uses=max(left.uses, right.uses),
            tables=left.tables | right.tables,
            known=left.known and right.known and (known or how == "union all"),
        )
        if left.empty or right.empty:
            return self._with_empty(how, both, left, right, values)
        if how == "union all":
            return self._appended(both, left, right, values)
        if how == "union":
            rows = self._appended(both, left.as_set, right.as_set, values)
            columns = [self.merged_value(a, b, rows) for a, b in values]
            return self.distinct(rows, columns, [])._replace(merge=rows.merge)
        pairs = [self.forms.form("pair", a.text or "?", b.text or "?") for a, b in values]
        leaf = self.forms.form(atom(how), self.text(left), self.text(right), *pairs)
        return both._replace(leaves=(leaf,))

    def _with_empty(
        self,
        how: str,
        both: CanonicalRows,
        left: CanonicalRows,
        right: CanonicalRows,
        values: Sequence[tuple[Text, Text]],
    ) -> CanonicalRows:
        """A set operation of which one side has no rows: nothing, or the other side."""
        union = how.startswith("union")
        if (left.empty and (right.empty or not union)) or how.startswith("intersect"):
            return both._replace(predicates=frozenset({FALSE}))
        lefts, rights = len(self._branches(left)), len(self._branches(right))
        order = range(lefts, lefts + rights) if left.empty else range(lefts)
        merge = Merge(tuple(order), lefts, rights) if union else None
        kept = right if left.empty else left
        rows = kept._replace(bases=both.bases, filters=both.filters, uses=both.uses, merge=merge)
        rows = rows._replace(known=both.known, tables=both.tables)
        if how.endswith("all"):
            return rows
        columns = [self.merged_value(a, b, rows) if union else a for a, b in values]
        return self.distinct(rows, columns, [])._replace(merge=merge)

    def _appended(
        self,
        both: CanonicalRows,
        left: CanonicalRows,
        right: CanonicalRows,
        values: Sequence[tuple[Text, Text]],
    ) -> CanonicalRows:
        lefts, rights = self._branches(left), self._branches(right)
        unsorted = Merge(tuple(range(len(lefts) + len(rights))), len(lefts), len(rights))
        columns = [self._parts(a, b, unsorted) for a, b in values]
        texts = [*lefts, *rights]
        # A branch is known by its rows and by all its columns, which move together.
        signs = [(text, [parts[n] for parts in columns]) for n, text in enumerate(texts)]
        order = tuple(sorted(range(len(texts)), key=lambda n: signs[n]))
        leaf = self.forms.form("union all", *(texts[n] for n in order))
        made = both._replace(leaves=(leaf,), merge=unsorted._replace(order=order))
        return made._replace(keys=self._appended_keys(left, right, values, made))

    def _appended_keys(
        self,
        left: CanonicalRows,
        right: CanonicalRows,
        values: Sequence[tuple[Text, Text]],
        made: CanonicalRows,
    ) -> frozenset[frozenset[str]]:
        """A constant that tells the sides apart, and what tells the rows of each apart."""
        apart = next((n for n, pair in enumerate(values) if self._are_apart(*pair)), None)
        keys = [
            self._first_key(side.keys, [pair[n].text or "?" for pair in values])
            for n, side in enumerate((left, right))
        ]
        if apart is None or keys[0] is None or keys[1] is None:
            return frozenset()
        places = keys[0][1] | keys[1][1] | {apart}
        merged = {self.merged_value(*values[place], made).text for place in places}
        key = frozenset(text for text in merged if text is not None)
        self._resting[key] = self.rests_on(keys[0][0]) | self.rests_on(keys[1][0])
        return frozenset({key}) if len(key) == len(merged) else frozenset()

    def _are_apart(self, left: Text, right: Text) -> bool:
        """True for a constant that no branch of the left side has."""
        if left.text is None or right.text is None:
            return False
        how, parts = self.forms.how(left.text), self.forms.parts(left.text)
        before = parts if how == "union all" else (left.text,)
        return all(compared("eq", text, right.text) == FALSE for text in before)

    @staticmethod
    def _first_key(
        keys: Iterable[frozenset[str]], texts: Sequence[str]
    ) -> tuple[frozenset[str], frozenset[int]] | None:
        """The first key all of which is among the columns, and where."""
        for key in sorted(keys, key=sorted):
            if key and key <= set(texts):
                return key, frozenset(texts.index(text) for text in key)
        return None

    def _branches(self, rows: CanonicalRows) -> Sequence[str]:
        """The branches of a union that nothing has been done to, or the rows themselves."""
        pure = rows.merge is not None and len(rows.leaves) == 1 and not rows.predicates
        if pure and self.forms.how(rows.leaves[0]) == "union all":
            branches = self.forms.parts(rows.leaves[0])
            if len(branches) <= MANY:  # a chain of thousands is put in order piece by piece
                return branches
        return [self.text(rows)]

    def _parts(self, left: Text, right: Text, merge: Merge) -> list[str]:
        """A column's value in each branch, in the order in which they are written."""
        return [*self._split(left, merge.left), *self._split(right, merge.right)]

    def _split(self, value: Text, branches: int) -> Sequence[str]:
        text = value.text or "?"
        if branches == 1:
            return [text]
        if self.forms.how(text) == "union all" and len(self.forms.parts(text)) == branches:
            return self.forms.parts(text)
        return [text] * branches  # the same constant in each

    def merged_value(self, left: Text, right: Text, rows: CanonicalRows) -> Text:
        """A column of a union: its values in the order of the branches."""
        if rows.empty:
            return left
        if rows.merge is None or left.text is None or right.text is None:
            return Text(None)
        parts = self._parts(left, right, rows.merge)
        found = [parts[n] for n in rows.merge.order]
        if len(found) == 1 or (is_constant(found[0], self.forms) and len(set(found)) == 1):
            return Text(found[0])
        return Text(self.forms.form("union all", *found))
