"""A selection as a tree of plain data: what text and YAML are parsed into."""

from __future__ import annotations

from typing import Any, Literal, TypeAlias

import msgspec

Indirect: TypeAlias = Literal["eager", "cautious", "buildable", "empty"]
"""Which tests follow from the nodes that are selected:

- ``eager``: every test that reads one of them;
- ``cautious``: tests all of whose parents are selected;
- ``buildable``: tests all of whose parents are selected or ancestors of the selected;
- ``empty``: none.
"""

INDIRECT: tuple[Indirect, ...] = ("eager", "cautious", "buildable", "empty")


class Criterion(msgspec.Struct, frozen=True, kw_only=True):
    """One ``method:value`` with its graph operators.

    Attributes:
        raw: as the user wrote it.
        where: where the user wrote it, for messages.
        method: ``tag``, ``config``, ...
        arguments: what follows the method, ``("meta", "owner")`` in ``config.meta.owner:x``.
        value: text; in YAML also numbers and booleans.
        childrens_parents: ``@``: descendants, and all ancestors of those.
        parents: ``+`` in front.
        parents_depth: None is unlimited.
        children: ``+`` behind.
        children_depth: None is unlimited.
        indirect: which tests follow.
    """

    raw: str
    where: str
    method: str
    value: Any
    arguments: tuple[str, ...] = ()
    childrens_parents: bool = False
    parents: bool = False
    parents_depth: int | None = None
    children: bool = False
    children_depth: int | None = None
    indirect: Indirect = "eager"


class Union(msgspec.Struct, frozen=True):
    """What any part selects."""

    parts: tuple[Expression, ...]
    indirect: Indirect = "eager"


class Intersection(msgspec.Struct, frozen=True):
    """What every part selects."""

    parts: tuple[Expression, ...]
    indirect: Indirect = "eager"


class Difference(msgspec.Struct, frozen=True):
    """What ``kept`` selects and ``dropped`` does not."""

    kept: Expression
    dropped: Expression


Expression: TypeAlias = Criterion | Union | Intersection | Difference


class Selection(msgspec.Struct, frozen=True, kw_only=True):
    """What ``--select``, ``--exclude``, ``--selector`` and their companions ask for.

    Attributes:
        select: None if it was not given: then everything, or the default selector.
        exclude: None if it was not given.
        selector: a name in ``selectors.yml``; it wins over the two above.
        indirect: for selectors that do not say their own.
        kinds: resource types that remain in the answer.
    """

    select: Expression | None = None
    exclude: Expression | None = None
    selector: str = ""
    indirect: Indirect = "eager"
    kinds: frozenset[str] = frozenset()
