"""lineage: questions to the column graph, one file a command."""

from __future__ import annotations

from difflib import get_close_matches
from typing import ClassVar

import click

from analyticsops.cli.groups import Commands, LazyGroup

_COMMANDS = {
    "show": "Show where a column comes from and goes to.",
    "why": "Show the expressions by which a column comes about.",
    "path": "Show the ways from one column to another.",
    "impact": "Say who is hit when columns change.",
    "unused": "List columns that nobody reads.",
    "tags": "Follow tags of columns, and find where they are missing or exposed.",
    "verify": "Judge lineage by running the models on DuckDB.",
    "coverage": "Say how much of the lineage is proven, and why the rest is not.",
    "export": "Write the lineage for other programs, or as a picture.",
}


class _Lineage(LazyGroup):
    """``lineage MODEL.COLUMN`` means ``lineage show MODEL.COLUMN``."""

    commands_by_name: ClassVar[Commands] = {
        name: (f"analyticsops.cli.lineage.{name}", text) for name, text in _COMMANDS.items()
    }

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Anything that is no command is a question to ``show``, options first or last."""
        if not args:
            raise click.UsageError("Missing argument 'MODEL.COLUMN' or a command.", ctx)
        known = {*self.commands_by_name, *ctx.help_option_names}
        if args[0] not in known and not self._is_mistyped(args[0]):
            args = ["show", *args]
        return super().parse_args(ctx, args)

    def _is_mistyped(self, word: str) -> bool:
        """True for ``pth``: near to a command, and without the dot of a column."""
        return "." not in word and bool(get_close_matches(word, self.commands_by_name, n=1))


@click.group(cls=_Lineage, no_args_is_help=False)
def lineage() -> None:
    """Trace columns: where they come from and go to.

    `analyticsops lineage MODEL.COLUMN` is short for `analyticsops lineage show
    MODEL.COLUMN`. A column may also be named `source.table.column`, `model.v2.column` or
    `unique_id.column`.
    """
