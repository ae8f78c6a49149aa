"""Two versions of a project -> what changed, once; rules only look at the result."""

from __future__ import annotations

import enum
from collections.abc import Callable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet

import msgspec

from analyticsops.changes.types import TypeChange, compare_types
from analyticsops.changes.version import Version
from analyticsops.lineage.graph import ColumnLineage, NodeLineage
from analyticsops.project.model import Node
from analyticsops.sql.dialect import rules_of
from analyticsops.sql.facts import Problem
from analyticsops.sql.fingerprint import Fingerprint


class RowChange(enum.StrEnum):
    """What became of a model's row set."""

    SAME = "same"
    FILTERED = "filtered"
    CHANGED = "changed"
    UNKNOWN = "unknown"


class Renamed(msgspec.Struct, frozen=True, kw_only=True):
    """A column that has another name now.

    ``proved`` is True if both have the same canonical expression; otherwise they are
    the only pair that reads the same inputs.
    """

    old: str
    new: str
    proved: bool


class Retyped(msgspec.Struct, frozen=True, kw_only=True):
    """A column whose type is another; ``source`` says who states both types."""

    column: str
    old: str
    new: str
    source: str
    change: TypeChange


class NodeChange(msgspec.Struct, frozen=True, kw_only=True):
    """What changed in one table-like node that both versions have.

    Attributes:
        defined: True if its own definition changed; otherwise any difference follows
            from something upstream.
        removed: columns that are gone, the renamed ones included.
        added: new columns, the renamed ones included.
        values: columns whose expression is not proven equal.
        rows: what became of the row set.
        unknown: why the comparison is not complete, empty if it is.
        marks: the fingerprints of both sides, if both are understood.
    """

    base: Node
    head: Node
    defined: bool
    removed: tuple[str, ...] = ()
    added: tuple[str, ...] = ()
    renamed: tuple[Renamed, ...] = ()
    retyped: tuple[Retyped, ...] = ()
    values: tuple[str, ...] = ()
    rows: RowChange = RowChange.SAME
    unknown: tuple[Problem, ...] = ()
    marks: tuple[Fingerprint, Fingerprint] | None = None

    @property
    def verdict(self) -> str:
        """The change in a word, the worst first."""
        if self.removed or any(t.change != TypeChange.WIDENED for t in self.retyped):
            return "breaking"
        if self.rows in (RowChange.FILTERED, RowChange.CHANGED):
            return "rows changed"
        if self.values or (self.head.kind == "seed" and self.base.checksum != self.head.checksum):
            return "values changed"
        if self.unknown or self.rows is RowChange.UNKNOWN:
            return "unknown"
        if self.added or self.retyped:
            return "additive"
        return "refactored" if self.defined else "identical"


