"""What analyticsops runs on, beside, and without: `make compatibility`, or `nox --session NAME`.

Everything is installed by uv into environments of its own (.nox/); interpreters that are not on
this machine are skipped, and nox says so. What is measured is written down in docs/reliability.md.
"""

from __future__ import annotations

import re
import shutil
import tempfile
from pathlib import Path

import nox

nox.options.default_venv_backend = "uv"
nox.options.error_on_missing_interpreters = False
# An environment is 0.2 to 0.7 GB; those of one session are made again in seconds, from uv's cache.
nox.options.reuse_venv = "no"

nox.options.sessions = ["tests", "lowest", "same", "adapters", "beside", "bare"]

ROOT = Path(__file__).parent
PYTHONS = ["3.11", "3.12", "3.13", "3.14"]
DBTS = ["1.8", "1.9", "1.10", "1.11"]
"""Minor versions of dbt-core; 1.12 cannot be installed beside its own dependencies yet."""

EXTRAS = "cloud,lookml,mcp,serve,slo"
SEEN = Path(".nox") / "seen"
DIST = Path(".nox") / "dist"

# What the tests need besides the package; the others of the group judge with dbt, or in a browser.
TOOLS = (
    "hatchling",
    "hypothesis",
    "jsonschema",
    "markdown-it-py",
    "pyte",
    "pytest",
    "pytest-xdist",
)
# A temporary folder inside the repository would be one inside a git work tree.
ENVIRONMENT = {"SAMPLE": "3", "TMPDIR": tempfile.gettempdir()}
PYTEST = ("pytest", "-q", "--numprocesses", "2", "-m", "not dbt")

# Tests of dbt itself, of databases and of a browser: once, with what is locked, is enough.
ONCE = tuple(
    f"--ignore={path}"
    for path in (
        "tests/e2e", "tests/engines", "tests/evidence", "tests/generated", "tests/bench",
        "tests/chaos", "tests/action", "tests/slo/exports", "tests/history/test_store.py",
        "tests/lineage/test_hooks_executed.py", "tests/project/test_render_dbt.py",
        "tests/project/selection/test_oracle.py", "tests/changes/test_injected.py",
        "tests/changes/test_rebuild_executed.py", "tests/sql/test_canonical_fuzz.py",
    )
)  # fmt: skip

# Where DuckDB's and sqlglot's syntax of today is judged, and how their newest versions say things.
AS_TODAY = tuple(
    f"--ignore={path}"
    for path in (
        "tests/sql/test_oracle.py", "tests/sql/test_statement_oracle.py",
        "tests/sql/test_types_oracle.py", "tests/sql/test_types_cases.py",
        "tests/sql/test_recovery.py", "tests/cli/test_screens.py", "tests/report/test_json.py",
        "tests/site/test_folder.py", "tests/metrics/test_exports.py",
        "tests/slo/spec/test_schema.py",
    )
)  # fmt: skip


@nox.session(python=PYTHONS)
def tests(session: nox.Session) -> None:
    """The tests on a version of Python, with what is locked."""
    session.install("--require-hashes", "-r", "constraints.txt")
    session.install("--no-deps", "--no-build-isolation", "--editable", ".")
    session.run(*PYTEST, *(session.posargs or ONCE), env=ENVIRONMENT)


@nox.session(python=PYTHONS[0])
def lowest(session: nox.Session) -> None:
    """The tests with the lowest version of each dependency that pyproject.toml allows."""
    pinned = (ROOT / "constraints.txt").read_text("utf-8")
    pins = Path(session.create_tmp()) / "tools.txt"
    lines = [re.search(rf"^{tool}==\S+", pinned, re.MULTILINE) for tool in TOOLS]
    pins.write_text("\n".join(line[0] for line in lines if line), encoding="utf-8")
    session.install(
        "--resolution", "lowest-direct", "--editable", f".[{EXTRAS}]", *TOOLS, "-c", str(pins)
    )
    session.run("uv", "pip", "list", external=True)
    session.run(*PYTEST, *(session.posargs or ONCE + AS_TODAY), env=ENVIRONMENT)


@nox.session(python="3.13")
def highest(session: nox.Session) -> None:
    """Everything with the newest version of each dependency that pyproject.toml allows."""
    session.install("--upgrade", "--editable", f".[{EXTRAS},dbt]", "--group", "dev")
    session.run("uv", "pip", "list", external=True)
    session.run("pytest", "-q", "--numprocesses", "2", *session.posargs)


@nox.session(python=False)
def wheel(session: nox.Session) -> None:
    """What the following sessions install: the wheel, as users get it."""
    shutil.rmtree(DIST, ignore_errors=True)
    session.run("uv", "build", "--quiet", "--wheel", "--out-dir", str(DIST), external=True)


def built() -> str:
    """The wheel that the session before made."""
    (found,) = DIST.glob("*.whl")
    return str(found)


@nox.session(python=PYTHONS[0], requires=["wheel"])
@nox.parametrize("dbt", DBTS)
def example(session: nox.Session, dbt: str) -> None:
    """The example, built by a minor version of dbt, and what analyticsops says about it."""
    session.install(f"{built()}[{EXTRAS}]", f"dbt-core~={dbt}.0", "dbt-duckdb>=1.8,<2")
    session.run("python", "-m", "scripts.compatibility.example", "make", str(SEEN / dbt))


@nox.session(python=PYTHONS[0], requires=[f"example(dbt='{dbt}')" for dbt in DBTS])
def same(session: nox.Session) -> None:
    """Is what was said the same under each dbt?"""
    session.install(built())
    folders = [str(SEEN / dbt) for dbt in DBTS]
    session.run("python", "-m", "scripts.compatibility.example", "compare", *folders)


@nox.session(python=PYTHONS[0], requires=["wheel"])
def adapters(session: nox.Session) -> None:
    """Resolved beside each adapter of dbt, with each of its minor versions."""
    session.install("uv")
    session.run("python", "-m", "scripts.compatibility.adapters", built(), *session.posargs)


@nox.session(python="3.12", requires=["wheel"])
@nox.parametrize(
    ("dbt", "adapter"),
    [("1.8", "dbt-postgres"), ("1.10", "dbt-bigquery"), ("1.11", "dbt-snowflake")],
)
def beside(session: nox.Session, dbt: str, adapter: str) -> None:
    """Installed beside an adapter, for real: dbt and analyticsops both start, nothing conflicts."""
    session.install(f"{built()}[{EXTRAS},fast]", f"dbt-core~={dbt}.0", adapter)
    session.run("uv", "pip", "check", external=True)
    session.run("dbt", "--version")
    session.run("analyticsops", "--version")
    session.run("analyticsops", "doctor", "--project-dir", ".demo/base")


@nox.session(python=PYTHONS[0], requires=["wheel"])
def bare(session: nox.Session) -> None:
    """Every command without dbt and without extras."""
    session.install(built())
    command = str(Path(session.bin) / "analyticsops")
    session.run("python", "-m", "scripts.compatibility.bare", command)
