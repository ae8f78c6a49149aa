"""slo: objectives, budgets and what burns them, one file a kind of question."""

from __future__ import annotations

from typing import ClassVar

import click

from analyticsops.cli.groups import Commands, LazyGroup

_COMMANDS: dict[str, tuple[str, str]] = {
    "status": ("looking", "List the objectives: met, burning, breached, used up, unknown."),
    "explain": ("explaining", "Explain one objective: what counted, what burned, why, what next."),
    "forecast": ("looking", "Say when budgets will be used up if things go on as recently."),
    "report": ("reporting", "Write a report of a window: budgets, what burned them, releases."),
    "evaluate": ("evaluating", "Find what is wrong, tell who must know; for cron and CI."),
    "export": ("exporting", "Write them for Prometheus, Grafana, OpenSLO and others."),
    "serve": ("exporting", "Serve how they stand to Prometheus, at /metrics."),
    "lint": ("linting", "Find objectives that are impossible, or mean nothing."),
    "measure": ("measuring", "Ask the data what no artifact says: queries, nulls, schemas."),
    "suggest": ("suggesting", "Propose objectives from the history, as YAML to paste."),
    "gate": ("gating", "Let a change pass or not, by the error budget policy."),
}


class _Slo(LazyGroup):
    commands_by_name: ClassVar[Commands] = {
        name: (f"analyticsops.cli.slo.{module}", text) for name, (module, text) in _COMMANDS.items()
    }


@click.group(cls=_Slo)
def slo() -> None:
    """Objectives: of data products, met, burning, used up, and why."""
