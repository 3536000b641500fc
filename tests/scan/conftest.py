"""A browser for each file of tests, since its driver holds the thread's event loop; a context for each test."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from typing import Any

import pytest

from tests.scan.scan_harness import HARNESS, Run
from tests.scan.scan_page import Scanner
from tests.scan.scan_site import Running, running

CHROMIUM = shutil.which("chromium")
FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    """Debian's Chromium; a test that gets it may launch one with flags of its own."""
    sync_api = pytest.importorskip("playwright.sync_api")
    if CHROMIUM is None:
        pytest.skip("no chromium here")
    with sync_api.sync_playwright() as playwright:
        yield lambda *flags: playwright.chromium.launch(executable_path=CHROMIUM, args=[*FLAGS, *flags])


@pytest.fixture(scope="module")
def browser(chromium: Any) -> Iterator[Any]:
    browser = chromium()
    yield browser
    browser.close()


@pytest.fixture(scope="module")
def shared_site() -> Iterator[Running]:
    """A site that tests only read."""
    with running() as site:
        yield site


@pytest.fixture
def site() -> Iterator[Running]:
    """A site that a test may change and stop."""
    with running() as site:
        yield site


@pytest.fixture(scope="module")
def run(browser: Any, shared_site: Running) -> Iterator[Run]:
    """The harness in the scanner's page, under that page's own policy."""
    context = browser.new_context()
    page = context.new_page()
    page.goto(f"{shared_site.base_url}/scan")
    assets = page.locator("script[src]").get_attribute("src").removesuffix("/scan/scan.js")
    script = f"async ({{assets, action, cases}}) => {{ {HARNESS} }}"
    yield lambda action, cases: page.evaluate(script, {"assets": assets, "action": action, "cases": cases})
    context.close()


@pytest.fixture
def context(browser: Any) -> Iterator[Any]:
    context = browser.new_context(viewport={"width": 360, "height": 740})
    yield context
    context.close()


@pytest.fixture
def scanner(context: Any, site: Running) -> Scanner:
    return Scanner(context.new_page(), site)
