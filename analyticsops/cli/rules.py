"""explain: the rules, from their declarations."""

from __future__ import annotations

import click

from analyticsops.cli.options import format_option


@click.command()
@click.argument("rule", required=False)
@format_option
def explain(rule: str | None, format_: str) -> None:
    """Explain RULE (a code such as SCH201, or a name), or list all rules.

    \b
    Examples:
      analyticsops explain
      analyticsops explain column-removed
    """
    from analyticsops.catalogue import RULES, find_rule
    from analyticsops.cli.tables import print_json, print_table
    from analyticsops.report.rules import page

    if rule is None:
        if format_ == "json":
            print_json(RULES)
            return
        rows = [(r.code, r.name, r.severity.value, r.summary) for r in RULES]
        print_table(("code", "name", "severity", "claim"), rows)
        return
    found = find_rule(rule)
    if format_ == "json":
        print_json(found)
    else:
        click.echo(page(found), nl=False)
