"""Loaded by every Python process that has this folder on its path: notes what it does to files and
networks in the file that ``AUDIT_LOG`` names."""

import os
import sys

_NETWORK = ("socket.bind", "socket.connect", "socket.getaddrinfo", "socket.gethostbyname",
            "socket.sendto", "http.client.connect", "urllib.Request")  # fmt: skip
_FILES = ("os.mkdir", "os.rename", "os.remove", "os.rmdir", "os.link", "os.symlink", "os.truncate",
          "os.chmod", "os.chown", "os.utime", "sqlite3.connect")  # fmt: skip
_WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND


def _install(log: int) -> None:
    def note(event: str, arguments: tuple[object, ...]) -> None:
        if event == "open":
            path, _, flags = (*arguments, None, None)[:3]
            writes = isinstance(flags, int) and flags & _WRITES
            if not writes or not isinstance(path, str | bytes):
                return
            told = os.fsdecode(path)
        elif event in _NETWORK:
            told = repr(arguments)
        elif event in _FILES:
            told = "\t".join(str(one) for one in arguments if isinstance(one, str | os.PathLike))
        else:
            return
        line = f"{os.getpid()}\t{event}\t{told}\n"
        os.write(log, line.encode("utf-8", "backslashreplace"))

    os.write(log, f"{os.getpid()}\tstart\n".encode())
    sys.addaudithook(note)


if os.environ.get("AUDIT_LOG"):
    _install(os.open(os.environ["AUDIT_LOG"], os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600))
