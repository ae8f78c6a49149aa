"""Words that nobody may read by accident, where they are planted, and where they may be shown."""

from __future__ import annotations

import gzip
import re
import sqlite3
import zlib
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import duckdb

from tests.commands.world import PLAIN
from tests.site.reading import called

WORDS = {kind: f"kanarie{kind}" for kind in PLAIN}
"""Kind of place in a world -> the secret in it. No digits: those would be masked as such."""

ENVIRONMENT = {
    "DBT_ENV_SECRET_TOKEN": "kanarieenvsecret",
    "DBT_ENV_CUSTOM_ENV_TEAM": "kanarieenvcustom",
    "DBT_PASSWORD": "kanarieenvpassword",
    "CANARY": "kanarieenvother",
    "SLACK_URL": "gopher://hooks.example/kanarieaddress",
}

CANARY = re.compile(r"kanarie[a-z]+", re.IGNORECASE)


def found_in(text: str) -> set[str]:
    """Secrets in a text, without their prefix."""
    return {match.lower().removeprefix("kanarie") for match in CANARY.findall(text)}


def texts_of(path: Path) -> Iterator[str]:
    """All text of a file, also of what is packed, columnar, or a database."""
    data = path.read_bytes()
    if data.startswith(b"SQLite format 3"):
        yield from _rows(path)
    elif data.startswith(b"PAR1"):
        for row in duckdb.read_parquet(str(path)).fetchall():
            yield repr(row)
    elif data.startswith(b"\x1f\x8b"):
        yield gzip.decompress(data).decode()
    elif data.startswith(b"analyticsopsChunk("):
        yield repr(called(data))
    else:
        yield data.decode(errors="replace")
        for match in re.finditer(rb'analyticsopsChunk\("[^"]*","[^"]*"\)\n', data):
            yield repr(called(match[0]))


def _rows(path: Path) -> Iterator[str]:
    with sqlite3.connect(path) as database:
        tables = database.execute("select name from sqlite_master where type = 'table'").fetchall()
        for (name,) in tables:
            for row in database.execute(f'select * from "{name}"'):
                for value in row:
                    yield _unpacked(value) if isinstance(value, bytes) else str(value)
    database.close()


def _unpacked(data: bytes) -> str:
    with suppress(zlib.error):
        data = zlib.decompress(data)
    return data.decode(errors="replace")
