"""Relations: the tables and views that ``ref``, ``source`` and ``this`` stand for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from analyticsops.project.model import Node
from analyticsops.project.render.values import Exposed, Notes, Unknown

PARTS = ("database", "schema", "identifier")
CTE_PREFIX = "__dbt__cte__"

_QUOTES = '"`['
_NEVER = frozenset({"alias", "config", "unique_id"})
"""What templates ask a relation for and no adapter's relation has."""


class Relation(Exposed, Mapping[str, Any]):
    """A relation as dbt's own: it prints as SQL and can be changed part by part.

    It is a mapping only because packages test ``is mapping`` to recognise one.

    Args:
        path: database, schema, identifier; None where there is none.
        quote: which of them are quoted.
        include: which of them are written.
        mark: the quoting character.
        kind: ``table``, ``view``, ``cte`` or None, which is what dbt usually knows.
        text: what to print instead, for a source that is a file or a function.
    """

    exposed = frozenset(
        {"database", "get", "identifier", "include", "include_policy", "incorporate", "is_cte"}
        | {"is_materialized_view", "is_table", "is_view", "name", "quote", "quote_policy"}
        | {"quoted", "render", "replace_path", "schema", "table", "type", "without_identifier"}
    )

    def __init__(
        self,
        notes: Notes,
        path: tuple[str | None, str | None, str | None],
        *,
        quote: tuple[bool, bool, bool] = (True, True, True),
        include: tuple[bool, bool, bool] = (True, True, True),
        mark: str = '"',
        kind: str | None = None,
        text: str = "",
    ) -> None:
        self.notes = notes
        self.path = path
        self.quotes = quote
        self.includes = include
        self.mark = mark
        self.type = kind
        self.text = text

    def render(self) -> str:
        """The SQL."""
        if self.text:
            return self.text
        parts = zip(self.path, self.quotes, self.includes, strict=True)
        return ".".join(
            self.quoted(part) if quote else part
            for part, quote, include in parts
            if include and part is not None
        )

    def quoted(self, identifier: str) -> str:
        """A quoted identifier; dbt does not escape either."""
        return f"{self.mark}{identifier}{']' if self.mark == '[' else self.mark}"

    def __str__(self) -> str:
        return self.render()

    def __repr__(self) -> str:
        self.notes.note("writes a relation in a list, which looks different for every adapter")
        return f"<Relation {self.render()}>"

    @property
    def database(self) -> str | None:
        """First part."""
        return self.path[0]

    @property
    def schema(self) -> str | None:
        """Second part."""
        return self.path[1]

    @property
    def identifier(self) -> str | None:
        """Third part, also called ``name`` and ``table``."""
        return self.path[2]

    name = table = identifier

    @property
    def is_table(self) -> bool:
        """As dbt: False unless the type is known."""
        return self.type == "table"

    @property
    def is_view(self) -> bool:
        """As dbt: False unless the type is known."""
        return self.type == "view"

    @property
    def is_cte(self) -> bool:
        """True for an ephemeral model."""
        return self.type == "cte"

    @property
    def is_materialized_view(self) -> bool:
        """As dbt: False unless the type is known."""
        return self.type == "materialized_view"

    @property
    def quote_policy(self) -> dict[str, bool]:
        """Which parts are quoted."""
        return dict(zip(PARTS, self.quotes, strict=True))

    @property
    def include_policy(self) -> dict[str, bool]:
        """Which parts are written."""
        return dict(zip(PARTS, self.includes, strict=True))

    def include(self, **parts: bool | None) -> Relation:
        """A copy that writes other parts."""
        return self._copy(include=_changed(self.includes, parts))

    def quote(self, **parts: bool | None) -> Relation:
        """A copy that quotes other parts."""
        return self._copy(quote=_changed(self.quotes, parts))

    def replace_path(self, **parts: str | None) -> Relation:
        """A copy with another database, schema or identifier."""
        for value in parts.values():
            if isinstance(value, Unknown):
                value.used("writes")
            elif value is not None and not isinstance(value, str):
                raise TypeError(f"a part of a relation must be text, got {type(value).__name__}")
        named = dict(zip(PARTS, self.path, strict=True)) | {
            key: None if value is None else str(value) for key, value in parts.items()
        }
        return self._copy(path=tuple(named[part] for part in PARTS))

    def incorporate(self, **changes: Any) -> Any:
        """A copy with another ``path`` or ``type``."""
        if not changes.keys() <= {"path", "type"}:
            return self.missing("incorporate")
        changed = self.replace_path(**changes.get("path", {}))
        return changed._copy(kind=changes.get("type", self.type))

    def without_identifier(self) -> Relation:
        """The schema of it."""
        return self.include(identifier=False).replace_path(identifier=None)

    def get(self, key: str, default: Any = None) -> Any:
        """dbt answers ``metadata``, by which packages recognise relations."""
        if key == "metadata":
            return {"type": "Relation"}
        return getattr(self, key) if key in self.exposed else default

    def missing(self, name: str) -> Unknown:
        """Anything else that dbt's relation can do."""
        if name in _NEVER:
            raise AttributeError(name)
        return Unknown(self.notes, f"relation.{name}", "depends on the adapter")

    def _copy(self, **changes: Any) -> Relation:
        fields = {
            "path": self.path,
            "quote": self.quotes,
            "include": self.includes,
            "mark": self.mark,
            "kind": self.type,
            "text": self.text,
        }
        return Relation(self.notes, **(fields | changes))

    def __getitem__(self, key: str) -> Any:
        return self.attribute(key)

    def __iter__(self) -> Iterator[str]:
        raise TypeError("a relation is not a dictionary")

    def __len__(self) -> int:
        raise TypeError("a relation is not a dictionary")

    def __bool__(self) -> bool:
        return True

    def __eq__(self, other: object) -> bool:
        same = isinstance(other, Relation) and self.render() == other.render()
        return same and self.path == other.path  # type: ignore[attr-defined]

    def __hash__(self) -> int:
        return hash(self.render())


