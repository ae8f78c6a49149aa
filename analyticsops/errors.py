"""Everything that analyticsops raises on purpose.

::

    AnalyticsOpsError           what, where, what to do next; exit code 2
      UsageError                the command line or an argument makes no sense
        UnsupportedError        a question without a right answer that is known
      ArtifactError             a file that dbt wrote is missing, broken or foreign
      ConfigError               analyticsops.yml, meta, a baseline or selectors.yml
      SelectionError            a --select expression dbt itself would refuse
      NotFoundError             a name that the project does not hold
      HistoryError              the folder of the history cannot be written or read
      ProcessError              git or dbt, run for the user, is missing or fails

"Could not analyse this query" is not here: that is a value
(:class:`analyticsops.sql.facts.Problem`), counted and shown, never an exception.
"""

from __future__ import annotations

from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


class AnalyticsOpsError(Exception):
    """One clear line: what was found, where, and what to do next.

    Attributes:
        what: the fault, in one sentence without a full stop.
        where: file, line, JSON path or other place; empty if there is none.
        hint: what the user can do next; empty if there is nothing to say.
    """

    def __init__(self, what: str, *, where: str = "", hint: str = "") -> None:
        super().__init__(what)
        self.what = what
        self.where = where
        self.hint = hint

    def __str__(self) -> str:
        place = f"{self.where}: " if self.where else ""
        advice = f" ({self.hint})" if self.hint else ""
        return f"{place}{self.what}{advice}"


class UsageError(AnalyticsOpsError):
    """The arguments make no sense together."""


class UnsupportedError(UsageError):
    """A question that is refused, because no right answer is known."""


class ArtifactError(AnalyticsOpsError):
    """A dbt artifact cannot be used.

    Attributes:
        path: the file.
        size: its size in bytes when it was read, None if it could not be read.
        offset: byte offset of the fault, None if it has no single place.
    """

    def __init__(
        self,
        what: str,
        *,
        path: Path,
        size: int | None = None,
        offset: int | None = None,
        hint: str = "",
    ) -> None:
        facts = [f"{size:,} bytes"] if size is not None else []
        if offset is not None:
            facts.append(f"at byte {offset:,}")
        where = f"{path} [{', '.join(facts)}]" if facts else str(path)
        super().__init__(what, where=where, hint=hint)
        self.path = path
        self.size = size
        self.offset = offset


class ConfigError(AnalyticsOpsError):
    """Configuration that a person wrote is wrong; ``where`` is ``file:line``."""


class SelectionError(AnalyticsOpsError):
    """A node selection expression is not valid."""


class ProcessError(AnalyticsOpsError):
    """git or dbt, run for the user, is missing or fails; says what it said last."""


class HistoryError(AnalyticsOpsError):
    """The history cannot be written, or a file in it is not what it should be. What was
    recorded before is as it was."""


class NotFoundError(AnalyticsOpsError):
    """No such model, column, metric or rule.

    Names the closest existing names, because most such faults are typing errors.
    """

    def __init__(self, kind: str, name: str, known: Iterable[str], *, where: str = "") -> None:
        spelled = {word.lower(): word for word in known}
        close = [spelled[word] for word in get_close_matches(name.lower(), spelled, n=3)]
        hint = f"did you mean {' or '.join(repr(match) for match in close)}?" if close else ""
        super().__init__(f"no {kind} named {name!r}", where=where, hint=hint)
        self.kind = kind
        self.name = name
