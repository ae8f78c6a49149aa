"""`analyticsops run`: dbt as it is, and remembered whatever happens."""

from __future__ import annotations

import os
import pty
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from analyticsops.history.chosen import Known, choose
from analyticsops.history.record import Invocation, Record
from analyticsops.history.store import Store
from analyticsops.running import places_of
from tests.history import fake_dbt
from tests.history.make_fixtures import PROJECT

FAKE = [sys.executable, fake_dbt.__file__]


def _start(folder: Path, *words: str, before: tuple[str, ...] = ()) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "analyticsops", "run", *before, "--", *words]
    return subprocess.Popen(
        command,
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        preexec_fn=_hear,
    )


def _hear() -> None:
    """As in a terminal: a shell has its background jobs, tests among them, ignore SIGINT."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def _counted(folder: Path) -> Record:
    """The record that counts of the only run."""
    store = Store(folder / ".analyticsops" / "history")
    known = [Known(o.name, o.path, store.read_head(o.path)) for o in store.listing().loose]
    (one,) = choose(known)
    return store.read(one.path)


def _run_of(folder: Path) -> Invocation:
    return _counted(folder).invocation


@pytest.mark.parametrize("code", [0, 1, 2])
def test_output_and_exit_code_are_dbts(code: int, tmp_path: Path) -> None:
    process = _start(tmp_path, *FAKE, str(code), "build", "--select", "a")
    out, err = process.communicate(timeout=30)
    assert process.returncode == code
    assert out == b"out \xff\x00 build --select a\n"
    assert err.startswith(b"err \xfe\n")
    run = _run_of(tmp_path)
    assert (run.invocation_id, run.state, run.exit_code) == (fake_dbt.ID, "finished", code)
    assert run.success is (code == 0)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_signals_reach_dbt(number: signal.Signals, tmp_path: Path) -> None:
    process = _start(tmp_path, *FAKE, "hang", "build")
    assert process.stdout is not None
    process.stdout.readline()
    time.sleep(0.5)
    process.send_signal(number)
    process.communicate(timeout=30)
    # dbt dies of SIGTERM; it catches SIGINT and leaves with 2.
    assert process.returncode == (2 if number == signal.SIGINT else -number)
    record = _counted(tmp_path)
    assert record.invocation.state == ("failed" if number == signal.SIGINT else "crashed")
    assert [row.unique_id for row in record.results] == ["model.shop.a"]


def test_ctrl_c_on_a_terminal_reaches_dbt_once(tmp_path: Path) -> None:
    """The terminal sends it to everybody in the foreground: to us and to dbt."""
    child, terminal = pty.fork()
    if child == 0:  # pragma: no cover
        os.chdir(tmp_path)
        command = [sys.executable, "-m", "analyticsops", "run", "--", *FAKE, "hang", "build"]
        os.execv(command[0], command)
    said = b""
    while b"err" not in said:
        said += os.read(terminal, 1024)
    time.sleep(0.5)
    os.write(terminal, b"\x03")
    _, status = os.waitpid(child, 0)
    os.close(terminal)
    assert os.waitstatus_to_exitcode(status) == 2
    assert (tmp_path / "interrupts").read_text() == "once\n"
    assert _run_of(tmp_path).state == "failed"


def test_a_dbt_that_is_killed_is_known_with_what_was_done(tmp_path: Path) -> None:
    process = _start(tmp_path, *FAKE, "kill", "build")
    process.communicate(timeout=30)
    assert process.returncode == 128 + signal.SIGKILL
    record = _counted(tmp_path)
    run = record.invocation
    assert (run.state, run.exit_code, run.command) == ("crashed", -signal.SIGKILL, "build")
    (row,) = record.results
    assert (row.status, row.execution_time, row.materialized) == ("success", 1.5, "table")


def test_a_wrapper_that_is_killed_leaves_the_start(tmp_path: Path) -> None:
    process = _start(tmp_path, *FAKE, "hang", "build", before=("--job", "nightly"))
    assert process.stdout is not None
    process.stdout.readline()
    deadline = time.monotonic() + 20
    while not list(tmp_path.glob(".analyticsops/history/*/*.json")):
        assert time.monotonic() < deadline
        time.sleep(0.05)
    process.kill()
    os.kill(int((tmp_path / "pid").read_text()), signal.SIGKILL)
    process.communicate()
    run = _run_of(tmp_path)
    assert (run.state, run.command, run.job) == ("started", "build", "nightly")


def test_a_dbt_that_never_began_is_a_failed_run(tmp_path: Path) -> None:
    process = _start(tmp_path, *FAKE, "before", "build")
    process.communicate(timeout=30)
    assert process.returncode == 2
    run = _run_of(tmp_path)
    assert (run.state, run.command, run.exit_code) == ("failed", "build", 2)


def test_a_history_that_cannot_be_written_changes_nothing(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    process = _start(tmp_path, *FAKE, "1", "build", before=("--history", "file/history"))
    out, err = process.communicate(timeout=30)
    assert process.returncode == 1
    assert out.startswith(b"out")
    assert b"warning: not recorded: " in err
    assert b"Traceback" not in err


def test_a_log_as_text(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DBT_LOG_FORMAT_FILE", "debug")
    process = _start(tmp_path, *FAKE, "kill", "build")
    process.communicate(timeout=30)
    assert _run_of(tmp_path).state == "crashed"


def test_a_command_that_is_not_there(tmp_path: Path) -> None:
    process = _start(tmp_path, "no-such-dbt", "build")
    _, err = process.communicate(timeout=30)
    assert process.returncode == 2
    assert err == (
        b"error: dbt: 'no-such-dbt' is not installed, or not on the PATH "
        b"(activate the environment that holds it)\n"
    )


def test_places() -> None:
    words = ("dbt", "build", "--project-dir", "shop", "--target-path=out")
    found = places_of(words, {"DBT_LOG_PATH": "/var/log"})
    assert found == (Path("shop"), Path("shop/out"), Path("/var/log/dbt.log"))


@pytest.mark.dbt
def test_dbt_itself(tmp_path: Path) -> None:
    shutil.copytree(PROJECT, tmp_path / "shop")
    dbt = str(Path(sys.executable).parent / "dbt")
    environ = {**os.environ, "DBT_PROFILES_DIR": str(tmp_path / "shop")}
    command = [sys.executable, "-m", "analyticsops", "run", "--", dbt, "seed"]
    done = subprocess.run(command, cwd=tmp_path / "shop", env=environ, capture_output=True)
    assert done.returncode == 0, done.stdout
    assert b"Done. PASS=" in done.stdout
    record = _counted(tmp_path / "shop")
    run = record.invocation
    assert (run.state, run.command, run.exit_code, run.target) == ("finished", "seed", 0, "dev")
    assert "seed.shop.raw_orders" in {row.unique_id for row in record.results}
