"""Selections by dbt's grammar, as nobody would write them."""

from __future__ import annotations

from random import Random

from tests.hostile import NAMES

_METHODS = (
    *(
        "fqn",
        "tag",
        "source",
        "path",
        "file",
        "package",
        "config.materialized",
        "config.unique_key",
    ),
    *(
        "config.grants.select",
        "test_type",
        "test_name",
        "state",
        "result",
        "source_status",
        "group",
    ),
    *("access", "version", "exposure", "metric", "saved_query", "semantic_model", "unit_test"),
    *("resource_type", "selector", "column", "config", "config.", "state.", "hope", "", "wildcard"),
)
_VALUES = (
    *(
        "stg",
        "fct",
        "*",
        "**",
        "f*t",
        "[a-z]",
        "[",
        "?",
        "shop.fct",
        "raw.orders",
        "model.shop.fct",
    ),
    *(
        "modified",
        "modified.body",
        "modified.hope",
        "new",
        "old",
        "error",
        "pass",
        "fresher",
        "all",
    ),
    *(
        "generic",
        "unit",
        "public",
        "latest",
        "prerelease",
        "nightly",
        "loop",
        "fct.total",
        "fct.no",
    ),
    *("../..", "/", "models/", "models/*.sql", "", ".", "..", "true", "1", "None", "@", "+", ":"),
)
_DEPTHS = ("", "", "", "1", "2", "0", "999999999999999999999", "-1", "x", "\u00b2")


def selection(chance: Random) -> str:
    """A selection: unions and intersections of criteria, now and then of rubbish."""
    return " ".join(
        ",".join(_criterion(chance) for _ in range(chance.choice((1, 1, 1, 2, 3, 40))))
        for _ in range(chance.choice((1, 1, 2, 5, 30)))
    )


def _criterion(chance: Random) -> str:
    how = chance.random()
    if how < 0.1:
        return chance.choice(NAMES)[:80]
    if how < 0.2:
        return "".join(
            chance.choices("@+*:.,[]!?-| \t\x00é\ud800{}()'\"\\/01aZ", k=chance.randrange(12))
        )
    before = chance.choice(("", "", "", "+", "@", f"{chance.choice(_DEPTHS)}+", "++", "@+", "+@"))
    after = chance.choice(("", "", "", "+", f"+{chance.choice(_DEPTHS)}", "++"))
    method = chance.choice(_METHODS)
    named = f"{method}:" if chance.random() < 0.7 else ""
    return f"{before}{named}{chance.choice(_VALUES)}{after}"
