"""Scorecards as the page shows them."""

from __future__ import annotations

from collections.abc import Sequence

from analyticsops.project.model import Project
from analyticsops.readiness.checks import CHECKS
from analyticsops.readiness.scorecard import Scorecard
from analyticsops.site.graph import Slots
from analyticsops.site.model.readiness import CheckFacts, Product, Readiness


def readiness_of(project: Project, slots: Slots, cards: Sequence[Scorecard]) -> Readiness:
    """All scorecards, in their order."""
    return Readiness(
        checks=tuple(CheckFacts(code=one.code, name=one.name, why=one.why) for one in CHECKS),
        products=tuple(_product(project, slots, card) for card in cards),
    )


def _product(project: Project, slots: Slots, card: Scorecard) -> Product:
    node = project.nodes[card.node]
    return Product(
        node=card.node,
        label=node.label,
        kind=node.kind,
        owner=node.owner.name if node.owner is not None else "",
        place=slots.place[card.node],
        score=card.score,
        answers=card.answers,
    )
