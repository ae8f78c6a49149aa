"""What templates may use of Python's own types: this, and nothing else."""

from __future__ import annotations

import datetime

from jinja2.runtime import LoopContext, Macro
from jinja2.utils import Cycler

ATTRIBUTES: dict[type, frozenset[str]] = {
    kind: frozenset(names.split())
    for kind, names in (
        (
            str,
            "capitalize casefold center count endswith expandtabs find format format_map index"
            " isalnum isalpha isascii isdecimal isdigit isidentifier islower isnumeric isprintable"
            " isspace istitle isupper join ljust lower lstrip partition removeprefix removesuffix"
            " replace rfind rindex rjust rpartition rsplit rstrip split splitlines startswith"
            " strip swapcase title upper zfill",
        ),
        (list, "append clear copy count extend index insert pop remove reverse sort"),
        (dict, "clear copy get items keys pop popitem setdefault update values"),
        (tuple, "count index"),
        (range, "count index start step stop"),
        (int, "bit_length"),
        (float, "is_integer"),
        (
            datetime.datetime,
            "astimezone date day hour isocalendar isoformat isoweekday microsecond minute month"
            " replace second strftime time timestamp timetz toordinal tzinfo tzname utcoffset"
            " weekday year",
        ),
        (
            datetime.date,
            "day isocalendar isoformat isoweekday month replace strftime toordinal weekday year",
        ),
        (datetime.time, "hour isoformat microsecond minute replace second strftime"),
        (datetime.timedelta, "days microseconds seconds total_seconds"),
        (
            LoopContext,
            "changed cycle depth depth0 first index index0 last length nextitem previtem revindex"
            " revindex0",
        ),
        (Macro, "arguments name"),
        (Cycler, "current next reset"),
    )
}
