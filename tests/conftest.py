"""Settings of all tests."""

from __future__ import annotations

import os
from zlib import crc32

import pytest

# Facts that an older state of the code left on disk would hide what is tested.
os.environ["ANALYTICSOPS_CACHE"] = "off"


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """With ``SAMPLE=3`` one in three cases of tests that have many, always the same ones, and all
    other tests: for another interpreter, once all of them ran on the first."""
    every = int(os.environ.get("SAMPLE", "1"))
    left_out = [i for i in items if "[" in i.name and crc32(i.nodeid.encode()) % every]
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        dropped = set(left_out)
        items[:] = [item for item in items if item not in dropped]
