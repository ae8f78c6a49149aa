"""The ``review`` section of ``analyticsops.yml``: how pull requests are reviewed."""

from __future__ import annotations

import msgspec


class ReviewSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How pull requests are reviewed.

    Attributes:
        base_commands: how dbt is called to compile the commit that is compared with; the
            second is tried if the first fails, and so on. By default `dbt compile`, with the
            target, vars and full refresh of the new version.
        mentions: name of an owner -> `@user` or `@organisation/team`, whom a comment
            mentions if it is told to. An owner whose name is of that form needs no entry.
    """

    base_commands: tuple[str, ...] = ()
    mentions: dict[str, str] = {}
