"""The scanner's page as tests use it."""

from __future__ import annotations

from typing import Any

from tests.scan.scan_site import Running, png, qr_picture


class Scanner:
    """The page, and what a person does with it."""

    def __init__(self, page: Any, site: Running) -> None:
        self.page = page
        self.site = site

    def open(self, language: str = "en") -> None:
        self.page.goto(f"{self.site.base_url}/scan?lang={language}")
        self.ready()

    def ready(self) -> None:
        self.page.locator("#scan[data-ready]").wait_for()

    def kept(self) -> None:
        """Wait until all that it needs without a network is there."""
        self.page.locator("#offline:not(:empty)").wait_for()

    def picture(self, text: str) -> str:
        """Choose a picture of this QR; the heading of what the scanner says of it."""
        self.page.evaluate("document.getElementById('result').replaceChildren()")
        file = {"name": "x.png", "mimeType": "image/png", "buffer": png(qr_picture(text))}
        self.page.set_input_files("#picture", [file])
        return self.heading()

    def heading(self) -> str:
        heading = self.page.locator("#result h2")
        heading.wait_for()
        assert heading.evaluate("e => e === document.activeElement")  # so that a screen reader reads it
        found: str = heading.inner_text()
        return found

    @property
    def tone(self) -> str:
        found: str = self.page.locator("#result > section").get_attribute("data-tone")
        return found

    @property
    def state(self) -> str:
        found: str = self.page.locator("#state").inner_text()
        return found

    def renew(self) -> None:
        self.page.get_by_role("button", name="Renew now").click()
        self.page.locator("#state[aria-busy=false]").wait_for()
