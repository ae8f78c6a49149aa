"""`make demo`: the example project, its pull requests, and what analyticsops says.

Works in .demo/: `base` is the example as it stands, the other folders are copies with
one pull request each. What dbt made is kept until the example changes; only the
freshness of the sources is measured anew each time, since it ages.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256
from pathlib import Path

from scripts.simulated_history import simulate

REPO = Path(__file__).resolve().parent.parent
EXAMPLE = REPO / "dbt_project_example"
DEMO = REPO / ".demo"
PULL_REQUESTS = ("refactoring", "additive", "harmful")
BIN = Path(sys.executable).parent

WITHOUT = shutil.ignore_patterns(
    "target*", "logs", "dbt_packages", "*.duckdb*", "package-lock.yml", ".user.yml"
)


def main() -> int:
    """Build what is not built, and show what there is to see."""
    started = time.monotonic()
    stamp, key = DEMO / "stamp", fingerprint()
    if not stamp.is_file() or stamp.read_text() != key:
        shutil.rmtree(DEMO, ignore_errors=True)
        build(DEMO)
        stamp.write_text(key)
    measure_freshness(DEMO)
    took = time.monotonic() - started
    print(f"(dbt took {took:.0f} s; everything below is read from the files it wrote)")
    show(DEMO)
    return 0


# -- what dbt does -------------------------------------------------------------


def as_it_stands(_project: Path) -> None:
    """What is done to a copy of the example before dbt sees it: nothing."""


def build(folder: Path, prepare: Callable[[Path], None] = as_it_stands) -> None:
    """Build the example in `folder`/base, and compile a copy for each pull request.

    Args:
        folder: where they go.
        prepare: what is done to each copy before dbt sees it.
    """
    base = folder / "base"
    copy_example(base)
    prepare(base)
    say("building dbt_project_example with dbt on DuckDB")
    dbt(base, "deps")
    dbt(base, "run-operation", "analyticsops.install")
    dbt(base, "seed", "--full-refresh")
    dbt(base, "build", "--full-refresh", "--exclude", "resource_type:seed")
    dbt(base, "docs", "generate", "--no-compile")
    play_three_runs(folder)
    say(f"compiling the pull requests: {', '.join(PULL_REQUESTS)}")
    with ThreadPoolExecutor(max_workers=2) as pool:
        list(pool.map(lambda name: compile_pull_request(folder, name, prepare), PULL_REQUESTS))


def play_three_runs(folder: Path) -> None:
    """A job that goes well, one that fails, and its retry, remembered as they happen."""
    nightly = folder / "nightly"
    shutil.copytree(folder / "base", nightly, symlinks=True)
    say("three runs of a nightly job: one goes well, one fails and is retried")
    words = ("dbt", "run", "--select", "int_money_movements+1")
    model = nightly / "models" / "intermediate" / "int_money_movements.sql"
    sound = model.read_text()
    remembered(nightly, *words)
    model.write_text(sound.replace("'captured'", "cast('captured' as integer)", 1))
    remembered(nightly, *words, fails=True)
    model.write_text(sound)
    remembered(nightly, "dbt", "retry")


def remembered(folder: Path, *command: str, fails: bool = False) -> None:
    """Run dbt through `analyticsops run`."""
    options = ("--environment", "prod", "--job", "nightly", "--git-sha", "")
    run([str(BIN / "analyticsops"), "run", *options, "--", *command], folder, fails=fails)


def fingerprint() -> str:
    """Changes with any file of the example, of the macros, or of this script."""
    digest = sha256()
    roots = (EXAMPLE, REPO / "macros", REPO / "constraints.txt", Path(__file__))
    files = [f for root in roots for f in ([root] if root.is_file() else sorted(root.rglob("*")))]
    for file in files:
        skipped = {"target", "logs", "dbt_packages"} & set(file.parts)
        if file.is_file() and not skipped and ".duckdb" not in file.name:
            digest.update(file.relative_to(REPO).as_posix().encode() + b"\0" + file.read_bytes())
    return digest.hexdigest()


def copy_example(folder: Path) -> None:
    """A copy without what dbt left behind, that finds the dbt package in this repository."""
    shutil.copytree(EXAMPLE, folder, ignore=WITHOUT)
    packages = folder / "packages.yml"
    packages.write_text(packages.read_text().replace("local: ..", f"local: {REPO}"))


def compile_pull_request(
    folder: Path, name: str, prepare: Callable[[Path], None] = as_it_stands
) -> None:
    """Apply the patch to a copy of the example, and let dbt compile it."""
    copy = folder / name
    copy_example(copy)
    # git skips files silently when it stands in a subfolder of another repository.
    environ = {**os.environ, "GIT_CEILING_DIRECTORIES": str(folder)}
    command = ["git", "apply", "-p1", str(EXAMPLE / "pull_requests" / f"{name}.patch")]
    subprocess.run(command, cwd=copy, env=environ, check=True)
    prepare(copy)
    shutil.copytree(folder / "base" / "dbt_packages", copy / "dbt_packages", symlinks=True)
    dbt(copy, "compile", "--full-refresh")


def measure_freshness(folder: Path) -> None:
    """The loader's clock moves on; a target folder of its own keeps the manifest whole."""
    base = folder / "base"
    say("loading the seeds and measuring the freshness of the sources")
    dbt(base, "seed", target="target_freshness")
    dbt(base, "source", "freshness", target="target_freshness")
    shutil.copy(base / "target_freshness" / "sources.json", base / "target" / "sources.json")


