"""Starting the command line: CPU seconds of --version and --help.

make bench
"""

from __future__ import annotations

import sys

from bench import measure


def main() -> None:
    def row(option: str, goal: str) -> tuple[str, str, str]:
        cost = measure.median([sys.executable, "-m", "analyticsops", option])
        return f"analyticsops {option}", f"{cost.cpu:.3f} s CPU", goal

    measure.show(
        "start of the command line",
        [
            ("what", "measured, median of 5", "goal"),
            row("--version", "under 0.15 s"),
            row("--help", "under 0.30 s"),
        ],
    )


if __name__ == "__main__":
    main()
