"""Which macros changed between two projects, directly or through macros they call."""

from __future__ import annotations

from analyticsops.project.model import Project


def changed_macros(new: Project, old: Project) -> frozenset[str]:
    """Unique ids of macros that are new, removed or different, and of all macros in
    ``new`` that call one of those, at any distance."""
    everything = new.macros.keys() | old.macros.keys()
    changed = {
        unique_id for unique_id in everything if _text(new, unique_id) != _text(old, unique_id)
    }
    callers: dict[str, list[str]] = {}
    for macro in new.macros.values():
        for called in macro.macros:
            callers.setdefault(called, []).append(macro.unique_id)
    waiting = list(changed)
    while waiting:
        for caller in callers.get(waiting.pop(), ()):
            if caller not in changed:
                changed.add(caller)
                waiting.append(caller)
    return frozenset(changed)


def _text(project: Project, unique_id: str) -> str | None:
    macro = project.macros.get(unique_id)
    return None if macro is None else macro.sql
