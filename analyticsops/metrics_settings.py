"""What a team decides about its metrics that has no place beside one of them."""

from __future__ import annotations

import msgspec


class MetricsSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Settings of the metric registry.

    Attributes:
        queries: SQL files outside of dbt (dashboards, exports of BI tools) in which metrics
            that are computed again are looked for: paths with `*`, relative to this file.
        names: regular expression that the whole name of each metric matches; by default
            lower case with single underscores.
    """

    queries: tuple[str, ...] = ()
    names: str = ""
