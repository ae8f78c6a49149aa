"""A site on loopback that follows its artifacts: for whoever works on a project.

A request from a page of another host is refused (its name could lead here), and what cannot be read
while dbt writes it leaves the site as it was.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from analyticsops.errors import AnalyticsOpsError, UsageError
from analyticsops.site.folder import Site

if TYPE_CHECKING:
    from starlette.applications import Starlette
    from starlette.requests import Request
    from starlette.responses import Response

HOSTS = ("127.0.0.1", "localhost", "::1")

QUIET = 600
"""Milliseconds without a change after which dbt is done writing."""

_TYPES = {".html": "text/html; charset=utf-8", ".js": "text/javascript; charset=utf-8"}


class Shown:
    """The site as it is now, and who waits for the next one."""

    def __init__(self, site: Site) -> None:
        self._waiting: set[asyncio.Event] = set()
        self.files: Mapping[str, bytes] = site.files(live=True)

    def show(self, site: Site) -> None:
        """From now on this one."""
        files = site.files(live=True)
        if files != self.files:
            self.files = files
            for waiting in self._waiting:
                waiting.set()

    async def changes(self) -> AsyncIterator[str]:
        """A server-sent event for each change; comments in between, so that a connection that
        nobody reads any more is noticed."""
        changed = asyncio.Event()
        self._waiting.add(changed)
        try:
            yield ": waiting\n\n"
            while True:
                try:
                    await asyncio.wait_for(changed.wait(), 15)
                except TimeoutError:
                    yield ": waiting\n\n"
                    continue
                changed.clear()
                yield "event: changed\ndata: \n\n"
        finally:
            self._waiting.discard(changed)


def application(shown: Shown) -> Starlette:
    """What answers requests."""
    from starlette.applications import Starlette
    from starlette.middleware import Middleware
    from starlette.middleware.trustedhost import TrustedHostMiddleware
    from starlette.responses import PlainTextResponse, Response as Answer, StreamingResponse
    from starlette.routing import Route

    async def file(request: Request) -> Response:
        name = request.path_params.get("name") or "index.html"
        content = shown.files.get(name)
        if content is None:
            return PlainTextResponse("not found\n", 404)
        kept = "no-store" if name == "index.html" else "max-age=31536000, immutable"
        return Answer(
            content,
            media_type=_TYPES[Path(name).suffix],
            headers={"cache-control": kept, "x-content-type-options": "nosniff"},
        )

    async def changes(_: Request) -> Response:
        return StreamingResponse(shown.changes(), media_type="text/event-stream")

    return Starlette(
        routes=[Route("/changes", changes), Route("/", file), Route("/{name:path}", file)],
        middleware=[Middleware(TrustedHostMiddleware, allowed_hosts=[*HOSTS, "[::1]"])],
    )


class Followed(NamedTuple):
    """What a site is made of, and how.

    Attributes:
        make: makes the site, as things are then.
        folders: in which files are that it is made of.
        wanted: True for the path of such a file; what we write there ourselves is none.
    """

    make: Callable[[], Site]
    folders: Sequence[Path]
    wanted: Callable[[str], bool]


def serve(
    followed: Followed,
    *,
    host: str,
    port: int,
    tell: Callable[[str], None],
    opened: Callable[[str], None] = lambda _: None,
) -> None:
    """Serve until somebody stops it.

    Args:
        host: a name of this machine that no other reaches.
        port: 0 for any that is free.
        tell: told, in a line, what happens.
        opened: told the address once it answers.

    Raises:
        UsageError: what it needs is not installed, or the port is taken.
        AnalyticsOpsError: the first site cannot be made.
    """
    if host not in HOSTS:
        raise UsageError(
            "this serves the machine that it runs on, and no other",
            where=f"--host {host}",
            hint="write a site with `analyticsops report`, and put it on a web server",
        )
    if not all(map(find_spec, ("starlette", "uvicorn", "watchfiles"))):
        raise UsageError("what serves is not installed", hint="pip install 'analyticsops[serve]'")
    shown = Shown(followed.make())
    with _listening(host, port) as sock, contextlib.suppress(KeyboardInterrupt):
        name = f"[{host}]" if ":" in host else host
        address = f"http://{name}:{sock.getsockname()[1]}/"
        tell(f"serving {address} (Ctrl+C to stop)")
        opened(address)
        asyncio.run(_run(shown, followed, sock, tell))


def _listening(host: str, port: int) -> socket.socket:
    found = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
    found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        found.bind((host, port))
        found.listen()
    except (OSError, OverflowError) as fault:
        found.close()
        why = fault.strerror if isinstance(fault, OSError) else str(fault)
        raise UsageError(
            f"cannot listen there: {why}", where=f"--port {port}", hint="name another"
        ) from fault
    return found


async def _run(
    shown: Shown, followed: Followed, sock: socket.socket, tell: Callable[[str], None]
) -> None:
    import uvicorn

    config = uvicorn.Config(application(shown), log_level="warning", lifespan="off")
    # Pages that wait for the next site would keep it from stopping.
    config.timeout_graceful_shutdown = 1
    stop = asyncio.Event()
    following = asyncio.create_task(_follow(shown, followed, tell, stop))
    await uvicorn.Server(config).serve(sockets=[sock])
    stop.set()
    await following


async def _follow(
    shown: Shown, followed: Followed, tell: Callable[[str], None], stop: asyncio.Event
) -> None:
    from watchfiles import awatch

    folders = [path for path in followed.folders if path.is_dir()]
    async for _ in awatch(
        *folders,
        watch_filter=lambda _, path: followed.wanted(path),
        step=QUIET,
        debounce=10 * QUIET,
        stop_event=stop,
    ):
        try:
            shown.show(await asyncio.to_thread(followed.make))
        except AnalyticsOpsError as fault:
            tell(f"kept as it was: {fault}")
        else:
            tell("made anew")
