"""A progress bar that only shows up when it is worth it."""

from __future__ import annotations

import sys
import time
from typing import Any

import click

_PATIENCE = 2.0
"""Seconds of silence before the bar appears."""


class Bar:
    """Told (done, total); draws on standard error once work takes a while."""

    def __init__(self) -> None:
        self._started = time.monotonic()
        self._bar: Any = None
        self._shown = 0

    def __call__(self, done: int, total: int) -> None:
        """Move on; the bar disappears with the last step."""
        if self._bar is None and time.monotonic() - self._started > _PATIENCE and done < total:
            self._bar = click.progressbar(length=total, label="analysing models", file=sys.stderr)
            self._bar.render_progress()
        if self._bar is not None:
            self._bar.update(done - self._shown)
            self._shown = done
            if done >= total:
                self._bar.render_finish()
                self._bar = None