def dbt(folder: Path, *arguments: str, target: str = "target") -> None:
    """Run dbt quietly; show what it said if it fails."""
    run([str(BIN / "dbt"), *arguments], folder, target=target)


def run(command: list[str], folder: Path, target: str = "target", fails: bool = False) -> None:
    """Run a command quietly; show what it said if it does not end as expected."""
    environ = {
        **os.environ,
        "DBT_PROFILES_DIR": str(folder),
        "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
        "DBT_TARGET_PATH": target,
    }
    done = subprocess.run(command, cwd=folder, env=environ, text=True, capture_output=True)
    if bool(done.returncode) != fails:
        sys.exit(f"{done.stdout}{done.stderr}\n{' '.join(command)} went wrong in {folder}")


# -- what analyticsops says ------------------------------------------------------


def show(folder: Path) -> None:
    """At most two screens of what a data team would want to see."""
    base, out = folder / "base", folder / "out"
    out.mkdir(exist_ok=True)
    aops("lineage", "fct_orders.net_revenue", "--direct", folder=base)
    comment, page = out / "harmful.md", out / "harmful.html"
    outputs = ("--output", f"markdown={comment}", "--output", f"html={page}")
    code = aops("diff", "--base", "../base/target", hidden=outputs, folder=folder / "harmful")
    print(f"exit code {code}")
    for name in ("refactoring", "additive"):
        aops("diff", "--base", "../base/target", folder=folder / name)
    aops("metrics", "list", "--tier", "certified", folder=base)
    aops("freshness", folder=base)
    shutil.rmtree(folder / "month", ignore_errors=True)
    say("a month of hourly runs that nobody had to wait for, with three things that went wrong")
    simulate(base, folder / "month" / "history")
    aops("slo", "status", "--history", "../month/history", folder=base)
    aops("slo", "evaluate", "--history", "../month/history", folder=base)
    aops("runs", folder=folder / "nightly")
    aops("runs", "retries", folder=folder / "nightly")
    site = ("--history", "../month/history", "--sql", "--output", str(folder / "site"))
    told = ("--title", "shop", "--change", "Tidy up naming and spelling")
    aops("report", "--base", "../base/target", hidden=(*site, *told), folder=folder / "harmful")
    print("\nThe harmful one as a comment, as a page, and everything there is to look at:")
    for file in (comment, page, folder / "site" / "index.html"):
        print(f"  {os.path.relpath(file)}")


def aops(*arguments: str, folder: Path, hidden: tuple[str, ...] = ()) -> int:
    """Show a command and run it; `hidden` arguments would only distract."""
    say(f"analyticsops {' '.join(arguments)}", prompt=f"\n{folder.name}$ ")
    command = [str(BIN / "analyticsops"), *arguments, *hidden]
    return subprocess.run(command, cwd=folder).returncode


def say(text: str, prompt: str = "... ") -> None:
    """One line about what happens next."""
    bold = sys.stdout.isatty() and not os.environ.get("NO_COLOR")
    print(f"{prompt}\033[1m{text}\033[0m" if bold else f"{prompt}{text}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
