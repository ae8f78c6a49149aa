"""From a node's raw code to the SQL that dbt would compile, without dbt.

``dbt parse`` writes a manifest without ``compiled_code``. The manifest holds the text
of every macro, dbt's own included, so the templates can be run here.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from typing import Any

import msgspec
from jinja2.exceptions import TemplateError

from analyticsops.project.adapter_facts import facts_of
from analyticsops.project.model import Node, Project
from analyticsops.project.render.inject import inject_ctes
from analyticsops.project.render.limits import HOOK_SECONDS, HOOK_UNITS, UNITS, Budget
from analyticsops.project.render.macros import MacroIndex
from analyticsops.project.render.names import ON_RUN_END, TEST_KWARGS
from analyticsops.project.render.reachable import ReachableTexts
from analyticsops.project.render.relation import ephemeral_name
from analyticsops.project.render.session import REFABLE, RenderSession
from analyticsops.project.render.settings import RenderSettings

Columns = Callable[[str], Sequence[str] | None]
"""From the unique id of a node to the names of all columns of its table, as the warehouse
spells them; None if not all are known."""

_CALL = re.compile(r"^\s*(env_var|ref|var|source|doc)\s*\(.+\)\s*$")


class Rendered(msgspec.Struct, frozen=True, kw_only=True):
    """The result of rendering one node.

    Attributes:
        sql: the text; None if nothing usable came out.
        problems: why the text may differ from what dbt compiles, each naming the value
            and the macro; empty if it is what dbt compiles under the assumptions.
        assumptions: what the text takes for granted: clocks, defaults of vars that are
            not set, tables that do not exist yet.
        ephemerals: unique ids of the ephemeral models put in front, in order.
    """

    sql: str | None
    problems: tuple[str, ...] = ()
    assumptions: tuple[str, ...] = ()
    ephemerals: tuple[str, ...] = ()


class RenderedHook(msgspec.Struct, frozen=True, kw_only=True):
    """What a hook runs.

    Attributes:
        text: of the hook; None if nothing usable came out.
        ran: what macros ran by themselves meanwhile (``run_query``), in order.
        problems: why there may be more, or other statements.
    """

    text: str | None
    ran: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()


class _Text(msgspec.Struct, frozen=True):
    """A node's text before CTEs are put in front."""

    sql: str | None
    problems: tuple[str, ...]
    assumptions: tuple[str, ...]
    ephemeral: tuple[str, ...] = ()


