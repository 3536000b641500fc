"""A page rendered and compressed once for each shape, filled with facts for each reader.

Jinja and zlib spend their time on what is the same in every certificate's page, not on its twenty facts. So a
template is rendered with markers in their place, cut at the markers, and kept; a page is then the pieces with
the facts between them, byte for byte what Jinja makes of those facts. For gzip the long pieces are deflated
beforehand, each by itself, and what lies between them goes as it is (stored blocks, RFC 1951 §3.2.4): a
quarter more bytes than compressing the whole, at a tenth of the time, and still well within one round trip.

What a template decides by (is there a holder? how many units?) is the shape and must be in the key; what it
prints is a fact. Facts are always text, inserted escaped and after the cutting, so that no fact can act as a
marker. No fact is kept: a skeleton knows no name.
"""

import re
import struct
import zlib
from collections.abc import Mapping

from jinja2 import Template

_MARK = "\0"
_WORTH_DEFLATING = 300  # characters; a shorter piece gains less than its own block costs
_GZIP_HEADER = b"\x1f\x8b\x08\0\0\0\0\0\0\xff"  # RFC 1952 §2.3: deflate, no flags, no time, unknown system
_LAST_BLOCK = b"\x03\0"  # empty, fixed codes, final
_STORED_LIMIT = 0xFFFF


def marker(fact: str) -> str:
    """Return what stands for a fact while its template is rendered."""
    return f"{_MARK}{fact}{_MARK}"


class Skeleton:
    """A template cut at its facts."""

    def __init__(
        self, template: Template, shape: Mapping[str, object], facts: Mapping[str, str | None]
    ) -> None:
        """Render `template` with `shape` as it is, and with a marker for each of `facts` that is not None."""
        markers = {name: None if fact is None else marker(name) for name, fact in facts.items()}
        text = template.render(**markers | dict(shape))
        self._pieces = re.split(f"{_MARK}(\\w+){_MARK}", text)
        self._names = self._pieces[1::2]
        self._escape = template.environment.filters["escape"]
        self._deflated = [
            (place, _deflate(piece.encode()))
            for place, piece in enumerate(self._pieces)
            if place % 2 == 0 and len(piece) >= _WORTH_DEFLATING
        ]

    def plain(self, facts: Mapping[str, str | None]) -> bytes:
        """Return the page for facts of the same shape, as UTF-8. Raises ValueError for a NUL in a fact."""
        return "".join(self._filled(facts)).encode()

    def gzipped(self, facts: Mapping[str, str | None]) -> bytes:
        """Return the same as one gzip member."""
        pieces = self._filled(facts)
        plain = "".join(pieces).encode()
        blocks = [_GZIP_HEADER]
        start = 0
        for place, deflated in self._deflated:
            blocks += (_stored("".join(pieces[start:place]).encode()), deflated)
            start = place + 1
        blocks += (_stored("".join(pieces[start:]).encode()), _LAST_BLOCK)
        blocks.append(struct.pack("<II", zlib.crc32(plain), len(plain)))
        return b"".join(blocks)

    def _filled(self, facts: Mapping[str, str | None]) -> list[str]:
        pieces = self._pieces.copy()
        # All are escaped in one call: twenty calls would cost more than everything else here.
        text = str(self._escape(_MARK.join([facts[name] or "" for name in self._names])))
        pieces[1::2] = text.split(_MARK)
        return pieces


def _deflate(data: bytes) -> bytes:
    """Return blocks that refer to nothing before them and end on a byte, so that others can follow."""
    compressor = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    return compressor.compress(data) + compressor.flush(zlib.Z_FULL_FLUSH)


def _stored(data: bytes) -> bytes:
    """Return `data` in stored blocks."""
    rest = data[_STORED_LIMIT:]
    if rest:
        return _stored(data[:_STORED_LIMIT]) + _stored(rest)
    return struct.pack("<BHH", 0, len(data), len(data) ^ 0xFFFF) + data
