"""history: look after the folder itself."""

from __future__ import annotations

from pathlib import Path

import click

from analyticsops.cli.ingest import history_option
from analyticsops.cli.options import format_option
from analyticsops.cli.progress import progress_bar, working


@click.group()
def history() -> None:
    """Verify, compact, list and export what was remembered, or pull it from a warehouse."""


@history.command()
@history_option
@click.option(
    "--profiles-dir",
    type=click.Path(path_type=Path),
    envvar="DBT_PROFILES_DIR",
    help="Folder of profiles.yml.  [default: as dbt finds it]",
)
@click.option("--profile", default="", help="Profile, if not the project's.")
@click.option("--target", "-t", default="", help="Target whose warehouse holds the history.")
@click.option("--vars", "variables", default="", help="Variables for dbt, as YAML.")
@click.option("--since", default="", help="Only runs since: 30d, a date or an ISO time.")
@click.option("--dbt", "command", default="dbt", show_default=True, help="How to call dbt.")
@format_option
def pull(
    history: str | None,
    project_dir: Path | None,
    profiles_dir: Path | None,
    profile: str,
    target: str,
    variables: str,
    since: str,
    command: str,
    format_: str,
) -> None:
    """Record the runs that dbt's hooks wrote into the warehouse.

    dbt itself reads the tables of the macro `record_run`, in a target folder of its own, so
    that the artifacts of your last run stay. Runs that the history has already, also
    by `ingest`, count once.

    \b
    Examples:
      analyticsops history pull
      analyticsops history pull --target prod --since 90d
    """
    from datetime import UTC, datetime

    from analyticsops import looking_back, pulling, recording
    from analyticsops.cli.tables import print_json

    named = {"--profile": profile, "--target": target, "--vars": variables}
    warehouse = pulling.Warehouse(
        project_dir=project_dir or Path(),
        command=pulling.words_of(command),
        options=[word for name, value in named.items() if value for word in (name, value)],
        profiles_dir=profiles_dir,
    )
    done = pulling.pull_runs(
        recording.open_store(history, project_dir),
        warehouse,
        since=looking_back.moment(since, datetime.now(UTC), where="--since"),
        tell=lambda line: click.echo(line, err=True),
    )
    if format_ == "json":
        print_json(done)
        return
    click.echo(f"{len(done.new):,} runs recorded, {done.known:,} were there")
    for one in done.partial:
        click.echo(f"not recorded: {one} results are in the warehouse", err=True)
    if done.foreign:
        click.echo(f"not read: {done.foreign:,} rows that are no run", err=True)


@history.command()
@history_option
@format_option
def verify(history: str | None, project_dir: Path | None, format_: str) -> None:
    """Read everything and compare it with its digests; exit code 1 if a file is damaged.

    The state is a hash over what counts: equal for two histories that hold the same,
    whichever order it came in, and whether it is compacted.

    \b
    Examples:
      analyticsops history verify
    """
    from analyticsops import recording
    from analyticsops.cli.tables import print_facts, print_json
    from analyticsops.history.verify import verify as verified

    store = recording.existing_store(history, project_dir)
    with working("verifying the history"):
        found = verified(store, progress_bar("reading files"))
    if format_ == "json":
        print_json(found)
    else:
        facts = {
            "state": [found.state],
            "runs": [f"{found.invocations:,} with {found.results:,} results"],
            "records": [f"{found.records:,}, in {found.packs:,} packs and single files"],
            "there twice": [f"{found.twice:,}, which is harmless"] if found.twice else [],
            "disputed": list(found.disputed),
            "not ours": list(found.foreign),
            "temporary": [f"{found.temporary:,}"] if found.temporary else [],
            "damaged": list(found.faults) or ["none"],
        }
        print_facts((label, values) for label, values in facts.items() if values)
    raise SystemExit(1 if found.faults else 0)


@history.command()
@history_option
@format_option
def compact(history: str | None, project_dir: Path | None, format_: str) -> None:
    """Join the files of each closed month into one Parquet file.

    Each is written beside them, read back and compared before they are removed. Nothing is
    lost if that is interrupted, and others may record and read meanwhile.

    \b
    Examples:
      analyticsops history compact
    """
    from datetime import UTC, datetime

    from analyticsops import recording
    from analyticsops.cli.tables import print_json, print_table
    from analyticsops.history.compact import compact as compacted

    store = recording.existing_store(history, project_dir)
    with working("compacting the history"):
        done = compacted(store, datetime.now(UTC), progress_bar("packing months"))
    if format_ == "json":
        print_json(done)
        return
    rows = [
        (
            one.month,
            f"{one.records:,}",
            f"{one.results:,}",
            f"{one.before:,}",
            f"{one.size:,}",
            f"{one.size / one.results:.1f}" if one.results else "-",
        )
        for one in done
    ]
    columns = ("month", "records", "results", "bytes before", "bytes", "a result")
    print_table(columns, rows, empty="every closed month is compact")
    for one in done:
        for fault in one.damaged:
            click.echo(f"left alone: {fault}", err=True)


@history.command("list")
@history_option
@format_option
def list_(history: str | None, project_dir: Path | None, format_: str) -> None:
    """List what there is of each month.

    \b
    Examples:
      analyticsops history list
    """
    from analyticsops import recording
    from analyticsops.cli.tables import print_json, print_table
    from analyticsops.history.export import months

    found = months(recording.existing_store(history, project_dir))
    if format_ == "json":
        print_json(found)
        return
    rows = [(one.month, f"{one.files:,}", f"{one.packs:,}", f"{one.size:,}") for one in found]
    print_table(("month", "single files", "packs", "bytes"), rows, empty="nothing is recorded")


@history.command()
@click.argument("folder", type=click.Path(path_type=Path))
@click.option(
    "--format",
    "format_",
    type=click.Choice(["parquet", "csv"]),
    default="parquet",
    show_default=True,
    help="What to write.",
)
@history_option
def export(folder: Path, format_: str, history: str | None, project_dir: Path | None) -> None:
    """Write the tables runs and results into FOLDER, for other programs.

    They have what every answer here is made of: each run and each result once, with what
    it means (`kind`, `outcome`, `is_load`, `verdict`).

    \b
    Examples:
      analyticsops history export tables
      analyticsops history export tables --format csv
    """
    from analyticsops import looking_back, recording
    from analyticsops.history.export import export as exported

    store = recording.existing_store(history, project_dir)
    with looking_back.open_runs(store) as connection:
        for path, count in exported(connection, folder, format_):
            click.echo(f"{path}: {count:,} rows")
