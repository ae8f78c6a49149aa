"""The command line: arguments in, one call of the API, a renderer out. No logic here.

Command modules import nothing heavy at their top, so that ``--help`` and ``--version``
stay instant; a test counts the modules that they load.
"""

from __future__ import annotations

import os
import signal
import sys
from io import TextIOWrapper
from typing import ClassVar, NoReturn

import click

from analyticsops import __version__
from analyticsops.cli.groups import Commands, LazyGroup
from analyticsops.errors import AnalyticsOpsError

_COMMANDS = {
    "init": ("setup", "Write a commented analyticsops.yml and show the packages.yml entry."),
    "doctor": ("setup", "Say which artifacts were found, how old, and what is missing."),
    "check": ("reports", "Check one project: lineage, metrics, freshness, stale artifacts."),
    "diff": ("reports", "Compare two versions: what breaks, and for whom."),
    "report": (
        "publishing",
        "Write a page to look at: lineage, changes, metrics, objectives, incidents.",
    ),
    "serve": ("publishing", "Serve that page on this machine, and follow the artifacts."),
    "render": ("reports", "Render a report that was written as JSON, checked first."),
    "approve": ("reports", "Approve findings of a report: they pass until a day."),
    "baseline": ("reports", "Write down today's findings, so that only new ones fail."),
    "lineage": ("lineage", "Trace columns: where from, where to, who is hit, what is not known."),
    "metrics": (
        "metrics",
        "What metrics are, come from and mean, and their numbers.",
    ),
    "freshness": ("freshness", "Show how fresh sources are, and how the objectives stand."),
    "slo": ("slo", "Objectives: met, burning, used up, and why; evaluate, report, export."),
    "incidents": ("incidents", "What is wrong, by what caused it: show, acknowledge, silence."),
    "gameday": ("gameday", "Break things on paper, and see which incidents are raised."),
    "ingest": ("ingest", "Remember what dbt did, from the files that it wrote."),
    "run": ("run", "Run dbt and remember what it did, also if it dies."),
    "runs": ("runs", "Look back: timeline, flapping and slow nodes, retries, cost."),
    "history": ("history", "Verify, compact, list and export what was remembered."),
    "select": ("selecting", "List the nodes that a selection means, as `dbt ls` does."),
    "search": ("searching", "Find models, columns, metrics, exposures by name and description."),
    "mcp": ("mcp", "Serve agents over standard input and output (Model Context Protocol)."),
    "explain": ("rules", "Explain a rule."),
    "completion": ("setup", "Print a script that completes commands in your shell."),
}
"""Name -> (module, help). Kept here so that the overview loads no command."""


class _Overview(LazyGroup):
    commands_by_name: ClassVar[Commands] = {
        name: (f"analyticsops.cli.{module}", text) for name, (module, text) in _COMMANDS.items()
    }


@click.group(
    cls=_Overview,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="Exit codes: 0 clean, 1 findings at or above --fail-on, 2 could not run.",
)
@click.version_option(__version__, prog_name="analyticsops", message="%(prog)s %(version)s")
def cli() -> None:
    """Column lineage, breaking changes, metric definitions and freshness for dbt.

    Reads what dbt already wrote to target/; run it in a dbt project after `dbt build`
    or `dbt compile`:

    \b
      analyticsops check                          this project
      analyticsops diff --base ../main/target     this branch against another
      analyticsops lineage orders.amount          one column, both ways
    """


def main() -> None:
    """Run the command line and leave with its exit code."""
    stdout = sys.stdout
    # Whoever cancels a job gets no folders left behind: what is open is closed first.
    signal.signal(signal.SIGTERM, lambda number, _frame: sys.exit(128 + number))
    # A terminal or pipe that cannot show a character gets its number, never a traceback.
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    try:
        # click hands the code of an Exit back as a value.
        code = cli(prog_name="analyticsops", standalone_mode=False)
        sys.stdout.flush()
        if code:
            sys.exit(code)
    except click.exceptions.Exit as leave:
        sys.exit(leave.exit_code)
    except click.Abort:
        click.echo("aborted", err=True)
        sys.exit(2)
    except click.UsageError as fault:
        command = fault.ctx.command_path if fault.ctx else "analyticsops"
        _fail(f"{fault.format_message()} (see `{command} --help`)")
    except click.ClickException as fault:
        _fail(fault.format_message())
    except AnalyticsOpsError as fault:
        _fail(str(fault))
    except BrokenPipeError:  # `analyticsops ... | head` is no error
        abandon_stdout()
        sys.exit(0)
    except SystemExit:
        if sys.stdout is stdout:
            raise
        # click noticed a broken pipe first: it wraps the stream, and would leave with 1.
        abandon_stdout()
        sys.exit(0)
    except OSError as fault:
        if fault.filename is not None:
            raise
        abandon_stdout()
        _fail(f"cannot write to standard output: {fault.strerror}")


def _fail(message: str) -> NoReturn:
    """One line on standard error, exit code 2."""
    from analyticsops.report.encode import github_data, one_line

    click.echo(f"error: {one_line(message)}", err=True)
    if os.environ.get("GITHUB_ACTIONS") == "true":  # shown on the pull request, not only in a log
        click.echo(f"::error title=analyticsops::{github_data(one_line(message))}", err=True)
    sys.exit(2)


def abandon_stdout() -> None:
    """Nobody reads it any more: what is left in its buffer must not fail at the end."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
