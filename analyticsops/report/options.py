"""What a renderer may know besides the report: where its output goes."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec


class Options(msgspec.Struct, frozen=True, kw_only=True):
    """Facts about the place where the output will be read.

    Attributes:
        tty: a person looks at a terminal; only the text format asks.
        color: colours are welcome; never without ``tty``.
        width: of the terminal, in cells.
        root: path of the dbt project inside the repository, with forward slashes;
            empty if they are the same. GitHub, GitLab and SARIF count paths from
            the repository.
        mentions: name of an owner -> ``@user`` or ``@organisation/team``, whom a comment
            mentions; None to mention nobody.
    """

    tty: bool = False
    color: bool = False
    width: int = 100
    root: str = ""
    mentions: Mapping[str, str] | None = None


PLAIN = Options()


def terminal_options(
    environ: Mapping[str, str],
    *,
    isatty: bool,
    width: int,
    root: str = "",
    mentions: Mapping[str, str] | None = None,
) -> Options:
    """Options for standard output.

    Colours need a terminal, an unset or empty ``NO_COLOR`` (https://no-color.org)
    and a ``TERM`` other than ``dumb``.
    """
    color = isatty and not environ.get("NO_COLOR") and environ.get("TERM") != "dumb"
    return Options(tty=isatty, color=color, width=max(width, 40), root=root, mentions=mentions)
