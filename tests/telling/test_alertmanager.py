"""A real Alertmanager, where it is installed, takes what we send."""

from __future__ import annotations

import json
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.request import urlopen

import pytest

from analyticsops.responding import respond
from analyticsops.slo.incident import Incident
from analyticsops.slo.spans import HOUR, MINUTE, instant_of
from analyticsops.slo.spec.entries import ReceiverEntry
from tests.telling.making import alert, evaluation, incident, settings, when

PROGRAM = shutil.which("prometheus-alertmanager") or shutil.which("alertmanager")
SHARED = settings(manager=ReceiverEntry(type="alertmanager", url_env="AM_URL"))
CONFIG = """
route: {receiver: nobody, group_by: [incident]}
receivers: [{name: nobody}]
"""


def _alerts(url: str) -> Any:
    with urlopen(f"{url}/api/v2/alerts", timeout=5) as answer:
        return json.load(answer)


@pytest.fixture
def alertmanager(tmp_path: Path) -> Iterator[str]:
    if PROGRAM is None:
        pytest.skip("Alertmanager is not installed")
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port = found.getsockname()[1]
    (tmp_path / "am.yml").write_text(CONFIG)
    command = [
        PROGRAM,
        f"--config.file={tmp_path / 'am.yml'}",
        f"--storage.path={tmp_path / 'am'}",
        f"--web.listen-address=127.0.0.1:{port}",
        "--cluster.listen-address=",
    ]
    url = f"http://127.0.0.1:{port}"
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as running:
        try:
            for _ in range(100):
                try:
                    _alerts(url)
                    break
                except (URLError, ConnectionError):
                    time.sleep(0.05)
            yield url
        finally:
            running.kill()


def test_it_is_told_of_all_that_is_open(alertmanager: str, tmp_path: Path) -> None:
    start = instant_of(datetime.now(UTC)) - 20 * MINUTE

    def at(minutes: int, *found: Incident) -> None:
        now = start + minutes * MINUTE
        one = evaluation(*found, at=now, shared=SHARED)
        done = respond(one, tmp_path / "log", now=when(now), environ={"AM_URL": alertmanager})
        assert done.failed == ()
        assert done.problems == ()

    words = "é <b> {{ .x }} \"'\\ \n \U0001f600"
    ticket = alert(since=start - HOUR, what=words)
    strange = incident(alert("s", what=words, since=start), root=words, owner=words)
    at(0, incident(ticket), strange)
    found = _alerts(alertmanager)
    assert len(found) == 2
    assert {one["status"]["state"] for one in found} <= {"active", "unprocessed"}
    assert {one["labels"]["root"] for one in found} == {"orders", words}
    by_root = {one["labels"]["root"]: one for one in found}
    assert by_root["orders"]["annotations"]["runbook_url"].startswith("https://runbooks.example")
    # A page is another alert than a ticket: the ticket ends.
    at(5, incident(ticket, alert("p", page=True, since=start)))
    (one,) = _alerts(alertmanager)
    assert one["labels"]["severity"] == "page"
    at(10)
    assert _alerts(alertmanager) == []
