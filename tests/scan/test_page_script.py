"""The certificate's page, opened from its QR in a real browser: what the script says about the paper in hand."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from api.public.assets import page_script
from api.public.view import Status
from tests.public.fixture_site import CODE_OF
from tests.scan.scan_site import (
    CERTIFIED,
    KINDS,
    TOKEN_KEYS,
    Running,
    issuer_key,
    qr_of,
    sealed_keyfile,
    signer,
)

VALID = CERTIFIED["VALID"]


@pytest.fixture
def page(browser: Any) -> Iterator[Any]:
    context = browser.new_context(viewport={"width": 360, "height": 740})
    yield context.new_page()
    context.close()


def answer(page: Any, url: str) -> str:
    """Open the address and return what the script says, once it has said something."""
    page.goto("about:blank")  # a page that is only given another fragment is not loaded again
    page.goto(url)
    found: str = page.locator("#qr > section").get_attribute("data-answer")
    return found


def is_green(page: Any) -> bool:
    """Whether the page's status or the script's card is green."""
    return bool(
        page.evaluate(
            "['.status .tone', '.qr'].some(name => { const e = document.querySelector(name); if (!e) return false;"
            "const s = getComputedStyle(e); return [s.backgroundColor, s.borderLeftColor].some("
            "c => { const [r, g, b] = c.match(/\\d+/g).map(Number); return g > 1.5 * r && g > 1.5 * b }) })"
        )
    )


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        *((name, "matches") for name in ("VALID", "EXPIRED", "SUSPENDED", "REVOKED")),
        *((name, "matches") for name in ("TRAINING", "UNIT_STATEMENT", "LONG", "RTL")),
        ("REPLACED", "genuine"),
        ("NO_LONGER_VERIFIABLE", "genuine"),
    ],
)
def test_a_genuine_qr_matches_its_page(shared_site: Running, page: Any, name: str, expected: str) -> None:
    url = shared_site.office.qr(name)
    assert answer(page, url) == expected
    assert page.url == url.partition("#")[0]  # nobody who looks at the address bar sees the token
    assert is_green(page) is (CERTIFIED[name].status is Status.VALID)
    says_cut = page.get_by_text(re.compile("dipendekkan|cut short")).is_visible()
    assert says_cut is (name == "LONG")


def test_the_test_of_green_sees_it(shared_site: Running, page: Any) -> None:
    page.goto(shared_site.office.qr("VALID").partition("#")[0])
    assert is_green(page)
    page.goto(shared_site.office.qr("REVOKED").partition("#")[0])
    assert not is_green(page)


def test_one_digit_more_or_less_is_forged_and_takes_the_green_away(shared_site: Running, page: Any) -> None:
    url = shared_site.office.qr("VALID")
    first = url.index("#") + 1
    for place in (first, first + 1, first + 60, (first + len(url)) // 2, len(url) - 100, len(url) - 1):
        changed = url[:place] + str((int(url[place]) + 1) % 10 or 1) + url[place + 1 :]
        assert answer(page, changed) == "forged", place
        assert not is_green(page)
        assert page.get_by_role("alert").is_visible()
        assert "palsu" in page.title() or "forged" in page.title()
        # What it says stands before the status, and the status no longer says what to rely on.
        assert page.evaluate("document.querySelector('main').firstElementChild.id") == "qr"
        assert not page.locator(".status > div:last-child").is_visible()


def test_a_token_of_another_page_key_or_host_is_forged(shared_site: Running, page: Any) -> None:
    office = shared_site.office
    here = office.qr("VALID").partition("#")[0]
    code = CODE_OF["VALID"]
    for other in (
        office.qr("TRAINING"),
        qr_of(shared_site.base_url, code, VALID, by=signer("a stranger")),
        qr_of("https://sertifikat.contoh.id", code, VALID),
    ):
        assert answer(page, f"{here}#{other.partition('#')[2]}") == "forged"
        assert not is_green(page)


@pytest.mark.parametrize("digits", ["1", "00", "9" * 5000, "123abc", "12345678901234567890"])
def test_a_fragment_that_is_no_token_is_forged(shared_site: Running, page: Any, digits: str) -> None:
    here = shared_site.office.qr("VALID").partition("#")[0]
    assert answer(page, f"{here}#{digits}") == "forged"
    assert page.url == here


@pytest.mark.parametrize(
    ("change", "facts"),
    [
        ({"holder": "Siti Contohwati Rekasar"}, ["holder"]),
        ({"holder": "siti contohwati rekasari"}, ["holder"]),
        ({"valid_until": None}, ["until"]),
        ({"valid_until": date(2029, 3, 13)}, ["until"]),
        ({"issued_on": date(2026, 3, 11), "holder": "Budi"}, ["holder", "issued"]),
        ({"kind": KINDS[0]}, ["kind"]),
    ],
)
def test_a_genuine_qr_that_says_something_else_differs(
    shared_site: Running, page: Any, change: dict[str, Any], facts: list[str]
) -> None:
    """Signed by the issuer for this very page, but not what the page says."""
    url = qr_of(shared_site.base_url, CODE_OF["VALID"], replace(VALID, **change))
    assert answer(page, url) == "differs"
    assert not is_green(page)
    shown = page.evaluate("[...document.querySelectorAll('#qr [data-fact]')].map(line => line.dataset.fact)")
    assert shown == facts


def test_title_and_scheme_are_compared(site: Running, page: Any) -> None:
    site.office.views["VALID"] = replace(VALID, title_id="Juru Las Lain")
    # A short address, so that the token has room for the title.
    url = qr_of(site.base_url, CODE_OF["VALID"], replace(VALID, title_id="Juru Las"))
    assert answer(page, url) == "differs"
    assert page.locator("#qr [data-fact=title]").is_visible()


def test_the_language_can_be_changed_and_the_qr_is_kept(shared_site: Running, page: Any) -> None:
    assert answer(page, shared_site.office.qr("VALID")) == "matches"
    page.get_by_role("link", name="English").click()
    page.get_by_role("heading", name="The QR code on the paper matches this page").wait_for()
    assert page.url.endswith("?lang=en")
    page.get_by_role("link", name="Bahasa Indonesia").click()
    page.get_by_role("heading", name="Kode QR pada sertifikat cocok dengan halaman ini").wait_for()


def test_another_qr_in_the_same_tab_is_looked_at_again(shared_site: Running, page: Any) -> None:
    url = shared_site.office.qr("VALID")
    assert answer(page, url) == "matches"
    page.goto(url[:-1] + str((int(url[-1]) + 1) % 10))
    page.get_by_role("alert").wait_for()
    assert page.locator("#qr > section").get_attribute("data-answer") == "forged"


def test_without_a_fragment_or_a_script_the_page_says_nothing_of_it(
    shared_site: Running, browser: Any, page: Any
) -> None:
    url = shared_site.office.qr("VALID")
    for address in (url.partition("#")[0], f"{url.partition('#')[0]}#about"):
        page.goto(address, wait_until="networkidle")
        assert page.locator("#qr").inner_html() == ""
        assert is_green(page)
    context = browser.new_context(java_script_enabled=False)
    plain = context.new_page()
    plain.goto(url)
    assert (
        plain.get_by_role("heading", name="Valid", exact=True)
        .or_(plain.get_by_role("heading", name="Berlaku", exact=True))
        .is_visible()
    )
    context.close()


_WITHOUT_ED25519 = """
const original = crypto.subtle.importKey.bind(crypto.subtle)
crypto.subtle.importKey = (format, key, algorithm, ...rest) =>
    algorithm.name === "Ed25519"
        ? Promise.reject(new DOMException("no", "NotSupportedError"))
        : original(format, key, algorithm, ...rest)
