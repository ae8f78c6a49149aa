"""The example, built by the dbt of this environment, and what analyticsops says about it.

    python -m scripts.compatibility.example make FOLDER
    python -m scripts.compatibility.example compare FOLDER...

`make` builds the example with dbt (hooks of our dbt package included), runs the commands a team
would run, and keeps what they say in FOLDER/observed.json. `compare` holds that of several dbts
against that of the last one; it exits with 1 if they differ in what nobody has explained.
"""

from __future__ import annotations

import csv
import json
import re
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import Any

import yaml

from scripts import demo
from scripts.compatibility.older_forms import rewrite
from scripts.simulated_history import simulate

AOPS = demo.BIN / "analyticsops"

Said = dict[str, list[str]]
"""Title of an observation -> its lines."""

_NO_HOOK = (
    r"pulled from the hook - command=source freshness",
    "dbt runs hooks after `source freshness` by default since 1.10",
)
_CALENDAR = (
    r"(edges|check|ingested|pulled from the hook) [+-] "
    r"(.*metricflow_time_spine|coverage .*\"proven\": 2[12]\D|command=build .* built=2[12] )"
    r"|lock [+-] revenue_(growth|last_28_days|month_to_date) (fingerprint|time) "
    r"|check \+ MET510 \| error \| revenue_last_28_days \|",
    "before 1.9 the calendar is a model called metricflow_time_spine: one model more, and metrics "
    "that are laid out along it have another time",
)

EXPLAINED: Mapping[str, Sequence[tuple[str, str]]] = {
    "1.8": (_NO_HOOK, _CALENDAR),
    "1.9": (_NO_HOOK,),
}
"""dbt's minor version -> (how a line that only one side has begins, as a pattern; why)."""


def make(folder: Path) -> None:
    """Build with the dbt that is installed here, observe, and write down what was seen."""
    shutil.rmtree(folder, ignore_errors=True)
    dbt = version("dbt-core")
    major, minor, *_ = dbt.split(".")
    demo.build(folder, partial(rewrite, minor=(int(major), int(minor))))
    demo.measure_freshness(folder)
    base = folder / "base"
    simulate(base, folder / "month" / "history")
    said = observe(folder)
    versions = {name: version(name) for name in ("dbt-core", "dbt-duckdb", "duckdb", "sqlglot")}
    document = {"versions": versions, "said": said}
    (folder / "observed.json").write_text(json.dumps(document, indent=1), encoding="utf-8")


def observe(folder: Path) -> Said:
    """What the commands say, without moments, places and identities of runs."""
    base = folder / "base"
    said: Said = {}
    for name in demo.PULL_REQUESTS:
        found = ask(folder / name, "diff", "--base", "../base/target", "--fail-on", "never")
        said[f"diff {name}"] = sorted(map(finding, found["findings"]))
    found = ask(base, "check", "--fail-on", "never")
    said["check"] = sorted(map(finding, found["findings"]))
    said["check"].append(f"coverage {json.dumps(found['coverage'])}")
    edges = told(base, "lineage", "export", "--format", "csv")
    said["edges"] = sorted(",".join(row) for row in csv.reader(edges.splitlines()))
    said["metrics"] = [json.dumps({**m, "path": ""}) for m in ask(base, "metrics", "list")]
    told(base, "metrics", "lock")
    said["lock"] = list(locked(base / "analyticsops" / "metrics.lock.yml"))
    asked = ("metrics", "query", "revenue", "orders", "--by", "metric_time__month")
    said["numbers"] = told(base, *asked, "--database", "shop.duckdb").splitlines()
    said["objectives"] = [
        " ".join(str(o[key]) for key in ("objective", "indicator", "target", "window", "state"))
        for o in ask(base, "slo", "status", "--history", "../month/history")
    ]
    said["freshness"] = [f"{s['name']} {s['status']}" for s in ask(base, "freshness")["sources"]]
    said["jobs"] = runs(folder / "nightly")
    told(base, "ingest")
    said["ingested"] = runs(base)
    told(base, "history", "pull", "--profiles-dir", ".", "--dbt", str(demo.BIN / "dbt"),
         "--history", "pulled")  # fmt: skip
    said["pulled from the hook"] = runs(base, "--history", "pulled")
    told(folder / "harmful", "report", "--base", "../base/target", "--output", "../site",
         "--history", "../month/history")  # fmt: skip
    site = folder / "site"
    said["report"] = sorted({f.relative_to(site).parts[0] for f in site.rglob("*") if f.is_file()})
    return said


