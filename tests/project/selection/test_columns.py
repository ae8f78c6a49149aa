"""``column:`` asks what the command has put into the context, and nothing else."""

from __future__ import annotations

import msgspec
import pytest

from analyticsops.errors import SelectionError
from analyticsops.project.model import Project
from analyticsops.project.selection import Context, parse_selection, select_nodes

ORDERS, BETA_ORDERS = "model.alpha.orders", "model.beta.orders"
Asked = tuple[str, str, int | None, int | None]


def ask(
    project: Project, text: str, *found: str, indirect: str = "empty"
) -> tuple[Asked, set[str]]:
    """What the lineage was asked, and what was selected when it answers ``found``."""
    calls: list[Asked] = []

    def columns(node: str, column: str, above: int | None, below: int | None) -> frozenset[str]:
        calls.append((node, column, above, below))
        return frozenset(found)

    selection = parse_selection(text, indirect=indirect)
    selected = select_nodes(project, selection, Context(columns=columns))
    (call,) = calls
    return call, set(selected)


@pytest.mark.parametrize(
    ("text", "asked"),
    [
        ("column:alpha.orders.amount", None),
        ("column:model.alpha.orders.amount", (ORDERS, "amount", 0, 0)),
        ("+column:model.alpha.orders.amount", (ORDERS, "amount", None, 0)),
        ("column:model.alpha.orders.amount+", (ORDERS, "amount", 0, None)),
        ("2+column:model.alpha.orders.amount+1", (ORDERS, "amount", 2, 1)),
        ("column:stg_crm.id", ("model.alpha.stg_crm", "id", 0, 0)),
        ("column:dim_customers.v2.id", ("model.alpha.dim_customers.v2", "id", 0, 0)),
        ("column:erp.lines.id", ("source.alpha.erp.lines", "id", 0, 0)),
        ("column:legacy.events.payload.at", ("model.alpha.legacy.events", "payload.at", 0, 0)),
    ],
)
def test_what_is_asked(project: Project, text: str, asked: Asked | None) -> None:
    if asked is None:
        with pytest.raises(SelectionError, match="does not name a column"):
            ask(project, text)
    else:
        assert ask(project, text)[0] == asked


def test_the_answer_is_selected(project: Project) -> None:
    _, selected = ask(project, "column:stg_crm.id+", ORDERS, BETA_ORDERS, "model.alpha.gone")
    assert selected == {ORDERS, BETA_ORDERS}


def test_tests_follow_as_for_any_method(project: Project) -> None:
    _, selected = ask(project, "column:stg_crm.id+", "seed.alpha.countries", indirect="eager")
    assert selected == {"seed.alpha.countries", "test.alpha.unique_countries_code.c4a1f6d0dd"}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("column:orders.amount", "'orders' is not unique .*model.alpha.orders, model.beta.orders"),
        ("column:dim_customers.id", "'dim_customers' is not unique"),
        ("column:nowhere.amount", "does not name a column"),
        ("column:orders", "does not name a column"),
        ("@column:stg_crm.id", '"@" has no meaning for columns'),
    ],
)
def test_refused(project: Project, text: str, message: str) -> None:
    with pytest.raises(SelectionError, match=message):
        ask(project, text)


def test_without_lineage(project: Project, context: Context) -> None:
    context = msgspec.structs.replace(context, columns=None)
    with pytest.raises(SelectionError, match="this command has no column lineage"):
        select_nodes(project, parse_selection("column:stg_crm.id"), context)