class Comparison(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that differs between two versions.

    Attributes:
        nodes: tables of both versions that differ in any way, by ``unique_id``.
        removed: nodes of any kind that only the base has.
        added: nodes of any kind that only the head has.
    """

    base: Version
    head: Version
    nodes: Mapping[str, NodeChange]
    removed: tuple[Node, ...]
    added: tuple[Node, ...]


def compare(base: Version, head: Version) -> Comparison:
    """Compare two versions of a project, node by node."""
    before, after = base.project.nodes, head.project.nodes
    changes: dict[str, NodeChange] = {}
    rewritten: set[str] = set()
    for unique_id in head.project.topological:
        node, other = before.get(unique_id), after[unique_id]
        if node is None or not node.has_columns:
            continue
        same = _same_code(node, other, base, head)
        change = _without_meaning(node, other, base, head, same)
        if change is not None:
            changes[unique_id] = change
            if not same and node.kind not in ("seed", "source"):
                rewritten.add(unique_id)
    return Comparison(
        base=base,
        head=head,
        nodes=dict(_with_meanings(changes, rewritten, base, head)),
        removed=tuple(node for unique_id, node in before.items() if unique_id not in after),
        added=tuple(node for unique_id, node in after.items() if unique_id not in before),
    )


def promises_of(comparison: Comparison, change: NodeChange) -> tuple[str, ...]:
    """The unique keys that a comparison of meaning rests on."""
    nodes = comparison.head.project.nodes
    promised = {promise for mark in change.marks or () for promise in mark.assumed}
    return tuple(
        f"{', '.join(columns)} of {nodes[table].label if table in nodes else table} is unique"
        for table, columns in sorted(promised)
    )


def _without_meaning(
    base: Node, head: Node, before: Version, after: Version, same: bool
) -> NodeChange | None:
    """What changed, but for what its SQL means; None if that is nothing.

    Args:
        same: True if its own definition is the same text.
    """
    old, new = before.graph.nodes[base.unique_id], after.graph.nodes[head.unique_id]
    retyped = _retyped(base, head, after.dialect)
    if same and not retyped and old.names == new.names:
        return None
    fold = rules_of(after.dialect).fold
    removed = _missing(old, new, fold) if new.complete else ()
    added = _missing(new, old, fold) if old.complete else ()
    if same and not (removed or added or retyped):
        return None
    leaf = base.kind in ("seed", "source")
    return NodeChange(
        base=base,
        head=head,
        defined=not same or bool(retyped) or (leaf and bool(removed or added)),
        removed=removed,
        added=added,
        retyped=retyped,
    )


def _with_meanings(
    changes: Mapping[str, NodeChange], rewritten: AbstractSet[str], base: Version, head: Version
) -> Iterator[tuple[str, NodeChange]]:
    """Add what the fingerprints of rewritten nodes say; parents stand first, because their
    renamed columns matter below."""
    fold = rules_of(head.dialect).fold
    meant = [change for name, change in changes.items() if name in rewritten]
    before = base.fingerprints((change.base for change in meant), beside=head)
    after = head.fingerprints((change.head for change in meant), beside=base)
    renames: dict[tuple[str, str], str] = {}
    for unique_id, draft in changes.items():
        change: NodeChange | None = draft
        if unique_id in rewritten:
            new = after[unique_id]
            near = {of: name for of, name in renames.items() if of[0] in draft.head.depends_on}
            if near:
                new = head.fingerprints([draft.head], near, beside=base)[unique_id]
            change = _compared(draft, before[unique_id], new, base, head)
        if change is not None:
            yield unique_id, change
            for pair in change.renamed:
                if pair.proved:
                    renames[unique_id, fold(pair.new, False)] = fold(pair.old, False)


def _compared(
    change: NodeChange,
    old: Fingerprint | Problem,
    new: Fingerprint | Problem,
    base: Version,
    head: Version,
) -> NodeChange | None:
    """None if only its text in the repository is another."""
    if isinstance(old, Problem) or isinstance(new, Problem):
        unknown = [mark for mark in (old, new) if isinstance(mark, Problem)]
        return msgspec.structs.replace(
            change, rows=RowChange.UNKNOWN, unknown=tuple(dict.fromkeys(unknown))
        )
    unique_id = change.head.unique_id
    whole = _with_meaning(
        change, old, new, base.graph.nodes[unique_id], head.graph.nodes[unique_id]
    )
    # The same text in the repository, and no difference after Jinja either.
    same = change.base.raw_code == change.head.raw_code
    return None if same and whole.verdict == "refactored" else whole


def _with_meaning(
    change: NodeChange,
    old: Fingerprint,
    new: Fingerprint,
    old_lineage: NodeLineage,
    new_lineage: NodeLineage,
) -> NodeChange:
    """Add what the fingerprints say about columns and rows."""
    before = {key: (name, expression) for key, name, _text, expression in old.columns}
    after = {key: (name, expression) for key, name, _text, expression in new.columns}
    rows = _rows(old, new)
    renamed = _renamed(
        change.removed,
        change.added,
        dict(before.values()),
        dict(after.values()),
        old_lineage,
        new_lineage,
    )
    return msgspec.structs.replace(
        change,
        values=_values(old, new, rows),
        renamed=renamed,
        rows=rows,
        unknown=_stars(old, new, new_lineage),
        marks=(old, new),
    )


def _values(old: Fingerprint, new: Fingerprint, rows: RowChange) -> tuple[str, ...]:
    """Columns of both whose expression is not proven equal.

    If the rows are the same, the rows inside an expression (of a scalar subquery, say)
    count as well; otherwise they would report one changed filter once for each column.
    """
    inner = rows is RowChange.SAME
    before = {key: (text if inner else bare) for key, _, text, bare in old.columns}
    return tuple(
        name
        for key, name, text, bare in new.columns
        if key in before and (not bare or before[key] != (text if inner else bare))
    )


def _stars(old: Fingerprint, new: Fingerprint, lineage: NodeLineage) -> tuple[Problem, ...]:
    """Doubts about columns that stars over unknown tables may or may not bring."""
    reason = "star over unknown columns"
    before = {key: name for key, name, *_ in old.columns}
    after = {key: name for key, name, *_ in new.columns}
    lost = [] if lineage.complete else [before[key] for key in before if key not in after]
    gained = [after[key] for key in after if key not in before] if old.openings else []
    # A star leaves out what is named beside it; that difference is told by name below.
    told = before.keys() ^ after.keys()
    if _without(old.openings, told) != _without(new.openings, told):
        return (Problem(reason, "its columns cannot be listed"),)
    return (
        *(Problem(reason, f"{n} is not named any more; the star may still bring it") for n in lost),
        *(
            Problem(reason, f"{n} is named now; the star may have brought it before")
            for n in gained
        ),
    )


def _without(
    openings: tuple[tuple[str, tuple[str, ...]], ...], names: AbstractSet[str]
) -> list[tuple[str, frozenset[str]]]:
    return [(table, frozenset(excluded) - names) for table, excluded in openings]


def _rows(old: Fingerprint, new: Fingerprint) -> RowChange:
    if not old.rows or not new.rows:
        return RowChange.UNKNOWN
    if old.rows == new.rows:
        return RowChange.SAME
    return RowChange.FILTERED if old.filters != new.filters else RowChange.CHANGED


def _same_code(base: Node, head: Node, before: Version, after: Version) -> bool:
    """True if the node's own definition is the same text after Jinja, apart from the
    schemas that the two sides were compiled for."""
    if base.kind == "source":
        return True
    if base.kind == "seed":
        return base.checksum == head.checksum
    if base.language != "sql":
        return base.raw_code == head.raw_code
    old, new = before.code(base).sql, after.code(head).sql
    if old is None or new is None:
        texts_same = base.raw_code == head.raw_code
        return texts_same and before.macro_texts(base) == after.macro_texts(head)
    return old == new or before.own_text(base) == after.own_text(head)


def _missing(
    here: NodeLineage, there: NodeLineage, fold: Callable[[str, bool], str]
) -> tuple[str, ...]:
    """Columns of ``here`` that ``there`` has not; those only inferred from use do not
    count as having been promised."""
    keys = {fold(name, False) for name in there.columns}
    return tuple(
        column.name
        for column in here.columns.values()
        if fold(column.name, False) not in keys and not column.inferred
    )


def _renamed(
    removed: Sequence[str],
    added: Sequence[str],
    before: Mapping[str, str],
    after: Mapping[str, str],
    old: NodeLineage,
    new: NodeLineage,
) -> tuple[Renamed, ...]:
    """Pair removed with added columns: by equal expression, else as the only pair."""
    pairs: list[Renamed] = []
    left = list(added)
    rest: list[str] = []
    for name in removed:
        expression = before.get(name)
        match = next((n for n in left if expression and after.get(n) == expression), None)
        if match is None:
            rest.append(name)
        else:
            left.remove(match)
            pairs.append(Renamed(old=name, new=match, proved=True))
    if len(rest) == 1 and len(left) == 1 and _same_place(rest[0], left[0], old, new):
        pairs.append(Renamed(old=rest[0], new=left[0], proved=False))
    return tuple(pairs)


def _same_place(
    name: str,
    other: str,
    old: NodeLineage,
    new: NodeLineage,
) -> bool:
    """True if two columns stand at the same position among the same neighbours."""
    here, there = _place(name, old.columns), _place(other, new.columns)
    return here == there


def _place(name: str, columns: Mapping[str, ColumnLineage]) -> int:
    return list(columns).index(name) if name in columns else -1


def _retyped(base: Node, head: Node, dialect: str) -> tuple[Retyped, ...]:
    """Columns with another type, where the same kind of authority states both."""
    if base.columns == head.columns:
        return ()
    found: list[Retyped] = []
    others = {name.lower(): column for name, column in head.columns.items()}
    for name, column in base.columns.items():
        other = others.get(name.lower())
        if other is None or not column.type or not other.type:
            continue
        if ("catalog" in (column.type_from, other.type_from)) and (
            column.type_from != other.type_from
        ):
            continue
        change = compare_types(column.type, other.type, dialect)
        if change is not TypeChange.SAME:
            found.append(
                Retyped(
                    column=other.name,
                    old=column.type,
                    new=other.type,
                    source=other.type_from,
                    change=change,
                )
            )
    return tuple(found)
