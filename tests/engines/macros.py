"""Our macros without dbt: Jinja, and what they use of dbt's context."""

from __future__ import annotations

import datetime
import json
import re
from functools import cache
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import jinja2
import pytz

MACROS = Path(__file__).parents[2] / "macros"
PARENTS = {"redshift": ("postgres",), "databricks": ("spark",)}


class _Returned(Exception):  # noqa: N818 - no error
    """How `return()` leaves a macro."""


@cache
def _template() -> jinja2.Template:
    """All macros; dbt keeps each in a template of its own, and makes macros of tests."""
    environment = jinja2.Environment(extensions=["jinja2.ext.do"], autoescape=False)
    text = "\n".join(path.read_text() for path in sorted(MACROS.rglob("*.sql")))
    text = text.replace("{% endtest %}", "{% endmacro %}")
    return environment.from_string(text.replace("{% test ", "{% macro test_"))


class Package:
    """The macros as they are for an adapter.

    Args:
        adapter: its type.
        variables: for ``var()``.
        context: whatever else macros find.
    """

    def __init__(
        self, adapter: str, variables: dict[str, Any] | None = None, **context: Any
    ) -> None:
        given = variables or {}
        self._prefixes = (adapter, *PARENTS.get(adapter, ()), "default")
        self._module = _template().make_module(
            {
                "return": self._return,
                "tojson": json.dumps,
                "var": lambda name, default=None: given.get(name, default),
                "analyticsops": self,
                "adapter": SimpleNamespace(
                    dispatch=self._dispatch, type=lambda: adapter, quote=lambda name: f'"{name}"'
                ),
                "modules": SimpleNamespace(re=re, datetime=datetime, pytz=pytz),
                "target": SimpleNamespace(name="prod", database="db"),
                **context,
            }
        )

    def __getattr__(self, name: str) -> Any:
        macro = getattr(self._module, name)

        def called(*args: Any, **named: Any) -> Any:
            try:
                return str(macro(*args, **named))
            except _Returned as returned:
                return returned.args[0]

        return called

    def call(self, name: str, *args: Any, **named: Any) -> Any:
        """What a macro returns."""
        return getattr(self, name)(*args, **named)

    @staticmethod
    def _return(value: Any) -> None:
        raise _Returned(value)

    def _dispatch(self, name: str, _package: str) -> Any:
        found = next(p for p in self._prefixes if hasattr(self._module, f"{p}__{name}"))
        return getattr(self, f"{found}__{name}")
