"""The YAML files that are read, and what becomes of them in bad hands."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from random import Random

import yaml

from .mutate import Mutator, mutated_bytes

EXAMPLE = Path(__file__).parent.parent.parent / "dbt_project_example"

_SETTINGS = """\
version: 1
fail_on: warning
dialect: duckdb
strictness: strict
perspective: producer
rules: {SCH201: warning, rows-unproven: off}
allow:
  - {rule: column-removed, node: "stg*", column: amount, reason: it goes in May, until: 2099-03-31}
baseline: analyticsops-baseline.json
approvals: analyticsops-approvals.yml
lineage:
  coverage: {"models/**": 98}
  namespace: duckdb://shop
  tags: {follow: [pii], exposed: {exposures: true, public: true}}
metrics: {queries: ["bi/**/*.sql"], names: "[a-z_]+"}
review: {base_commands: [dbt compile], mentions: {Core: "@org/core"}}
"""
_APPROVALS = """\
version: 1
approvals:
  - fingerprint: 0123456789abcdef
    rule: SCH201
    subject: fct.name
    reason: agreed
    until: 2099-01-01
    by: ann
"""
_METRICS = """\
version: 1
metrics:
  - name: big
    label: Big ones
    description: Orders above ten.
    model: fct
    expr: sum(case when total > 10 then 1 else 0 end)
    time: name
    group: core
    meta: {tier: reviewed, unit: EUR, synonyms: [large], bounds: {min: 0, max: 1}, slo: 24h}
"""
_PROJECT = """\
name: shop
version: "1.0"
profile: shop
models: {shop: {+materialized: table, staging: {+schema: "{{ target.schema }}"}}}
vars: &v {a: 1}
more: {<<: *v}
"""
_PROFILES = """\
shop:
  target: dev
  outputs:
    dev: {type: duckdb, path: "{{ env_var('DB', 'shop.duckdb') }}", threads: 4}
"""
_MODELS = """\
version: 2
models:
  - name: fct
    description: &d Facts.
    config: {contract: {enforced: true}}
    columns:
      - {name: id, data_type: integer, tests: [unique]}
      - {name: total, description: *d}
"""
_OPENSLO = """\
apiVersion: openslo/v1
kind: SLO
metadata:
  name: stg-old
  annotations: {analyticsops.dev/name: '"old"', analyticsops.dev/missing: '"unknown"'}
spec:
  service: shop
  indicator:
    metadata: {name: stg-old}
    spec:
      thresholdMetric:
        metricSource:
          type: analyticsops
          spec:
            indicator: {type: freshness, scope: end_to_end}
            target: {node: model.shop.stg}
  timeWindow: [{duration: 7d, isRolling: true}]
  budgetingMethod: Timeslices
  objectives:
    - {displayName: old, target: 0.99, op: lte, value: 7200, timeSliceTarget: 1.0, timeSliceWindow: 1m}
"""  # noqa: E501 - as other tools write it
_LOCK = """\
version: 1
metrics:
  revenue:
    type: simple
    fingerprint: m2:0069c1e2789ed68a
    levels: {definition: '41578798839e', value: '9558e8080546', rows: '59e5c4574b0e', time: a, sources: b}
    tier: certified
    version: 2.0.0
    formula: sum(total)
    filters: ["{{ Dimension('order__name') }} > 'a'"]
    columns: [raw.orders.amount]
models:
  model.shop.fct: {rows: 34221d3d0339, columns: {id: 3c8e1ad32d49, total: df118f22f492}}
