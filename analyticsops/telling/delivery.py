"""Tell what is due, and remember what was told.

That somebody was told is written after it arrived: if the process dies in between, the message is
sent once more, with the same key. A claim keeps two evaluations at the same time from sending the
same message.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import msgspec

from analyticsops.slo.log.events import ToldEvent, What, after
from analyticsops.slo.log.files import IncidentLog
from analyticsops.slo.log.state import Case, State
from analyticsops.slo.spans import Instant
from analyticsops.slo.spec.reading import SharedSettings
from analyticsops.telling.alertmanager import KEPT
from analyticsops.telling.due import STDOUT, Notice, due, silences_of, unknown_receivers
from analyticsops.telling.message import Message, headline, message_of
from analyticsops.telling.sending import Post, Send


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """What became of a message.

    Attributes:
        receiver: its name; ``stdout`` for what no route takes.
        incident: its id.
        what: happened.
        headline: the same, for people.
        error: why it did not arrive; empty if it did. It stays due.
    """

    receiver: str
    incident: str
    what: What
    headline: str
    error: str = ""


class Telling(msgspec.Struct, frozen=True, kw_only=True):
    """What was told.

    Attributes:
        messages: those for whoever reads what the command prints.
        told: what arrived.
        failed: what did not.
        left: how many messages another evaluation is just sending, or nobody sends now.
        problems: what is wrong with receivers and routes, one line each.
    """

    messages: tuple[Message, ...] = ()
    told: tuple[Told, ...] = ()
    failed: tuple[Told, ...] = ()
    left: int = 0
    problems: tuple[str, ...] = ()


def tell(
    log: IncidentLog,
    state: State,
    shared: SharedSettings,
    now: Instant,
    environ: Mapping[str, str],
    send: Send | None,
    *,
    only: str = "",
    quiet: frozenset[str] = frozenset(),
) -> Telling:
    """Tell what is due.

    Args:
        send: None if nothing goes over the network.
        quiet: ids of incidents of which nobody is told, since people work there.
        only: of this incident; empty for all, and a sign of life if all arrived.

    Raises:
        HistoryError: what was told could not be written.
    """
    post = Post(shared.receivers, environ, send, now)
    notices = [one for one in due(state, shared, now, quiet) if only in ("", one.case.id)]
    results = [
        (notice, _deliver(log, post, notice, now))
        for notice in notices
        if not _is_told_all(notice.receiver, shared)
    ]
    problems: list[str] = []
    for name in shared.receivers:
        if _is_told_all(name, shared):
            own = [notice for notice in notices if notice.receiver == name]
            error = _deliver_all(log, post, name, state, own, quiet)
            results += [(notice, error) for notice in own]
            if error and not own:
                problems.append(f"{name}: {error}")
    problems += [
        f"routes lead to {name!r}, which is no receiver of incidents; nobody is told there"
        for name in unknown_receivers(shared)
    ]
    if not only:
        log.sweep_claims(now)
        if not any(error for _, error in results):
            # Else it stays silent, so that somebody notices that messages do not arrive.
            problems += post.beat()
    return _telling(results, now, problems)


def _telling(
    results: Sequence[tuple[Notice, str | None]], now: Instant, problems: Sequence[str]
) -> Telling:
    made = [(_told(notice, error or "", now), error) for notice, error in results]
    return Telling(
        messages=tuple(
            message_of(notice, now)
            for notice, error in results
            if notice.receiver == STDOUT and error == ""
        ),
        told=tuple(told for told, error in made if error == ""),
        failed=tuple(told for told, error in made if error),
        left=sum(error is None for _, error in results),
        problems=tuple(problems),
    )


def _told(notice: Notice, error: str, now: Instant) -> Told:
    return Told(
        receiver=notice.receiver,
        incident=notice.case.id,
        what=notice.what,
        headline=headline(notice.what, notice.case, now),
        error=error,
    )


def _is_told_all(name: str, shared: SharedSettings) -> bool:
    """True if a receiver wants all that is open each time."""
    return name in shared.receivers and shared.receivers[name].type == "alertmanager"


def _deliver(log: IncidentLog, post: Post, notice: Notice, now: Instant) -> str | None:
    """Why a notice did not arrive; None if somebody else is sending it."""
    if not log.claim(notice.key, now):
        return None
    error = post.deliver(notice)
    _remember(log, notice, error, now)
    if error:
        log.release(notice.key)
    return error


def _deliver_all(
    log: IncidentLog,
    post: Post,
    name: str,
    state: State,
    notices: Sequence[Notice],
    quiet: frozenset[str],
) -> str:
    """Why it could not be told all that is open and what has ended; empty also if there is
    nothing."""
    cases = list(_all_for(name, state, post, notices, quiet))
    error = post.deliver_all(name, cases) if cases else ""
    for notice in notices:
        _remember(log, notice, error, post.now)
    return error


def _all_for(
    name: str, state: State, post: Post, notices: Sequence[Notice], quiet: frozenset[str]
) -> Iterator[tuple[Case, Instant]]:
    """Incidents that it knows or has to know, and when each ends for it."""
    due_now = {notice.case.id for notice in notices}
    for case in state.cases.values():
        known = case.told.get(name)
        if case.id in due_now and case.closed is not None:
            yield case, case.closed
        elif case.id in due_now or (known is not None and known.phase == "open"):
            # Also what is over and not told yet because it flaps; what is silenced ends there,
            # since nothing else keeps Alertmanager from repeating it.
            silenced = case.id in quiet or silences_of(case, state, post.now)
            yield case, post.now if silenced else post.now + KEPT


def _remember(log: IncidentLog, notice: Notice, error: str, now: Instant) -> None:
    """Write what became of a notice; a failure once, and not each time that it fails."""
    before = notice.case.failed.get(notice.receiver)
    if error and before and (before.error, before.what) == (error, notice.what):
        return
    event = ToldEvent(
        at=now,
        id=notice.case.id,
        receiver=notice.receiver,
        what=notice.what,
        key=notice.key,
        view=notice.case.view_of(notice.receiver),
        ok=not error,
        error=error,
    )
    log.put(after(event, notice.case.events[-1].place))
