"""Where the SQL of a node or hook comes from: the manifest, a compiled file, our own
rendering."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from analyticsops.lineage.code import Code, Columns, compiled
from analyticsops.project.confined import read_inside
from analyticsops.project.hooks import HOOK, owner_id
from analyticsops.project.model import Node, Project
from analyticsops.project.seeds import SeedColumns
from analyticsops.sql.adapters import dialect_of
from analyticsops.sql.facts import Problem
from analyticsops.sql.folding import fold_of

# A project that dbt compiled whole needs no rendering, and Jinja takes long to load.
if TYPE_CHECKING:
    from analyticsops.project.render import Renderer, RenderSettings

_LARGEST_SQL = 64 * 1024 * 1024
"""Bytes of one compiled file; nobody's model is as long."""


class CodeFinder:
    """A node's SQL: from the manifest, else from target/compiled, else rendered here."""

    def __init__(
        self, project: Project, folder: Path, root: Path | None, args: Mapping[str, Any]
    ) -> None:
        self._args = args  # of the last run
        self._project = project
        self._folder = folder
        self._root = root
        self._found: dict[str, Code] = {}
        self._columns: Columns = _nothing
        self._beside: CodeFinder | None = None

    def learn(self, columns: Columns) -> None:
        """From now on these columns are known."""
        self._columns = columns
        self._found.clear()

    def again(self, node: Node) -> Code | None:
        """Our own rendering, where dbt compiled without a warehouse to ask: the columns of
        a node's parents are known by now, and macros mostly ask for those."""
        from analyticsops.project.render.filled import fills_gaps, is_whole

        if node.language != "sql" or not node.raw_code.strip():
            return None
        rendered = self._renderer.render(node)
        before = self._found.get(node.unique_id)
        if rendered.sql is None or before is None or not is_whole(rendered):
            return None
        if before.sql is not None and not fills_gaps(rendered.sql, before.sql):
            return None
        code = self._with_other_branch(node, Code(rendered.sql))
        self._found[node.unique_id] = code
        return code

    def stand_beside(self, other: CodeFinder) -> None:
        """From now on the two are compared: what only one of them can read of a seed that is the
        same in both, they both know; else it would look like a difference."""
        self._beside, other._beside = other, self

    def seeded(self, node: Node) -> Sequence[str] | None:
        """The columns that a seed's file names."""
        found, other = self._seeds.of(node), self._beside
        twin = None if other is None else other._project.nodes.get(node.unique_id)
        if other is None or twin is None:
            return found
        theirs = other._seeds.of(twin)
        mark = self._seeds.mark(node)
        if mark and mark == other._seeds.mark(twin):
            return theirs if found is None else found
        return None if theirs is None else found

    def __call__(self, node: Node) -> Code:
        """The SQL of a node."""
        found = self._found.get(node.unique_id)
        if found is None:
            found = self._found[node.unique_id] = self._find(node)
        return found

    def _find(self, node: Node) -> Code:
        if node.kind in (HOOK, "operation"):
            return self._statements(node)
        code = compiled(node)
        if node.language != "sql" or not node.raw_code.strip():
            return code
        if code.sql is None:
            text = self._from_disk(node)
            code = Code(text) if text is not None else self._rendered(node)
        return self._with_other_branch(node, code)

    def _from_disk(self, node: Node) -> str | None:
        """``dbt source freshness`` rewrites the manifest without SQL, but leaves the files
        that dbt compiled; one that is older than its model is not used."""
        origin = self._origin(node)
        if origin is None or not node.path.endswith(".sql"):
            return None
        path = f"{node.package}/{node.path}"
        try:
            written = (self._folder / "compiled" / path).stat().st_mtime
            if written < origin.stat().st_mtime:
                return None
        except (OSError, ValueError):
            return None
        found = read_inside(self._folder / "compiled", path, limit=_LARGEST_SQL)
        try:
            return None if found.fault else found.data.decode("utf-8")
        except UnicodeDecodeError:
            return None

    def _origin(self, node: Node) -> Path | None:
        """The model's own file, wherever dbt keeps its package."""
        if self._root is None:
            return None
        own = node.package == self._project.name
        return (self._root if own else self._root / "dbt_packages" / node.package) / node.path

    def _rendered(self, node: Node) -> Code:
        rendered = self._renderer.render(node)
        problems = tuple(Problem("rendered without dbt", text) for text in rendered.problems)
        if rendered.sql is None:
            missing = Problem("not compiled", "run dbt compile or dbt build")
            return Code(None, problems or (missing,))
        return Code(rendered.sql, problems)

    def _statements(self, hook: Node) -> Code:
        """What a hook or operation runs: its text, and what its macros run by themselves.
        Empty if it could touch no columns whatever came out of it."""
        reachable = self._renderer.reachable.of(hook.raw_code, hook.package)
        if not reachable.writes and not reachable.reads:
            return Code("")
        owner = self._project.nodes.get(owner_id(hook.unique_id), hook)
        rendered = self._renderer.render_hook(owner, hook.raw_code)
        text = hook.compiled_code if hook.compiled_code is not None else rendered.text
        ran = [text, *rendered.ran] if text is not None else rendered.ran
        problems = tuple(Problem("rendered without dbt", told) for told in rendered.problems)
        sql = ";\n".join(part for part in ran if part.strip())
        if problems and not sql.strip():
            return Code(None, problems, writes=reachable.writes)
        return Code(sql, problems, writes=reachable.writes)

    # -- both branches of is_incremental() ----------------------------------------------

    def _with_other_branch(self, node: Node, code: Code) -> Code:
        """A table is built by one branch once, and by the other in every later run."""
        if code.sql is None or node.materialized != "incremental":
            return code
        if self._branching.isdisjoint(node.macros):
            return code
        from analyticsops.project.render.filled import words

        others: dict[str, str] = {}
        doubts: dict[Problem, None] = {}
        for renderer in (self._renderer, self._later_renderer):
            rendered = renderer.render(node)
            if rendered.sql is None or rendered.problems:
                reason = rendered.problems[0] if rendered.problems else "not rendered"
                doubts[Problem("other branch of is_incremental()", reason)] = None
            elif words(rendered.sql) != words(code.sql):
                others[words(rendered.sql)] = rendered.sql
        # If one is not known, it may be the very one that dbt compiled.
        problems = () if others else tuple(doubts)
        return Code(code.sql, (*code.problems, *problems), tuple(others.values()))

    @cached_property
    def _branching(self) -> frozenset[str]:
        """Unique ids of ``is_incremental`` and of all macros that call it."""
        found = {name for name in self._project.macros if name.endswith(".is_incremental")}
        found.add("macro.dbt.is_incremental")
        grown = True
        while grown:
            more = {
                macro.unique_id
                for macro in self._project.macros.values()
                if not found.isdisjoint(macro.macros)
            }
            grown = not more <= found
            found |= more
        return frozenset(found)

    @cached_property
    def _seeds(self) -> SeedColumns:
        return SeedColumns(self._project, self._root, fold_of(dialect_of(self._project.adapter)))

    @cached_property
    def _renderer(self) -> Renderer:
        from analyticsops.project.render import Renderer

        return Renderer(self._project, self._settings, self._known_columns)

    @cached_property
    def _later_renderer(self) -> Renderer:
        """As if the tables of incremental models were there already."""
        from analyticsops.project.render import Renderer

        settings = msgspec.structs.replace(self._settings, incremental=True)
        return Renderer(self._project, settings, self._known_columns)

    def _known_columns(self, unique_id: str) -> Sequence[str] | None:
        return self._columns(unique_id)

    @cached_property
    def _settings(self) -> RenderSettings:
        from analyticsops.project.render import RenderSettings, project_dispatch, project_vars

        root = self._root
        given = self._args.get("vars")
        given = given if isinstance(given, dict) else {}
        name = self._args.get("target")
        return RenderSettings(
            vars=project_vars(root, given) if root else given,
            env=_visible_environment(),
            target={"name": name} if isinstance(name, str) else {},
            dispatch=project_dispatch(root) if root else None,
        )


def _nothing(_unique_id: str) -> None:
    """No columns are known."""


_SECRET = ("KEY", "PASS", "PRIVATE", "SECRET", "TOKEN")


def _visible_environment() -> dict[str, str]:
    """What templates may read with ``env_var``: variables named DBT_*, but nothing that
    sounds secret, because rendered SQL is shown in reports and comments."""
    return {
        name: value
        for name, value in os.environ.items()
        if name.startswith("DBT_") and not any(word in name.upper() for word in _SECRET)
    }
