"""A receiver that listens, and nobody waits for long."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from analyticsops.telling import client
from tests.telling.server import Receiver, serving


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with serving() as one:
        yield one


@pytest.fixture(autouse=True)
def _hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    pace = client.Pace(connect=1.0, read=0.5, backoff=0.01, tries=3)
    monkeypatch.setattr(client, "PACE", pace)
