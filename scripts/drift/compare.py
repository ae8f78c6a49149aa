"""What two sqlglots say differently, case by case.

    python -m scripts.drift.compare PINNED.json NEWEST.json

Exits with 1 if anything differs.
"""

from __future__ import annotations

import json
import re
import sys
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

SHOWN = 20
"""Lines of one case, at most; what is left out is counted."""

Cases = Mapping[str, Sequence[str]]


def compare(old: Mapping[str, Cases], new: Mapping[str, Cases]) -> Iterator[str]:
    """A heading for each group, and under it the cases that differ.

    Args:
        old: group -> case -> what the pinned sqlglot says.
        new: the same of the other one.
    """
    for group in {**old, **new}:
        before, after = old.get(group, {}), new.get(group, {})
        names = {**before, **after}
        differing = [name for name in names if before.get(name) != after.get(name)]
        yield f"{group}: {len(differing)} of {len(names)} differ"
        for name in differing:
            yield f"  {name}"
            yield from (f"    {line}" for line in cut(lines(before.get(name), after.get(name))))


def lines(before: Sequence[str] | None, after: Sequence[str] | None) -> list[str]:
    """Those that only one of two has, with a sign in front."""
    if before is None or after is None:
        return ["only with the other" if before is None else "no longer there"]
    old, new = Counter(before), Counter(after)
    found = [f"- {line}" for line in (old - new).elements()]
    found += [f"+ {line}" for line in (new - old).elements()]
    # What both say of one column stands together.
    return sorted(found, key=subject) or ["the same lines in another order"]


def subject(line: str) -> str:
    """What a line with its sign is about: a column, or what else stands in front."""
    return re.split(" <- |: ", line[2:], maxsplit=1)[0]


def cut(found: Sequence[str]) -> list[str]:
    """The first lines, and how many more there are."""
    rest = len(found) - SHOWN
    return [*found[:SHOWN], *([f"... {rest} more lines"] if rest > 0 else [])]


def main(old: str, new: str) -> int:
    """Print the differences; 1 if there are any."""
    pinned, newest = (json.loads(Path(file).read_text("utf-8")) for file in (old, new))
    print(f"sqlglot {pinned['sqlglot']} (-) and {newest['sqlglot']} (+)\n")
    print("\n".join(compare(pinned["seen"], newest["seen"])))
    same = pinned["seen"] == newest["seen"]
    print("\nno drift" if same else "\nDRIFT")
    return int(not same)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
