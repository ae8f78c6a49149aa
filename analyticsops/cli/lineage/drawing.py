"""lineage show on a terminal: two trees with models as branches and columns as leaves."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple

from rich.text import Text

from analyticsops.cli.lineage.steps import (
    UNMARKED,
    Below,
    below_each,
    grouped,
    how,
    name_of,
    title_of,
)
from analyticsops.report.encode import one_line
from analyticsops.screen.page import Page
from analyticsops.screen.tree import Branch, write_tree
from analyticsops.wording import quantity

if TYPE_CHECKING:
    from analyticsops.tracing import ColumnAnswer, Step

_TABLES = UNMARKED | {"external"}
_NAMES = 8
"""Of what shares a line, where not everything is shown."""

_STATUS = {"proven": "green", "partial": "yellow", "unknown": "magenta"}
_VALUES = frozenset(
    {"identity", "rename", "cast", "transformation", "masked", "aggregation", "count"}
)


def draw(
    answer: ColumnAnswer, way: str, *, most: int = 0, width: int = 100, color: bool = False
) -> str:
    """The answer as a page.

    Args:
        way: ``upstream``, ``downstream`` or ``both``.
        most: lines of each tree, the nearest first; 0 for all.
        width: of the terminal, in cells.
    """
    page = Page(width, color=color)
    status = Text(answer.status, style=_STATUS.get(answer.status, ""))
    page.line(Text.assemble((one_line(title_of(answer)), "bold"), "  ", status))
    for problem in answer.problems:
        page.line(Text(one_line(problem)), Text("  ! ", style="yellow"))
    if way != "downstream":
        _direction(page, "comes from", answer.upstream, most)
        if answer.rows:
            _direction(page, "its rows depend on", answer.rows, most)
    if way != "upstream":
        _direction(page, "goes to", answer.downstream, most)
    return page.read()


def _direction(page: Page, title: str, steps: Sequence[Step], most: int) -> None:
    lead = Text(f"{title}  ", style="bold")
    if not steps:
        page.line(Text("nothing", style="dim"), lead)
        return
    far = max(step.distance for step in steps)
    reach = f"; up to {far} steps away" if far > 1 else ""
    page.line(Text(f"{_counted(steps)}{reach}", style="dim"), lead)
    grown = _grow(steps, most)
    write_tree(page, grown.roots, indent=1)
    if grown.hidden:
        text = f"+{grown.hidden:,} further down (--limit 0 for all; --depth and --direct for fewer)"
        page.line(Text(text, style="dim"), Text(" "))


def _counted(steps: Sequence[Step]) -> str:
    """``12 columns, rows of 1 table, 3 metrics``."""
    columns = sum(1 for step in steps if step.node_kind in _TABLES and step.column)
    rows = sum(1 for step in steps if step.node_kind in _TABLES and not step.column)
    ends = Counter(step.node_kind for step in steps if step.node_kind not in _TABLES)
    told = [quantity(columns, "column")] if columns else []
    told += [f"rows of {quantity(rows, 'table')}"] if rows else []
    told += [quantity(count, one_line(kind.replace("_", " "))) for kind, count in ends.items()]
    return ", ".join(told)


# -- the tree --------------------------------------------------------------------


class _Grown(NamedTuple):
    roots: list[Branch]
    hidden: int


class _Bud(NamedTuple):
    """A line that the tree may get.

    Attributes:
        branch: the line.
        into: where it would be put.
        parent: the line above it, if there is one.
        steps: that it stands for; none for a table whose columns follow.
        leaves: groups of columns of that table.
    """

    branch: Branch
    into: list[Branch]
    parent: Text | None
    steps: Sequence[Step] = ()
    leaves: Sequence[Sequence[Step]] = ()


def _grow(steps: Sequence[Step], most: int) -> _Grown:
    """The nearest lines first, so that what is cut is far away on every branch alike."""
    below = below_each(steps)
    sizes = _sizes(steps)
    seen: set[str] = set()
    roots: list[Branch] = []
    waiting = deque(_buds(below.get("", ()), below, roots, None, seen, most))
    lines = 0
    while waiting and (not most or lines < most):
        bud = waiting.popleft()
        bud.into.append(bud.branch)
        lines += 1
        under = bud.branch.below
        assert isinstance(under, list)
        if bud.leaves:
            groups = list(bud.leaves)
            # A table and its columns stand together: what is between them would split them.
            waiting.extendleft(
                _leaf(group, under, bud.branch.name, most) for group in reversed(groups)
            )
        children = [child for step in bud.steps for child in below.get(name_of(step), ())]
        waiting.extend(_buds(children, below, under, bud.branch.name, seen, most))
    hidden: Counter[int] = Counter()
    texts: dict[int, Text] = {}
    for bud in waiting:
        group = [*bud.steps, *(step for leaf in bud.leaves for step in leaf)]
        many = sum(sizes[name_of(step)] for step in group)
        hidden[id(bud.parent)] += many
        if bud.parent is not None:
            texts[id(bud.parent)] = bud.parent
    for key, text in texts.items():
        text.append(f"  +{hidden[key]:,}", style="dim")
    return _Grown(roots, hidden.total())


def _sizes(steps: Sequence[Step]) -> Counter[str]:
    """How many steps there are from each on, itself included. The nearest come first."""
    sizes: Counter[str] = Counter()
    for step in reversed(steps):
        sizes[name_of(step)] += 1
        sizes[step.next] += sizes[name_of(step)]
    return sizes


def _buds(
    steps: Sequence[Step],
    below: Below,
    into: list[Branch],
    parent: Text | None,
    seen: set[str],
    most: int,
) -> Iterator[_Bud]:
    """Lines for steps next to the same column; a table with several of them is a branch."""
    new = [step for step in steps if name_of(step) not in seen]
    seen.update(map(name_of, new))
    tables: dict[object, list[list[Step]]] = {}
    for position, group in enumerate(grouped(new, below)):
        tables.setdefault(group[0].node if group[0].column else position, []).append(group)
    for groups in tables.values():
        first = groups[0][0]
        if len(groups) > 1:
            branch = Branch(_table(first), Text(), [])
            yield _Bud(branch, into, parent, leaves=groups)
            continue
        name = _table(first) if first.column else _kind(first)
        name.append("." if first.column else "")
        yield _line(groups[0], name, into, parent, most)


def _leaf(group: Sequence[Step], into: list[Branch], parent: Text, most: int) -> _Bud:
    return _line(group, Text(), into, parent, most)


def _line(
    group: Sequence[Step], name: Text, into: list[Branch], parent: Text | None, most: int
) -> _Bud:
    first = group[0]
    words = [one_line(step.column or step.name) for step in group]
    rest = len(words) - _NAMES if most else 0
    if rest > 1:
        words[_NAMES:] = [f"and {rest} more"]
    name.append(", ".join(words), style="bold")
    if not first.column and first.node_kind in UNMARKED:
        name.append(" (rows)", style="dim")
    branch = Branch(name, _how(first), [], str(first.distance))
    return _Bud(branch, into, parent, steps=group)


def _table(step: Step) -> Text:
    return _kind(step).append(one_line(step.name))


def _kind(step: Step) -> Text:
    mark = "" if step.node_kind in UNMARKED else f"{one_line(step.node_kind)} "
    return Text().append(mark, style="dim")


def _how(step: Step) -> Text:
    style = "magenta" if step.sure != "exact" else "cyan" if step.kind in _VALUES else "yellow"
    return Text(how(step), style=style)
