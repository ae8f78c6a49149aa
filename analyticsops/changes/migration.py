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
        versions = list(_new_version(comparison, base, head))
        steps += versions
        steps += _pins(comparison, finding, base) if versions else ()
    if finding.rule in _RESTATES | _BREAKS_MEANING or finding.rule.startswith("SCH20"):
        steps += _full_refresh(comparison, finding, head)
    return tuple(steps)


# -- a new version -----------------------------------------------------------------


def _new_version(comparison: Comparison, base: Node, head: Node) -> Iterator[Migration]:
    """The old SQL stays as one version, the new one becomes the next."""
    if head.language != "sql" or base.raw_code == head.raw_code:
        return
    _, new = _numbers(comparison, base)
    folder = PurePosixPath(head.path).parent
    yield Migration(step="new-version", path=base.path, text=_ended(base.raw_code))
    file = str(folder / f"{head.name}_v{new}.sql")
    yield Migration(step="new-version", path=file, text=_ended(head.raw_code))
    yaml = head.patch_path or str(folder / f"_{head.name}.yml")
    yield Migration(step="new-version", path=yaml, text=_versions_yaml(comparison, base))


def _numbers(comparison: Comparison, base: Node) -> tuple[str, str]:
    """(version of the old SQL, version of the new)."""
    old = base.version or "1"
    taken = (old, base.latest_version, *_versions(comparison, base))
    latest = max((v for v in taken if v.isdigit()), key=int, default=old)
    return old, str(int(latest) + 1) if latest.isdigit() else f"{old}_next"


def _versions_yaml(comparison: Comparison, base: Node) -> str:
    """What goes into the model's entry, which keeps its other versions. The old one stays the
    latest until readers move."""
    old, new = _numbers(comparison, base)
    stem = PurePosixPath(base.path).stem
    entries = {version: f"      - v: {version}\n" for version in _versions(comparison, base)}
    entries[old] = f"      - v: {old}\n"
    entries[old] += "" if stem == f"{base.name}_v{old}" else f"        defined_in: {stem}\n"
    entries[old] += "        # deprecation_date: the day on which it ends\n"
    return (
        f"models:\n  - name: {base.name}\n    latest_version: {base.latest_version or old}\n"
        f"    versions:\n{''.join(entries.values())}      - v: {new}\n"
    )


def _number(version: str) -> str:
    """A version as Jinja has it."""
    return version if version.isdigit() else f"'{version}'"


def _versions(comparison: Comparison, base: Node) -> list[str]:
    """All that the head has of a model with versions, in the order of the manifest."""
    return [
        node.version
        for node in comparison.head.project.nodes.values()
        if (node.kind, node.package, node.name) == (base.kind, base.package, base.name)
        and node.version
    ]


def _pins(comparison: Comparison, finding: Finding, base: Node) -> Iterator[Migration]:
    """For each line that refers to the model without a version: the line, pinned to the version
    that it was written for. A reader that changed with the model was written for the new one,
    unless the change breaks it."""
    old, new = _numbers(comparison, base)
    broken = {hit.node for hit in finding.affected if hit.via == "breaks"}
    before = comparison.base.project.nodes
    reference = re.compile(
        rf"ref\(\s*((?:['\"][\w-]+['\"]\s*,\s*)?['\"]{re.escape(base.name)}['\"])\s*\)"
    )
    project = comparison.head.project
    for unique_id in project.children.get(base.unique_id, ()):
        reader = project.nodes[unique_id]
        if reader.package != project.name or reader.kind not in ("model", "snapshot", "test"):
            continue
        as_before = unique_id in before and before[unique_id].raw_code == reader.raw_code
        version = old if as_before or unique_id in broken else new
        for line in reader.raw_code.splitlines():
            pinned = reference.sub(rf"ref(\1, v={_number(version)})", line)
            if pinned != line:
                yield Migration(step="pin", path=reader.path, text=f"- {line}\n+ {pinned}\n")


# -- a view under the old name -----------------------------------------------------


def _column_shim(comparison: Comparison, finding: Finding, head: Node) -> Iterator[Migration]:
    """The model with the old name of a column beside the new one."""
    change = comparison.nodes.get(head.unique_id)
    pair = next((p for p in change.renamed if p.old == finding.column), None) if change else None
    if pair is not None:
        text = (
            "{{ config(materialized='view') }}\n"
            f"-- Until its readers have moved from {pair.old} to {pair.new}.\n"
            f"select *, {pair.new} as {pair.old}\nfrom {_reference(head)}\n"
        )
        yield Migration(step="shim-view", path=_shim_path(comparison, head), text=text)


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
    # The model itself may be called as ever: what moved is the table.
    moved = f"to {target.label}" if target is not head else f"({'; '.join(finding.evidence)})"
    text = (
        f"{{{{ config({', '.join(settings)}) }}}}\n"
        f"-- Until its readers have moved {moved}.\n"
        f"select *\nfrom {_reference(target)}\n"
    )
    yield Migration(step="shim-view", path=_shim_path(comparison, base), text=text)


def _reference(node: Node) -> str:
    version = f", v={_number(node.version)}" if node.version else ""
    return f"{{{{ ref('{node.name}'{version}) }}}}"


def _shim_path(comparison: Comparison, node: Node) -> str:
    """Beside a model; of a seed or snapshot where models are, since dbt looks for views there."""
    name = f"{node.name}{f'_v{node.version}' if node.version else ''}_as_before.sql"
    if node.kind == "model":
        return str(PurePosixPath(node.path).parent / name)
    project = comparison.head.project
    models = (n.path for n in project.of_kind("model") if n.package == project.name and n.path)
    return f"{PurePosixPath(next(models, 'models')).parts[0]}/{name}"


# -- what has to be built anew -----------------------------------------------------


def _full_refresh(comparison: Comparison, finding: Finding, head: Node) -> Iterator[Migration]:
    """The incremental models among the node and whom it reaches."""
    nodes = comparison.head.project.nodes
    reached = [head, *(nodes[hit.node] for hit in finding.affected if hit.node in nodes)]
    names = sorted({node.name for node in reached if _is_refreshed(node)})
    if names:
        command = f"dbt build --full-refresh --select {' '.join(names)}\n"
        yield Migration(step="full-refresh", path="", text=command)


def _is_refreshed(node: Node) -> bool:
    return node.materialized == "incremental" and node.config.get("full_refresh") is not False


def _ended(text: str) -> str:
    return text if text.endswith("\n") else f"{text}\n"