class Renderer:
    """Renders the nodes of one project; make one and use it for all of them.

    Not for several threads at once.

    Args:
        project: with its macros.
        settings: vars, environment, target.
        columns: what is known of tables that no catalog lists.
    """

    def __init__(
        self,
        project: Project,
        settings: RenderSettings | None = None,
        columns: Columns = lambda _: None,
    ) -> None:
        self.project = project
        self.columns = columns
        self.settings = settings or RenderSettings()
        self.macros = MacroIndex(project)
        self.facts = facts_of(project.adapter)
        self._texts: dict[str, _Text] = {}
        self._spent: dict[str, int] = {}

    def render(self, node: Node) -> Rendered:
        """The SQL of a node: model, test, snapshot, analysis or operation."""
        if node.language != "sql":
            return Rendered(sql=None, problems=(f"{node.language} code is not SQL",))
        text = self._text(node)
        if text.sql is None or not text.ephemeral:
            return Rendered(sql=text.sql, problems=text.problems, assumptions=text.assumptions)
        order, cycle = self._ephemerals(text)
        parts = [text, *(self._text(self.project.nodes[i]) for i in order)]
        problems = [p for part in parts for p in part.problems] + cycle
        assumptions = tuple(dict.fromkeys(a for part in parts for a in part.assumptions))
        if any(part.sql is None for part in parts):
            return Rendered(sql=None, problems=_unique(problems), assumptions=assumptions)
        ctes = {
            ephemeral_name(self.project.nodes[i]): part.sql or ""
            for i, part in zip(order, parts[1:], strict=True)
        }
        sql, doubt = inject_ctes(text.sql, ctes)
        return Rendered(
            sql=sql,
            problems=_unique([*problems, doubt] if doubt else problems),
            assumptions=assumptions,
            ephemerals=tuple(order),
        )

    def render_hook(self, node: Node, template: str) -> RenderedHook:
        """What a hook of a node runs, or an operation.

        Hooks of one text are rendered for thousands of models: all together may spend as
        much as one model.
        """
        left = UNITS - self._spent.get(template, 0)
        if left <= 0:
            return RenderedHook(text=None, problems=("all hooks of this text are too much work",))
        budget = Budget(min(left, HOOK_UNITS), HOOK_SECONDS)
        given = budget.left
        session = RenderSession(self, node, budget, built=True)
        if node.kind == "operation":
            for name in ON_RUN_END:
                session.extra[name] = session.unknown(name, "only a run has")
        text = _attempt(session, template)
        self._spent[template] = self._spent.get(template, 0) + given - budget.left
        return RenderedHook(text=text, ran=tuple(session.ran), problems=tuple(session.problems))

    @cached_property
    def reachable(self) -> ReachableTexts:
        """What templates could write at all."""
        return ReachableTexts(self.macros, self.project.macros)

    def _ephemerals(self, text: _Text) -> tuple[list[str], list[str]]:
        """Ephemeral models that ``text`` needs, each behind those it needs itself."""
        order: dict[str, None] = {}
        cycle: list[str] = []
        open_ids: set[str] = set()
        stack: list[tuple[str, bool]] = [(i, False) for i in reversed(text.ephemeral)]
        while stack:
            current, done = stack.pop()
            if done:
                open_ids.discard(current)
                order[current] = None
            elif current in open_ids:
                cycle.append(f"ephemeral models refer to one another in a circle: {current}")
            elif current not in order:
                open_ids.add(current)
                stack.append((current, True))
                needed = self._text(self.project.nodes[current]).ephemeral
                stack.extend((i, False) for i in reversed(needed))
        return list(order), cycle

    def _text(self, node: Node) -> _Text:
        """A node's own text; rendered once."""
        found = self._texts.get(node.unique_id)
        if found is None:
            found = self._render(node)
            if node.materialized == "ephemeral" and not found.problems:
                self._texts[node.unique_id] = found
        return found

    def _render(self, node: Node) -> _Text:
        session = RenderSession(self, node)
        sql = _attempt(session, node.raw_code)
        return _Text(
            sql, tuple(session.problems), tuple(session.assumptions), tuple(session.ephemeral)
        )

    # -- what sessions ask

    def var(self, name: str, package: str, default: Any) -> Any:
        """A var as a node of ``package`` sees it."""
        scoped = self.settings.vars.get(package)
        if isinstance(scoped, Mapping) and name in scoped:
            return scoped[name]
        return self.settings.vars.get(name, default)

    def resolve(
        self,
        asker: Node,
        name: str,
        package: str | None,
        version: str | None,
        kinds: tuple[str, ...] = REFABLE,
    ) -> Node | None:
        """The node that ``ref`` means. dbt wrote the answers into ``depends_on``."""
        found = []
        for unique_id in asker.depends_on:
            node = self.project.nodes.get(unique_id)
            if node is None or node.name != name or node.kind not in kinds:
                continue
            if package is not None and node.package != package:
                continue
            if version is not None and node.version != version:
                continue
            if version is None and node.version and node.version != node.latest_version:
                continue
            found.append(node)
        order = {asker.package: 0, self.project.name: 1}
        return min(found, key=lambda node: order.get(node.package, 2), default=None)

    def resolve_source(self, asker: Node, source_name: str, table: str) -> Node | None:
        """The source table that ``source`` means."""
        found = self._sources.get((source_name, table), [])
        named = [node for node in found if node.unique_id in asker.depends_on] or found
        order = {asker.package: 0, self.project.name: 1}
        return min(named, key=lambda node: order.get(node.package, 2), default=None)

    @cached_property
    def _sources(self) -> dict[tuple[str, str], list[Node]]:
        found: dict[tuple[str, str], list[Node]] = {}
        for node in self.project.nodes.values():
            if node.source is not None:
                found.setdefault((node.source.source_name, node.name), []).append(node)
        return found

    def cataloged(self, path: tuple[str | None, ...]) -> Node | None:
        """The node whose table has this path, if the catalog has seen it."""
        return self._tables.get(path)

    @cached_property
    def _tables(self) -> dict[tuple[str | None, ...], Node]:
        return {
            (node.relation.database, node.relation.schema, node.relation.identifier): node
            for node in self.project.nodes.values()
            if node.relation is not None
            and any(column.type_from == "catalog" for column in node.columns.values())
        }

    def placed(self, path: tuple[str | None, ...]) -> Node | None:
        """The node whose table has this path."""
        return self._places.get(path)

    @cached_property
    def _places(self) -> dict[tuple[str | None, ...], Node]:
        return {
            (node.relation.database, node.relation.schema, node.relation.identifier): node
            for node in self.project.nodes.values()
            if node.relation is not None
        }

    @cached_property
    def usual(self) -> Node | None:
        """A node of the root project that shows how relations are quoted."""
        named = (
            node
            for node in self.project.nodes.values()
            if node.relation_name
            and node.kind in REFABLE
            and node.relation is not None
            and not node.config.get("quoting")
        )
        return next(named, None)

    @cached_property
    def target(self) -> Mapping[str, Any]:
        """What is known of the target: given, or proven by the manifest."""
        known: dict[str, Any] = {"type": self.project.adapter} if self.project.adapter else {}
        for part in ("schema", "database"):
            if value := self._default(part):
                known[part] = value
        return {**known, **self.settings.target}

    def _default(self, part: str) -> str:
        """The target's schema (or database): where dbt's own macro puts a model that
        sets none. A macro of the project may do anything, so then it is not known."""
        name = f"generate_{part}_name"
        if any(
            macro.name.endswith(name)
            for macros in self.macros.packages.values()
            for macro in macros.values()
        ):
            return ""
        values = {
            getattr(node.relation, part)
            for node in self.project.of_kind("model")
            if node.relation and not node.config.get(part)
        }
        return str(values.pop() or "") if len(values) == 1 else ""


