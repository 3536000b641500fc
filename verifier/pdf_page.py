"""What is printed on a certificate's PDF, as far as the libraries at hand can read it: its words and its QR code.

Neither library belongs to this package: `pymupdf` draws the page, `zxingcpp` reads QR codes. Where one is missing
its part is None, and the answer says so. Only the first page is looked at, and only of a file whose seal holds.

Not done here: saying what follows (`verifier.pdf`).
"""

import importlib
from dataclasses import dataclass
from typing import Any

DPI = 200
_SIDE_LIMIT = 2000  # points: more than any paper size


@dataclass(frozen=True, slots=True)
class Page:
    """The words of the page and the texts of its QR codes, each None where it could not be read."""

    words: str | None
    qr: tuple[str, ...] | None


def look(pdf: bytes) -> Page:
    """Read the first page."""
    draw = _library("pymupdf")
    if draw is None:
        return Page(None, None)
    try:
        with draw.open(stream=pdf, filetype="pdf") as document:
            sheet = document[0]
            if max(sheet.rect.width, sheet.rect.height) > _SIDE_LIMIT:
                return Page(None, None)
            words = str(sheet.get_text())
            picture = sheet.get_pixmap(dpi=DPI, colorspace=draw.csGRAY, alpha=False)
            grey = memoryview(bytes(picture.samples)).cast("B", (picture.height, picture.stride))
    except Exception:  # noqa: BLE001 - what cannot be drawn was not looked at
        return Page(None, None)
    read = _library("zxingcpp")
    return Page(words, None if read is None else tuple(code.text for code in read.read_barcodes(grey)))


def _library(name: str) -> Any:
    try:
        return importlib.import_module(name)
    except ImportError:
        return None
