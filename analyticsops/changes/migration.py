"""Ways out of a breaking change, as files, lines and commands that can be applied."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import PurePosixPath

from analyticsops.changes.compare import Comparison
from analyticsops.findings import Finding, Migration, Severity
from analyticsops.project.model import Node

_BREAKS_COLUMNS = frozenset(
    {"SCH201", "SCH202", "SCH203", "SCH204", "SCH211", "CON602", "CON603", "CON606"}
)
_BREAKS_MEANING = frozenset({"ROW305", "VAL403", "VAL405"})
"""Changes after which a model is another one to its readers: they want a version, too."""

_RESTATES = frozenset({"OPS701", "OPS702", "OPS704", "OPS705"})


def migration_of(comparison: Comparison, finding: Finding) -> tuple[Migration, ...]:
    """The steps by which readers of the old and of the new can live side by side.

    Empty for what is not breaking, and for what brings its own migration.
    """
    if finding.severity is Severity.INFO:
        return ()
    base = comparison.base.project.nodes.get(finding.node)
    head = comparison.head.project.nodes.get(finding.node)
    if base is not None and finding.rule in ("SCH103", "SCH104"):
        return tuple(_relation_shim(comparison, finding, base, head))
    if base is None or head is None:
        return ()
    steps: list[Migration] = []
    if finding.rule == "SCH202":
        steps += _column_shim(comparison, finding, head)
    if finding.rule in _BREAKS_COLUMNS | _BREAKS_MEANING and head.kind == "model":
        steps += _new_version(base, head)
        steps += _pins(comparison, base)
    if finding.rule in _RESTATES | _BREAKS_MEANING or finding.rule.startswith("SCH20"):
        steps += _full_refresh(comparison, finding, head)
    return tuple(steps)


# -- a new version -----------------------------------------------------------------


def _new_version(base: Node, head: Node) -> Iterator[Migration]:
    """The old SQL stays as one version, the new one becomes the next."""
    if head.language != "sql" or base.raw_code == head.raw_code:
        return
    old, new = _numbers(base)
    folder = PurePosixPath(head.path).parent
    yield Migration(step="new-version", path=base.path, text=_ended(base.raw_code))
    file = str(folder / f"{head.name}_v{new}.sql")
    yield Migration(step="new-version", path=file, text=_ended(head.raw_code))
    yaml = head.patch_path or str(folder / f"_{head.name}.yml")
    yield Migration(step="new-version", path=yaml, text=_versions_yaml(base, old, new))


def _numbers(base: Node) -> tuple[str, str]:
    """(version of the old SQL, version of the new)."""
    old = base.version or "1"
    latest = max((v for v in (old, base.latest_version) if v.isdigit()), key=int, default=old)
    return old, str(int(latest) + 1) if latest.isdigit() else f"{old}_next"


def _versions_yaml(base: Node, old: str, new: str) -> str:
    """What goes into the model's entry. The old one stays the latest until readers move."""
    stem = PurePosixPath(base.path).stem
    defined = "" if stem == f"{base.name}_v{old}" else f"        defined_in: {stem}\n"
    return (
        f"models:\n  - name: {base.name}\n    latest_version: {base.latest_version or old}\n"
        f"    versions:\n      - v: {old}\n{defined}"
        f"        # deprecation_date: the day on which it ends\n      - v: {new}\n"
    )


def _pins(comparison: Comparison, base: Node) -> Iterator[Migration]:
    """For each line that refers to the model without a version: the line, pinned."""
    old, _ = _numbers(base)
    reference = re.compile(
        rf"ref\(\s*((?:['\"][\w-]+['\"]\s*,\s*)?['\"]{re.escape(base.name)}['\"])\s*\)"
    )
    project = comparison.head.project
    for unique_id in project.children.get(base.unique_id, ()):
        reader = project.nodes[unique_id]
        if reader.package != project.name or reader.kind not in ("model", "snapshot", "test"):
            continue
        for line in reader.raw_code.splitlines():
            pinned = reference.sub(rf"ref(\1, v={old})", line)
            if pinned != line:
                yield Migration(step="pin", path=reader.path, text=f"- {line}\n+ {pinned}\n")


# -- a view under the old name -----------------------------------------------------


def _column_shim(comparison: Comparison, finding: Finding, head: Node) -> Iterator[Migration]:
    """The model with the old name of a column beside the new one."""
    change = comparison.nodes.get(head.unique_id)
    pair = next((p for p in change.renamed if p.old == finding.column), None) if change else None
    if pair is not None:
        reference = f"{{{{ ref('{head.name}'{f', v={head.version}' if head.version else ''}) }}}}"
        path = str(PurePosixPath(head.path).parent / f"{head.name}_as_before.sql")
        text = (
            "{{ config(materialized='view') }}\n"
            f"-- Until its readers have moved from {pair.old} to {pair.new}.\n"
            f"select *, {pair.new} as {pair.old}\nfrom {reference}\n"
        )
        yield Migration(step="shim-view", path=path, text=text)


def _relation_shim(
    comparison: Comparison, finding: Finding, base: Node, head: Node | None
) -> Iterator[Migration]:
    """A view where the relation was."""
    if base.relation is None:
        return
    target = head or next(
        (n for n in comparison.added if f" {n.label}," in finding.message and n.kind == base.kind),
        None,
    )
    if target is None:
        return
    schema = base.config.get("schema")
    settings = ["materialized='view'", f"alias='{base.relation.identifier}'"]
    settings += [f"schema='{schema}'"] if schema else []
    text = (
        f"{{{{ config({', '.join(settings)}) }}}}\n"
        f"-- Until its readers have moved to {target.label}.\n"
        f"select *\nfrom {{{{ ref('{target.name}') }}}}\n"
    )
    path = str(PurePosixPath(base.path).parent / f"{base.name}_as_before.sql")
    yield Migration(step="shim-view", path=path, text=text)


# -- what has to be built anew -----------------------------------------------------


def _full_refresh(comparison: Comparison, finding: Finding, head: Node) -> Iterator[Migration]:
    """The incremental models among the node and whom it reaches."""
    nodes = comparison.head.project.nodes
    reached = [head, *(nodes[hit.node] for hit in finding.affected if hit.node in nodes)]
    names = sorted({node.name for node in reached if node.materialized == "incremental"})
    if names:
        command = f"dbt build --full-refresh --select {' '.join(names)}\n"
        yield Migration(step="full-refresh", path="", text=command)


def _ended(text: str) -> str:
    return text if text.endswith("\n") else f"{text}\n"
