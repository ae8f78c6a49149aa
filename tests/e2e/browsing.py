"""A real browser, and what it complains about."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, ViewportSize, sync_playwright

_FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


def chromium() -> str:
    """The path of a Chromium; in CI there is one, elsewhere the tests are skipped without."""
    names = ("chromium", "chromium-browser", "google-chrome")
    found = next(filter(None, map(shutil.which, names)), None)
    if found is None:
        assert not os.environ.get("NEEDS_BROWSER"), "there is no Chromium, and there must be one"
        pytest.skip("there is no Chromium on this machine")
    return found


@contextmanager
def a_browser() -> Iterator[Browser]:
    """A headless one."""
    path = chromium()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=[*_FLAGS])
        yield browser
        browser.close()


class Watched:
    """A page, and everything that it should not have done.

    Attributes:
        complaints: errors, warnings, dialogs, and requests to anybody but the page's own folder.
    """

    def __init__(self, page: Page, home: str) -> None:
        self.page = page
        self.complaints: list[str] = []
        page.on("console", self._said)
        page.on("pageerror", lambda error: self.complaints.append(f"error: {error}"))
        page.on("dialog", self._asked)
        page.on("request", lambda request: self._requested(request.url, home))

    def _said(self, message: Any) -> None:
        if message.type in ("error", "warning"):
            self.complaints.append(f"{message.type}: {message.text}")

    def _asked(self, dialog: Any) -> None:
        self.complaints.append(f"dialog: {dialog.message}")
        dialog.dismiss()

    def _requested(self, url: str, home: str) -> None:
        if not url.startswith((home, "data:", "blob:")):
            self.complaints.append(f"request: {url}")


@contextmanager
def opened(browser: Browser, page: Path, hash_: str = "", **context: Any) -> Iterator[Watched]:
    """A page from the disk. At the end nothing may have gone wrong."""
    size: ViewportSize = {"width": 1440, "height": 900}
    window = browser.new_context(viewport=size, accept_downloads=True, **context)
    try:
        watched = Watched(window.new_page(), page.parent.as_uri())
        watched.page.set_default_timeout(15_000)
        watched.page.goto(page.as_uri() + hash_)
        watched.page.wait_for_selector("main h1, main .toolbar, main .canvas")
        yield watched
        assert watched.complaints == []
    finally:
        window.close()
