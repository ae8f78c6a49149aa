"""How much memory a process may take that may be killed."""

from __future__ import annotations

import resource


def limit_memory(most: int) -> None:
    """Limit the address space of this process.

    Args:
        most: bytes; less if whoever started all of this allows less (`ulimit -v`), which nobody
            may raise.
    """
    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    allowed = most if hard == resource.RLIM_INFINITY else min(most, hard)
    resource.setrlimit(resource.RLIMIT_AS, (allowed, hard))
