"""Values that a template may hold and that need care: unknown ones above all."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, MutableSet
from typing import Any, ClassVar, Protocol

UNKNOWN_TEXT = "__unknown__"
"""What an unknown value looks like in the SQL: a name that no warehouse has."""


class Notes(Protocol):
    """Where a value reports what a reader must know; the rendering session."""

    def note(self, text: str) -> None:
        """The result may differ from dbt's, for this reason."""

    def assume(self, text: str) -> None:
        """The result holds under this assumption."""


class Exposed:
    """An object of ours that templates may use: only what ``exposed`` lists.

    Everything else is an :class:`Unknown`, because dbt's own object may well have it.
    """

    exposed: ClassVar[frozenset[str]] = frozenset()

    def attribute(self, name: str) -> Any:
        """What ``object.name`` gives in a template."""
        if name in self.exposed:
            return getattr(self, name)
        return self.missing(name)

    def missing(self, name: str) -> Any:
        """What ``object.name`` gives if it is not exposed."""
        raise AttributeError(name)

    def __repr__(self) -> str:
        # Never an address: it is what a list of such objects prints.
        return f"<{type(self).__name__}>"


class Unknown(Exposed):
    """A value that only a running dbt has. Whoever looks at it is told.

    Passing it around is harmless: nothing is noted until its value matters, for a
    condition, for a loop or for the text.
    """

    __slots__ = ("notes", "what", "why")

    def __init__(self, notes: Notes, what: str, why: str) -> None:
        self.notes = notes
        self.what = what
        self.why = why

    def missing(self, name: str) -> Unknown:
        """A part of something unknown is unknown."""
        return Unknown(self.notes, f"{self.what}.{name}", self.why)

    def item(self, key: Any) -> Unknown:
        """So is an element of it."""
        return Unknown(self.notes, f"{self.what}[...]", self.why)

    def used(self, verb: str) -> None:
        """Report that the value mattered."""
        self.notes.note(f"{verb} {self.what}, which {self.why}")

    def __call__(self, *args: Any, **kwargs: Any) -> Unknown:
        return Unknown(self.notes, f"{self.what}()", self.why)

    def __str__(self) -> str:
        self.used("writes")
        return UNKNOWN_TEXT

    __repr__ = __str__

    def __bool__(self) -> bool:
        self.used("tests")
        return False

    def __iter__(self) -> Iterator[Any]:
        self.used("loops over")
        return iter(())

    def __len__(self) -> int:
        self.used("counts")
        return 0

    def __contains__(self, item: object) -> bool:
        self.used("searches")
        return False

    def __hash__(self) -> int:
        self.used("looks up")
        return 0

    def __index__(self) -> int:
        self.used("counts with")
        return 0

    def __eq__(self, other: object) -> Any:
        return self

    def __ne__(self, other: object) -> Any:
        return self

    def _derived(self, *others: Any) -> Unknown:
        return self

    __lt__ = __le__ = __gt__ = __ge__ = _derived
    __add__ = __radd__ = __sub__ = __rsub__ = __mul__ = __rmul__ = _derived
    __truediv__ = __rtruediv__ = __floordiv__ = __rfloordiv__ = _derived
    __mod__ = __rmod__ = __pow__ = __rpow__ = __neg__ = __pos__ = _derived

    def __getitem__(self, key: Any) -> Unknown:
        return self.item(key)


class UnknownType(Unknown):
    """The type of a column, which nobody knows here: ``cast(a as unknown)`` comes from
    ``a`` all the same."""

    __slots__ = ()

    def __str__(self) -> str:
        self.notes.assume(f"{self.what} is not known")
        return "unknown"


