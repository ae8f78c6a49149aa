"""`make docs`: writes what is generated in README.md and docs/.

The rule reference comes from the rules' declarations; the outputs in the README come from
running the commands on the demo (`make demo` first). A test compares both with what the
code says today.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from textwrap import wrap

import analyticsops as ao
from analyticsops.catalogue import RULES
from analyticsops.report import terminal
from analyticsops.report.rules import reference
from scripts.simulated_history import simulate

REPO = Path(__file__).resolve().parent.parent
WIDTH = 96
_BLOCK = re.compile(r"(<!-- output: ([a-z ]+) -->\n```text\n)(.*?)(```)", re.DOTALL)


def rule_reference() -> str:
    """docs/rules.md."""
    return reference(RULES)


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
    demo = REPO / ".demo"
    if not (demo / "harmful" / "target" / "manifest.json").is_file():
        sys.exit("docs/rules.md is written; for the outputs in README.md run `make demo` first")
    page = REPO / "README.md"
    page.write_text(readme(page.read_text(encoding="utf-8"), demo), encoding="utf-8")


if __name__ == "__main__":
    main()
