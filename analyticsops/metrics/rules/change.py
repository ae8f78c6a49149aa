"""MET5: a metric does not mean what it meant, or what was approved."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from analyticsops.findings import Affected, Finding, Location, Rule, Severity, make_finding
from analyticsops.metrics.change_records import record_path
from analyticsops.metrics.checks.dimensions import (
    aggregations_of,
    dimensions_of,
    finest_grain,
)
from analyticsops.metrics.comparison import Cause, LockDifference, MeaningChange
from analyticsops.metrics.lock import FILE
from analyticsops.metrics.query.grains import rank
from analyticsops.metrics.registry import Registry
from analyticsops.metrics.rules.change_claims import (
    LESS,
    NEEDLESS,
    NO_MAJOR,
    NO_PLAN,
    NO_RECORD,
    OPAQUE,
    REMOVED,
    RULES,
    STALE,
    UPSTREAM,
    VOID,
)
from analyticsops.metrics.rules.context import Context, about, users_of
from analyticsops.metrics.settings import major_of
from analyticsops.wording import listed

__all__ = ["RULES", "change_findings", "lock_findings", "lost_groups", "void_findings"]

_STRICT = ("certified", "reviewed")
"""Tiers whose meaning is agreed upon."""


def change_findings(context: Context, difference: LockDifference) -> Iterator[Finding]:
    """What a changed meaning asks for: a version, a record, another approval."""
    plain: list[MeaningChange] = []
    unversioned: list[MeaningChange] = []
    for change in difference.changed:
        certified = _is_certified(context, change)
        if change.opaque:
            yield _opaque(context, change)
        elif change.upstream_only and not certified:
            plain.append(change)
        if certified and _keeps_major(context, change):
            unversioned.append(change)
        elif certified or context.tier(change.name) in _STRICT:
            yield from _asked_for(context, change)
    yield from _upstream(context, plain)
    yield from _unversioned(context, unversioned)
    for name in difference.restated:
        old, new = difference.versions.get(name, ""), context.registry.settings[name].version
        if major_of(new) > major_of(old) > 0:
            what = f"goes from version {old} to {new} and means what it meant"
            yield about(context, NEEDLESS, name, what, setting="version", identity=(old, new))


def _keeps_major(context: Context, change: MeaningChange) -> bool:
    new = context.registry.settings[change.name].version
    return major_of(new) <= major_of(change.old.version)


def _is_certified(context: Context, change: MeaningChange) -> bool:
    return "certified" in (change.old.tier, context.tier(change.name))


def _opaque(context: Context, change: MeaningChange) -> Finding:
    levels = listed(change.levels)
    return about(
        context,
        OPAQUE,
        change.name,
        f"may mean something else: {levels} compared as text differ",
        severity=Severity.ERROR if _is_certified(context, change) else None,
        proven=False,
        location=_location(change),
        evidence=_evidence(change),
        affected=_affected(context, change.name),
        identity=(change.old.fingerprint, change.new.fingerprint),
    )


def _by_cause(changes: list[MeaningChange]) -> Iterator[tuple[Cause, list[MeaningChange]]]:
    """The changes by the first thing further up that differs."""
    found: dict[tuple[str, str], list[MeaningChange]] = {}
    for change in changes:
        cause = change.causes[0]
        found.setdefault((cause.node, cause.subject), []).append(change)
    for _, hit in sorted(found.items()):
        yield hit[0].causes[0], hit


def _upstream(context: Context, changes: list[MeaningChange]) -> Iterator[Finding]:
    """One finding for each thing further up, however many metrics it reaches."""
    for cause, hit in _by_cause(changes):
        what = "mean" if len(hit) > 1 else "means"
        yield _of_cause(context, UPSTREAM, cause, hit, f"{{}} {what} something else by a change of")


def _unversioned(context: Context, changes: list[MeaningChange]) -> Iterator[Finding]:
    """Certified metrics without a new version: those that one thing upstream changed together."""
    upstream = [change for change in changes if change.upstream_only]
    for change in changes:
        if not change.upstream_only:
            yield _no_major(context, change)
    for cause, hit in _by_cause(upstream):
        if len(hit) == 1:
            yield _no_major(context, hit[0])
            continue
        told = "certified metrics {} keep their versions and mean something else by a change of"
        versions = [
            f"{change.name} {_at_version(change.new.version)}"
            + (f"; {void}" if (void := _void(context, change)) else "")
            for change in hit
        ]
        yield _of_cause(context, NO_MAJOR, cause, hit, told, versions)


def _of_cause(
    context: Context,
    rule: Rule,
    cause: Cause,
    hit: list[MeaningChange],
    what: str,
    evidence: Iterable[str] = (),
) -> Finding:
    names = [change.name for change in hit]
    levels = [*dict.fromkeys(level for change in hit for level in change.levels)]
    owner = context.registry.project.nodes[cause.node].owner
    return make_finding(
        rule,
        node=cause.node,
        subject=cause.subject,
        message=f"{what.format(listed(names, 3))} {cause.subject} ({listed(levels)})",
        location=cause.location,
        evidence=evidence,
        affected=[_as_affected(context, "metric", name) for name in names],
        owner=owner.name if owner is not None else "",
        identity=[change.new.fingerprint for change in hit],
    )


def _asked_for(context: Context, change: MeaningChange) -> Iterator[Finding]:
    """A record and a plan, if the meaning is agreed upon."""
    name, new = change.name, context.registry.settings[change.name].version
    certified = _is_certified(context, change)
    identity = (change.old.fingerprint, change.new.fingerprint)
    hard = Severity.ERROR if certified else None
    record = context.registry.records.get((name, new))
    if new and record is None:
        what = f"has a new meaning and no change record {record_path(name, new)}"
        yield about(context, NO_RECORD, name, what, severity=hard, identity=identity)
    if record is not None and record.migration is None and certified:
        what = f"has a new major version {new} without a migration plan"
        place = Location(record_path(name, new), 1)
        yield about(context, NO_PLAN, name, what, severity=hard, location=place, identity=identity)


def _void(context: Context, change: MeaningChange) -> str:
    """That an approval does not hold any more; empty if there is none."""
    approved = context.registry.settings[change.name].approved
    if approved is None or approved.fingerprint == change.new.fingerprint:
        return ""
    return f"the approval of {approved.by} on {approved.date} is void"


def _at_version(version: str) -> str:
    return f"is still at version {version}" if version else "has no version"


def _no_major(context: Context, change: MeaningChange) -> Finding:
    name = change.name
    new = context.registry.settings[name].version
    shown = _at_version(new)
    void = _void(context, change)
    evidence = [*_evidence(change), *([void] if void else [])]
    if context.tier(name) != "certified":
        evidence.append("it was certified")
    return about(
        context,
        NO_MAJOR,
        name,
        f"means something else ({listed(change.levels)}) and {shown}",
        setting="version",
        severity=Severity.ERROR,
        location=_location(change) if change.upstream_only else None,
        evidence=evidence,
        affected=_affected(context, name),
        identity=(change.old.fingerprint, change.new.fingerprint),
    )


def void_findings(context: Context) -> Iterator[Finding]:
    """Metrics that are not what was approved."""
    for name in context.own():
        approved = context.registry.settings[name].approved
        if approved is None:
            continue
        now = context.registry.meant.metrics[name].fingerprint
        if approved.fingerprint != now:
            what = f"is not what {approved.by} approved on {approved.date}"
            told = [f"approved: {approved.fingerprint}", f"now: {now}"]
            tier = context.tier(name)
            yield about(
                context, VOID, name, what, setting="approved", evidence=told,
                severity=Severity.WARNING if tier == "draft" else None,
                identity=(approved.fingerprint, now),
            )  # fmt: skip


def lock_findings(context: Context, difference: LockDifference) -> Iterator[Finding]:
    """Where the lock does not say what the project says."""
    for change in difference.changed:
        levels = listed(change.levels)
        yield about(
            context, STALE, change.name, f"means something else than the lock says ({levels})",
            severity=Severity.ERROR, evidence=_evidence(change), location=_location(change),
            affected=_affected(context, change.name),
            identity=(change.old.fingerprint, change.new.fingerprint),
        )  # fmt: skip
    for name in difference.added:
        yield about(context, STALE, name, "is not in the lock", severity=Severity.ERROR)
    for name in difference.restated:
        what = "means what the lock says, which words it differently"
        yield about(context, STALE, name, what, severity=Severity.WARNING)
    for name in difference.removed:
        tier = difference.tiers.get(name, "")
        yield make_finding(
            REMOVED,
            node=f"metric.{context.registry.project.name}.{name}",
            subject=name,
            message=f"metric {name} is in the lock and not in the project",
            severity=Severity.ERROR if tier == "certified" else None,
            location=Location(FILE.as_posix()),
        )


def lost_groups(context: Context, base: Registry) -> Iterator[Finding]:
    """What metrics that somebody relies on can no longer be grouped by."""
    head = context.registry
    for name in context.own():
        if name not in base.definitions or context.tier(name) not in _STRICT:
            continue
        sides = []
        for registry in (base, head):
            found = list(aggregations_of(registry.definitions, registry.layer, name))
            grain = finest_grain(registry.layer, found) if found else ""
            sides.append((set(dimensions_of(registry.layer, found)), grain))
        (before, old), (after, new) = sides
        lost = sorted(before - after)
        if lost:
            what = f"can no longer be grouped by {listed(lost)}"
            yield about(context, LESS, name, what, affected=_affected(context, name), identity=lost)
        if old and old != new and (not new or rank(new) > rank(old)):
            what = f"is no longer known by {old}{f', only by {new}' if new else ''}"
            yield about(context, LESS, name, what, affected=_affected(context, name),
                        identity=(old, new))  # fmt: skip


def _evidence(change: MeaningChange) -> list[str]:
    told = [f"changed: {_placed(cause)}" for cause in change.causes]
    if change.old.formula != change.new.formula:
        told += [f"was: {change.old.formula}", f"now: {change.new.formula}"]
    before, after = change.old.filters, change.new.filters
    told += [f"filter gone: {text}" for text in before if text not in after]
    told += [f"filter new: {text}" for text in after if text not in before]
    return told + [f"compared as text: {why}" for why in change.new.opaque[:3]]


def _placed(cause: Cause) -> str:
    """What changed and where; a file that it names is not named twice."""
    place = cause.location
    if place is None:
        return cause.subject
    if place.path in cause.subject:
        return cause.subject.replace(place.path, str(place))
    return f"{cause.subject} ({place})"


def _location(change: MeaningChange) -> Location | None:
    """The cause nearest to the sources."""
    found = [cause.location for cause in change.causes if cause.location is not None]
    return found[0] if found else None


def _affected(context: Context, name: str) -> list[Affected]:
    found = []
    for text in users_of(context.registry, name):
        kind, _, called = text.rpartition(" ")
        found.append(_as_affected(context, kind.replace(" ", "_"), called))
    return found


def _as_affected(context: Context, kind: str, name: str) -> Affected:
    nodes = (n for n in context.registry.project.of_kind(kind) if n.name == name)
    node = next(nodes, None)
    if node is None:  # a SQL metric
        definition = context.registry.definitions[name]
        return Affected(
            node=definition.node, kind=kind, name=name, owner=context.registry.owners[name]
        )
    owner = node.owner.name if node.owner is not None else ""
    return Affected(node=node.unique_id, kind=kind, name=name, owner=owner)
