"""Pages of a register that has ended, on a narrow phone: nothing is cut off, and axe finds nothing."""

from __future__ import annotations

import importlib.util
import shutil
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import uvicorn

from api.public.view import Continues
from tests.public.fixture_site import CODE_OF, Settings, Views, application
from tests.public.test_public_ended import ENDED, LEFT

sync_api = pytest.importorskip("playwright.sync_api")
CHROMIUM = shutil.which("chromium")
FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no chromium here")
PATHS = [f"/v/{CODE_OF[name]}" for name in ("VALID", "SUSPENDED", "EXPIRED", "NOT_FOUND", "LONG")] + [
    "/",
    "/check",
]


@pytest.fixture(scope="module")
def axe() -> str:
    spec = importlib.util.find_spec("axe_playwright_python")
    if spec is None or spec.origin is None:
        pytest.skip("axe_playwright_python is not installed")
    return (Path(spec.origin).parent / "axe.min.js").read_text("utf-8")


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        base_url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        settings = Settings(
            base_url, simulated=None, ended=ENDED, continues=Continues("contoh.id/log0", LEFT)
        )
        server = uvicorn.Server(uvicorn.Config(application(Views(), settings), log_level="error", ws="none"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        while not server.started:
            time.sleep(0.02)
        yield base_url
        server.should_exit = True
        thread.join()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nothing_is_cut_off_and_everybody_can_read_it(address: str, axe: str, scheme: str) -> None:
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        context = browser.new_context(
            viewport={"width": 360, "height": 800}, color_scheme=scheme, bypass_csp=True
        )
        page = context.new_page()
        for path in PATHS:
            for language in ("id", "en"):
                page.goto(f"{address}{path}?lang={language}")
                assert page.evaluate("document.documentElement.scrollWidth") <= 360, path
                page.evaluate(axe)
                found = page.evaluate("axe.run()")
                assert [each["id"] for each in found["violations"]] == [], path
        browser.close()