"""  # noqa: E501 - as it is written
_BASELINE = """\
{"schema": "analyticsops/baseline/v1", "findings": [
  {"fingerprint": "375706fe1ed2eb59", "rule": "LIN101", "name": "lineage-unknown", "subject": "py"}
]}
"""


@cache
def files() -> Mapping[str, bytes]:
    """Path in the project -> a sound file."""
    example = (EXAMPLE / "analyticsops" / "changes" / "revenue" / "2.0.0.yml").read_text("utf-8")
    operations = (EXAMPLE / "slos" / "operations.yml").read_text("utf-8")
    texts = {
        "analyticsops.yml": _SETTINGS,
        "analyticsops-approvals.yml": _APPROVALS,
        "analyticsops/metrics.yml": _METRICS,
        "analyticsops/metrics.lock.yml": _LOCK,
        "analyticsops/changes/revenue/2.0.0.yml": example,
        "slos/operations.yml": operations.replace("fct_orders", "fct").replace("shop_raw", "raw"),
        "slos/open.yml": _OPENSLO,
        "analyticsops-baseline.json": _BASELINE,
        "dbt_project.yml": _PROJECT,
        "profiles.yml": _PROFILES,
        "models/_models.yml": _MODELS,
    }
    return {name: text.encode() for name, text in texts.items()}


@cache
def _mutators() -> Mapping[str, Mutator]:
    """Of the structure; what YAML has beyond JSON is lost on the way."""
    return {
        name: Mutator(json.dumps(yaml.safe_load(data), default=str).encode())
        for name, data in files().items()
        if b"---" not in data
    }


def mutated(name: str, chance: Random) -> bytes:
    """A mutant of a file: of its structure, its lines, its bytes; or a bomb in its place."""
    how = chance.random()
    data = files()[name]
    if how < 0.55 and name in _mutators():
        return _as_yaml(_mutators()[name].mutated(chance), chance)
    if how < 0.75:
        return _lines(data, chance)
    if how < 0.9:
        return mutated_bytes(data, chance)
    bomb = chance.choice(BOMBS)()
    return bomb if chance.random() < 0.5 else _planted(data, bomb, chance)


def _as_yaml(mutant: bytes, chance: Random) -> bytes:
    """JSON is YAML; half of the time it is laid out as people do."""
    if chance.random() < 0.5:
        return mutant
    try:
        return yaml.safe_dump(json.loads(mutant), allow_unicode=True, width=70).encode("utf-8")
    except (ValueError, RecursionError, yaml.YAMLError):
        return mutant


def _lines(data: bytes, chance: Random) -> bytes:
    """Lines that are gone, twice, elsewhere, deeper, or have something odd in them."""
    lines = data.split(b"\n")
    for _ in range(chance.choice((1, 1, 2, 4))):
        at = chance.randrange(len(lines))
        how = chance.randrange(5)
        if how == 0 and len(lines) > 1:
            del lines[at]
        elif how == 1:
            lines.insert(at, lines[at])
        elif how == 2:
            lines.insert(at, lines.pop(chance.randrange(len(lines))))
        elif how == 3:
            lines[at] = chance.choice((b" ", b"   ", b"\t", b"- ", b"? ")) + lines[at]
        else:
            key, colon, _ = lines[at].partition(b": ")
            lines[at] = key + colon + chance.choice(_ODD)
    return b"\n".join(lines)


def _planted(data: bytes, bomb: bytes, chance: Random) -> bytes:
    """A bomb as the value of some key."""
    lines = data.split(b"\n")
    at = chance.randrange(len(lines))
    lines[at] = lines[at].partition(b":")[0] + b": " + bomb
    return b"\n".join(lines)


_ODD = (
    *(b"", b"~", b"no", b"on", b"12:30:45", b"1.10", b"010", b"0x1G", b"1e5", b".inf", b".nan"),
    *(b"-.inf", b"9" * 400, b"1e999", b"'", b'"', b'"\\ud800"', b'"\\U00110000"', b"*a", b"&a"),
    *(b"&a [*a]", b"!!python/object/apply:os.system ['x']", b"!!binary x", b"!!int x", b"!x y"),
    *(b"|", b">-", b"|9", b"[", b"{", b"{a", b"[[]]", b"{}", b"[]", b"? a", b": b", b"- c", b"<<"),
    *(b"2026-02-30", b"2026-11-20", b"99999-01-01", b"-1d", b"1e9d", b"999999999999d", b"0s", b"%"),
    *(b"Mars/Olympus", b"* * * * * *", b"0 0 30 2 *", b"*/0 * * * *", b"25:00-26:00", b"101%"),
    *(b"../../etc/passwd", b"{{ x }}", b"(a+)+$", b"[a", b"\x00"),
    "\u202e\u2028\x85\ufeff".encode(),
)  # fmt: skip


def _alias(number: int, form: bytes) -> bytes:
    """A line of a bomb: nine times the line above it."""
    above = b", ".join([b"*a%d" % (number - 1)] * 9) if number else b"x"
    return b"a%d: &a%d " % (number, number) + form % above + b"\n"


BOMBS: tuple[Callable[[], bytes], ...] = (
    lambda: b"[" * 100_000,
    lambda: b"{a: " * 50_000,
    lambda: b"[" * 1_000 + b"]" * 1_000,
    lambda: b"- " * 20_000 + b"a",
    lambda: b"\n".join(b" " * n + b"a:" for n in range(700)),
    lambda: b"".join(_alias(n, b"[%s]") for n in range(12)),
    lambda: b"a0: &a0 {k: v}\n" + b"".join(_alias(n, b"{<<: [%s]}") for n in range(1, 20)),
    lambda: b"a: &a\n  b: *a\n",
    lambda: b"a: &a {<<: *a}\n",
    lambda: b"\n".join(b"k%d: v" % n for n in range(20_000)),
    lambda: b"\n".join([b"same: v"] * 20_000),
    lambda: b"a: " + b"x" * 1_100_000,
    lambda: b"a: 'x\n" + b"\n" * 50_000 + b"'",
    lambda: b"a: |\n" + b" x\n" * 50_000,
    lambda: b"--- a\n" * 10_000,
    lambda: b"%YAML 9.9\n--- a",
    lambda: b"%TAG ! tag:x,2026:\n--- !x a",
    lambda: b"? [a, b]\n: c\n? {d: e}\n: f",
    lambda: b"\xef\xbb\xbfversion: 1",
    lambda: "version: 1".encode("utf-16"),
    lambda: b"version: 1\x00",
    lambda: b"\xff\xfe\xfa",
    lambda: b"a: &x 1\n" + b"b: [" + b"*x, " * 5_000 + b"]",
    lambda: b"# " + b"x" * 500_000,
    lambda: b"",
    lambda: b"null",
    lambda: b"[]",
    lambda: b"text",
    lambda: b"7",
    lambda: b"version: " + b"1" * 4_000,
    lambda: b"version: 0x" + b"f" * 200_000,
    lambda: b"version: 1.5\nmetrics: 7\nslos: {}",
)  # fmt: skip
"""What kills readers that do not count."""
