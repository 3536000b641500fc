"""The QR code on a certificate: the whole URL, error correction M, black on white.

Rules. The symbol holds the text exactly. Error correction is M: in simulated wear L fails on stains, and Q
costs two or three versions. Byte and numeric segments are split by the library's own optimiser, so that the
digits of a signed token take the numeric mode. Version 12 is the size to aim at, 13 the largest allowed;
what is left out to get there is the caller's decision, so a text that needs more is refused. A quiet zone
of four modules is part of the image unless the page leaves that room itself.

Specification: ISO/IEC 18004. It does not know what the text means, and draws no logo.
"""

from __future__ import annotations

from dataclasses import dataclass

import qrcode
from qrcode.constants import ERROR_CORRECT_M
from qrcode.exceptions import DataOverflowError

from ledger.errors import Error

PREFERRED_VERSION = 12
LARGEST_VERSION = 13
QUIET_ZONE = 4  # modules, ISO/IEC 18004 section 6.3.8


@dataclass(frozen=True, slots=True)
class QrImage:
    """A QR symbol: ``modules[row][column]`` is true where it is dark; no quiet zone in it."""

    text: str
    version: int
    modules: tuple[tuple[bool, ...], ...]

    @property
    def size(self) -> int:
        """Modules along one side, without the quiet zone."""
        return len(self.modules)

    def svg(self, quiet_zone: int = QUIET_ZONE) -> str:
        """Draw as an SVG document: one black path on white, one unit a module, no fixed width."""
        side = self.size + 2 * quiet_zone
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {side} {side}" '
            f'shape-rendering="crispEdges"><path fill="#fff" d="M0 0h{side}v{side}H0z"/>'
            f'<path fill="#000" d="{self._path(quiet_zone)}"/></svg>'
        )

    def _path(self, offset: int) -> str:
        """Horizontal runs of dark modules as rectangles of one path: no seams between rows."""
        pieces: list[str] = []
        for y, row in enumerate(self.modules):
            x = 0
            while x < self.size:
                start = x
                while x < self.size and row[x]:
                    x += 1
                if x > start:
                    pieces.append(f"M{start + offset} {y + offset}h{x - start}v1h{start - x}z")
                x += 1
        return "".join(pieces)


def fits(text: str, version: int) -> bool:
    """Whether a symbol of this version or a smaller one holds ``text``. Far cheaper than drawing it."""
    needed = _fitted(text)[1]
    return needed is not None and needed <= version


def make_qr(text: str, *, max_version: int = LARGEST_VERSION) -> QrImage:
    """Encode ``text`` in the smallest version that holds it; ``Error`` QR_TOO_LARGE above ``max_version``."""
    code, version = _fitted(text)
    if version is None or version > max_version:
        needs = "more than any version holds" if version is None else f"version {version}"
        raise Error(
            "QR_TOO_LARGE",
            f"The QR code's address has {len(text)} characters and needs {needs}; {max_version} is the most.",
            "Leave the title out of the token, then shorten the name in it; a shorter base_url helps too.",
        )
    code.make(fit=False)
    modules = tuple(tuple(bool(cell) for cell in row) for row in code.modules)
    return QrImage(text=text, version=version, modules=modules)


def _fitted(text: str) -> tuple[qrcode.QRCode, int | None]:
    """The code with ``text`` in it, and the smallest version that holds it, None if none does."""
    code = qrcode.QRCode(error_correction=ERROR_CORRECT_M, border=0)
    code.add_data(text)
    try:
        return code, code.best_fit()
    except (DataOverflowError, ValueError):
        return code, None
