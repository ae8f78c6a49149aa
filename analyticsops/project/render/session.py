"""Rendering one node: lookups, macro calls, and what was noticed on the way."""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from jinja2.utils import missing

from analyticsops.project.model import Macro, Node
from analyticsops.project.render.adapters import WAREHOUSE
from analyticsops.project.render.language import PREFIX
from analyticsops.project.render.limits import COMPILE, DEPTH, STEP, Budget, LimitError
from analyticsops.project.render.names import MacroReturnError, Names
from analyticsops.project.render.objects import CompilerError
from analyticsops.project.render.relation import PARTS, Relation, ephemeral_name, relation_of
from analyticsops.project.render.sandbox import macro_template, start, template
from analyticsops.project.render.values import Exposed, Unknown

if TYPE_CHECKING:
    from analyticsops.project.render.engine import Renderer

_JINJA = re.compile(r"\{[{%#]|[#}%]\}")
_EXPRESSION = re.compile(r"^\s*\{\{-?((?:(?!\{\{|\}\}).)*?)-?\}\}\s*$", re.DOTALL)
_PROBLEMS = 20

REFABLE = ("model", "seed", "snapshot")


class RenderSession:
    """One node while it is rendered.

    Attributes:
        built: True if the node's own table is there when dbt renders: for its hooks.
        problems: why the text may differ from dbt's.
        assumptions: what the text takes for granted.
        ephemeral: unique ids of the ephemeral models it refers to, in order.
        statements: names of the queries that dbt would have run.
        ran: the texts of those queries, and of those without a name.
    """

    def __init__(
        self, renderer: Renderer, node: Node, budget: Budget | None = None, *, built: bool = False
    ) -> None:
        self.renderer = renderer
        self.node = node
        self.built = built
        self.budget = budget or Budget()
        self.names = Names(self)
        self.problems: dict[str, None] = {}
        self.assumptions: dict[str, None] = {}
        self.ephemeral: dict[str, None] = {}
        self.statements: set[str] = set()
        self.ran: list[str] = []
        self.extra: dict[str, Any] = {}
        self._stack: list[Macro] = []
        self._macros: dict[str, Any] = {}
        self._found: dict[str, Any] = {}

    # -- what was noticed

    def note(self, text: str) -> None:
        """The text may differ from dbt's, for this reason."""
        if len(self.problems) < _PROBLEMS:
            self.problems[f"{text}{self.place()}"] = None

    def assume(self, text: str) -> None:
        """The text takes this for granted."""
        self.assumptions[text] = None

    def unknown(self, what: str, why: str) -> Unknown:
        """A value that nobody knows here."""
        return Unknown(self, what, why)

    def now(self, what: str) -> datetime.datetime:
        """The assumed instant."""
        self.assume(f"{what} is different in every run")
        return self.renderer.settings.now

    def place(self) -> str:
        """The macro that is running, for messages."""
        if not self._stack:
            return ""
        macro = self._stack[-1]
        return f" (macro {macro.package}.{macro.name})"

    def runs(self, package: str, name: str) -> bool:
        """True if this macro is the one that is running."""
        macro = self._stack[-1] if self._stack else None
        return macro is not None and (macro.package, macro.name) == (package, name)

    # -- names

    def lookup(self, name: str) -> Any:
        """A free name of a template, or jinja's ``missing``."""
        try:
            return self.find(name)
        except KeyError:
            return missing

    def find(self, name: str) -> Any:
        """A name: a macro or a package, else dbt's own; raises KeyError."""
        if name in self._found:
            return self._found[name]
        if name in self.extra:
            return self.extra[name]
        macro = self.renderer.macros.find(name, self.node.package)
        value = self.names.lookup(name) if macro is None else self.value_of(macro)
        self._found[name] = value
        return value

    def value_of(self, found: Macro | Mapping[str, Macro]) -> Any:
        """A macro or a package as a template sees it."""
        return MacroCall(self, found) if isinstance(found, Macro) else Package(self, found)

    @property
    def usual(self) -> Relation:
        """A relation that is quoted as the project usually quotes."""
        like = self.renderer.usual
        if like is not None:
            return relation_of(self, like)
        quoted = self.renderer.facts.quoted
        mark = self.renderer.facts.quote or '"'
        return Relation(self, (None, None, None), quote=(quoted, quoted, quoted), mark=mark)

    # -- nodes

    def parent_at(self, path: tuple[str | None, ...]) -> Node | None:
        """The node with a table at this path that is built by now."""
        node = self.renderer.placed(path)
        if node is None:
            return None
        own = self.built and node.unique_id == self.node.unique_id
        if not own and node.unique_id not in self.node.depends_on:
            return None
        return node if node.kind in REFABLE and node.materialized != "ephemeral" else None

    def ref(self, name: str, package: str | None, version: str | None) -> Relation:
        """The relation of a node that this one depends on."""
        node = self.renderer.resolve(self.node, name, package, version)
        if node is None:
            shown = f"{package}.{name}" if package else name
            raise CompilerError(f"ref('{shown}'): the manifest has no such dependency")
        if node.materialized != "ephemeral" or node.kind != "model":
            return relation_of(self, node, self.usual)
        self.ephemeral[node.unique_id] = None
        return Relation(
            self, (None, None, ephemeral_name(node)), quote=(True, True, False), kind="cte"
        )

    def source(self, source_name: str, table: str) -> Relation:
        """The relation of a source table."""
        node = self.renderer.resolve_source(self.node, source_name, table)
        if node is None:
            raise CompilerError(f"source('{source_name}', '{table}'): the manifest has none such")
        return self._quoted_by_adapter(node, dict(node.source.quoting) if node.source else {})

    def function(self, name: str, package: str | None) -> Relation:
        """The relation of a function that dbt manages."""
        node = self.renderer.resolve(self.node, name, package, None, kinds=("function",))
        if node is None:
            raise CompilerError(f"function('{name}'): the manifest has no such dependency")
        return self._quoted_by_adapter(node, dict(node.config.get("quoting") or {}))

    def _quoted_by_adapter(self, node: Node, own: dict[str, Any]) -> Relation:
        """dbt quotes sources by the adapter's habit and the source's own ``quoting``;
        the project's ``quoting`` counts for ``relation_name`` only."""
        found = relation_of(self, node, self.usual)
        policy = dict.fromkeys(PARTS, self.renderer.facts.quoted)
        policy |= {part: bool(own[part]) for part in PARTS if own.get(part) is not None}
        mark = found.mark if any(found.quotes) else self.renderer.facts.quote or found.mark
        return found.quote(**policy)._copy(mark=mark)

    # -- macros

    def dispatch(self, name: str, namespace: str | None) -> MacroCall:
        """``adapter.dispatch``."""
        index, order = self.renderer.macros, self.renderer.settings.dispatch
        if isinstance(name, Unknown) or isinstance(namespace, Unknown):
            raise CompilerError("adapter.dispatch with an unknown name")
        if order is None and namespace and (other := index.elsewhere(name, namespace)):
            self.note(
                f"dispatches {namespace}.{name}, which package {other} may override:"
                " the dispatch order of dbt_project.yml is not known"
            )
        found = index.dispatch(name, namespace, self.node.package, order or {})
        if found is None:
            raise CompilerError(f"adapter.dispatch finds no macro for {name!r}")
        return MacroCall(self, found)

    def call(self, macro: Macro, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """Run a macro; its value is its text, or what it returns."""
        with self._running(macro):
            special = SPECIAL.get(macro.name)
            if special is not None and macro.package == "dbt":
                return special(self, *args, **kwargs)
            try:
                return self._callable(macro)(*args, **kwargs)
            except MacroReturnError as returned:
                return returned.value

    @contextmanager
    def _running(self, macro: Macro) -> Iterator[None]:
        if len(self._stack) >= DEPTH:
            raise LimitError(f"macros call one another more than {DEPTH} deep")
        self.budget.spend(4 * STEP)
        self._stack.append(macro)
        try:
            yield
        except Exception as fault:
            _remember(fault, self.place())
            raise
        finally:
            self._stack.pop()

    def _callable(self, macro: Macro) -> Any:
        """The jinja macro, made once in a session from the compiled text."""
        found = self._macros.get(macro.unique_id)
        if found is None:
            context = start(self)
            for _ in macro_template(macro.sql).root_render_func(context):
                pass
            found = context.vars.get(PREFIX + macro.name)
            if found is None:
                raise CompilerError(f"the text of macro {macro.name} does not define it")
            self._macros[macro.unique_id] = found
        return found

    # -- text

    def text(self, source: str) -> str:
        """Render a template in this session."""
        if not _JINJA.search(source):
            return source
        context = start(self)
        self.budget.spend(COMPILE + len(source))
        return "".join(template(source).root_render_func(context))

    def native(self, source: str) -> Any:
        """Render a template; if it is one expression, its value keeps its type."""
        expression = _EXPRESSION.match(source)
        if expression is None:
            return self.text(source)
        context = start(self)
        value = template(f"{{% set value = ({expression[1]}) %}}")
        for _ in value.root_render_func(context):
            pass
        return context.vars["value"]


class MacroCall(Exposed):
    """A macro as a template sees it: something to call."""

    __slots__ = ("macro", "session")

    def __init__(self, session: RenderSession, macro: Macro) -> None:
        self.session = session
        self.macro = macro

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return self.session.call(self.macro, args, kwargs)


class Package(Exposed):
    """A package as a template sees it: its macros by name."""

    __slots__ = ("macros", "session")

    def __init__(self, session: RenderSession, macros: Mapping[str, Macro]) -> None:
        self.session = session
        self.macros = macros

    def attribute(self, name: str) -> Any:
        """A macro of the package."""
        if name == "get":
            return self.get
        return MacroCall(self.session, self.macros[name])

    def get(self, name: str, default: Any = None) -> Any:
        """A macro of the package, or the default if it has none such."""
        return MacroCall(self.session, self.macros[name]) if name in self.macros else default

    def __getitem__(self, name: str) -> Any:
        return MacroCall(self.session, self.macros[name])

    def __contains__(self, name: object) -> bool:
        return name in self.macros


def _statement(session: RenderSession, name: Any = None, *_: Any, **kwargs: Any) -> str:
    """dbt runs the text of the block; we only see what it is."""
    caller = kwargs.get("caller")
    if caller is not None:
        session.ran.append(str(caller()))
    if isinstance(name, str):
        session.statements.add(name)
    return ""


def _run_query(session: RenderSession, sql: Any = None, *_: Any, **__: Any) -> Unknown:
    """dbt asks the warehouse."""
    if isinstance(sql, str):
        session.ran.append(sql)
    return session.unknown("run_query()", WAREHOUSE)


SPECIAL: Mapping[str, Callable[..., Any]] = {
    "statement": _statement,
    "noop_statement": _statement,
    "run_query": _run_query,
}
"""dbt's macros that ask the warehouse, by name; their text must not run."""


def _remember(fault: Exception, place: str) -> None:
    """Keep the innermost macro of an exception for its message."""
    if not isinstance(fault, MacroReturnError) and not hasattr(fault, "macro_place"):
        fault.macro_place = place  # type: ignore[attr-defined]
