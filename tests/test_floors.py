"""Imports lead only downwards. The floors are data; a new package needs a place in them."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import analyticsops

ROOT = Path(analyticsops.__file__).parent

FLOORS: tuple[tuple[str, ...], ...] = (
    # Words that everything above speaks, from the ground up.
    ("collecting", "errors", "executed", "invisible", "memory", "wording"),
    ("findings",),
    ("artifacts", "yaml_files"),
    ("project.model",),
    ("project",),
    ("suppression", "lineage_settings", "decoding", "review_settings", "metrics_settings"),
    ("acceptances",),
    ("approvals",),
    ("config",),
    ("sql",),
    ("lineage",),
    ("history",),
    ("changes", "lookup", "metrics", "slo", "verify"),
    ("evidence", "readiness"),
    ("screen",),
    ("report",),
    ("export", "telling"),
    ("slo.exports",),
    ("catalogue", "schemas"),
    ("code_finder", "commits"),
    ("workspace",),
    ("loading", "reporting", "selecting", "recording", "looking_back"),
    ("chaos", "evaluating", "pulling", "running"),
    (
        "approving",
        "comparing",
        "executing",
        "measuring",
        "metric_exporting",
        "on_call",
        "registering",
        "responding",
        "slo_exporting",
        "surveying",
        "tracing",
        "verifying",
    ),
    ("checking", "linting", "metric_verification", "playing", "slo_measuring", "suggesting"),
    ("metric_cards", "playing_for_real", "reviewing"),
    ("searching", "site"),
    ("publishing",),
    ("api", "doctor"),
    ("mcp",),
    ("cli",),
    ("__main__",),
)
"""Lowest first. A module may import from the floors below its own and from its own
package; modules side by side do not know each other."""


def _modules() -> list[Path]:
    return sorted(
        path for path in ROOT.rglob("*.py") if path.parent != ROOT or path.stem != "__init__"
    )


def _name(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(part for part in parts if part != "__init__")


def _imports(path: Path) -> Iterator[str]:
    """Modules of the package that a file imports, anywhere in it, also only for types."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        names: list[str] = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            names = [f"{node.module}.{alias.name}" for alias in node.names]
        for name in names:
            head, _, rest = name.partition(".")
            if head == "analyticsops" and rest and rest != "__version__":
                yield rest


def _floor(module: str) -> tuple[int, str]:
    """(height, the part of :data:`FLOORS`) that a module belongs to: the longest match."""
    found = [
        (len(part), height, part)
        for height, parts in enumerate(FLOORS)
        for part in parts
        if module == part or module.startswith(f"{part}.")
    ]
    assert found, f"{module} has no floor"
    _, height, part = max(found)
    return height, part


@pytest.mark.parametrize("path", _modules(), ids=_name)
def test_imports_lead_downwards(path: Path) -> None:
    name = _name(path)
    height, part = _floor(name)
    package = name.partition(".")[0]
    wrong = [
        f"{name} (floor {height}) imports {imported}"
        for imported in _imports(path)
        if not (
            _floor(imported)[0] < height
            or _floor(imported)[1] == part
            or imported.partition(".")[0] == package
        )
    ]
    assert not wrong, "\n".join(wrong)


def test_every_part_exists() -> None:
    for parts in FLOORS:
        for part in parts:
            path = ROOT / part.replace(".", "/")
            assert path.is_dir() or path.with_suffix(".py").is_file(), part
