"""The error budget policy: whether a change may pass (SRE workbook, appendix B)."""

from __future__ import annotations

from collections.abc import Sequence
from fnmatch import fnmatchcase

import msgspec

from analyticsops.slo.burndown import BurnDown, burn_down
from analyticsops.slo.observed import Deployed
from analyticsops.slo.spec.entries import PolicyEntry
from analyticsops.slo.standing import Standing


class Gate(msgspec.Struct, frozen=True, kw_only=True):
    """Whether a change may pass.

    Attributes:
        is_open: True if it may.
        because: why, in one sentence without a full stop.
        exhausted: full names of the objectives that close it, also where it is open for a fix.
        warned: those of which so much is used that the policy warns.
        lines: how their budgets were used.
    """

    is_open: bool
    because: str
    exhausted: tuple[str, ...]
    warned: tuple[str, ...]
    lines: tuple[BurnDown, ...]


def decide(
    standings: Sequence[Standing],
    policy: PolicyEntry,
    deployed: Sequence[Deployed] = (),
    *,
    branch: str = "",
    labels: Sequence[str] = (),
) -> Gate:
    """Whether a change may pass, by the objectives that it is judged by.

    Args:
        branch: that wants to pass.
        labels: of its pull request.
    """
    judged = [one for one in standings if one.slo.tier in policy.tiers]
    closing = [one for one in judged if one.is_exhausted]
    near = [
        one
        for one in judged
        if one not in closing and one.left is not None and 1 - one.left >= policy.warn_at
    ]
    is_open, because = _passes(closing, near, policy, branch, labels)
    return Gate(
        is_open=is_open,
        because=because,
        exhausted=tuple(one.slo.full_name for one in closing),
        warned=tuple(one.slo.full_name for one in near),
        lines=tuple(burn_down(one, deployed) for one in (*closing, *near)),
    )


def _passes(
    closing: Sequence[Standing],
    near: Sequence[Standing],
    policy: PolicyEntry,
    branch: str,
    labels: Sequence[str],
) -> tuple[bool, str]:
    if not closing:
        if near:
            names = ", ".join(one.slo.full_name for one in near)
            return True, f"no budget is used up, but that of {names} is nearly"
        return True, "no budget of its tiers is used up"
    names = ", ".join(one.slo.full_name for one in closing)
    allowed = next((p for p in policy.allow_branches if fnmatchcase(branch, p)), None)
    if branch and allowed is not None:
        return True, f"the budget of {names} is used up, but branch {branch} is a fix ({allowed})"
    label = next((one for one in labels if one in policy.allow_labels), None)
    if label is not None:
        return True, f"the budget of {names} is used up, but the change is labelled {label}"
    return False, f"the budget of {names} is used up; only fixes may merge"
