"""A register that has ended, as the scanner and the page's script tell it: nothing is green any more."""

from __future__ import annotations

from typing import Any

from tests.public.fixture_site import CODE_OF
from tests.public.test_public_ended import ENDED
from tests.scan.scan_page import Scanner

GONE = "Can no longer be checked here"


def end(scanner: Scanner) -> None:
    """The server comes again as one that has ended."""
    scanner.site.stop()
    scanner.site.office.ended = ENDED
    scanner.site.start()


def test_a_list_that_is_still_fresh_makes_nothing_green(scanner: Scanner) -> None:
    office = scanner.site.office
    scanner.open()
    assert (scanner.picture(office.qr("VALID")), scanner.tone) == ("Valid", "GOOD")
    end(scanner)
    assert (scanner.picture(office.qr("VALID")), scanner.tone) == (GONE, "WARN")
    assert (scanner.picture(office.qr("REVOKED")), scanner.tone) == ("Revoked", "BAD")
    # What the kept list says has fallen stays so, whatever the register has lost.
    assert (scanner.picture(office.qr("SUSPENDED")), scanner.tone) == (
        "Genuine, but it no longer stands",
        "BAD",
    )
    scanner.renew()
    scanner.site.stop()
    assert (scanner.picture(office.qr("VALID")), scanner.tone) == ("Genuine, but not known to stand", "WARN")


def test_opened_for_the_first_time_it_says_who_goes_on(scanner: Scanner) -> None:
    end(scanner)
    scanner.open()
    assert ENDED.successor in scanner.page.locator("header").inner_text()
    assert (scanner.picture(scanner.site.office.qr("VALID")), scanner.tone) == (GONE, "WARN")
    assert ENDED.successor in scanner.page.locator("#result").inner_text()


def test_a_good_qr_makes_its_page_no_greener(scanner: Scanner) -> None:
    end(scanner)
    page: Any = scanner.page
    page.goto(scanner.site.office.qr("VALID").replace("#", "?lang=en#"))
    card = page.locator("#qr > section")
    assert card.get_attribute("data-answer") == "genuine"
    assert "good" not in card.get_attribute("class")
    assert page.locator(".status").get_attribute("class") == "status CANNOT_CHECK ended"
    assert CODE_OF["VALID"] in page.url
