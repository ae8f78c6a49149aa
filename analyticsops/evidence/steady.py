"""What does not depend on the order of rows, on time or on chance."""

from __future__ import annotations

from random import Random

from analyticsops.evidence.difference import Rows
from analyticsops.evidence.pair import SIDES, Model
from analyticsops.evidence.stage import Database, Stage
from analyticsops.verify.compare import agreeing
from analyticsops.verify.sandbox import Refused

UNSTEADY = "its rows depend on the order of its input, on time or chance"

_SHUFFLES = (11, 23)
"""Orders of rows in which a difference must show before it is believed."""


def steady_columns(
    stage: Stage, model: Model, database: Database, base: Rows, head: Rows
) -> list[int] | None:
    """Columns that are the same again, over the same rows in other orders; None if there
    are more or fewer rows then: nothing that differs in them says anything."""
    claim = model.claim
    steady = list(range(len(claim.equal) + len(claim.other))) if claim else []
    for shuffle in _SHUFFLES:
        stage.fill(_shuffled(database, shuffle))
        answers = stage.run(model.id)
        for side, before in zip(SIDES, (base, head), strict=True):
            again = answers.get((model.id, side))
            if again is None or isinstance(again, Refused) or len(again.rows) != len(before):
                return None
            steady = agreeing(before, again.rows, steady)
    return steady


def _shuffled(database: Database, seed: int) -> Database:
    chance = Random(seed)
    return {table: chance.sample([*rows], len(rows)) for table, rows in database.items()}
