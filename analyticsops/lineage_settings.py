"""The ``lineage`` section of ``analyticsops.yml``: what a team expects of its lineage."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

import msgspec

Percent = Annotated[float, msgspec.Meta(ge=0, le=100)]


class ExposedSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where a column that carries a tag must not arrive.

    Attributes:
        exposures: true if no exposure may show it.
        public: true if no model with `access: public` may hold it.
        groups: the dbt groups whose models may hold it; others, and models without a
            group, may not. Empty: groups do not matter.
    """

    exposures: bool = True
    public: bool = True
    groups: tuple[str, ...] = ()


class TagSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Tags of columns that travel along the lineage.

    Attributes:
        follow: the tags that `check` follows, for instance `pii`. A column carries one
            if it has it among its `tags`, or a key of that name in its `meta`.
        meta: keys of a column's `meta` whose value is a tag or a list of tags.
        exposed: where a column that carries one must not arrive.
    """

    follow: tuple[str, ...] = ()
    meta: tuple[str, ...] = ()
    exposed: ExposedSettings = ExposedSettings()


class LineageSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a team expects of its lineage.

    Attributes:
        coverage: the percentage of columns whose lineage is proven, at least; for the
            whole project, or by path (`*` within a folder, `**` across folders).
        namespace: OpenLineage's namespace of the warehouse, for instance
            `snowflake://myorg-myaccount`.
        tags: tags that travel.
    """

    coverage: Percent | dict[str, Percent] = {}
    namespace: str = ""
    tags: TagSettings = TagSettings()

    @property
    def objectives(self) -> Mapping[str, float]:
        """Path pattern -> percentage."""
        return self.coverage if isinstance(self.coverage, dict) else {"**": self.coverage}
