"""``python -m tests.mutants slo --sample 500``: see :mod:`tests.mutants`.

What became of each mutant is kept in ``.mutants/GROUP.jsonl``, so that a campaign goes on where it
stopped; survivors are hunted again, since a test may have come for them.
"""

from __future__ import annotations

import argparse
import random
import subprocess
import sys
from collections import Counter
from collections.abc import Iterable, Sequence
from hashlib import sha256
from pathlib import Path

import msgspec
import pytest

from tests.mutants.equivalent import read_equivalent
from tests.mutants.groups import GROUPS, Group
from tests.mutants.hunting import Hunter
from tests.mutants.mutant import Hunted, Mutant

KEPT = Path(".mutants")
MAKING = Path(__file__).with_name("making.py")


def main() -> int:
    """Hunt, and print what came of it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("group", choices=GROUPS)
    parser.add_argument("--only", default="", help="of files whose names hold this")
    parser.add_argument("--sample", type=int, default=0, help="so many, at random")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--python", type=Path, default=Path(".venv-mutants/bin/python"))
    parser.add_argument("--report", action="store_true", help="only what is known")
    given = parser.parse_args()
    group, kept = GROUPS[given.group], KEPT / f"{given.group}.jsonl"
    mutants = [one for one in made(group, given.python) if given.only in one.file]
    if given.sample and given.sample < len(mutants):
        mutants = random.Random(given.seed).sample(mutants, given.sample)
    equivalent = read_equivalent()
    mutants = [one for one in mutants if one.key not in equivalent]
    known = {one.key: one for one in read_kept(kept)}
    wanted = [one for one in mutants if one.key not in known or known[one.key].fate == "survived"]
    wanted += [one for one in mutants if one.key in known and known[one.key].fate == "untested"]
    if wanted and not given.report:
        hunt(group, wanted, kept, given.jobs)
        known = {one.key: one for one in read_kept(kept)}
    show(mutants, known)
    return 0


def made(group: Group, python: Path) -> list[Mutant]:
    """All mutants of a group; made once for each text of a file, and of what makes them."""
    found: list[Mutant] = []
    making = MAKING.read_bytes()
    for file in group.files():
        digest = sha256(making + Path(file).read_bytes()).hexdigest()[:16]
        path = KEPT / "made" / f"{digest}.jsonl"
        if not path.is_file():
            path.parent.mkdir(parents=True, exist_ok=True)
            done = subprocess.run(
                [python, MAKING, file], capture_output=True, text=True, check=False
            )
            if done.returncode:
                sys.exit(f"{file}: {done.stderr}")
            path.write_text(done.stdout, "utf-8")
        lines = path.read_text("utf-8").splitlines()
        found += [msgspec.json.decode(line, type=Mutant) for line in lines]
    return list({mutant.key: mutant for mutant in found}.values())


def read_kept(path: Path) -> list[Hunted]:
    """What is known, the latest last."""
    if not path.is_file():
        return []
    return [msgspec.json.decode(line, type=Hunted) for line in path.read_bytes().splitlines()]


def hunt(group: Group, mutants: Sequence[Mutant], kept: Path, jobs: int) -> None:
    """Run the group's tests against mutants."""
    with kept.open("ab") as file:

        def told(one: Hunted) -> None:
            file.write(msgspec.json.encode(one) + b"\n")
            file.flush()

        options = ["-q", "-p", "no:cacheprovider", "-p", "no:xdist"]
        options += ["-o", "addopts=", *(f"--ignore={path}" for path in group.ignore)]
        pytest.main([*options, *group.tests], plugins=[Hunter(mutants, told, jobs)])


def show(mutants: Iterable[Mutant], known: dict[str, Hunted]) -> None:
    """Survivors, and a line for each file."""
    by_file: dict[str, Counter[str]] = {}
    for mutant in mutants:
        one = known.get(mutant.key)
        by_file.setdefault(mutant.file, Counter())[one.fate if one else "not hunted"] += 1
        if one and one.fate in ("survived", "untested"):
            print(f"{one.fate} {mutant.file}:{mutant.line} {mutant.function}")
            print(f"  - {mutant.before}\n  + {mutant.after}")
    total: Counter[str] = Counter()
    print(
        "\n| file | mutants | killed | survived | untested | killed, % |\n|---|--:|--:|--:|--:|--:|"
    )
    for file, counts in sorted(by_file.items()):
        total += counts
        print(_row(file, counts))
    print(_row("all", total))
    for fate in ("not hunted", "not made"):
        if total[fate]:
            print(f"\n{total[fate]} were {fate}, and say nothing")


def _row(name: str, counts: Counter[str]) -> str:
    killed = counts["killed"] + counts["slow"]
    lost = counts["survived"] + counts["untested"]
    percent = f"{killed / (killed + lost):.1%}" if killed + lost else ""
    cells = (name, killed + lost, killed, counts["survived"], counts["untested"], percent)
    return f"| {' | '.join(map(str, cells))} |"


if __name__ == "__main__":
    sys.exit(main())
