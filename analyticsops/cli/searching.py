"""search: anything in a project that has a name."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from analyticsops.cli.options import format_option, limit_option, open_lookup, project_options

if TYPE_CHECKING:
    from analyticsops.lookup.index import Found


@click.command()
@click.argument("text")
@click.option(
    "--kind",
    "kinds",
    multiple=True,
    metavar="KIND",
    help="Only metric, model, exposure, source, column, ...; may be repeated.",
)
@limit_option
@project_options
@format_option
def search(
    text: str,
    kinds: tuple[str, ...],
    limit: int,
    project_dir: Path | None,
    target_path: Path | None,
    config: Path | None,
    format_: str,
) -> None:
    """Find what is called TEXT, or described so: the best first.

    Looks at names, labels, synonyms, tags, columns and descriptions; the beginnings of
    words are enough.

    \b
    Examples:
      analyticsops search "net revenue"
      analyticsops search customer --kind column --limit 50
    """
    from analyticsops.cli.tables import print_json

    with open_lookup(project_dir, target_path, config) as lookup:
        found = lookup.search(text, kinds=kinds, limit=limit)
    if format_ == "json":
        print_json(found)
        return
    print_found(found, text)


def print_found(found: Found, text: str) -> None:
    """A table of what was found; names that look like the text if nothing was."""
    from analyticsops.cli.tables import print_table

    close = f"; did you mean {' or '.join(repr(name) for name in found.close)}?"
    rows = [
        (d.kind, d.name, d.owner or "-", _short(d.label or d.description)) for d in found.documents
    ]
    print_table(
        ("kind", "name", "owner", "says"),
        rows,
        empty=f"nothing fits {text!r}{close if found.close else ''}",
    )
    left = found.total - len(found.documents)
    if left:
        click.echo(f"{left:,} more; see --limit and --kind", err=True)


def _short(text: str) -> str:
    """Its first sentence, in one line."""
    plain = " ".join(text.split())
    first, dot, _ = plain.partition(". ")
    return f"{first}." if dot else plain
