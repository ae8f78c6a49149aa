"""The last day of a model: when it may go."""

from __future__ import annotations

import datetime

from analyticsops.project.model import Node


def day_of(node: Node) -> datetime.date | None:
    """The day on which a model is deprecated; None if it is not, or nobody can read it."""
    text = node.deprecation_date.strip()
    try:
        return datetime.date.fromisoformat(text[:10]) if text else None
    except ValueError:
        return None


def passed(node: Node, today: datetime.date) -> bool:
    """True if the model was announced to go, and the day has come."""
    day = day_of(node)
    return day is not None and day <= today
