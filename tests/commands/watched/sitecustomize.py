"""Loaded by every Python that a command starts: notes what is written and refuses the network.

With ``WATCH_LOG`` each write and each attempt at the network becomes a line of that file:
event, a tab, the path or address. Forked workers inherit the hook; processes that are started
load it again.
"""

import os
import sys

_NETWORK = frozenset(
    {
        *("socket.connect", "socket.bind", "socket.sendto", "socket.sendmsg"),
        *("socket.getaddrinfo", "socket.gethostbyname", "socket.gethostbyaddr"),
    }
)
_CHANGES = frozenset(
    {
        *("os.mkdir", "os.remove", "os.rename", "os.rmdir", "os.link", "os.symlink"),
        *("os.truncate", "os.chmod", "os.chown", "os.utime", "sqlite3.connect"),
    }
)
_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND


def _watch(log: str) -> None:
    import socket

    descriptor = os.open(log, os.O_WRONLY | os.O_APPEND)

    def harmless(event: str, args: tuple[object, ...]) -> bool:
        # Workers are spoken to over pairs of sockets; urllib3 asks the kernel whether it knows
        # IPv6 by taking a port of this machine for a moment.
        local = getattr(args[0], "family", None) == socket.AF_UNIX
        return local or (event == "socket.bind" and args[1] == ("::1", 0))

    def note(event: str, subject: object) -> None:
        text = os.fsdecode(subject) if isinstance(subject, (str, bytes, os.PathLike)) else None
        if text is None:
            text = repr(subject)
        elif not event.startswith("socket"):
            text = os.path.abspath(text)  # noqa: PTH100 - links are not followed
        os.write(descriptor, f"{event}\t{text!r}\n".encode(errors="backslashreplace"))

    def hook(event: str, args: tuple[object, ...]) -> None:
        if event == "open":
            path, _, flags = args
            if (
                isinstance(path, int)
                or path == os.devnull
                or not isinstance(flags, int)
                or not flags & _WRITING
            ):
                return
            note(event, path)
        elif event in _CHANGES:
            note(event, args[0])
            if event in ("os.rename", "os.link", "os.symlink"):
                note(event, args[1])
        elif event in _NETWORK and not harmless(event, args):
            note(event, args[1:] if event in ("socket.connect", "socket.bind") else args)
            raise PermissionError(f"no network here: {event}")

    sys.addaudithook(hook)


if os.environ.get("WATCH_LOG"):
    _watch(os.environ["WATCH_LOG"])
