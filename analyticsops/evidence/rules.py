"""SYS: what execution refutes. It never happens, unless we are wrong."""

from __future__ import annotations

from analyticsops.findings import Rule, Severity, Strictness

PROOF_REFUTED = Rule(
    code="SYS904",
    name="proof-refuted",
    severity=Severity.ERROR,
    strictness=Strictness.RELATION,
    mirror="SYS904",
    summary="Execution shows a difference where analyticsops had proven that there is none.",
    why=(
        "One of the two is wrong, and it is not the database: a verdict of this report cannot "
        "be trusted, and neither can others that rest on the same reasoning."
    ),
    example=(
        "A model was called *refactored*, and `diff --execute` found three rows on which "
        "its two versions differ."
    ),
    advice=(
        "Take the difference as real, and report it to analyticsops with the counterexample and "
        "both queries; until then accept this finding with a reason."
    ),
)

RULES: tuple[Rule, ...] = (PROOF_REFUTED,)
