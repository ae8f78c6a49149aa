"""Scorecards of data products."""

from __future__ import annotations

import msgspec


class ReadinessCheck(msgspec.Struct, frozen=True, kw_only=True):
    """A question to a data product.

    Attributes:
        code: of the check.
        state: ``passed``, ``failed``, ``unknown`` or ``not applicable``.
        said: what was found.
        fix: what to do; empty if nothing.
    """

    code: str
    state: str
    said: str
    fix: str


class Product(msgspec.Struct, frozen=True, kw_only=True):
    """A data product and its scorecard.

    Attributes:
        score: share of the checks that apply that are passed.
        place: of its node in :class:`Nodes`.
    """

    node: str
    label: str
    kind: str
    owner: str
    place: int
    score: float
    checks: tuple[ReadinessCheck, ...]


class CheckFacts(msgspec.Struct, frozen=True, kw_only=True):
    """A check, for all products."""

    code: str
    name: str
    why: str


class Readiness(msgspec.Struct, frozen=True, kw_only=True):
    """All scorecards, the worst first; checks in their order."""

    checks: tuple[CheckFacts, ...]
    products: tuple[Product, ...]


def schema() -> dict[str, Any]:
    """The JSON Schema of all parts of a site's data, each under its name in ``$defs``."""
    shown = (Metrics, Review, Readiness, OnCall, Objectives, Objective)
    parts = (Index, Nodes, Edges, NodeDetail, NodeRuns, *shown)
