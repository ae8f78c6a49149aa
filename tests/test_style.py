"""House rules that no linter checks."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import analyticsops

ROOT = Path(analyticsops.__file__).parent
FILES = sorted(ROOT.rglob("*.py"))
TREES = {path: ast.parse(path.read_text(encoding="utf-8")) for path in FILES}

EMPTY_NAMES = {"base", "common", "helper", "helpers", "misc", "util", "utils"}
"""A module is called by what it does."""

LONGEST_FILE = 400
LONGEST_FUNCTION = 60

LONGER_FILES: dict[str, int] = {}
"""What is longer so far, and may not grow beyond this."""

BROAD: dict[str, int] = {"project/render/engine.py": 1}
"""File -> how many ``except Exception`` it may have. A template is code: it can fail in
every way there is."""

Defined = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


def _name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def _public(nodes: list[ast.stmt], inside: str = "") -> Iterator[tuple[str, Defined]]:
    """Functions, classes and methods that a name without underscore leads to."""
    for node in nodes:
        if not isinstance(node, Defined) or node.name.startswith("_"):
            continue
        yield f"{inside}{node.name}", node
        if isinstance(node, ast.ClassDef):
            yield from _public(node.body, f"{node.name}.")


@pytest.mark.parametrize("path", FILES, ids=_name)
def test_a_module(path: Path) -> None:
    name, tree = _name(path), TREES[path]
    assert path.stem not in EMPTY_NAMES, "a name that says nothing"
    text = path.read_text(encoding="utf-8")
    limit = LONGER_FILES.get(name, LONGEST_FILE)
    assert text.count("\n") <= limit, f"{name} has more than {limit} lines"
    if text.strip():
        assert ast.get_docstring(tree), f"{name} does not say what it is"


@pytest.mark.parametrize("path", FILES, ids=_name)
def test_functions_are_short_and_public_ones_described(path: Path) -> None:
    wrong = []
    for node in ast.walk(TREES[path]):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            assert node.end_lineno is not None
            lines = node.end_lineno - node.lineno + 1
            if lines > LONGEST_FUNCTION:
                wrong.append(f"{_name(path)}:{node.lineno} {node.name} has {lines} lines")
    wrong += [
        f"{_name(path)}:{node.lineno} {name} has no docstring"
        for name, node in _public(TREES[path].body)
        if not ast.get_docstring(node)
    ]
    assert not wrong, "\n".join(wrong)


def _is_broad(handler: ast.ExceptHandler) -> bool:
    caught_by = handler.type
    named = caught_by.elts if isinstance(caught_by, ast.Tuple) else [caught_by] if caught_by else []
    caught = {node.id for node in named if isinstance(node, ast.Name)}
    reraised = any(isinstance(node, ast.Raise) and node.exc is None for node in handler.body)
    return (handler.type is None or bool(caught & {"Exception", "BaseException"})) and not reraised


def test_exceptions_are_caught_by_name() -> None:
    """A failure that nobody thought of must not look like an answer."""
    found: dict[str, int] = {}
    for path, tree in TREES.items():
        for node in ast.walk(tree):
            if isinstance(node, ast.ExceptHandler) and _is_broad(node):
                found[_name(path)] = found.get(_name(path), 0) + 1
    assert found == BROAD


def test_nothing_is_printed_but_by_the_command_line() -> None:
    for path, tree in TREES.items():
        calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
        names = {node.func.id for node in calls if isinstance(node.func, ast.Name)}
        assert "print" not in names, _name(path)


def test_functions_are_about_ten_lines() -> None:
    lengths = sorted(
        (node.end_lineno or 0) - node.lineno + 1
        for tree in TREES.values()
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef)
    )
    assert lengths[len(lengths) // 2] <= 12