"""


@pytest.mark.parametrize(
    "script", [_WITHOUT_ED25519, "Object.defineProperty(crypto, 'subtle', {value: undefined})"]
)
def test_a_browser_that_cannot_check_says_so(shared_site: Running, browser: Any, script: str) -> None:
    context = browser.new_context()
    context.add_init_script(script)
    page = context.new_page()
    for url in (shared_site.office.qr("VALID"), shared_site.office.qr("VALID")[:-1] + "7"):
        assert answer(page, url) == "cannot-browser"
        assert not page.locator(".qr.good").count()
    context.close()


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        (
            {"keys": [issuer_key("token", TOKEN_KEYS[kind], kind, compromised_from=50) for kind in KINDS]},
            "keys",
        ),
        ({"base_urls": ["https://sertifikat.contoh.id"]}, "address"),
        ({"keys": []}, None),
    ],
)
def test_keys_that_cannot_be_used_check_nothing(
    site: Running, page: Any, changes: dict[str, Any], expected: str | None
) -> None:
    site.office.keyfiles = [sealed_keyfile(site.base_url, **changes)]
    assert answer(page, site.office.qr("VALID")) == (f"cannot-{expected}" if expected else "forged")
    assert not page.locator(".qr.good").count()


def test_keys_out_of_reach_check_nothing(shared_site: Running, page: Any) -> None:
    page.route("**/keys", lambda route: route.fulfill(status=503))
    assert answer(page, shared_site.office.qr("VALID")) == "cannot-keys"


def test_keys_are_kept_and_fetched_again_when_they_do_not_fit(site: Running, page: Any) -> None:
    for _ in range(3):
        assert answer(page, site.office.qr("VALID")) == "matches"
    assert site.paths.count("/keys") == 1
    newer = signer("a newer key")
    url = qr_of(site.base_url, CODE_OF["VALID"], VALID, by=newer)
    keys = [issuer_key("token", newer, KINDS[1], valid_from=60)]
    site.office.keyfiles = [sealed_keyfile(site.base_url, keys=keys)]
    assert answer(page, url) == "matches"
    assert site.paths.count("/keys") == 2


def test_an_older_address_of_the_same_ledger_still_holds(site: Running, page: Any) -> None:
    """The old host sends on to the new one, and the fragment goes with it."""
    old = "https://lama.contoh.id"
    site.office.keyfiles = [sealed_keyfile(site.base_url, base_urls=[site.base_url, old])]
    digits = qr_of(old, CODE_OF["VALID"], VALID).partition("#")[2]
    assert answer(page, f"{site.base_url}/v/{CODE_OF['VALID']}#{digits}") == "matches"


def test_the_page_makes_two_requests_and_one_for_keys(shared_site: Running, page: Any) -> None:
    requests: list[str] = []
    page.on("request", lambda request: requests.append(request.url))
    url = shared_site.office.qr("VALID")
    page.goto(url)
    page.locator("#qr > section").wait_for()
    assert requests == [
        url.partition("#")[0],
        f"{shared_site.base_url}/static/{page_script()[0]}",
        f"{shared_site.base_url}/keys",
    ]


def test_the_page_complains_of_nothing(shared_site: Running, page: Any) -> None:
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    for name in CERTIFIED:
        answer(page, shared_site.office.qr(name))
    assert complaints == []
