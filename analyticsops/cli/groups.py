"""Groups of commands that import a command only when it is run."""

from __future__ import annotations

from collections.abc import Mapping
from difflib import get_close_matches
from importlib import import_module
from typing import ClassVar

import click

Commands = Mapping[str, tuple[str, str]]
"""Name of a command -> (module that holds it under that name, one line of help)."""


class LazyGroup(click.Group):
    """A group whose overview loads no command.

    Subclasses say what there is; a command ``x-y`` is the attribute ``x_y`` of its module, or
    ``x_y_`` if that is a word of Python.
    """

    commands_by_name: ClassVar[Commands] = {}

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Names, in the order in which they are declared."""
        return list(self.commands_by_name)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of that name, imported now."""
        if cmd_name not in self.commands_by_name:
            return None
        module = import_module(self.commands_by_name[cmd_name][0])
        name = cmd_name.replace("-", "_")
        command: click.Command = getattr(module, f"{name}_", None) or getattr(module, name)
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """As click does it, but a name that is not there brings the closest one."""
        try:
            return super().resolve_command(ctx, args)
        except click.UsageError as fault:
            close = get_close_matches(args[0], self.commands_by_name, n=1)
            advice = f" Did you mean '{close[0]}'?" if close else ""
            raise click.UsageError(f"{fault.message}{advice}", ctx) from None

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The table of commands in the help text."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, text) for name, (_, text) in self.commands_by_name.items()])
