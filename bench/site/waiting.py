"""How long somebody waits in a browser, measured alike for every page."""

from __future__ import annotations

import shutil
import statistics
from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, Page, sync_playwright

QUIET = 1_000
"""Milliseconds without a task of more than 50: from then on a page answers (Google's definition of
Time to Interactive, with one second instead of five)."""

_OBSERVED = """
window.longTasks = [];
new PerformanceObserver((list) => {
  for (const task of list.getEntries()) window.longTasks.push(task.startTime + task.duration);
}).observe({ type: "longtask", buffered: true });
"""

_INTERACTIVE = """
(quiet) => new Promise((done) => {
  const look = () => {
    const painted = performance.getEntriesByName("first-contentful-paint")[0];
    const last = Math.max(painted ? painted.startTime : 0, ...window.longTasks);
    const text = document.body ? document.body.innerText.length : 0;
    if (painted && text > 200 && performance.now() - last > quiet) done(last);
    else if (performance.now() > 120000) done(null);
    else setTimeout(look, 50);
  };
  look();
})
"""

_BOXES = """
async (hash) => {
  const boxes = () => document.querySelectorAll(".react-flow__node").length;
  const frame = () => new Promise(requestAnimationFrame);
  location.hash = "#/lineage";
  while (boxes() > 0) await frame();
  const start = performance.now();
  location.hash = hash;
  let at = start, count = 0, still = 0;
  while (still < 30) {
    await frame();
    const now = boxes();
    if (now !== count) { count = now; at = performance.now(); still = 0; } else if (now) still += 1;
    if (performance.now() - start > 20000) break;
  }
  return [at - start, count];
}
"""

_SEARCH = """
async (text) => {
  const frame = () => new Promise(requestAnimationFrame);
  const field = document.querySelector("[role=dialog] input");
  const set = Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, "value").set;
  const shown = () => document.querySelector("[role=listbox]")?.textContent ?? "";
  const times = [];
  for (let length = 2; length <= text.length; length += 1) {
    const before = shown(), start = performance.now();
    set.call(field, text.slice(0, length));
    field.dispatchEvent(new Event("input", { bubbles: true }));
    do await frame(); while (shown() === before && performance.now() - start < 1000);
    // A letter that leaves what is found as it was shows nothing that could be waited for.
    if (shown() !== before) times.push(performance.now() - start);
  }
  return [times, shown()];
}
"""


@contextmanager
def browser() -> Iterator[Browser]:
    """A headless one, with an empty cache each time that a page is opened."""
    path = shutil.which("chromium") or shutil.which("google-chrome")
    assert path, "a Chromium is needed: apt-get install chromium"
    with sync_playwright() as playwright:
        found = playwright.chromium.launch(
            executable_path=path,
            args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
        )
        yield found
        found.close()


def interactive(found: Browser, url: str, runs: int = 3) -> float | None:
    """Seconds until a page answers, the median of some visits; None if it does not within two
    minutes."""
    times: list[float] = []
    for _ in range(runs):
        context = found.new_context(viewport={"width": 1440, "height": 900})
        page = context.new_page()
        page.add_init_script(_OBSERVED)
        page.goto(url, wait_until="commit", timeout=120_000)
        page.set_default_timeout(180_000)
        found_after = page.evaluate(_INTERACTIVE, QUIET)
        context.close()
        if found_after is None:
            return None
        times.append(found_after / 1000)
    return statistics.median(times)


def laid_out(page: Page, hash_: str) -> tuple[float, int]:
    """(seconds until the last box of a neighbourhood stands, boxes)."""
    milliseconds: float
    milliseconds, boxes = page.evaluate(_BOXES, hash_)
    return milliseconds / 1000, boxes


def searched(page: Page, text: str) -> tuple[float, float]:
    """Seconds until what is found is shown, after each further letter: (median, longest)."""
    page.keyboard.press("/")
    page.wait_for_selector("[role=dialog] input")
    page.wait_for_timeout(500)
    times, shown = page.evaluate(_SEARCH, text)
    assert shown, f"nothing is found of {text}"
    page.keyboard.press("Escape")
    return statistics.median(times) / 1000, float(max(times)) / 1000
