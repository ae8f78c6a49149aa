"""Processes whose files and networks are watched, and what they did."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterable, Sequence
from pathlib import Path

REPOSITORY = Path(__file__).parent.parent.parent
AUDIT = Path(__file__).with_name("audit")


def watched(command: Sequence[str], folder: Path, **more: str) -> subprocess.Popen[bytes]:
    """Start a command, without a network where the system can take it away. What it and its
    children do stands in ``audit.log`` in a folder, in which are also its ``home`` and ``tmp``."""
    for own in ("home", "tmp"):
        (folder / own).mkdir(parents=True)
    kept = {key: text for key, text in os.environ.items() if not key.startswith("ANALYTICSOPS_")}
    environment = {
        **kept,
        "PYTHONPATH": f"{AUDIT}:{REPOSITORY}",
        "AUDIT_LOG": str(folder / "audit.log"),
        "HOME": str(folder / "home"),
        "TMPDIR": str(folder / "tmp"),
        **more,
    }
    return subprocess.Popen([*_alone(), *command], cwd=REPOSITORY, env=environment)


def _alone() -> list[str]:
    alone = ["unshare", "--map-root-user", "--net"]
    found = shutil.which("unshare")
    done = subprocess.run([*alone, "true"], capture_output=True) if found else None
    return alone if done is not None and done.returncode == 0 else []


def network_of(noted: Iterable[str]) -> list[str]:
    """What the audit saw of networks."""
    return [line for line in noted if line.split("\t")[1].startswith(("socket", "http", "url"))]


def written_outside(noted: Iterable[str], folder: Path) -> list[str]:
    """What the audit saw of files that are not below a folder."""
    ours = (f"{folder}/", "/dev/", "/proc/")
    return [
        line
        for line in noted
        for path in line.split("\t")[2:]
        if path.startswith("/") and not path.startswith(ours)
    ]
