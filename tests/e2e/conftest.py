"""The example project, built by dbt for real, once for all tests of this folder."""

from __future__ import annotations

from pathlib import Path

import pytest

from scripts import demo


@pytest.hookimpl(tryfirst=True)  # before xdist looks for groups
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """All of them on one worker: they share what dbt built."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.xdist_group("e2e"))
            item.add_marker(pytest.mark.dbt)


@pytest.fixture(scope="session")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with `base`, built, and a compiled copy for each pull request."""
    folder = tmp_path_factory.mktemp("shop")
    demo.build(folder)
    demo.measure_freshness(folder)
    return folder
