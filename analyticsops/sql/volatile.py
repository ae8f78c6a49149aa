"""Functions with another answer each time."""

from __future__ import annotations

from sqlglot import exp

VOLATILE = (exp.Rand, exp.Randn, exp.Uuid)
"""Functions with another answer each time: no two uses of them are equal."""

VOLATILE_NAMES = frozenset(
    {
        "clock_timestamp",
        "currval",
        "gen_random_uuid",
        "generate_uuid",
        "generateuuidv4",
        "newid",
        "newsequentialid",
        "nextval",
        "normal",
        "rand",
        "random",
        "randstr",
        "seq1",
        "seq2",
        "seq4",
        "seq8",
        "setseed",
        "sleep",
        "timeofday",
        "uniform",
        "uuid_string",
        "zipf",
    }
)
"""By names that sqlglot does not know."""
