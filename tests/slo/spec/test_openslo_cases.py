"""Changes of an OpenSLO document, and what is read of it then, or what is said.

Both stand in tests/cases/slo/: the document in openslo.yml, the changes in openslo.txt. After a
wanted change write what comes out again, and read the difference in git:

    GOLDEN=write python -m pytest tests/slo/spec/test_openslo_cases.py
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from analyticsops.errors import ConfigError
from analyticsops.slo.objective import Slo
from analyticsops.slo.spec.declared import declare
from analyticsops.slo.spec.reading import read_files
from tests.project_maker import project, workspace
from tests.slo.cases import CASES, Case, check, read_cases

DOCUMENT = (CASES / "openslo.yml").read_text(encoding="utf-8")
FILE = CASES / "openslo.txt"
LISTED = read_cases(FILE)
SHOP = workspace(
    project(models={"orders": "select * from @raw.orders"}, sources={"raw.orders": "id"})
).project


def changed(case: Case) -> str:
    """The document with ``- old`` lines replaced by the ``+ new`` lines behind them."""
    text = DOCUMENT
    for old, new in re.findall(r"^- (.*)\n\+ ?(.*)", case.given, re.MULTILINE):
        old, new = (part.replace("\\n", "\n") for part in (old, new))
        assert text.count(old) == 1, f"{old!r} is {text.count(old)} times in the document"
        text = text.replace(old, new)
    return text


def read(text: str, folder: Path) -> dict[str, Slo]:
    (folder / "slos").mkdir()
    (folder / "slos" / "o.yml").write_text(text, encoding="utf-8")
    declared = declare(SHOP, read_files(folder), lambda node: "")
    return {slo.full_name: slo for slo in declared.slos}


@pytest.fixture(scope="module")
def usual(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Slo]:
    return read(DOCUMENT, tmp_path_factory.mktemp("usual"))


def said(usual: dict[str, Slo], text: str, folder: Path) -> Iterator[str]:
    """What differs from what is promised usually; or the error, in one line."""
    try:
        found = read(text, folder)
    except ConfigError as error:
        yield str(error).replace(f"{folder}/slos/", "")
        return
    for name in usual.keys() - found.keys():
        yield f"no {name}"
    for name, slo in sorted(found.items()):
        yield from (f"{name} {one}" for one in _differs(usual.get(name), slo))


def _differs(usual: Slo | None, slo: Slo) -> Iterator[str]:
    for field in msgspec.structs.fields(slo):
        value = getattr(slo, field.name)
        before = getattr(usual, field.name) if usual is not None else field.default
        if value != before and field.name != "where":
            yield f"{field.name}: {_plain(value)}"


def _plain(value: Any) -> str:
    if isinstance(value, msgspec.Struct):
        parts = ((field.name, getattr(value, field.name)) for field in _written(value))
        return " ".join(f"{name}={part}" for name, part in parts)
    return str(value)


def _written(value: msgspec.Struct) -> Iterator[msgspec.structs.FieldInfo]:
    for field in msgspec.structs.fields(value):
        if getattr(value, field.name) != field.default:
            yield field


@pytest.mark.parametrize("case", LISTED, ids=lambda case: case.name)
def test_case(case: Case, usual: dict[str, Slo], tmp_path: Path) -> None:
    check(FILE, case, said(usual, changed(case), tmp_path))
