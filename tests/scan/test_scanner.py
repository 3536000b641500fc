"""The scanner in a real browser: camera and pictures, with the server and without, and what is never green."""

from __future__ import annotations

import socket
import threading
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from api.public.view import Status
from ledger.issuing.token import Signing, qr_text
from tests.public.fixture_site import CODE_OF, NOW
from tests.scan.scan_page import Scanner
from tests.scan.scan_site import (
    CERTIFIED,
    KINDS,
    TOKEN_KEYS,
    Running,
    b64,
    claims_of,
    issuer_key,
    png,
    public,
    qr_of,
    qr_picture,
    sealed_keyfile,
    signer,
)
from tests.scan.scan_video import film, printed_page
from verifier.keyfile import Custodian

ONLINE = {
    "VALID": ("Valid", "GOOD"),
    "EXPIRED": ("Expired", "WARN"),
    "SUSPENDED": ("Suspended", "WARN"),
    "REVOKED": ("Revoked", "BAD"),
    "REPLACED": ("Replaced", "INFO"),
    "NO_LONGER_VERIFIABLE": ("No longer verifiable here", "CALM"),
    "TRAINING": ("Valid", "GOOD"),
    "LONG": ("Valid", "GOOD"),
    "RTL": ("Valid", "GOOD"),
}
WITHDRAWN = ("Genuine, but it no longer stands", "BAD")
OFFLINE = {
    "VALID": ("Genuine, and not withdrawn", "GOOD"),
    "EXPIRED": ("Genuine, but expired", "WARN"),
    **dict.fromkeys(("SUSPENDED", "REVOKED", "REPLACED", "NO_LONGER_VERIFIABLE"), WITHDRAWN),
    **dict.fromkeys(("TRAINING", "LONG", "RTL"), ("Genuine, and not withdrawn", "GOOD")),
}
UNSURE = ("Genuine, but not known to stand", "WARN")
FORGED = ("Forged or altered", "BAD")


def changed(url: str) -> str:
    return url[:-1] + str((int(url[-1]) + 1) % 10)


def test_pictures_with_the_server_and_after_it_has_stopped(scanner: Scanner) -> None:
    office = scanner.site.office
    scanner.open()
    for name, expected in ONLINE.items():
        assert (scanner.picture(office.qr(name)), scanner.tone) == expected, name
        shown = scanner.page.locator("#result").inner_text()
        holder = CERTIFIED[name].holder or ""
        assert (holder in shown) is (name not in {"REPLACED", "NO_LONGER_VERIFIABLE"})
    assert (scanner.picture(changed(office.qr("VALID"))), scanner.tone) == FORGED
    assert "lapor@contoh.id" in scanner.page.locator("#result").inner_text()
    scanner.site.stop()
    for reloaded in (False, True):
        if reloaded:
            scanner.page.reload()
            scanner.ready()
        for name, expected in OFFLINE.items():
            assert (scanner.picture(office.qr(name)), scanner.tone) == expected, name
        assert "23 November 2026 at 14:05 WITA" in scanner.page.locator("#result").inner_text()
        assert (scanner.picture(changed(office.qr("VALID"))), scanner.tone) == FORGED


def test_an_old_list_makes_amber_and_says_how_old_it_is(scanner: Scanner) -> None:
    office = scanner.site.office
    office.made_at = NOW - timedelta(hours=24, seconds=1)
    scanner.open()
    assert scanner.state.startswith("The list is too old.")
    assert (scanner.picture(office.qr("VALID")), scanner.tone) == ("Valid", "GOOD")  # the server says so
    scanner.site.stop()
    assert (scanner.picture(office.qr("VALID")), scanner.tone) == UNSURE
    assert "22 November 2026 at 14:05 WITA" in scanner.page.locator("#result").inner_text()
    # A withdrawal does not become old.
    assert (scanner.picture(office.qr("REVOKED")), scanner.tone) == WITHDRAWN
    assert (scanner.picture(changed(office.qr("VALID"))), scanner.tone) == FORGED


def test_a_server_that_cannot_check_makes_nothing_green_without_a_list(
    scanner: Scanner, monkeypatch: pytest.MonkeyPatch
) -> None:
    office = scanner.site.office
    scanner.open()
    office.made_at = NOW - timedelta(days=3)
    monkeypatch.setattr(
        office, "by_code", lambda _code: replace(CERTIFIED["VALID"], status=Status.CANNOT_CHECK)
    )
    scanner.page.evaluate("caches.delete('scanner-data')")
    scanner.page.reload()
    scanner.ready()
    assert (scanner.picture(office.qr("VALID")), scanner.tone) == UNSURE


