"""An incident: all that is wrong for one reason."""

from __future__ import annotations

from hashlib import blake2b

import msgspec

from analyticsops.slo.alert import Alert, Kind
from analyticsops.slo.spans import Instant


class Root(msgspec.Struct, frozen=True, kw_only=True):
    """What caused it: a node, a job, or the project.

    Attributes:
        id: ``unique_id``, or ``job.`` and its name, or ``project``.
        label: what people call it.
        kind: of its trouble.
        suspected: True if it is only likely.
    """

    id: str
    label: str
    kind: Kind
    suspected: bool = False


class Affected(msgspec.Struct, frozen=True, kw_only=True):
    """What an incident reaches, by names, sorted.

    Attributes:
        marts: models downstream that have no model below them, or are public.
        metrics: downstream.
        exposures: downstream.
        owners: of all these.
        others: how many nodes downstream besides.
    """

    marts: tuple[str, ...] = ()
    metrics: tuple[str, ...] = ()
    exposures: tuple[str, ...] = ()
    owners: tuple[str, ...] = ()
    others: int = 0


class Incident(msgspec.Struct, frozen=True, kw_only=True):
    """All that is wrong for one reason, as it is at one moment.

    Attributes:
        id: short, the same for as long as it is open.
        root: what caused it.
        since: when it began.
        page: True if somebody must get up: if any of its alerts says so.
        alerts: the worst first.
        affected: what it reaches.
        owner: of the root; empty if nobody.
        runbook: of the root, else of the worst alert; empty if there is none.
    """

    id: str
    root: Root
    since: Instant
    page: bool
    alerts: tuple[Alert, ...]
    affected: Affected = Affected()
    owner: str = ""
    runbook: str = ""

    @property
    def severity(self) -> str:
        """``page`` or ``ticket``."""
        return "page" if self.page else "ticket"

    @property
    def title(self) -> str:
        """What is wrong with the root, without a full stop."""
        return self.alerts[0].what if self.alerts else f"{self.root.label} is {self.root.kind}"

    @property
    def nodes(self) -> tuple[str, ...]:
        """Nodes and jobs that it is about, the root first."""
        found = dict.fromkeys((self.root.id, *(a.node or f"job.{a.job}" for a in self.alerts)))
        return tuple(name for name in found if name != "job.")


def incident_id(project: str, environment: str, root: str, since: Instant) -> str:
    """12 hex digits that are the same for the same trouble."""
    text = "\x1f".join((project, environment, root, str(since)))
    return blake2b(text.encode(), digest_size=6).hexdigest()