def finding(found: Mapping[str, Any]) -> str:
    """One line for a finding; lines of YAML are where the forms of an older dbt put them."""
    hit = ", ".join(sorted(f"{a['name']} {a['via']}" for a in found["affected"]))
    words = (found["rule"], found["severity"], found["subject"], found["message"])
    return " | ".join((*words, f"proven {found['proven']}", hit))


def locked(file: Path) -> Iterator[str]:
    """What a lock says of each metric, and each digest of it, on one line."""
    for name, metric in yaml.safe_load(file.read_text("utf-8"))["metrics"].items():
        levels = metric.pop("levels")
        for key, value in {**metric, **levels}.items():
            yield f"{name} {key} {json.dumps(value)}"


def runs(project: Path, *options: str) -> list[str]:
    """What each run of a history was, oldest first."""
    kept = ("command", "retry", "state", "verdict", "built", "failed", "skipped", "tests",
            "tests_failed")  # fmt: skip
    found = sorted(ask(project, "runs", *options), key=lambda run: str(run["started_at"]))
    return [" ".join(f"{key}={run[key]}" for key in kept) for run in found]


def ask(folder: Path, *words: str) -> Any:
    """What a command answers as JSON."""
    return json.loads(told(folder, *words, "--format", "json"))


def told(folder: Path, *words: str) -> str:
    """What a command prints.

    Raises:
        SystemExit: it failed.
    """
    done = subprocess.run([AOPS, *words], cwd=folder, capture_output=True, text=True)
    if done.returncode:
        sys.exit(f"analyticsops {' '.join(words)} in {folder}: {done.stdout}{done.stderr}")
    return done.stdout


# -- several dbts beside each other ----------------------------------------------------


def compare(folders: Sequence[Path]) -> int:
    """Print a table of what each dbt led to, and every line that differs from the last one's."""
    seen = [json.loads((folder / "observed.json").read_text("utf-8")) for folder in folders]
    *others, reference = seen
    print("| dbt-core | dbt-duckdb | lines said | as under the last | explained | not explained |")
    print("|---|---|---:|---:|---:|---:|")
    unexplained: list[str] = []
    reasons: list[str] = []
    for one in (*others, reference):
        dbt = one["versions"]["dbt-core"]
        why, wrong = judged(dbt, differences(one["said"], reference["said"]))
        total = sum(map(len, one["said"].values()))
        same = sum(
            (Counter(lines) & Counter(reference["said"].get(title, ()))).total()
            for title, lines in one["said"].items()
        )
        print(f"| {dbt} | {one['versions']['dbt-duckdb']} | {total} | {same} "
              f"| {sum(why.values())} | {len(wrong)} |")  # fmt: skip
        unexplained += [f"{dbt}: {line}" for line in wrong]
        reasons += [f"{dbt}: {count} lines: {reason}" for reason, count in why.items()]
    print("\n" + "\n".join([*reasons, *unexplained, "", "NOT THE SAME" if unexplained else "ok"]))
    return int(bool(unexplained))


def differences(one: Said, other: Said) -> list[str]:
    """Lines that only one of the two said, each as `title - line` or `title + line`."""
    lines: list[str] = []
    for title in {**other, **one}:
        here, there = Counter(one.get(title, ())), Counter(other.get(title, ()))
        lines += [f"{title} + {line}" for line in (here - there).elements()]
        lines += [f"{title} - {line}" for line in (there - here).elements()]
    return lines


def judged(dbt: str, lines: Iterable[str]) -> tuple[Counter[str], list[str]]:
    """(reason -> lines that it explains, lines that nobody explains)."""
    minor = dbt.rpartition(".")[0]
    why: Counter[str] = Counter()
    wrong = []
    for line in lines:
        reasons = [why for begin, why in EXPLAINED.get(minor, ()) if re.match(begin, line)]
        if reasons:
            why[reasons[0]] += 1
        else:
            wrong.append(line)
    return why, wrong


def main(words: Sequence[str]) -> int:
    """`make FOLDER` or `compare FOLDER...`."""
    match words:
        case ["make", folder]:
            make(Path(folder).resolve())
            return 0
        case ["compare", *folders] if folders:
            return compare(list(map(Path, folders)))
        case _:
            sys.exit(__doc__)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
