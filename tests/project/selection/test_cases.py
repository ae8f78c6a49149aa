"""Every case in cases/*.txt. That dbt answers likewise is shown by test_oracle.py."""

from __future__ import annotations

import pytest

from analyticsops.errors import SelectionError
from analyticsops.project.model import Project
from analyticsops.project.selection import Context, select_nodes

from .cases import Case, read_cases


@pytest.mark.parametrize("case", read_cases(), ids=str)
def test_case(case: Case, project: Project, context: Context) -> None:
    if case.error:
        with pytest.raises(SelectionError) as caught:
            select_nodes(project, case.question.parsed(), context)
        assert str(caught.value) == case.error
    else:
        found = select_nodes(project, case.question.parsed(), context)
        assert sorted(found) == sorted(case.expected)
