"""Projects on real engines; the server is started once."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.engines.play import install_package
from tests.engines.servers import postgres

ENGINES = os.environ.get("ENGINES", "duckdb postgres").split()
PROJECT = Path(__file__).parents[1] / "history" / "project"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """All of them on one worker: they share a server."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.xdist_group("engines"))
            item.add_marker(pytest.mark.dbt)


@pytest.fixture(scope="session")
def server() -> Iterator[Path]:
    """The folder of the socket of a PostgreSQL server."""
    with postgres() as folder:
        yield folder


@pytest.fixture(scope="session", params=ENGINES)
def engine(request: pytest.FixtureRequest) -> str:
    """Each engine that is tested."""
    return str(request.param)


@pytest.fixture(scope="session")
def output_of(request: pytest.FixtureRequest, engine: str) -> str:
    """What profiles.yml says of the engine; ``{schema}`` is to be filled in."""
    if engine == "duckdb":
        return "{{type: duckdb, path: dev.duckdb, schema: {schema}, threads: 1}}"
    if engine == "postgres":
        folder = request.getfixturevalue("server")
        return (
            f"{{{{type: postgres, host: '{folder}', port: 5432, user: postgres, password: x, "
            "dbname: postgres, schema: {schema}, threads: 1}}"
        )
    return "{{type: spark, method: session, host: localhost, schema: {schema}, threads: 1}}"


def make_project(folder: Path, output: str, schema: str, history: str) -> Path:
    """A copy of the project of the history's fixtures, with our hooks after its own.

    Args:
        output: see :func:`output_of`.
        schema: of its tables.
        history: schema of the history.
    """
    shutil.copytree(PROJECT, folder)
    filled = output.format(schema=schema)
    (folder / "profiles.yml").write_text(
        f"shop:\n  target: prod\n  outputs:\n    prod: {filled}\n    dev: {filled}\n"
    )
    if "type: postgres" in output:
        daily = folder / "models" / "daily.sql"
        key = "lookback=0, unique_key='placed_at'"
        daily.write_text(daily.read_text().replace("lookback=0", key))
    project = folder / "dbt_project.yml"
    lines = [line for line in project.read_text().splitlines() if not line.startswith("on-run")]
    lines += [
        """on-run-start: ["{{ started() }}", "{{ analyticsops.record_start() }}"]""",
        """on-run-end: ["{{ ended() }}", "{{ analyticsops.record_run(results) }}", "{{ last() }}"]""",
        f"vars: {{analyticsops_targets: [prod], analyticsops_schema: {history}}}",
    ]
    project.write_text("\n".join(lines) + "\n")
    (folder / "macros" / "engines.sql").write_text(MACROS)
    install_package(folder)
    return folder


MACROS = """
{#- The user's own hook, after ours. -#}
{% macro last() %}{% do log('the last hook of the project ran', info=true) %}select 1{% endmacro %}

{% macro run_sql(text) %}
  {% for sql in text.split(';') if sql.strip() %}
    {% call statement('run_sql', auto_begin=true) %}{{ sql }}{% endcall %}
  {% endfor %}
  {% do analyticsops.history_commit() %}
{% endmacro %}
"""