class Partial(Exposed, Mapping[str, Any]):
    """A dictionary of which we know some keys: dbt's has more.

    Args:
        label: what it is, for messages.
        why: why the other keys are not known.
        known: the part that we know.
        absent: keys of which we know that dbt's dictionary lacks them.
    """

    exposed = frozenset({"get", "items", "keys", "values"})
    __slots__ = ("absent", "known", "label", "notes", "why")

    def __init__(
        self,
        notes: Notes,
        label: str,
        why: str,
        known: Mapping[str, Any],
        absent: frozenset[str] = frozenset(),
    ) -> None:
        self.notes = notes
        self.label = label
        self.why = why
        self.known = known
        self.absent = absent

    def attribute(self, name: str) -> Any:
        """Methods first, as for a dictionary in a template, then keys."""
        return getattr(self, name) if name in self.exposed else self[name]

    def __getitem__(self, key: str) -> Any:
        if key in self.known:
            return self.known[key]
        if key in self.absent:
            raise KeyError(key)
        return Unknown(self.notes, f"{self.label}.{key}", self.why)

    def get(self, key: str, default: Any = None) -> Any:
        """As of a dictionary; unknown if we cannot know."""
        return default if key in self.absent else self[key]

    def __contains__(self, key: object) -> bool:
        if key not in self.known and key not in self.absent:
            self.notes.note(f"looks for {key} in {self.label}, which {self.why}")
        return key in self.known

    def __iter__(self) -> Iterator[str]:
        self.notes.note(f"lists the keys of {self.label}, which {self.why}")
        return iter(self.known)

    def __len__(self) -> int:
        self.notes.note(f"counts the keys of {self.label}, which {self.why}")
        return len(self.known)

    def __bool__(self) -> bool:
        return True

    def __str__(self) -> str:
        self.notes.note(f"writes {self.label}, which {self.why}")
        return UNKNOWN_TEXT

    __repr__ = __str__

    def __hash__(self) -> int:
        raise TypeError("unhashable type: 'dict'")


class StableSet(Exposed, MutableSet[Any]):
    """A set that keeps the order of insertion, so that the text never hangs on chance.

    In dbt the order of a set of texts differs from run to run; who depends on it is
    told once.
    """

    exposed = frozenset(
        {"add", "clear", "copy", "difference", "discard", "intersection", "isdisjoint"}
        | {"issubset", "issuperset", "pop", "remove", "symmetric_difference", "union", "update"}
    )

    def __init__(self, notes: Notes, values: Iterable[Any] = ()) -> None:
        self.notes = notes
        self._items = dict.fromkeys(values)

    def _from_iterable(self, it: Iterable[Any]) -> StableSet:
        return StableSet(self.notes, it)

    def __contains__(self, value: object) -> bool:
        return value in self._items

    def __iter__(self) -> Iterator[Any]:
        if len(self._items) > 1:
            self.notes.assume("a set is in the order of insertion; in dbt its order is random")
        return iter(list(self._items))

    def __len__(self) -> int:
        return len(self._items)

    def __str__(self) -> str:
        return "{" + ", ".join(repr(item) for item in self) + "}" if self._items else "set()"

    __repr__ = __str__

    def add(self, value: Any) -> None:
        """As of a set."""
        self._items[value] = None

    def discard(self, value: Any) -> None:
        """As of a set."""
        self._items.pop(value, None)

    def copy(self) -> StableSet:
        """As of a set."""
        return self._from_iterable(self._items)

    def update(self, *others: Iterable[Any]) -> None:
        """As of a set."""
        for other in others:
            self._items.update(dict.fromkeys(other))

    def union(self, *others: Iterable[Any]) -> StableSet:
        """As of a set."""
        result = self.copy()
        result.update(*others)
        return result

    def difference(self, *others: Iterable[Any]) -> StableSet:
        """As of a set."""
        drop = {item for other in others for item in other}
        return self._from_iterable(item for item in self._items if item not in drop)

    def intersection(self, *others: Iterable[Any]) -> StableSet:
        """As of a set."""
        keep = [set(other) for other in others]
        return self._from_iterable(i for i in self._items if all(i in other for other in keep))

    def symmetric_difference(self, other: Iterable[Any]) -> StableSet:
        """As of a set."""
        theirs = StableSet(self.notes, other)
        return self.difference(theirs._items).union(theirs.difference(self._items)._items)

    def issubset(self, other: Iterable[Any]) -> bool:
        """As of a set."""
        return set(self._items) <= set(other)

    def issuperset(self, other: Iterable[Any]) -> bool:
        """As of a set."""
        return set(self._items) >= set(other)
