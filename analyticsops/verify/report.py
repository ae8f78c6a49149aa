"""What was verified, what was not and why, and what is wrong."""

from __future__ import annotations

import enum
from collections import Counter
from collections.abc import Mapping

import msgspec

from analyticsops.verify.trial import Violation


class Status(enum.StrEnum):
    """What can be said of a model's lineage after the experiment."""

    VERIFIED = "verified"
    """Nothing changed that was not predicted."""
    VIOLATED = "violated"
    """Something did, or its columns are others: the lineage is wrong."""
    NOT_VERIFIED = "not verified"
    """There was no experiment, or not all of it; the reason says why."""


class Slack(msgspec.Struct, frozen=True, order=True):
    """A predicted edge that never showed: the data did not exercise it, or it is false.

    Attributes:
        input: ``model.column``.
        output: the column; empty for the rows.
        kind: ``value``, ``control`` or ``rows``.
    """

    input: str
    output: str
    kind: str


class ModelResult(msgspec.Struct, frozen=True, kw_only=True):
    """What an experiment on one model says.

    Attributes:
        node: ``unique_id``.
        name: what people call it.
        reason: why it is not verified; empty if it is.
        violations: one for each input and output.
        missing: columns that DuckDB yields and lineage does not have.
        surplus: columns that lineage has and DuckDB does not yield.
        predicted: number of edges that were put to the test.
        slack: those that never showed.
        ignored: columns about which nothing can be said, with the reason.
        refused: changes that made the query fail, so that nothing was learned.
        queries: how often the model ran.
    """

    node: str
    name: str
    status: Status
    reason: str = ""
    violations: tuple[Violation, ...] = ()
    missing: tuple[str, ...] = ()
    surplus: tuple[str, ...] = ()
    predicted: int = 0
    slack: tuple[Slack, ...] = ()
    ignored: tuple[tuple[str, str], ...] = ()
    refused: int = 0
    queries: int = 0


class VerifyReport(msgspec.Struct, frozen=True, kw_only=True):
    """The results of a run.

    Attributes:
        data: ``synthetic``, or the database that the rows come from.
        seed: that chose rows and changes.
        models: in the order of the project.
    """

    data: str
    seed: int
    models: tuple[ModelResult, ...]

    @property
    def failed(self) -> bool:
        """True if the lineage of a model is wrong."""
        return any(model.status is Status.VIOLATED for model in self.models)

    @property
    def counts(self) -> Mapping[str, int]:
        """Totals, by what they count."""
        states = Counter(model.status for model in self.models)
        return {
            **{status.value: states[status] for status in Status},
            "violations": sum(len(model.violations) for model in self.models),
            "edges": sum(model.predicted for model in self.models),
            "slack": sum(len(model.slack) for model in self.models),
            "queries": sum(model.queries for model in self.models),
        }

    @property
    def reasons(self) -> Mapping[str, int]:
        """Why models are not verified, most often first."""
        found = Counter(model.reason.partition(":")[0] for model in self.models if model.reason)
        return dict(found.most_common())
