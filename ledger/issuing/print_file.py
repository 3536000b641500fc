"""The print file of a batch: the pages of all certificates in their order, and a list of which form gets which.

Rules. The file is for a printer: pages alone, without seals and attachments, no PDF/A, and nobody answers for it.
A new part begins after PART_SIZE certificates. Each part tells the printer which sides to print: the front alone, or,
once a certificate in it goes on overleaf, both; then every certificate begins on a front, after an empty back where
the one before has none. The list (CSV) has a line for each certificate and names nobody.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pypdf import PdfReader, PdfWriter
from pypdf.generic import NameObject

if TYPE_CHECKING:
    from pathlib import Path

    from ledger.issuing.paper import Paper

PART_SIZE = 500
LIST_FILE = "forms.csv"
COLUMNS = ("form", "number", "copy", "pdf", "print_file", "page")


@dataclass(frozen=True, slots=True)
class _Added:
    """A certificate in the part that is being filled."""

    row: tuple[str, str, int, str]
    pages: int


class PrintFile:
    """Writes into ``folder``; ``count`` is how many certificates were added."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._writer = PdfWriter()
        self._part: list[_Added] = []
        self._parts = 0
        self._rows: list[tuple[str | int, ...]] = []
        self.count = 0

    def add(self, pdf: bytes, *, form: str, paper: Paper, name: str) -> None:
        """Put the pages of one certificate behind the others; ``name`` is its file in the zip."""
        pages = PdfReader(io.BytesIO(pdf)).pages
        for page in pages:
            self._writer.add_page(page)
        self._part.append(_Added((form, paper.number, paper.copy, name), len(pages)))
        self.count += 1
        if len(self._part) == PART_SIZE:
            self._close_part()

    def close(self) -> None:
        """Write the part that was begun, and the list."""
        if self._part:
            self._close_part()
        with (self._folder / LIST_FILE).open("x", newline="", encoding="utf-8") as file:
            csv.writer(file).writerows([COLUMNS, *self._rows])

    def _close_part(self) -> None:
        self._parts += 1
        name = f"print-{self._parts:03}.pdf"
        both_sides = any(each.pages > 1 for each in self._part)
        for each, page in self._placed(both_sides=both_sides):
            self._rows.append((*each.row, name, page))
        writer, self._writer, self._part = self._writer, PdfWriter(), []
        # The long side of the page is the upper one: who turns it over does so about the short one.
        sides = NameObject("/DuplexFlipShortEdge" if both_sides else "/Simplex")
        writer.create_viewer_preferences()[NameObject("/Duplex")] = sides
        writer.metadata = None
        writer.compress_identical_objects(remove_duplicates=True, remove_unreferenced=False)
        writer.write(self._folder / name)

    def _placed(self, *, both_sides: bool) -> Iterator[tuple[_Added, int]]:
        """Each certificate with the number of its first page, once the empty backs are put in."""
        page = 1
        for each in self._part:
            yield each, page
            page += each.pages
            if both_sides and each.pages % 2:
                self._writer.insert_blank_page(index=page - 1)
                page += 1
