"""Does the hunt say of mutants what is so? And are those that no test can notice still there?"""

from __future__ import annotations

import subprocess
import sys
import textwrap
from pathlib import Path

import msgspec

from tests.mutants.equivalent import read_equivalent, stale
from tests.mutants.groups import GROUPS
from tests.mutants.mutant import Hunted, Mutant

REPOSITORY = Path(__file__).parent.parent.parent

CODE = """
from functools import cache, cached_property

def larger(a: int, b: int) -> int:
    return a if a > b else b

@cache
def known(a: int) -> int:
    return doubled(a)

def doubled(a: int) -> int:
    return 2 * a

def ends(a: int) -> int:
    while a > 0:
        a -= 1
    return a

class Counter:
    def plus(self, a: int = 1) -> int:
        return a + 1

    @property
    def three(self) -> int:
        return 3

    @cached_property
    def four(self) -> int:
        return 4

def nobody_asks() -> int:
    return 1
"""
PACKAGE = """
def halved(a: int) -> int:
    return a // 2
"""
TESTS = """
from small import halved
from small.code import Counter, doubled, ends, known, larger

def test_halved():
    assert halved(4) == 2

def test_larger():
    assert larger(1, 2) == 2
    assert larger(2, 1) == 2

def test_known():
    assert known(2) == 4

def test_ends():
    assert ends(3) == 0

def test_plus():
    assert Counter().plus() == 2
    assert (Counter().three, Counter().four) == (3, 4)
"""
HUNT = """
import sys
import msgspec, pytest
from tests.mutants.hunting import Hunter
from tests.mutants.mutant import Mutant
mutants = msgspec.json.decode(sys.stdin.buffer.read(), type=list[Mutant])
told = lambda one: print(msgspec.json.encode(one).decode(), file=sys.stderr)
pytest.main(["-q", "-p", "no:xdist", "small"], plugins=[Hunter(mutants, told)])
"""


def _mutant(function: str, before: str, after: str) -> Mutant:
    name = function.rpartition(".")[2]
    start = CODE.index(f"def {name}(")
    code = textwrap.dedent(" " * (4 if "." in function else 0) + CODE[start:].split("\n\n")[0])
    assert before in code
    return Mutant("small/code.py", function, 1, before, after, code.replace(before, after))


FATES = {
    Mutant("small/__init__.py", "halved", 2, "a // 2", "a // 3", PACKAGE.replace("// 2", "// 3")): (
        "killed"
    ),
    _mutant("larger", "a > b", "a < b"): "killed",
    _mutant("larger", "a > b", "a >= b"): "survived",
    _mutant("doubled", "2 * a", "3 * a"): "killed",
    _mutant("ends", "a -= 1", "a -= 0"): "slow",
    _mutant("Counter.plus", "a: int = 1", "a: int = 2"): "killed",
    _mutant("known", "doubled(a)", "doubled(3)"): "killed",
    _mutant("Counter.three", "return 3", "return 4"): "killed",
    _mutant("Counter.four", "return 4", "return 3"): "killed",
    _mutant("nobody_asks", "1", "2"): "untested",
    _mutant("larger", "return a", "retrun a"): "not made",
}


def test_fates(tmp_path: Path) -> None:
    folder = tmp_path / "small"
    folder.mkdir()
    (folder / "__init__.py").write_text(PACKAGE)
    (folder / "code.py").write_text(CODE)
    (folder / "test_code.py").write_text(TESTS)
    done = subprocess.run(
        [sys.executable, "-c", HUNT],
        cwd=tmp_path,
        env={"PYTHONPATH": f"{tmp_path}:{REPOSITORY}", "PATH": ""},
        input=msgspec.json.encode(list(FATES)),
        capture_output=True,
    )
    hunted = [msgspec.json.decode(line, type=Hunted) for line in done.stderr.splitlines()]
    expected = {mutant.key: fate for mutant, fate in FATES.items()}
    assert {one.key: one.fate for one in hunted} == expected


def test_each_group_has_code_and_tests() -> None:
    for group in GROUPS.values():
        assert group.files()
        assert all(Path(REPOSITORY, name).exists() for name in (*group.tests, *group.ignore))


def test_what_no_test_can_notice_is_still_there() -> None:
    assert stale(read_equivalent(), REPOSITORY) == []
    assert stale(["analyticsops/errors.py f: no such line => x"], REPOSITORY) != []
