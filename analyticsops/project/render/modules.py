"""``modules``: the parts of Python that dbt hands to templates, made safe.

The clock stands still, and endless iterators are paid for element by element.
"""

from __future__ import annotations

import datetime
import itertools
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, NoReturn
from zoneinfo import ZoneInfo

from analyticsops.project.render.limits import STEP, LimitError, size
from analyticsops.project.render.regex import RegexModule
from analyticsops.project.render.values import Exposed

if TYPE_CHECKING:
    from analyticsops.project.render.session import RenderSession


class Modules(Exposed):
    """``modules``."""

    exposed = frozenset({"datetime", "itertools", "pytz", "re"})

    def __init__(self, session: RenderSession) -> None:
        self.datetime = DatetimeModule(session)
        self.itertools = IterModule(session)
        self.pytz = ZoneModule()
        self.re = RegexModule(session)

    def missing(self, name: str) -> NoReturn:
        """dbt has no other modules either."""
        raise AttributeError(name)


class DatetimeModule(Exposed):
    """``modules.datetime``."""

    exposed = frozenset({"date", "datetime", "time", "timedelta"})
    time = datetime.time
    timedelta = datetime.timedelta

    def __init__(self, session: RenderSession) -> None:
        self.datetime = DatetimeType(session)
        self.date = DateType(session)


class DatetimeType(Exposed):
    """``modules.datetime.datetime``."""

    exposed = frozenset(
        {"combine", "fromisoformat", "fromtimestamp", "max", "min", "now", "strptime", "today"}
        | {"utcfromtimestamp", "utcnow"}
    )
    combine = datetime.datetime.combine
    fromisoformat = datetime.datetime.fromisoformat
    max = datetime.datetime.max
    min = datetime.datetime.min
    strptime = datetime.datetime.strptime

    def __init__(self, session: RenderSession) -> None:
        self.session = session

    def __call__(self, *args: Any, **kwargs: Any) -> datetime.datetime:
        return datetime.datetime(*args, **kwargs)

    def now(self, tz: datetime.tzinfo | None = None) -> datetime.datetime:
        """The assumed instant."""
        instant = self.session.now("the time of day")
        return instant.astimezone(tz) if tz else instant.replace(tzinfo=None)

    today = utcnow = now

    def fromtimestamp(
        self, timestamp: float, tz: datetime.tzinfo | None = None
    ) -> datetime.datetime:
        """In UTC unless a zone is given: the machine's zone must not matter."""
        found = datetime.datetime.fromtimestamp(timestamp, tz or datetime.UTC)
        return found if tz else found.replace(tzinfo=None)

    utcfromtimestamp = fromtimestamp


class DateType(Exposed):
    """``modules.datetime.date``."""

    exposed = frozenset({"fromisoformat", "max", "min", "today"})
    fromisoformat = datetime.date.fromisoformat
    max = datetime.date.max
    min = datetime.date.min

    def __init__(self, session: RenderSession) -> None:
        self.session = session

    def __call__(self, *args: Any, **kwargs: Any) -> datetime.date:
        return datetime.date(*args, **kwargs)

    def today(self) -> datetime.date:
        """The day of the assumed instant."""
        return self.session.now("today's date").date()


class Zone(Exposed, datetime.tzinfo):
    """A time zone with the methods that pytz adds."""

    exposed = frozenset({"localize", "normalize", "zone"})

    def __init__(self, zone: str) -> None:
        self.zone = zone
        self._info = ZoneInfo(zone)

    def localize(self, moment: datetime.datetime) -> datetime.datetime:
        """A moment without a zone, in this one."""
        return moment.replace(tzinfo=self)

    def normalize(self, moment: datetime.datetime) -> datetime.datetime:
        """A moment with another zone, in this one."""
        return moment.astimezone(self)

    def utcoffset(self, moment: datetime.datetime | None) -> datetime.timedelta | None:
        """As of any zone."""
        return self._info.utcoffset(moment)

    def dst(self, moment: datetime.datetime | None) -> datetime.timedelta | None:
        """As of any zone."""
        return self._info.dst(moment)

    def tzname(self, moment: datetime.datetime | None) -> str | None:
        """As of any zone."""
        return self._info.tzname(moment)

    def fromutc(self, moment: datetime.datetime) -> datetime.datetime:
        """As of any zone."""
        return self._info.fromutc(moment.replace(tzinfo=self._info)).replace(tzinfo=self)

    def __str__(self) -> str:
        return self.zone


class ZoneModule(Exposed):
    """``modules.pytz``, from the standard library."""

    exposed = frozenset({"UTC", "timezone", "utc"})

    @property
    def utc(self) -> datetime.tzinfo:
        """UTC, also called ``UTC``."""
        return Zone("UTC")

    UTC = utc

    def timezone(self, name: str) -> datetime.tzinfo:
        """A zone by its name; ``zoneinfo`` refuses names that are paths."""
        return Zone(name)


class IterModule(Exposed):
    """``modules.itertools``; every element is paid for."""

    exposed = frozenset(
        {"accumulate", "chain", "combinations", "combinations_with_replacement", "compress"}
        | {"count", "cycle", "islice", "permutations", "product", "repeat", "starmap"}
        | {"zip_longest"}
    )

    def __init__(self, session: RenderSession) -> None:
        self.session = session

    def attribute(self, name: str) -> Callable[..., Iterator[Any]]:
        """A function of itertools under the meter."""
        if name not in self.exposed:
            raise AttributeError(name)
        function = getattr(itertools, name)

        def metered(*args: Any, **kwargs: Any) -> Iterator[Any]:
            if name == "product" and kwargs.get("repeat", 1) > 16:
                raise LimitError("a product of more than 16 factors")
            return self._paid(function(*args, **kwargs))

        return metered

    def _paid(self, values: Iterator[Any]) -> Iterator[Any]:
        for value in values:
            self.session.budget.spend(STEP + size(value))
            yield value
