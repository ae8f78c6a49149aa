"""The objects among dbt's names: ``config``, ``flags``, ``api``, ``exceptions``..."""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, ClassVar

from jinja2.exceptions import TemplateRuntimeError

from analyticsops.project.render.adapters import Adapter
from analyticsops.project.render.values import Exposed

if TYPE_CHECKING:
    from analyticsops.project.render.session import RenderSession

COMMAND_LINE = "depends on the command line"
NOT_THERE = object()
"""Stands for "no default was given"."""


class CompilerError(TemplateRuntimeError):
    """dbt would refuse this template too."""


class Config(Exposed):
    """``config``: calls of it declare, ``get`` reads what dbt resolved."""

    exposed = frozenset(
        {"get", "meta_get", "meta_require", "persist_column_docs", "persist_relation_docs"}
        | {"require", "set"}
    )

    def __init__(self, session: RenderSession) -> None:
        self.session = session
        self._config = session.node.config

    def __call__(self, *args: Any, **kwargs: Any) -> str:
        return ""

    def set(self, name: str, value: Any) -> str:
        """Has no effect, as in dbt once a node is parsed."""
        return ""

    def get(self, name: str, default: Any = None, validator: Any = None) -> Any:
        """A config of the node."""
        return _of(self._config, name, default)

    def require(self, name: str, validator: Any = None) -> Any:
        """A config that must be there."""
        return self._needed(self._config, name)

    def meta_get(self, name: str, default: Any = None, validator: Any = None) -> Any:
        """An entry of ``config.meta``."""
        return _of(self.session.node.meta, name, default)

    def meta_require(self, name: str, validator: Any = None) -> Any:
        """An entry of ``config.meta`` that must be there."""
        return self._needed(self.session.node.meta, name)

    def persist_relation_docs(self) -> bool:
        """Whether descriptions of tables go to the warehouse."""
        return bool((self._config.get("persist_docs") or {}).get("relation", False))

    def persist_column_docs(self) -> bool:
        """Whether descriptions of columns go to the warehouse."""
        return bool((self._config.get("persist_docs") or {}).get("columns", False))

    def _needed(self, values: Mapping[str, Any], name: str) -> Any:
        if name not in values:
            raise CompilerError(f"the config {name!r} is required and not set")
        return copy.deepcopy(values[name])


def _of(values: Mapping[str, Any], name: str, default: Any) -> Any:
    return copy.deepcopy(values[name]) if name in values else default


_COMMANDS = {"snapshot": "snapshot", "test": "test"}
"""Which command runs a node, if it is not ``run``. (``build`` runs all; macros that ask
want to know whether the query is for the warehouse or only compiled.)"""


class Flags(Exposed):
    """``flags``: what is given on the command line."""

    _DEFAULTS: ClassVar = {"EMPTY": False, "FULL_REFRESH": False, "STORE_FAILURES": False}

    def __init__(self, session: RenderSession) -> None:
        self.session = session

    def missing(self, name: str) -> Any:
        """A flag: dbt's default where it decides what is compiled."""
        if name.upper() == "WHICH":
            command = _COMMANDS.get(self.session.node.kind, "run")
            self.session.assume(f"the command is dbt {command}")
            return command
        if name.upper() in self._DEFAULTS:
            self.session.assume(f"dbt runs without the flag {name.upper()}")
            return self._DEFAULTS[name.upper()]
        return self.session.unknown(f"flags.{name}", COMMAND_LINE)


class Api(Exposed):
    """``api``."""

    exposed = frozenset({"Column", "Relation"})

    def __init__(self, session: RenderSession) -> None:
        adapter = Adapter(session)
        self.Column, self.Relation = adapter.Column, adapter.Relation


class Exceptions(Exposed):
    """``exceptions``: every one but ``warn`` ends the rendering, as it does in dbt."""

    exposed = frozenset({"warn"})

    def __init__(self, session: RenderSession) -> None:
        self.session = session

    def warn(self, msg: Any = None, node: Any = None) -> str:
        """Warnings are dbt's business."""
        return ""

    def missing(self, name: str) -> Callable[..., None]:
        """``raise_compiler_error`` and its kin."""

        def fail(*args: Any, **kwargs: Any) -> None:
            words = [str(a) for a in (*args, *kwargs.values()) if isinstance(a, str)]
            raise CompilerError(f"{name}: {' '.join(words)}")

        return fail


class Scope(Exposed):
    """Names as a dictionary: ``context['ref']``, ``builtins.ref``."""

    def __init__(self, find: Callable[[str], Any]) -> None:
        self._find = find

    def attribute(self, name: str) -> Any:
        """``get``, else a name."""
        return self.get if name == "get" else self._find(name)

    def get(self, name: str, default: Any = None) -> Any:
        """A name, or the default if there is none."""
        try:
            return self._find(name)
        except KeyError:
            return default

    def __getitem__(self, name: str) -> Any:
        return self._find(name)

    def __contains__(self, name: str) -> bool:
        return self.get(name, NOT_THERE) is not NOT_THERE