@pytest.mark.parametrize("language", ["id", "en"])
def test_the_page_opens_without_the_server_in_both_languages(scanner: Scanner, language: str) -> None:
    scanner.open()
    scanner.page.get_by_text("This page is kept on the device").wait_for()
    scanner.site.stop()
    scanner.page.goto("about:blank")
    scanner.open(language)
    assert scanner.page.locator("html").get_attribute("lang") == language
    assert scanner.page.locator("#state").get_attribute("class") == "state ready"


def test_time_goes_on_without_the_server(scanner: Scanner) -> None:
    """Over the list's end, by the device's clock; and nothing is recent once that clock has gone back."""
    office = scanner.site.office
    scanner.page.add_init_script(
        "const real = Date.now; Date.now = () => real() + Number(localStorage.getItem('shift') ?? 0)"
    )
    scanner.open()
    scanner.site.stop()
    hours = 3_600_000
    for shift, expected in ((0, "GOOD"), (23 * hours, "GOOD"), (25 * hours, "WARN")):
        scanner.page.evaluate(f"localStorage.setItem('shift', {shift})")
        scanner.picture(office.qr("VALID"))
        assert scanner.tone == expected, shift
    scanner.page.reload()  # sees the latest time, and keeps it
    scanner.ready()
    scanner.page.evaluate("localStorage.setItem('shift', 0)")
    assert (scanner.picture(office.qr("VALID")), scanner.tone) == UNSURE
    assert "clock of this device has gone back" in scanner.state


def test_what_is_no_certificate_of_this_service(scanner: Scanner) -> None:
    office = scanner.site.office
    scanner.open()
    code, digits = CODE_OF["VALID"], office.qr("VALID").partition("#")[2]
    for text, expected in {
        f"https://sertifikat.evil.example/v/{code}#{digits}": ("No address of this service", "BAD"),
        "https://evil.example/cert?id=1": ("No certificate of this service", "BAD"),
        f"{scanner.site.base_url}/v/{CODE_OF['TRAINING']}#{digits}": FORGED,
        qr_of(scanner.site.base_url, code, CERTIFIED["VALID"], by=signer("stranger")): FORGED,
    }.items():
        assert (scanner.picture(text), scanner.tone) == expected, text
        assert not scanner.page.get_by_role("link", name="Open its page").count()
    assert scanner.picture(f"{scanner.site.base_url}/v/{code}") == "Valid"
    assert "holds no signature" in scanner.page.locator("#result").inner_text()
    scanner.site.stop()
    assert scanner.picture(f"{scanner.site.base_url}/v/{code}") == "No signature in this QR code"
    assert scanner.tone == "WARN"


@pytest.mark.parametrize("change", [{"holder": "Orang Lain"}, {"valid_until": None}, {"kind": KINDS[0]}])
def test_a_record_that_says_something_else_is_red(scanner: Scanner, change: dict[str, Any]) -> None:
    office = scanner.site.office
    scanner.open()
    office.views["VALID"] = replace(CERTIFIED["VALID"], **change)
    assert scanner.picture(office.qr("VALID")) == "The QR code and the record disagree"
    assert scanner.tone == "BAD"


def test_a_genuine_signature_over_what_the_record_does_not_hold(scanner: Scanner) -> None:
    scanner.open()
    text = scanner.site.office.qr("VALID")
    scanner.site.office.views.clear()
    assert (scanner.picture(text), scanner.tone) == ("Not found", "BAD")


# -- keys and pins -------------------------------------------------------------------------------------------


def test_a_key_file_by_strangers_is_refused_and_the_known_one_kept(scanner: Scanner) -> None:
    office = scanner.site.office
    scanner.open()
    strangers = (signer("a"), signer("b"))
    mine = tuple(Custodian(f"staff/{n}", f"staff/{n}", public(one)) for n, one in enumerate(strangers))
    forger = signer("forger")
    keys = [issuer_key("token", forger, KINDS[1])]
    office.keyfiles.append(
        sealed_keyfile(scanner.site.base_url, strangers, version=2, custodians=mine, keys=keys)
    )
    scanner.renew()
    assert "not signed by those whom this scanner believes" in scanner.state
    text = qr_of(scanner.site.base_url, CODE_OF["VALID"], CERTIFIED["VALID"], by=forger)
    assert (scanner.picture(text), scanner.tone) == FORGED
    assert scanner.picture(office.qr("VALID")) == "Valid"
    # A reader who is told that the ledger was set up anew can start again; the page still names its founders.
    scanner.page.on("dialog", lambda dialog: dialog.accept())
    scanner.page.get_by_text("Whom the scanner believes").click()
    scanner.page.get_by_role("button", name="Forget everything").click()
    scanner.page.get_by_text("is not properly signed").wait_for()
    assert (scanner.picture(office.qr("VALID")), scanner.tone) == ("Not ready to check", "CALM")