def _changed(policy: tuple[bool, bool, bool], parts: Mapping[str, bool | None]) -> tuple[bool, ...]:
    unknown = parts.keys() - set(PARTS)
    if unknown:
        raise TypeError(f"unexpected keyword argument {min(unknown)!r}")
    chosen = [parts.get(part) for part in PARTS]
    return tuple(old if new is None else bool(new) for old, new in zip(policy, chosen, strict=True))


def relation_of(notes: Notes, node: Node, like: Relation | None = None) -> Relation:
    """The relation of a node that dbt has named, or one quoted ``like`` another."""
    where = node.relation
    path = (where.database, where.schema, where.identifier) if where else (None, None, node.name)
    if not node.relation_name:
        return (
            like.replace_path(**dict(zip(PARTS, path, strict=True)))
            if like
            else Relation(notes, path)
        )
    mark = next((char for char in node.relation_name if char in _QUOTES), '"')
    form = _form(node.relation_name, path, mark)
    if form is None:
        return Relation(notes, path, mark=mark, text=node.relation_name)
    return Relation(notes, path, quote=form[0], include=form[1], mark=mark)


def _form(
    name: str, path: tuple[str | None, ...], mark: str
) -> tuple[tuple[bool, bool, bool], tuple[bool, bool, bool]] | None:
    """How ``name`` writes the parts of ``path``; None if it is something else."""
    close = "]" if mark == "[" else mark
    quotes, includes, rest = [], [], name
    for part in path:
        forms = [] if part is None else [(f"{mark}{part}{close}", True), (part, False)]
        for text, quoted in forms:
            if rest == text or rest.startswith(f"{text}."):
                quotes.append(quoted)
                includes.append(True)
                rest = rest[len(text) + 1 :]
                break
        else:
            quotes.append(False)
            includes.append(part is None)
    if rest or not includes[-1]:
        return None
    return (quotes[0], quotes[1], quotes[2]), (includes[0], includes[1], includes[2])


def ephemeral_name(node: Node) -> str:
    """The name of the CTE that an ephemeral model becomes."""
    return CTE_PREFIX + (node.relation.identifier if node.relation else node.name)
