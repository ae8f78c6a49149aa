"""Projects on real engines; the server is started once."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.engines.doors import Doors, open_doors
from tests.engines.play import install_package
from tests.engines.servers import postgres

ENGINES = os.environ.get("ENGINES", "duckdb postgres").split()
PROJECT = Path(__file__).parents[1] / "history" / "project"


@pytest.hookimpl(tryfirst=True)  # before xdist looks for groups
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
    return (
        "{{type: spark, method: session, host: localhost, schema: {schema}, threads: 1, "
        # Of a few rows; by default everything is sorted in 200 parts.
        "server_side_parameters: {{spark.sql.shuffle.partitions: '1', spark.ui.enabled: 'false'}}}}"
    )


@pytest.fixture(scope="session")
def doors(tmp_path_factory: pytest.TempPathFactory, engine: str, output_of: str) -> Doors:
    """What came out of each door on this engine."""
    root = tmp_path_factory.mktemp(engine)
    project = make_project(root / "shop", output_of, f"shop_{engine}", f"history_{engine}")
    if engine == "spark":  # its tables cannot be updated
        for name in ("snapshots/_snapshots.yml", "models/daily.sql"):
            (project / name).unlink()
        model = project / "models" / "revenue.sql"  # and a cast that fails is null
        wrong = ("cast('secret-4711' as int)", "raise_error('it''s secret-4711')")
        model.write_text(model.read_text().replace(*wrong))
    return open_doors(root, project, engine)


def make_project(folder: Path, output: str, schema: str, history: str) -> Path:
    """A copy of the project of the history's fixtures, with our hooks after its own.

    Args:
        output: see :func:`output_of`.
        schema: of its tables.
        history: schema of the history.
    """
    shutil.copytree(PROJECT, folder)
    filled = output.format(schema=schema)
    (folder / "profiles.yml").write_text(f"shop: {{target: prod, outputs: {{prod: {filled}}}}}\n")
    if "type: postgres" in output:
        daily = folder / "models" / "daily.sql"
        key = "lookback=0, unique_key='placed_at'"
        daily.write_text(daily.read_text().replace("lookback=0", key))
    project = folder / "dbt_project.yml"
    text = project.read_text().replace("  +materialized:", "  shop:\n    +materialized:")
    lines = [line for line in text.splitlines() if not line.startswith("on-run")]
    lines += [
        """on-run-start: ["{{ started() }}", "{{ analyticsops.record_start() }}"]""",
        """on-run-end: ["{{ ended() }}", "{{ analyticsops.record_run(results) }}", """
        """"{{ last() }}"]""",
        f"vars: {{analyticsops_targets: [prod], analyticsops_schema: {history},",
        "  analyticsops_prices: {hour: 3, terabyte: 5, slot_hour: 0.04}}",
    ]
    project.write_text("\n".join(lines) + "\n")
    (folder / "macros" / "engines.sql").write_text(MACROS)
    install_package(folder)
    return folder


MACROS = """
{#- The user's own hook, after ours. -#}
{% macro last() %}{% do log('the last hook of the project ran', info=true) %}select 1{% endmacro %}

{#- Rows into the history as the hook puts them there. -#}
{% macro load_rows(rows) %}
  {% set tables = analyticsops.history_tables() %}
  {% set statements = [] %}
  {% for table in ['node_results', 'invocations'] if rows[table] %}
    {% do statements.extend(analyticsops.history_inserts(table, tables[table],
      analyticsops.history_columns(table), rows[table], 'select 1 where 1 = 0')) %}
  {% endfor %}
  {% do run_statements(statements) %}
{% endmacro %}

{% macro run_statements(statements) %}
  {% set rest = analyticsops.history_run(statements) %}
  {% if rest %}
    {% call statement('run_statements', auto_begin=false) %}{{ rest }}{% endcall %}
  {% endif %}
{% endmacro %}

{#- Texts as names and messages of results, and one that is as long as `large` says. -#}
{% macro load_texts(invocation, texts, large) %}
  {% set rows = [] %}
  {% for text in texts %}
    {% set text = text.encode('ascii').decode('unicode-escape') %}
    {% do rows.append([invocation, text, 'error'] + [none] * 15 + [text]) %}
  {% endfor %}
  {% set all = (texts | join('')).encode('ascii').decode('unicode-escape') %}
  {% set many = all * (large // (all | length) + 1) %}
  {% do rows.append([invocation, 'large', 'error'] + [none] * 15 + [many[:large]]) %}
  {% do load_rows({'node_results': rows, 'invocations': []}) %}
{% endmacro %}

{#- Each view of the package, as JSON. -#}
{% macro print_views() %}
  {% for node in graph.nodes.values() if node.package_name == 'analyticsops_warehouse' %}
    {% set found = run_query('select * from ' ~ node.relation_name) %}
    {% set rows = [] %}
    {% for row in found.rows %}
      {% set cells = {} %}
      {% for name in found.column_names %}
        {% set cell = row[loop.index0] %}
        {% do cells.update({name: cell if cell is none or cell is boolean else cell | string}) %}
      {% endfor %}
      {% do rows.append(cells) %}
    {% endfor %}
    {% do print('view ' ~ node.name ~ ' ' ~ tojson(rows)) %}
  {% endfor %}
{% endmacro %}

{% macro run_sql(text) %}
  {% for sql in text.split(';') if sql.strip() %}
    {% call statement('run_sql', auto_begin=true) %}{{ sql }}{% endcall %}
  {% endfor %}
  {% do analyticsops.history_commit() %}
{% endmacro %}
"""