def _succession(site: Running) -> tuple[bytes, bytes, bytes]:
    """Three versions: the founders, then new custodians one after another."""
    new = [signer(f"custodian {number}") for number in range(3)]
    people = [Custodian(f"staff/c{n}", f"staff/c{n}", public(one)) for n, one in enumerate(new)]
    keys = [issuer_key("token", TOKEN_KEYS[kind], kind) for kind in KINDS]
    return (
        sealed_keyfile(site.base_url, custodians=people[:2]),
        sealed_keyfile(site.base_url, (new[0], new[1]), version=2, custodians=people[1:]),
        sealed_keyfile(site.base_url, (new[2], new[1]), version=3, custodians=people[1:], keys=keys),
    )


@pytest.mark.parametrize("has_root", [True, False])
def test_custodians_may_change_without_a_new_root(browser: Any, has_root: bool) -> None:
    site = Running()
    site.office.root = site.office.root if has_root else None
    versions = _succession(site)
    site.office.keyfiles = list(versions)
    site.start()
    context = browser.new_context()
    scanner = Scanner(context.new_page(), site)
    scanner.open()
    # No status key in the newest: its list is not to be believed, so nothing is known to stand by it.
    assert scanner.picture(site.office.qr("VALID")) == "Valid"
    assert site.paths.count("/keys/1") + site.paths.count("/keys/2") >= (2 if has_root else 0)
    context.close()
    site.stop()


def test_at_first_use_the_first_file_is_believed_and_later_ones_only_from_it(browser: Any) -> None:
    site = Running()
    site.office.root = None
    site.start()
    context = browser.new_context()
    scanner = Scanner(context.new_page(), site)
    scanner.open()
    assert scanner.picture(site.office.qr("VALID")) == "Valid"
    site.office.keyfiles.append(sealed_keyfile(site.base_url, (signer("a"), signer("b")), version=2))
    scanner.renew()
    assert "not signed by those whom this scanner believes" in scanner.state
    context.close()
    site.stop()


@pytest.mark.parametrize("byte", [1, 9])
def test_a_newer_key_is_fetched_when_it_is_met(scanner: Scanner, byte: int) -> None:
    """It may share its byte with an older one (1) or not (9)."""
    office, base_url = scanner.site.office, scanner.site.base_url
    newer, today = signer("newer"), NOW.date()
    office.views["VALID"] = view = replace(CERTIFIED["VALID"], issued_on=today)
    text = str(qr_text(base_url, CODE_OF["VALID"], claims_of(view), Signing(byte, newer)))
    scanner.open()
    scanner.kept()
    offline = scanner.page.context
    offline.set_offline(True)
    unknown = ("Signed with a key that is not known here", "WARN")
    assert (scanner.picture(text), scanner.tone) == (FORGED if byte == 1 else unknown)
    offline.set_offline(False)
    keys = [*office.keys.keys, issuer_key("token", newer, KINDS[1], kid=byte, valid_from=60)]
    office.keyfiles.append(sealed_keyfile(base_url, version=2, keys=keys))
    assert (scanner.picture(text), scanner.tone) == ("Valid", "GOOD")
    scanner.site.stop()
    assert (scanner.picture(text), scanner.tone) == ("Genuine, and not withdrawn", "GOOD")


def test_an_older_list_does_not_hide_a_withdrawal(scanner: Scanner, monkeypatch: pytest.MonkeyPatch) -> None:
    office = scanner.site.office
    office.simulated = False
    office.now = office.made_at = NOW
    scanner.open()
    listed = office.withdrawn(digests=[])
    office.made_at = NOW - timedelta(hours=2)
    older = office.withdrawn(digests=[])
    monkeypatch.setattr(office, "withdrawn", lambda: older)
    assert listed != older
    scanner.renew()
    scanner.site.stop()
    # By the real clock the sample's list is long over; what matters here is that the newer one was kept.
    assert "23 November 2026 at 14:05 WITA" in scanner.page.locator("#known").inner_text()


