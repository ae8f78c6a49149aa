"""Whatever a name or a message holds comes back byte for byte."""

from __future__ import annotations

from collections.abc import Iterator

from analyticsops.history.pulled import read_results
from tests import hostile
from tests.engines.doors import TEXTS_OF, Doors


def _expected(engine: str) -> Iterator[tuple[str, str]]:
    """PostgreSQL cannot hold a NUL: docs/history.md says what becomes of it."""
    texts = hostile.TEXTS
    whole = "".join(texts)
    large = (whole * (hostile.LARGE // len(whole) + 1))[: hostile.LARGE]
    for name, text in [*((text, text) for text in texts), ("large", large)]:
        if engine == "postgres":
            yield name.replace("\0", "\ufffd"), text.replace("\0", "\ufffd")
        else:
            yield name, text


def test_hostile_texts_come_back_byte_for_byte(doors: Doors, engine: str) -> None:
    written, printed = doors.others[1], doors.others[4]
    assert (written.code, printed.code) == (0, 0), written.output
    found = read_results(printed.output)[TEXTS_OF]
    wrong = [name for name, text in _expected(engine) if found[name].message != text]
    assert wrong == []
    assert len(found) == len(dict(_expected(engine))) > 70
