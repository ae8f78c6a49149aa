"""slo export and slo serve: objectives for other tools."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from analyticsops.cli.slo.opening import evaluation_options, open_evaluation

_TARGETS = ("openslo", "prometheus", "prometheus-rules", "alertmanager", "grafana", "openlineage")


@click.command()
@click.option("--to", required=True, type=click.Choice(_TARGETS), help="The tool.")
@click.option(
    "--output",
    "-o",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write this file, so that a reader sees the old or the new one.  [default: print it]",
)
@click.option("--namespace", default="", help="openlineage: of the datasets.")
@evaluation_options
def export(to: str, output: Path | None, namespace: str, **options: Any) -> None:
    """Write objectives, or how they stand, for another tool.

    openslo: OpenSLO v1 documents, which slos/*.yml may hold as well. prometheus: metrics, for the
    textfile collector of node_exporter. prometheus-rules: recording rules and alerts.
    alertmanager: routes, inhibition by root cause, quiet times; addresses and keys are read from
    files in secrets/. grafana: a dashboard. openlineage: an event for each node.

    \b
    Examples:
      analyticsops slo export --to openslo
      analyticsops slo export --to prometheus -o slo.prom
    """
    from analyticsops.report.formats import write
    from analyticsops.slo_exporting import exported

    def evaluation() -> Any:
        return open_evaluation(**options)

    text = exported(to, evaluation, namespace)
    if output is None:
        click.echo(text, nl=False)
    else:
        write(output, text)
        click.echo(f"wrote {output}", err=True)


@click.command()
@click.option(
    "--listen",
    default="127.0.0.1:9464",
    show_default=True,
    metavar="HOST:PORT",
    help="Where Prometheus scrapes /metrics.",
)
@click.option(
    "--cache",
    type=click.IntRange(min=15),
    default=60,
    show_default=True,
    help="Seconds for which an evaluation serves.",
)
@evaluation_options
def serve(listen: str, cache: int, **options: Any) -> None:
    """Serve how objectives stand to Prometheus, evaluated when it asks.

    An evaluation that fails is answered with an error, so that Prometheus sees a scrape that
    failed, and never old figures that look new. Ends with Ctrl+C.

    \b
    Examples:
      analyticsops slo serve --listen 127.0.0.1:9464
    """
    from analyticsops.slo.exports.serving import Latest, address, server

    latest = Latest(lambda: open_evaluation(**options)[1], cache)
    host, port = address(listen)
    running = server(latest, host, port)
    click.echo(f"serving http://{host}:{running.server_port}/metrics", err=True)
    try:
        running.serve_forever()
    except KeyboardInterrupt:
        click.echo("ended", err=True)
    finally:
        running.server_close()