_NO_ED25519 = """
const given = crypto.subtle.importKey.bind(crypto.subtle)
crypto.subtle.importKey = (format, key, algorithm, ...rest) =>
    algorithm.name === "Ed25519" ? Promise.reject(new Error("no")) : given(format, key, algorithm, ...rest)
"""


@pytest.mark.parametrize(
    "script", [_NO_ED25519, "Object.defineProperty(crypto, 'subtle', {value: undefined})"]
)
def test_a_browser_without_ed25519_is_never_green(context: Any, site: Running, script: str) -> None:
    context.add_init_script(script)
    scanner = Scanner(context.new_page(), site)
    scanner.open()
    assert "cannot check the signatures (Ed25519)" in scanner.state
    for text in (site.office.qr("VALID"), changed(site.office.qr("VALID"))):
        assert scanner.picture(text) in {"The signature was not checked", "Not ready to check"}
        assert scanner.tone == "CALM"


# -- the QR reader -------------------------------------------------------------------------------------------

_NATIVE = """
globalThis.used = 0
globalThis.BarcodeDetector = class {
    static async getSupportedFormats() { return %s }
    async detect() { used++; %s }
}
"""


def test_the_browsers_own_reader_is_used_where_there_is_one(context: Any, site: Running) -> None:
    context.add_init_script(
        _NATIVE % ("['qr_code']", f"return [{{rawValue: {site.office.qr('TRAINING')!r}}}]")
    )
    scanner = Scanner(context.new_page(), site)
    scanner.open()
    assert scanner.picture(site.office.qr("REVOKED")) == "Valid"  # what the stub read, not what is there
    fetched = scanner.page.evaluate(
        "performance.getEntriesByType('resource').map(entry => entry.name).join()"
    )
    assert "zxing" not in fetched


@pytest.mark.parametrize(
    ("formats", "detect"),
    [
        ("['ean_13']", "return []"),
        ("['qr_code']", "throw new Error('no service')"),
        ("['qr_code']", "return []"),
    ],
)
def test_where_the_browsers_own_reader_fails_ours_is_used(
    context: Any, site: Running, formats: str, detect: str
) -> None:
    context.add_init_script(_NATIVE % (formats, detect))
    scanner = Scanner(context.new_page(), site)
    scanner.open()
    assert scanner.picture(site.office.qr("REVOKED")) == "Revoked"


def test_a_reader_that_was_announced_and_is_not_there_is_not_asked_again(context: Any, site: Running) -> None:
    """Frames of the camera go to one reader only, so a broken one would find nothing for ever."""
    context.add_init_script(_NATIVE % ("['qr_code']", "throw new Error('no service')"))
    scanner = Scanner(context.new_page(), site)
    scanner.open()
    found = scanner.page.evaluate(
        """async picture => {
            const script = document.querySelector("script[src]").src
            const { drawn, readFrame } = await import(new URL("reader.js", script))
            const bytes = Uint8Array.from(atob(picture), each => each.charCodeAt(0))
            const frame = drawn(await createImageBitmap(new Blob([bytes])), 1)
            return [await readFrame(frame), await readFrame(frame), used]
        }""",
        b64(png(qr_picture("https://contoh.id"))),
    )
    assert found == [[], ["https://contoh.id"], 1]


def test_files_that_are_no_picture_or_have_no_qr_are_told(scanner: Scanner) -> None:
    scanner.open()
    said = scanner.page.locator("#said")
    scanner.page.set_input_files("#picture", [{"name": "x.png", "mimeType": "image/png", "buffer": b"no"}])
    said.get_by_text("That is no picture").wait_for()
    blank = png(qr_picture("x").point(lambda _: 255))
    scanner.page.set_input_files("#picture", [{"name": "x.png", "mimeType": "image/png", "buffer": blank}])
    said.get_by_text("No QR code was found").wait_for()
    assert not scanner.page.locator("#result > section").count()


# -- the camera ----------------------------------------------------------------------------------------------


CHROMIUMS_OWN = (b"update.googleapis.com", b"accounts.google.com")
"""Where Chromium itself turns to when it starts, whatever the page; no flag silences it."""


class Elsewhere:
    """A proxy for all that is not on this machine; it notes what is asked."""

    def __init__(self) -> None:
        self.asked: list[bytes] = []
        self._server = socket.create_server(("127.0.0.1", 0))
        self.port = self._server.getsockname()[1]
        threading.Thread(target=self._run, daemon=True).start()

    def _run(self) -> None:
        while True:
            try:
                connection, _ = self._server.accept()
            except OSError:
                return
            with connection:
                connection.settimeout(1)
                request = connection.recv(200)
                if not any(host in request for host in CHROMIUMS_OWN):
                    self.asked.append(request)

    def close(self) -> None:
        self._server.close()


