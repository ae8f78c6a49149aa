"""Mutants of files, one line of JSON each, by mutmut's operators.

``python tests/mutants/making.py FILE...`` is run by an interpreter that has mutmut and nothing of
ours. Like mutmut it leaves alone annotations, docstrings, what stands outside of functions, and
what is decorated, but for static and class methods and those of :data:`THROUGH`. What an assertion
says is left alone as well: nobody hears it while the assertion holds.
"""

from __future__ import annotations

import difflib
import json
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import libcst as cst
from libcst.metadata import MetadataWrapper, PositionProvider
from mutmut.mutation.file_mutation import MutationVisitor, deep_replace
from mutmut.mutation.mutators import mutation_operators
from mutmut.mutation.pragma_handling import IgnoredCode

THROUGH = ("property", "cached_property", "cache", "lru_cache", "contextmanager")
"""Decorators behind which the function is found again: see ``hunting``."""


def mutants_of(file: str) -> Iterator[dict[str, object]]:
    """Every mutant of a file."""
    parsed = cst.parse_module(Path(file).read_text("utf-8"))
    wrapper = MetadataWrapper(parsed.with_changes(body=[_bare(one) for one in parsed.body]))
    visitor = MutationVisitor(mutation_operators, IgnoredCode(set(), set(), set()))
    module = wrapper.visit(visitor)
    positions = wrapper.resolve(PositionProvider)
    names = dict(_functions(module))
    for found in visitor.mutations:
        function = found.contained_by_top_level_function
        if not isinstance(function, cst.FunctionDef) or function not in names:
            continue
        before = _text(function)
        code = _text(deep_replace(function, found.original_node, found.mutated_node))
        removed, added = _changed(before, code)
        if not removed or _is_docstring(removed) or _is_said(removed, added):
            continue
        position = positions.get(found.original_node)
        yield {
            "file": file,
            "function": names[function],
            "line": position.start.line if position else 0,
            "before": removed,
            "after": added,
            "code": code,
        }


def _bare(node: Any) -> Any:
    """Without decorators through which one can see; empty lines stay in their place."""
    if isinstance(node, cst.ClassDef):
        body = [_bare(one) for one in node.body.body]
        return node.with_changes(body=node.body.with_changes(body=body))
    if not isinstance(node, cst.FunctionDef) or not all(map(_is_through, node.decorators)):
        return node
    lines = (*node.leading_lines, *(cst.EmptyLine(indent=False) for _ in node.decorators))
    return node.with_changes(decorators=(), leading_lines=lines)


def _is_through(decorator: cst.Decorator) -> bool:
    named = decorator.decorator
    if isinstance(named, cst.Call):
        named = named.func
    return isinstance(named, cst.Name) and named.value in THROUGH


def _functions(module: cst.Module) -> Iterator[tuple[cst.FunctionDef, str]]:
    for node in module.body:
        if isinstance(node, cst.FunctionDef):
            yield node, node.name.value
        elif isinstance(node, cst.ClassDef):
            for method in node.body.body:
                if isinstance(method, cst.FunctionDef):
                    yield method, f"{node.name.value}.{method.name.value}"


def _text(function: cst.CSTNode) -> str:
    return textwrap.dedent(cst.Module([]).code_for_node(function)).strip("\n")


def _changed(before: str, after: str) -> tuple[str, str]:
    """The lines that differ, each side joined."""
    removed, added = [], []
    for line in difflib.ndiff(before.splitlines(), after.splitlines()):
        if line.startswith("- "):
            removed.append(line[2:].strip())
        elif line.startswith("+ "):
            added.append(line[2:].strip())
    return " | ".join(removed), " | ".join(added)


def _is_said(before: str, after: str) -> bool:
    """True if only what an assertion says is another."""
    return before.startswith("assert ") and before.rpartition(", ")[0] == after.rpartition(", ")[0]


def _is_docstring(text: str) -> bool:
    return text.startswith(('"""', 'r"""'))


if __name__ == "__main__":
    for name in sys.argv[1:]:
        for mutant in mutants_of(name):
            print(json.dumps(mutant))
