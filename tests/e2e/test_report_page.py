"""The report of the example in a real browser, from the disk: whatever a reader does there."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

import analyticsops as ao
from analyticsops.publishing import publish
from analyticsops.site.folder import write_site
from scripts.simulated_history import simulate
from tests.hostile import NAMES
from tests.project_maker import project, write

from .browsing import a_browser, opened

AOPS = Path(sys.executable).parent / "analyticsops"
AT = datetime.now(UTC).replace(minute=30, second=0, microsecond=0)

VIEWS = (
    "overview",
    "review",
    "lineage",
    "lineage?column=model.shop.fct_orders.net_revenue",
    "oncall",
    "objectives",
    "objective/fct_orders%2Forders-fresh",
    "objective/hourly%2Fsuccess",
    "metrics",
    "metric/revenue",
    "node/model.shop.fct_orders",
    "findings",
    "readiness",
)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with a_browser() as found:
        yield found


@pytest.fixture(scope="module")
def site(shop: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A pull request of the example, with a month of runs: the folder's page."""
    folder = tmp_path_factory.mktemp("report")
    simulate(shop / "base", folder / "history", AT)
    told = ("--history", str(folder / "history"), "--at", AT.isoformat(), "--sql")
    base = ("--base", str(shop / "base" / "target"))
    for place in (("--output", str(folder / "site")), ("--single-file", str(folder / "one.html"))):
        done = subprocess.run(
            [str(AOPS), "report", *place, *base, *told],
            cwd=shop / "harmful",
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stderr
    return folder / "site" / "index.html"


def _settled(page: Page) -> None:
    page.wait_for_selector(".waiting", state="detached")
    page.wait_for_timeout(150)


# -- every view ----------------------------------------------------------------


@pytest.mark.parametrize("single", [False, True], ids=["folder", "single file"])
def test_every_view_opens_without_a_complaint(browser: Browser, site: Path, single: bool) -> None:
    page = site.parent.parent / "one.html" if single else site
    with opened(browser, page, "#/overview") as watched:
        for view in VIEWS:
            watched.page.goto(page.as_uri() + f"#/{view}")
            _settled(watched.page)
            expect(watched.page.locator("main")).not_to_contain_text("cannot be shown")
            assert len(watched.page.locator("main").inner_text()) > 80, view


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_serious(browser: Browser, site: Path, scheme: Any) -> None:
    with opened(browser, site, "#/overview", color_scheme=scheme) as watched:
        found = []
        for view in VIEWS:
            watched.page.goto(site.as_uri() + f"#/{view}")
            _settled(watched.page)
            for violation in Axe().run(watched.page).response["violations"]:
                if violation["impact"] in ("serious", "critical"):
                    where = [node["html"][:160] for node in violation["nodes"][:2]]
                    found.append((view, violation["id"], where))
        assert found == []


def test_the_first_view_says_how_things_stand(browser: Browser, site: Path) -> None:
    with opened(browser, site) as watched:
        main = watched.page.locator("main")
        for text in (
            "objectives met",
            "open incidents",
            "metrics certified",
            "fct_orders/orders-fresh",
        ):
            expect(main).to_contain_text(text)


# -- search and lineage --------------------------------------------------------


def test_a_column_is_found_by_keyboard_alone(browser: Browser, site: Path) -> None:
    with opened(browser, site, "#/overview") as watched:
        page = watched.page
        page.keyboard.press("/")
        expect(page.get_by_role("combobox")).to_be_focused()  # what is typed before goes nowhere
        page.keyboard.type("fct_orders.net_rev")
        expect(page.get_by_role("option").first).to_contain_text("net_revenue")
        page.keyboard.press("Enter")
        expect(page).to_have_url(re.compile(r"#/lineage\?column=.*fct_orders.*net_revenue"))
        expect(page.locator(".canvas")).to_contain_text("int_money_movements")
        # The panel beside the graph tells the same in words.
        expect(page.locator("aside")).to_contain_text("int_money_movements.amount")
        expect(page.locator("aside")).to_contain_text("SUM(amount)")


def test_a_box_shows_all_of_its_columns_when_asked(browser: Browser, site: Path) -> None:
    with opened(browser, site, "#/lineage?column=model.shop.fct_orders.net_revenue") as watched:
        page = watched.page
        box = page.locator(".box", has=page.locator(".box-label", has_text="fct_orders"))
        before = box.locator(".box-column").count()
        box.locator(".box-foot").click()
        expect(box.locator(".box-foot")).to_have_attribute("aria-expanded", "true")
        assert box.locator(".box-column").count() > before


def test_a_link_restores_what_was_seen(browser: Browser, site: Path) -> None:
    with opened(browser, site, "#/lineage?column=model.shop.fct_orders.net_revenue") as watched:
        page = watched.page
        page.get_by_label("Upstream").select_option("1")
        page.get_by_role("button", name="Rows", exact=True).click()
        _settled(page)
        seen = page.locator(".box-label").all_inner_texts()
        link = page.url
    with opened(browser, site, "#" + link.split("#", 1)[1]) as again:
        _settled(again.page)
        assert sorted(again.page.locator(".box-label").all_inner_texts()) == sorted(seen)


def test_arrow_keys_lead_along_the_edges(browser: Browser, site: Path) -> None:
    with opened(browser, site, "#/lineage?column=model.shop.fct_orders.net_revenue") as watched:
        page = watched.page
        page.locator(".box-row.focus .box-column").focus()
        page.keyboard.press("ArrowLeft")
        focused = page.locator(":focus")
        expect(focused).to_have_attribute("aria-label", "amount of int_money_movements")
        # The whole way through it is lit, and nothing else.
        expect(page.locator(".box-row.lit.focus")).to_have_count(1)
        page.keyboard.press(" ")
        expect(page.locator("aside h2")).to_have_text("amount")
        expect(page.locator("main h1")).to_contain_text("net_revenue")
        page.keyboard.press("Enter")
        expect(page.locator("main h1")).to_contain_text("int_money_movements.amount")
        page.go_back()
        expect(page.locator("main h1")).to_contain_text("fct_orders.net_revenue")


def test_pictures_are_drawings_that_others_can_open(browser: Browser, site: Path) -> None:
    with opened(browser, site, "#/lineage?column=model.shop.fct_orders.net_revenue") as watched:
        page = watched.page
        saved = {}
        for kind in ("SVG", "PNG"):
            if not page.locator(".save-as").first.is_visible():
                page.get_by_label("Save a picture").click()
            with page.expect_download() as waiting:
                page.locator(".save-as", has_text=kind).click()
            saved[kind] = Path(waiting.value.path()).read_bytes()
        drawing = ElementTree.fromstring(saved["SVG"])
        assert "net_revenue" in "".join(drawing.itertext())
        assert not [tag for tag in drawing.iter() if tag.tag.endswith(("foreignObject", "script"))]
        assert saved["PNG"].startswith(b"\x89PNG")
        assert len(saved["PNG"]) > 5_000


# -- the other views -----------------------------------------------------------


def test_the_review_says_what_breaks_and_for_whom(browser: Browser, site: Path) -> None:
    with opened(browser, site, "#/review") as watched:
        main = watched.page.locator("main")
        for text in ("ROW301", "SCH202", "int_orders_placed"):
            expect(main).to_contain_text(text)


def test_a_finding_and_what_it_is_about_are_chosen_together(browser: Browser, site: Path) -> None:
    with opened(browser, site, "#/review") as watched:
        page = watched.page
        page.locator(".finding > button", has_text="SCH202").click()
        page.wait_for_url(re.compile(r"#/review\?finding=[0-9a-f]+$"))
        expect(page.locator(".box.center .box-label")).to_have_text("stg_payments")
        expect(page.locator(".box.center .did-removed")).to_contain_text("payment_method")
        page.get_by_role("button", name="Show the whole change").click()
        page.locator(".box-head", has_text="int_orders_placed").click()
        expect(page.locator(".chosen h2")).to_have_text("int_orders_placed")
        codes = page.locator(".finding code").all_inner_texts()
        assert "ROW301" in codes
        assert "SCH202" not in codes


def test_a_plot_can_be_read_as_a_table(browser: Browser, site: Path) -> None:
    with opened(browser, site, "#/objective/fct_orders%2Forders-fresh") as watched:
        page = watched.page
        plots = page.locator("[role=img][aria-label]")
        assert plots.count() >= 2
        page.get_by_role("button", name="Show as table").first.click()
        assert page.locator("main table tbody tr").count() > 5


def test_metrics_are_filtered_as_one_types(browser: Browser, site: Path) -> None:
    with opened(browser, site, "#/metrics") as watched:
        page = watched.page
        rows = page.locator("main table tbody tr")
        before = rows.count()
        page.locator("main input").first.fill("gift")
        expect(rows).not_to_have_count(before)
        assert 0 < rows.count() < before


def test_colours_are_the_readers_choice_and_are_kept(browser: Browser, site: Path) -> None:
    with opened(browser, site, "#/overview", color_scheme="light") as watched:
        page = watched.page
        root = page.locator("html")
        expect(root).to_have_attribute("data-theme", "light")
        ground = "getComputedStyle(document.body).backgroundColor"
        light = page.evaluate(ground)
        page.get_by_role("button", name="Use dark colours").click()
        expect(root).to_have_attribute("data-theme", "dark")
        assert page.evaluate(ground) != light
        page.reload()
        expect(root).to_have_attribute("data-theme", "dark")


def test_it_prints_what_it_shows(browser: Browser, site: Path) -> None:
    with opened(browser, site, "#/objectives") as watched:
        watched.page.emulate_media(media="print")
        expect(watched.page.locator("nav")).to_be_hidden()
        expect(watched.page.locator("main h1")).to_be_visible()
        assert watched.page.pdf()[:5] == b"%PDF-"


def test_a_narrow_window_scrolls_only_down(browser: Browser, site: Path) -> None:
    with opened(browser, site, "#/overview") as watched:
        watched.page.set_viewport_size({"width": 390, "height": 844})
        for view in ("overview", "objectives", "oncall", "metrics", "readiness"):
            watched.page.goto(site.as_uri() + f"#/{view}")
            _settled(watched.page)
            assert watched.page.evaluate("document.documentElement.scrollWidth") <= 390, view


# -- hostile names -------------------------------------------------------------


def _hostile(folder: Path) -> ao.Workspace:
    """Each name as a model's, a type, an owner's, a description and a tag, in a manifest."""
    models = {
        f"m{number}": {
            "sql": f"select {number} as c",
            "description": name,
            "columns": {"c": {"description": name, "data_type": name}},
            "tags": [name],
            "meta": {"owner": name},
        }
        for number, name in enumerate(NAMES)
    }
    made = project(models=models)
    for number, name in enumerate(NAMES):
        made.manifest["nodes"][f"model.shop.m{number}"]["name"] = name
    return ao.load(write(made, folder, files=False) / "target")


def test_names_are_text_wherever_they_stand(browser: Browser, tmp_path: Path) -> None:
    hostile = _hostile(tmp_path / "shop")
    write_site(publish(hostile, title=NAMES[-1]), tmp_path / "site")
    page_path = tmp_path / "site" / "index.html"
    with opened(browser, page_path, "#/overview") as watched:
        page = watched.page
        for view in ("overview", "lineage", "metrics", "readiness"):
            page.goto(page_path.as_uri() + f"#/{view}")
            _settled(page)
        for number, name in enumerate(NAMES):
            page.goto(page_path.as_uri() + f"#/node/model.shop.m{number}")
            word = max(re.findall(r"[\w/:.#@-]+", name), key=len, default="")
            expect(page.locator("main")).to_contain_text(word)
            if number % 4 == 0:
                page.goto(page_path.as_uri() + f"#/lineage?column=model.shop.m{number}.c")
                page.wait_for_selector(".box")
        page.keyboard.press("/")
        page.keyboard.type("script")
        expect(page.get_by_role("option").first).to_be_visible()
        assert page.locator("main img, main iframe, a[href^='javascript:']").count() == 0