def test_a_camera_before_a_printed_page_with_the_server_and_without(
    chromium: Any, site: Running, tmp_path: Path
) -> None:
    """And not one request to anywhere else."""
    url = site.office.qr("VALID")
    video = film(printed_page(CERTIFIED["VALID"], url, dpi=200), tmp_path / "paper.y4m")
    elsewhere = Elsewhere()
    browser = chromium(
        "--use-fake-ui-for-media-stream",
        "--use-fake-device-for-media-stream",
        f"--use-file-for-fake-video-capture={video}",
        f"--proxy-server=127.0.0.1:{elsewhere.port}",
    )
    context = browser.new_context(viewport={"width": 360, "height": 740})
    asked: list[str] = []
    context.on("request", lambda request: asked.append(request.url))
    scanner = Scanner(context.new_page(), site)
    scanner.open()
    for expected in (("Valid", "GOOD"), ("Genuine, and not withdrawn", "GOOD")):
        scanner.page.get_by_role("button", name="Open the camera").click()
        assert (scanner.heading(), scanner.tone) == expected
        assert not scanner.page.locator("video").is_visible()
        assert (
            scanner.page.evaluate("document.querySelector('video').srcObject") is None
        )  # the light goes off
        assert "Siti Contohwati Rekasari" in scanner.page.locator("#result").inner_text()
        site.stop()
        scanner.page.reload()
        scanner.ready()
    browser.close()
    elsewhere.close()
    assert {address.partition("/v/")[0].partition("/scan")[0] for address in asked} <= {
        site.base_url,
        *(f"{site.base_url}{path}" for path in ("/keys", "/withdrawn")),
    }
    assert elsewhere.asked == []


def test_the_camera_can_be_refused_or_closed(chromium: Any, site: Running) -> None:
    browser = chromium("--use-fake-device-for-media-stream")
    context = browser.new_context()
    scanner = Scanner(context.new_page(), site)
    scanner.open()
    scanner.page.get_by_role("button", name="Open the camera").click()
    scanner.page.get_by_text("The camera was not allowed").wait_for()
    context.grant_permissions(["camera"])
    scanner.page.get_by_role("button", name="Open the camera").click()
    scanner.page.get_by_role("button", name="Close the camera").click()
    assert scanner.page.get_by_role("button", name="Open the camera").evaluate(
        "e => e === document.activeElement"
    )
    assert scanner.page.evaluate("document.querySelector('video').srcObject") is None
    browser.close()


# -- installing ----------------------------------------------------------------------------------------------


def test_it_can_be_installed(scanner: Scanner) -> None:
    scanner.open()
    scanner.page.get_by_text("This page is kept on the device").wait_for()
    session = scanner.page.context.new_cdp_session(scanner.page)
    errors = session.send("Page.getInstallabilityErrors")["installabilityErrors"]
    # Every context of the tests is an incognito one, where nothing is installed.
    assert [error["errorId"] for error in errors if error["errorId"] != "in-incognito"] == []
    manifest = session.send("Page.getAppManifest")
    assert manifest["errors"] == []


def test_a_newer_scanner_takes_the_place_of_the_old_one(scanner: Scanner) -> None:
    site = scanner.site
    scanner.open()
    scanner.page.get_by_text("This page is kept on the device").wait_for()
    old = scanner.page.locator("script[src]").first.get_attribute("src")
    site.stop()
    site.office.root = None  # another page
    site.start()
    scanner.page.goto("about:blank")
    scanner.open()
    scanner.page.wait_for_function(
        "navigator.serviceWorker.getRegistration('/scan').then(r => r.waiting !== null)"
    )
    assert scanner.page.locator("#scan[data-founders]").count()  # still the kept one
    scanner.page.goto("about:blank")
    scanner.open()
    scanner.page.locator("#scan:not([data-founders])[data-ready]").wait_for()
    assert scanner.page.locator("script[src]").first.get_attribute("src") == old  # no file changed
    names = scanner.page.evaluate("caches.keys()")
    assert len([name for name in names if name.startswith("scanner-shell-")]) == 1
    site.stop()
    scanner.page.reload()
    scanner.ready()
    assert scanner.picture(site.office.qr("VALID")) == "Genuine, and not withdrawn"
