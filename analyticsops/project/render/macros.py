"""Which macro a name means: dbt's order of packages, overrides and adapters."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from analyticsops.project.adapter_facts import facts_of
from analyticsops.project.model import Macro, Project

GLOBAL = "dbt"
"""The package of dbt's own macros; adapters' macros are reached through it too."""

Macros = Mapping[str, Macro]


class MacroIndex:
    """The macros of a project by package and name.

    Attributes:
        prefixes: what ``adapter.dispatch`` puts before a name, best first.
        packages: of the project and its packages.
        internal: of dbt and the adapter; the adapter's win.
    """

    def __init__(self, project: Project) -> None:
        adapters = adapter_chain(project.adapter)
        self.root = project.name
        self.prefixes = (*adapters, "default")
        inside = [*(f"dbt_{name}" for name in adapters), GLOBAL]
        by_package: dict[str, dict[str, Macro]] = {}
        for macro in project.macros.values():
            by_package.setdefault(macro.package, {})[macro.name] = macro
        self.internal: dict[str, Macro] = {}
        for package in reversed(inside):
            self.internal |= by_package.pop(package, {})
        self.packages = by_package

    def find(self, name: str, package: str) -> Macro | Macros | None:
        """What ``name`` means in a node of ``package``: a macro, a package or nothing.

        The node's own package is first, then the root project, then packages by name,
        then dbt. A package's macro called from another package's node is looked up
        from the node's package too: dbt has one namespace for a node.
        """
        for owner in (package, self.root):
            found = self.packages.get(owner, {}).get(name)
            if found is not None:
                return found
        if name in self.packages:
            return self.packages[name]
        if name == GLOBAL:
            return self.internal
        return self.internal.get(name)

    def dispatch(
        self,
        name: str,
        namespace: str | None,
        package: str,
        order: Mapping[str, Any],
    ) -> Macro | None:
        """The implementation of ``name`` for this adapter; None if there is none.

        Args:
            order: ``dispatch`` of dbt_project.yml: packages to search by namespace.
        """
        for place in self._places(namespace, order):
            for prefix in self.prefixes:
                found = self._in(place, f"{prefix}__{name}", package)
                if isinstance(found, Macro):
                    return found
        return None

    def _places(self, namespace: str | None, order: Mapping[str, Any]) -> tuple[str | None, ...]:
        if namespace is None:
            return (None,)
        if namespace in order:
            return tuple(order[namespace])
        known = namespace in self.packages
        return (self.root, namespace) if known else (None,)

    def _in(self, place: str | None, name: str, package: str) -> Macro | Macros | None:
        if place is None:
            return self.find(name, package)
        if place == GLOBAL:
            return self.internal.get(name)
        return self.packages.get(place, {}).get(name)

    def elsewhere(self, name: str, namespace: str) -> str:
        """A package that implements ``name`` but is searched only if ``dispatch`` of
        dbt_project.yml says so; empty if none does."""
        names = {f"{prefix}__{name}" for prefix in self.prefixes}
        for package in sorted(self.packages):
            if package not in (self.root, namespace) and names & self.packages[package].keys():
                return package
        return ""


def adapter_chain(adapter: str) -> tuple[str, ...]:
    """The adapter and those it inherits from, nearest first."""
    chain = [adapter]
    for name in chain:
        chain.extend(parent for parent in facts_of(name).parents if parent not in chain)
    return tuple(chain)
