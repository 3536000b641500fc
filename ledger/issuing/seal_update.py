"""An incremental update that adds to a PDF and changes nothing of what it says of itself.

Rules. Title, author, dates, producer and XMP stay: pyHanko's own writer would put the machine's clock and its own
name there. The second half of the file's identifier, which has to change with the file (ISO 32000-1 14.4), is
derived from the file before.
"""

from __future__ import annotations

import io
from hashlib import sha256

from pyhanko.pdf_utils.generic import ByteStringObject
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign.fields import InvisSigSettings

UNSEEN = InvisSigSettings(set_print_flag=True, set_hidden_flag=False, box_out_of_bounds=True)
"""PDF/A-3 wants a widget to be printable, PDF/UA-1 wants an untagged one to lie outside the page."""

_ID_SIZE = 16


class Update(IncrementalPdfFileWriter):
    """An update of ``pdf``. Raises pyHanko's PdfReadError and others for what is no PDF."""

    def __init__(self, pdf: bytes) -> None:
        super().__init__(io.BytesIO(pdf))
        self._document_id[1] = ByteStringObject(sha256(pdf).digest()[:_ID_SIZE])

    def _update_meta(self) -> None:
        """Leave the metadata as they are."""
