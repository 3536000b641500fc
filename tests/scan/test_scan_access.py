"""For everybody: axe finds nothing, all works by keyboard, nothing is cut off on a narrow phone, no word is missing."""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.public.fixture_site import CODE_OF, NOW
from tests.scan.scan_page import Scanner
from tests.scan.scan_site import CERTIFIED, Running, running

_TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
_CUT_OFF = """
    [...document.querySelectorAll("main, main *:not(.scroll, .scroll *)")]
    .filter(e => getComputedStyle(e).display != "inline")
    .filter(e => e.clientWidth && e.scrollWidth > e.clientWidth + 1)
    .map(e => e.outerHTML.slice(0, 80))
"""


@pytest.fixture(scope="module")
def axe() -> str:
    """The script of axe-core, which a package for tests carries."""
    spec = importlib.util.find_spec("axe_playwright_python")
    if spec is None or spec.origin is None:
        pytest.skip("axe_playwright_python is not installed")
    return (Path(spec.origin).parent / "axe.min.js").read_text("utf-8")


@pytest.fixture(scope="module")
def site() -> Iterator[Running]:  # one for all: nothing here changes it for long
    with running() as site:
        yield site


def violations(page: Any, axe: str) -> list[str]:
    # Read from outside the page's policy, which would allow no such script.
    page.evaluate(axe)
    found = page.evaluate(f"axe.run({{runOnly: {_TAGS}}})")
    assert found["passes"]
    return [f"{each['id']}: {node['html'][:120]}" for each in found["violations"] for node in each["nodes"]]


def shapes(browser: Any) -> Iterator[tuple[Any, str]]:
    """Contexts narrow and wide, light and dark, with the language to look at in each."""
    for width, scheme, language in (
        (320, "light", "id"),
        (360, "dark", "en"),
        (1280, "light", "en"),
        (1280, "dark", "id"),
    ):
        context = browser.new_context(
            viewport={"width": width, "height": 800}, color_scheme=scheme, reduced_motion="reduce"
        )
        yield context, language
        context.close()


def look(page: Any, axe: str, where: str) -> None:
    assert violations(page, axe) == [], where
    width = page.viewport_size["width"]
    assert page.evaluate("document.documentElement.scrollWidth") <= width, where
    assert page.evaluate(_CUT_OFF) == [], where


def test_axe_sees_what_is_wrong(browser: Any, axe: str) -> None:
    page = browser.new_page()
    page.set_content("<main><img src='data:,'><p style='color:#999;background:#fff'>faint</p></main>")
    found = " ".join(violations(page, axe))
    assert "image-alt" in found
    assert "color-contrast" in found
    page.close()


def test_the_scanner_in_every_state(browser: Any, site: Running, axe: str) -> None:
    office = site.office
    for context, language in shapes(browser):
        office.made_at = NOW
        scanner = Scanner(context.new_page(), site)
        complaints: list[str] = []
        scanner.page.on("console", lambda message, into=complaints: into.append(message.text))
        scanner.page.on("pageerror", lambda error, into=complaints: into.append(str(error)))
        scanner.open(language)
        look(scanner.page, axe, "start")
        scanner.page.locator("summary").click()
        look(scanner.page, axe, "whom it believes")
        for text in (
            office.qr("LONG"),
            office.qr("SUSPENDED"),
            office.qr("VALID")[:-1] + "0",
            "https://example.org/" + "x" * 300,
            f"https://sertifikat.evil.example/v/{CODE_OF['VALID']}",
        ):
            scanner.picture(text)
            look(scanner.page, axe, text)
        rows = "\n".join(f"{view.number},{view.holder}" for view in CERTIFIED.values() if view.holder)
        scanner.page.set_input_files(
            "#table", [{"name": "a.csv", "mimeType": "text/csv", "buffer": f"{rows}\nX/1,Budi".encode()}]
        )
        scanner.page.locator("[data-done]:not(:empty)").wait_for()
        look(scanner.page, axe, "table")
        not_found = "the server responded with a status of 404"  # how `/check` answers; the browser notes it
        assert [text for text in complaints if not_found not in text] == []
        office.made_at = NOW - timedelta(days=2)
        scanner.page.locator("[data-do=renew]").click()
        scanner.page.locator("#state.not-ready").wait_for()
        context.set_offline(True)
        scanner.picture(office.qr("VALID"))
        assert scanner.tone == "WARN"
        look(scanner.page, axe, "amber")
        office.made_at = NOW


