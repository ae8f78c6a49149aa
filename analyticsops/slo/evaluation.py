"""Everything about a project's objectives at one moment."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from analyticsops.slo.alert import Alert
from analyticsops.slo.incident import Incident
from analyticsops.slo.observed import Observed
from analyticsops.slo.spans import Instant
from analyticsops.slo.spec.declared import Declared
from analyticsops.slo.standing import Standing


class Evaluation(msgspec.Struct, frozen=True, kw_only=True):
    """How everything stands.

    Attributes:
        project: name of the dbt project.
        environment: whose runs these are; empty if the history names none.
        at: when.
        declared: what is promised.
        observed: what the history says.
        standings: of each objective, by subject and name.
        alerts: all that is wrong.
        incidents: the same by what caused it, the worst first.
        silent: incidents whose cause is in maintenance: nobody is told.
    """

    project: str
    environment: str
    at: Instant
    declared: Declared
    observed: Observed
    standings: tuple[Standing, ...]
    alerts: tuple[Alert, ...] = ()
    incidents: tuple[Incident, ...] = ()
    silent: tuple[Incident, ...] = ()

    @property
    def by_name(self) -> Mapping[str, Standing]:
        """Standings by the full name of their objective."""
        return {one.slo.full_name: one for one in self.standings}
