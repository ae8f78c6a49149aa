"""OpenSLO v1 documents <-> objectives (https://github.com/OpenSLO/OpenSLO)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from analyticsops.slo.spec.reading import Written
from analyticsops.yaml_files import Lines


def read_documents(documents: Iterable[tuple[Any, Lines]]) -> Iterator[Written]:
    """The objectives in OpenSLO documents.

    Raises:
        ConfigError: a document cannot be read, or asks for what is not supported.
    """
    yield from ()
