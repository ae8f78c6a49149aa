"""The job that tries the newest sqlglot: what it looks at, and how it shows what differs."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from scripts.drift import compare, look
from tests.sql.case_files import sections

OLD = {
    "lineage of cases": {
        "duckdb: sums": ["total <- agg(t.x)", "rows <- t.y", "open: "],
        "duckdb: stars": ["a <- t.a"],
        "duckdb: gone": ["a <- t.a"],
    },
    "fingerprints of cases": {"duckdb: sums": ["rows: 11", "total: 22"]},
}
NEW = {
    "lineage of cases": {
        "duckdb: sums": ["total <- calc(t.x)", "rows <- t.y, t.z", "open: "],
        "duckdb: stars": ["a <- t.a"],
        "duckdb: new": ["a <- t.a"],
    },
    "fingerprints of cases": {"duckdb: sums": ["rows: 11", "total: 22"]},
}

SHOWN = """\
sqlglot 1.0.0 (-) and 2.0.0 (+)

lineage of cases: 3 of 4 differ
  duckdb: sums
    - rows <- t.y
    + rows <- t.y, t.z
    - total <- agg(t.x)
    + total <- calc(t.x)
  duckdb: gone
    no longer there
  duckdb: new
    only with the other
fingerprints of cases: 0 of 1 differ

DRIFT
"""


def written(folder: Path, name: str, version: str, seen: object) -> str:
    file = folder / f"{name}.json"
    file.write_text(json.dumps({"sqlglot": version, "seen": seen}))
    return str(file)


def test_what_differs_is_shown_by_case(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    old, new = written(tmp_path, "old", "1.0.0", OLD), written(tmp_path, "new", "2.0.0", NEW)
    assert compare.main(old, new) == 1
    assert capsys.readouterr().out == SHOWN
    assert compare.main(old, written(tmp_path, "same", "1.0.1", OLD)) == 0
    assert capsys.readouterr().out.endswith("0 of 1 differ\n\nno drift\n")


def test_lines_that_are_left_out_are_counted() -> None:
    found = compare.cut(compare.lines([f"c{n} <- t.a" for n in range(60)], []))
    assert (len(found), found[-1]) == (compare.SHOWN + 1, "... 40 more lines")
    assert compare.lines(["a", "b"], ["b", "a"]) == ["the same lines in another order"]


def test_whatever_a_case_holds_is_looked_at() -> None:
    """An edge that is changed by hand is drift; a case that raises is said, and others go on."""
    cases = [case for case in sections("lineage") if case.name.startswith("duckdb: ")]
    inputs, prints = (look.of_each(cases, say) for say in (look.inputs, look.fingerprints))
    assert len(inputs) == len(prints) == len(cases) > 20
    for case in cases:
        others = {name: lines for name, lines in inputs.items() if name != case.name}
        changed = {**others, case.name: [*inputs[case.name][:-1], "x <- elsewhere.x"]}
        shown = list(compare.compare({"lineage": inputs}, {"lineage": changed}))
        assert shown[0] == f"lineage: 1 of {len(cases)} differ"
        assert shown[1] == f"  {case.name}"
    assert any(line.startswith("rows: ") for line in prints[cases[0].name])

    def fails(_case: object) -> list[str]:
        raise RecursionError("too deep")

    assert look.of_each(cases[:1], fails) == {cases[0].name: ["RecursionError: 'too deep'"]}
