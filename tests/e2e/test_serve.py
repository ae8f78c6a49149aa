"""`analyticsops serve`: it shows what is there, follows what changes, and lets nobody else in."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from http.client import HTTPConnection
from pathlib import Path
from signal import SIGINT
from threading import Thread

import pytest

AOPS = Path(sys.executable).parent / "analyticsops"


class Served:
    """A server, and what it said."""

    def __init__(self, folder: Path) -> None:
        self.process = subprocess.Popen(
            [str(AOPS), "serve", "--port", "0", "--no-sql"],
            cwd=folder,
            stderr=subprocess.PIPE,
            text=True,
        )
        self.lines: list[str] = []
        self.listening = Thread(target=self._listen, daemon=True)
        self.listening.start()
        self.port = int(self.waited(r"serving http://127\.0\.0\.1:(\d+)/"))

    def _listen(self) -> None:
        assert self.process.stderr is not None
        with self.process.stderr as said:
            for line in said:
                self.lines.append(line)

    def waited(self, pattern: str, seconds: float = 120) -> str:
        """What a line says, once there is one."""
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            for line in list(self.lines):
                found = re.search(pattern, line)
                if found:
                    return found[1] if found.groups() else found[0]
            assert self.process.poll() is None, self.lines
            time.sleep(0.05)
        raise AssertionError(f"nobody said {pattern}: {self.lines}")

    def asked(self, path: str, host: str = "127.0.0.1") -> tuple[int, bytes]:
        """(status, content) of an answer."""
        connection = HTTPConnection("127.0.0.1", self.port, timeout=30)
        with closing(connection):
            connection.request("GET", path, headers={"Host": host})
            answer = connection.getresponse()
            return answer.status, answer.read()


@contextmanager
def served(folder: Path) -> Iterator[Served]:
    server = Served(folder)
    try:
        yield server
    finally:
        server.process.send_signal(SIGINT)
        assert server.process.wait(30) == 0
        server.listening.join(10)


@pytest.fixture
def copy(shop: Path, tmp_path: Path) -> Path:
    shutil.copytree(shop / "harmful", tmp_path / "shop", symlinks=True)
    return tmp_path / "shop"


def _index(page: bytes) -> dict[str, object]:
    found = re.search(rb'id="index">(.*?)</script>', page, re.DOTALL)
    assert found is not None
    index: dict[str, object] = json.loads(found[1])
    return index


def test_it_follows_the_artifacts_and_refuses_other_hosts(copy: Path) -> None:
    with served(copy) as server:
        status, page = server.asked("/")
        assert status == 200
        assert b'name="analyticsops-live"' in page
        chunks = _index(page)["chunks"]
        assert isinstance(chunks, dict)
        name = chunks["nodes"]["file"]
        assert server.asked(f"/data/{name}")[0] == 200
        # Nothing else on this disk, and nobody whose name leads here.
        for path in ("/data/../../target/manifest.json", "/%2e%2e/profiles.yml", "/profiles.yml"):
            assert server.asked(path)[0] == 404
        assert server.asked("/", host="evil.example")[0] == 400

        done = subprocess.run(
            [str(AOPS), "serve", "--no-sql", "--port", str(server.port)],
            cwd=copy,
            capture_output=True,
            text=True,
        )
        assert done.returncode == 2
        assert "cannot listen there" in done.stderr

        changes = HTTPConnection("127.0.0.1", server.port, timeout=60)
        changes.request("GET", "/changes")
        stream = changes.getresponse()
        assert stream.readline() == b": waiting\n"

        manifest = copy / "target" / "manifest.json"
        whole = manifest.read_text(encoding="utf-8")
        manifest.write_text(whole[:1000], encoding="utf-8")  # dbt is still writing
        server.waited("kept as it was")
        assert _index(server.asked("/")[1])["title"] == "shop"

        manifest.write_text(whole.replace("fct_payments", "fct_payment_facts"), encoding="utf-8")
        server.waited("made anew")
        told = iter(stream.readline, b"")
        assert next(line for line in told if line.startswith(b"event")) == b"event: changed\n"
        assert server.asked(f"/data/{name}")[0] == 404
        stream.close()
        changes.close()


def test_it_serves_this_machine_alone(copy: Path) -> None:
    done = subprocess.run(
        [str(AOPS), "serve", "--host", "0.0.0.0"], cwd=copy, capture_output=True, text=True
    )
    assert done.returncode == 2
    assert "this serves the machine that it runs on" in done.stderr