def test_pages_with_what_the_script_says(browser: Any, site: Running, axe: str) -> None:
    office = site.office
    for context, language in shapes(browser):
        page = context.new_page()
        for name, is_forged in (("VALID", False), ("LONG", True), ("REPLACED", False), ("RTL", False)):
            address, _, digits = office.qr(name).partition("#")
            fragment = digits[:-1] + str((int(digits[-1]) + is_forged) % 10)
            page.goto("about:blank")
            page.goto(f"{address}?lang={language}#{fragment}")
            page.locator("#qr > section").wait_for()
            look(page, axe, f"{name} {fragment[-4:]}")
        for path in ("/", "/check", "/v/1", f"/v/{CODE_OF['NO_LONGER_VERIFIABLE']}"):
            page.goto(f"{site.base_url}{path}?lang={language}")
            look(page, axe, path)


def test_everything_is_reached_and_done_by_keyboard(browser: Any, site: Running) -> None:
    context = browser.new_context()
    scanner = Scanner(context.new_page(), site)
    scanner.open()
    page, reached = scanner.page, []
    for _ in range(30):
        page.keyboard.press("Tab")
        reached.append(
            page.evaluate("(e => e.dataset.opens || e.dataset.do || e.tagName)(document.activeElement)")
        )
        shown = page.evaluate("getComputedStyle(document.activeElement).outlineStyle !== 'none'")
        assert shown, reached[-1]  # one sees where one is
        if reached[-1] == "table":
            break
    wanted = ["camera", "picture", "renew", "SUMMARY", "pictures", "table"]
    assert [each for each in reached if each in wanted] == wanted
    page.evaluate("window.opened = []; addEventListener('click', e => opened.push(e.target.id))")
    for field in ("picture", "pictures", "table"):
        for key in ("Enter", "Space"):
            page.locator(f"[data-opens={field}]").focus()
            page.keyboard.press(key)
            assert page.evaluate("opened.splice(0).filter(id => id)") == [field], key
    page.locator("[data-do=renew]").focus()
    before = site.paths.count("/withdrawn")
    page.keyboard.press("Enter")
    page.wait_for_timeout(300)
    assert site.paths.count("/withdrawn") == before + 1
    context.close()


def test_without_javascript_the_page_says_what_to_do(browser: Any, site: Running) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{site.base_url}/scan?lang=en")
    assert page.locator("noscript p").bounding_box()["height"] > 20
    assert "The scanner needs JavaScript." in page.locator("noscript").inner_html()
    assert not page.get_by_role("button").count()
    context.close()


def test_every_text_that_a_script_asks_for_is_there(browser: Any, site: Running) -> None:
    """Codes, keys and places that stand in scripts, against the page's templates."""
    context = browser.new_context()
    scanner = Scanner(context.new_page(), site)
    scanner.open()
    codes = (
        *("STANDS", "STATUS_UNKNOWN", "WITHDRAWN", "LAST_DAY_OVER", "FORGED", "DIFFERS", "HOST_UNKNOWN"),
        *("QR_URL_INVALID", "KEY_UNKNOWN", "KEY_COMPROMISED", "NOT_YET_ISSUED", "QR_WITHOUT_TOKEN"),
        *("NO_CRYPTO", "NO_KEYS", "NO_QR", "NO_PICTURE", "CANNOT_CHECK", "ENDED", *CERTIFIED.keys() & ONLINE),
    )
    for code in codes:
        tone = scanner.page.evaluate(
            f"document.getElementById('card-{code}').content.querySelector('.status').dataset.tone"
        )
        assert (tone == "GOOD") is (code in {"STANDS", "VALID"}), code
    for name, keys in {
        "said": "camera-refused camera-none camera-tls reader-missing reading checking no-picture no-qr several"
        " forget offline no-offline",
        "states": "fresh stale none clock crypto untrusted untrusted-first unreachable",
        "kinds": "TRAINING COMPETENCE UNIT_STATEMENT endless",
        "bases": "online list none",
        "columns": "source number name certificate result meaning basis time file",
    }.items():
        found = scanner.page.evaluate(
            f"[...document.getElementById('words-{name}').content.querySelectorAll('[data-key]')].map(e => e.dataset.key)"
        )
        assert found == keys.split()
    context.close()


ONLINE = {"VALID", "EXPIRED", "SUSPENDED", "REVOKED", "REPLACED", "NO_LONGER_VERIFIABLE"}
