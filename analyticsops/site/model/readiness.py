"""Scorecards of data products."""

from __future__ import annotations

import msgspec

from analyticsops.readiness.checks import Answer


class CheckFacts(msgspec.Struct, frozen=True, kw_only=True):
    """A question, for all products."""

    code: str
    name: str
    why: str


class Product(msgspec.Struct, frozen=True, kw_only=True):
    """A data product and its scorecard.

    Attributes:
        score: share of the checks that apply that are passed.
        place: of its node in :class:`~analyticsops.site.model.lineage.Nodes`.
        answers: of the checks, in their order.
    """

    node: str
    label: str
    kind: str
    owner: str
    place: int
    score: float
    answers: tuple[Answer, ...]


class Readiness(msgspec.Struct, frozen=True, kw_only=True):
    """All scorecards, the worst first; checks in their order."""

    checks: tuple[CheckFacts, ...]
    products: tuple[Product, ...]
