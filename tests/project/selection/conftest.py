"""Fixtures of the selection tests."""

from __future__ import annotations

import pytest

from analyticsops.project.model import Project
from analyticsops.project.selection import Context

from .cases import fixture_context, fixture_project


@pytest.fixture(scope="session")
def project() -> Project:
    """The project of the case files."""
    return fixture_project()


@pytest.fixture(scope="session")
def context() -> Context:
    """An earlier version of it, run results and freshness."""
    return fixture_context()
