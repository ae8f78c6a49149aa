"""`make docs`: writes what is generated in README.md and docs/.

The rule reference comes from the rules' declarations; the outputs in the README come from
running the commands on the demo (`make demo` first). A test compares both with what the
code says today.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from textwrap import wrap
from typing import Any

import analyticsops as ao
from analyticsops.catalogue import RULES
from analyticsops.report import terminal
from analyticsops.report.rules import reference
from analyticsops.schemas import generate
from scripts.simulated_history import simulate

REPO = Path(__file__).resolve().parent.parent
WIDTH = 96
_BLOCK = re.compile(r"(<!-- output: ([a-z ]+) -->\n```text\n)(.*?)(```)", re.DOTALL)


def rule_reference() -> str:
    """docs/rules.md."""
    return reference(RULES)


SLO_INTRODUCTION = """# What can be written about objectives

Generated from the structs that read it (`make docs`); the same stands in
[a JSON Schema for editors](../analyticsops/schemas/slo-v1.schema.json). How it is computed says
[slo.md](slo.md); what makes no sense finds `analyticsops slo lint` ([rules](rules.md)), and
`analyticsops check` as far as no history is needed to see it.

A file in `slos/` is a `SloFile`. An entry of `config.meta.analyticsops.slo` is an `SloEntry`
without a target. Lengths of time are written `90m`, `26h` or `3d`; shares `99.5%` or `0.995`; days
`mon-fri`; hours `07:00-19:00`; times `2026-12-01T00:00Z`; time zones by their IANA names.

```yaml
version: 1
slos:
  - target: {select: fct_orders}
    indicator: {type: freshness, threshold: 4h}
    objective: 99%
    window: {rolling: 28d}
```
"""


def slo_reference() -> str:
    """docs/slo-reference.md."""
    schema = next(json.loads(text) for name, text in generate() if name.startswith("slo-v1"))
    definitions = schema["$defs"]
    first = ["SloFile", "SloEntry"]
    indicators = [n for n, d in definitions.items() if _word(d)]
    others = sorted(set(definitions) - {*first, *indicators})
    parts = [SLO_INTRODUCTION, *(_section(n, definitions[n]) for n in (*first, *others))]
    parts.append("## Indicators\n")
    parts += [_section(_word(definitions[n]), definitions[n], level=3) for n in indicators]
    return "\n".join(parts)


def _word(definition: Mapping[str, Any]) -> str:
    """The word by which an indicator is chosen; empty for everything else."""
    chosen = definition.get("properties", {}).get("type", {})
    return str(chosen["enum"][0]) if "chooses" in chosen.get("description", "") else ""


def _section(name: str, definition: Mapping[str, Any], level: int = 2) -> str:
    required = definition.get("required", ())
    rows = [
        f"| `{key}`{' (required)' if key in required else ''} | {found.get('description', '')} |"
        for key, found in definition["properties"].items()
        if "chooses" not in found.get("description", "")
    ]
    table = ["| key | meaning |", "|---|---|", *rows] if rows else []
    return "\n".join([f"{'#' * level} {name}", "", definition["description"], "", *table, ""])


def readme(text: str, demo: Path) -> str:
    """README.md with its outputs as the demo gives them."""
    makers = outputs(demo)

    def fill(block: re.Match[str]) -> str:
        return f"{block.group(1)}{makers[block.group(2)]()}{block.group(4)}"

    return _BLOCK.sub(fill, text)


def outputs(demo: Path) -> Mapping[str, Callable[[], str]]:
    """Name of a block -> what makes it. Lines that hold times are left out."""

    def diff() -> str:
        base = ao.load(demo / "base" / "target")
        report = ao.diff(base, ao.load(demo / "harmful" / "target", base=base))
        lines = terminal.render(report, width=WIDTH).splitlines()
        return "".join(f"{line.rstrip()}\n" for line in lines if not line.startswith("base of"))

    def lineage() -> str:
        return _run(demo, "lineage", "fct_orders.net_revenue", "--direct", "--depth", "3")

    def metric() -> str:
        return _run(demo, "metrics", "show", "revenue")

    def incident() -> str:
        at = datetime(2026, 11, 20, 12, 20, tzinfo=UTC)
        with TemporaryDirectory() as folder:
            simulate(demo / "base", Path(folder) / "history", at)
            history = ("--history", f"{folder}/history", "--at", f"{at:%Y-%m-%dT%H:%MZ}")
            return _wrapped(_run(demo, "slo", "evaluate", *history))

    return {"diff harmful": diff, "lineage": lineage, "metric": metric, "incident": incident}


def _wrapped(text: str) -> str:
    """As a terminal shows it."""
    return "".join(
        "\n".join(wrap(line, WIDTH, subsequent_indent=" " * 13, break_on_hyphens=False) or [""])
        + "\n"
        for line in text.splitlines()
    )


def _run(demo: Path, *arguments: str) -> str:
    from click.testing import CliRunner

    from analyticsops.cli import cli

    target = ["--target-path", str(demo / "base" / "target")]
    done = CliRunner().invoke(cli, [*arguments, *target], catch_exceptions=False)
    return done.stdout


def main() -> None:
    (REPO / "docs" / "rules.md").write_text(rule_reference(), encoding="utf-8")
    (REPO / "docs" / "slo-reference.md").write_text(slo_reference(), encoding="utf-8")
    demo = REPO / ".demo"
    if not (demo / "harmful" / "target" / "manifest.json").is_file():
        sys.exit("docs/rules.md is written; for the outputs in README.md run `make demo` first")
    page = REPO / "README.md"
    page.write_text(readme(page.read_text(encoding="utf-8"), demo), encoding="utf-8")


if __name__ == "__main__":
    main()
