"""dbt's node selection on a :class:`~analyticsops.project.model.Project`.

>>> selection = parse_selection("tag:nightly+ orders", "source:*")
>>> select_nodes(project, selection)            # doctest: +SKIP

The same nodes as ``dbt ls`` 1.11 lists, without dbt; a test asks dbt thousands of
random questions and compares. Beyond dbt 1.11 there are ``function:``, ``selector:``
and our own ``column:``.
"""

from __future__ import annotations

from analyticsops.project.selection.context import Columns, Context
from analyticsops.project.selection.definitions import Definition, read_definitions
from analyticsops.project.selection.evaluate import select_nodes
from analyticsops.project.selection.expression import Selection
from analyticsops.project.selection.methods import METHOD_NAMES
from analyticsops.project.selection.parse import parse_selection

__all__ = [
    "METHOD_NAMES",
    "Columns",
    "Context",
    "Definition",
    "Selection",
    "parse_selection",
    "read_definitions",
    "select_nodes",
]