def render_code(
    project: Project,
    node: Node,
    *,
    vars: Mapping[str, Any],  # noqa: A002
    env: Mapping[str, str],
    incremental: bool = False,
) -> Rendered:
    """Render one node. For many nodes make one :class:`Renderer` instead.

    Args:
        vars: see :func:`analyticsops.project.render.settings.project_vars`.
        env: environment variables that templates may see.
        incremental: whether the tables of incremental models exist already.
    """
    settings = RenderSettings(vars=vars, env=env, incremental=incremental)
    return Renderer(project, settings).render(node)


def _attempt(session: RenderSession, template: str) -> str | None:
    """The text of a template; None if it fails, which the session notes."""
    test = session.node.test
    try:
        if test is not None and test.name:
            session.extra[TEST_KWARGS] = _kwargs(session, test.kwargs)
        return session.text(template)
    except Exception as fault:  # a template is code: it can fail in every way there is
        session.note(f"{_told(fault)}{getattr(fault, 'macro_place', '')}")
        return None


def _kwargs(session: RenderSession, kwargs: Mapping[str, Any]) -> dict[str, Any]:
    """The arguments of a generic test, as dbt passes them to its macro."""
    return {
        name: value if name == "column_name" else _argument(session, value)
        for name, value in kwargs.items()
    }


def _argument(session: RenderSession, value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _argument(session, item) for key, item in value.items()}
    if isinstance(value, list):
        return [_argument(session, item) for item in value]
    if not isinstance(value, str):
        return value
    return session.native(f"{{{{ {value} }}}}" if _CALL.match(value) else value)


def _told(fault: Exception) -> str:
    """An exception as one line."""
    if isinstance(fault, RecursionError):
        return "the template nests too deeply"
    if isinstance(fault, MemoryError):
        return "the template needs too much memory"
    text = " ".join(str(fault).split())[:300]
    if isinstance(fault, TemplateError):
        line = getattr(fault, "lineno", None)
        return f"{text} (line {line})" if line else text
    return f"{type(fault).__name__}: {text}"


def _unique(problems: list[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(problems))
