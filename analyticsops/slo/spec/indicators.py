"""What is measured: service level indicators, one struct for each type.

Indicators about *time* (freshness, deadline) say of every instant whether it was good, and burn
between two runs and also when nothing runs. Those about *events* (all others) say it of each run,
load, test, measurement or period.
"""

from __future__ import annotations

from typing import Literal, TypeAlias, get_args

import msgspec

from analyticsops.slo.spec.words import Age, Duration, Share


class Indicator(
    msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="type"
):
    """Fields of all: none but the type."""

    @property
    def type(self) -> str:
        """The word for it in a specification."""
        return str(self.__struct_config__.tag)


class Freshness(Indicator, frozen=True, kw_only=True, tag="freshness"):
    """Data is not older than a threshold.

    Attributes:
        threshold: greatest age that is still fresh.
        scope: own: since the node itself was last loaded; end_to_end: of the oldest data in it,
            through all that it is built from. By default end_to_end, of a source own.
        quality_gate: error: a build counts when its tests of severity error have passed.
        sources: other ages for single sources behind it, or static.
    """

    threshold: Duration
    scope: Literal["own", "end_to_end"] | None = None
    quality_gate: Literal["none", "error"] = "none"
    sources: dict[str, Age] = {}


class Deadline(Indicator, frozen=True, kw_only=True, tag="deadline"):
    """Data of each slot of the schedule is there when the slot's grace has passed.

    Attributes:
        scope: as for freshness.
        sources: sources that need not be as new as the slot: static.
    """

    scope: Literal["own", "end_to_end"] | None = None
    sources: dict[str, Age] = {}


class Success(Indicator, frozen=True, kw_only=True, tag="success"):
    """A run of a job, or a build of a node, went well.

    Attributes:
        attempts: final: in the end, retries included; first: at the first try.
        skipped: bad: who reads it got no new data (the consumer's view); exclude: it did not
            fail itself (the owner's view).
        partial: what a partial success counts as.
    """

    attempts: Literal["final", "first"] = "final"
    skipped: Literal["bad", "exclude"] = "bad"
    partial: Literal["bad", "good"] = "bad"


class RunDuration(Indicator, frozen=True, kw_only=True, tag="duration"):
    """A run of a job, or a build of a node, took no longer than a threshold; an objective of 95%
    is a P95.

    Attributes:
        threshold: the longest that is good.
    """

    threshold: Duration


class Quality(Indicator, frozen=True, kw_only=True, tag="quality"):
    """A check (data test) on the node passed.

    Attributes:
        warned: what a test that warns counts as.
    """

    warned: Literal["good", "bad"] = "good"


class Volume(Indicator, frozen=True, kw_only=True, tag="volume"):
    """A load brought as many rows as expected, as the adapter says.

    Attributes:
        at_least: fewest rows that are good.
        at_most: most rows that are good.
    """

    at_least: int | None = None
    at_most: int | None = None

    def __post_init__(self) -> None:
        _bounded(self.at_least, self.at_most)


class NullRate(Indicator, frozen=True, kw_only=True, tag="null_rate"):
    """The share of rows without a value is small when it is measured (`slo measure`).

    Attributes:
        column: of the node.
        at_most: greatest share that is good.
    """

    column: str
    at_most: Share = msgspec.field(default_factory=lambda: Share(0))


class SchemaStability(Indicator, frozen=True, kw_only=True, tag="schema_stability"):
    """Columns and their types are those of the measurement before (`slo measure`)."""


class Cost(Indicator, frozen=True, kw_only=True, tag="cost"):
    """A run of a job, or a build of a node, cost no more than a limit, by `prices`.

    Attributes:
        at_most: in the currency of the prices.
    """

    at_most: float


class LineageCoverage(Indicator, frozen=True, kw_only=True, tag="lineage_coverage"):
    """Enough of the columns have a proven lineage when it is measured (`slo measure`).

    Attributes:
        at_least: smallest share of columns that is good.
    """

    at_least: Share


class DeploymentFrequency(Indicator, frozen=True, kw_only=True, tag="deployment_frequency"):
    """Enough commits arrive in each period.

    Attributes:
        at_least: deployments in a period.
        per: day, week (from Monday) or month, UTC.
    """

    at_least: int = 1
    per: Literal["day", "week", "month"] = "week"


class AlertLatency(Indicator, frozen=True, kw_only=True, tag="alert_latency"):
    """An incident was told soon after it began.

    Attributes:
        threshold: longest time from its beginning until it was opened that is good.
    """

    threshold: Duration


class CustomSql(Indicator, frozen=True, kw_only=True, tag="custom_sql"):
    """Anything that a query knows, asked by `slo measure`: events that were good of all that
    there were, or a value and its bounds.

    Attributes:
        query: SQL, with ref() and source(); one row, or one for each `at`.
        good: column that counts good events.
        total: column that counts all events.
        value: column with a value.
        at_least: smallest value that is good.
        at_most: greatest value that is good.
        at: column with the time of a row; by default the time of the measurement.
    """

    query: str
    good: str = ""
    total: str = ""
    value: str = ""
    at_least: float | None = None
    at_most: float | None = None
    at: str = ""

    def __post_init__(self) -> None:
        if bool(self.good) != bool(self.total) or bool(self.value) == bool(self.total):
            raise ValueError("write good and total, or value with at_least or at_most")
        if self.value:
            _bounded(self.at_least, self.at_most)


def _bounded(at_least: float | None, at_most: float | None) -> None:
    if at_least is None and at_most is None:
        raise ValueError("at_least or at_most is missing")
    if at_least is not None and at_most is not None and at_least > at_most:
        raise ValueError("at_least is more than at_most")


AnyIndicator: TypeAlias = (
    Freshness
    | Deadline
    | Success
    | RunDuration
    | Quality
    | Volume
    | NullRate
    | SchemaStability
    | Cost
    | LineageCoverage
    | DeploymentFrequency
    | AlertLatency
    | CustomSql
)

ABOUT_TIME = (Freshness, Deadline)
"""The others are about events."""

MEASURED = (NullRate, SchemaStability, LineageCoverage, CustomSql)
"""No artifact of dbt's says anything of these: `slo measure` asks."""

TYPES = tuple(str(kind.__struct_config__.tag) for kind in get_args(AnyIndicator))
"""Words for them."""
