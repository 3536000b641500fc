"""The pages in a real browser: narrow, wide, dark; one request and a script, nothing blocked, nothing cut off."""

import shutil
import socket
import threading
import time
from collections.abc import Iterator

import pytest
import uvicorn

from api.public.assets import page_script
from tests.public.fixture_site import CODES, Settings, Views, application

sync_api = pytest.importorskip("playwright.sync_api")
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
CHROMIUM = shutil.which("chromium")
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no chromium here")


_CUT_OFF = """
    [...document.querySelectorAll("main, main *")]
    .filter(e => getComputedStyle(e).display != "inline")
    .filter(e => e.clientWidth && e.scrollWidth > e.clientWidth + 1)
    .map(e => e.outerHTML.slice(0, 80))
"""
_NAME_IS_LARGEST = """
    (() => {
        const size = e => parseFloat(getComputedStyle(e).fontSize)
        const name = document.querySelector(".name bdi")
        return !name || [...document.querySelectorAll("dl dd")].every(e => size(e) <= size(name))
    })()
"""


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        base_url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        app = application(Views(), Settings(base_url))
        server = uvicorn.Server(uvicorn.Config(app, log_level="error", ws="none"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        while not server.started:
            time.sleep(0.02)
        yield base_url
        server.should_exit = True
        thread.join()


@pytest.mark.parametrize(("width", "scheme", "languages"), [(360, "light", "id en"), (1280, "dark", "id")])
def test_pages_fit_and_fetch_nothing(address: str, width: int, scheme: str, languages: str) -> None:
    with sync_api.sync_playwright() as playwright:
        flags = [
            "--no-sandbox",
            "--disable-gpu",
            "--disable-background-networking",
            "--disable-component-update",
        ]
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=flags)
        viewport = {"width": width, "height": 800}
        context = browser.new_context(viewport=viewport, color_scheme=scheme)
        page = context.new_page()
        requests: list[str] = []
        complaints: list[str] = []
        page.on("request", lambda request: requests.append(request.url))
        page.on("console", lambda message: complaints.append(message.text))
        for path in [*(f"/v/{code}" for code in CODES), "/", "/check", "/v/1", "/none"]:
            for language in languages.split():
                requests.clear()
                page.goto(f"{address}{path}?lang={language}")
                script = [f"{address}/static/{page_script()[0]}"] if path[3:] in CODES else []
                assert requests == [f"{address}{path}?lang={language}", *script]
                assert page.evaluate("document.documentElement.scrollWidth") <= width, path
                assert page.evaluate(_CUT_OFF) == [], path
                assert page.evaluate(_NAME_IS_LARGEST), path
        browser.close()
    # The browser reports answers of 4xx and 5xx; a refused style or picture would be reported as well.
    assert [text for text in complaints if "the server responded with a status of" not in text] == []


def test_a_person_types_a_code_and_a_number_without_script(address: str) -> None:
    code = next(iter(CODES))
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        page = browser.new_context(java_script_enabled=False).new_page()
        page.goto(f"{address}/?lang=en")
        page.get_by_label("Code on the certificate").fill(code.lower())
        page.get_by_role("button").click()
        assert page.url == f"{address}/v/{code}?lang=en"
        assert page.get_by_role("heading", name="Valid", exact=True).is_visible()
        page.get_by_role("link", name="Check a number and name").click()
        page.get_by_label("Certificate number").fill("LSP-CVN/2026/000417")
        page.get_by_label("Name of the holder").fill("Nobody")
        page.get_by_role("button").click()
        assert page.get_by_role("heading", name="Not found").is_visible()
        assert page.get_by_label("Name of the holder").input_value() == "Nobody"
        browser.close()
