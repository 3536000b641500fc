"""Which characters the bundled fonts can print, so that no name breaks a certificate or leaves a hole in it.

Rules. A cluster (a base character with its marks, joiners and selectors) is printable if one font family
has all of it in every face. One that no family has is printed as U+FFFD: PDF/A forbids a missing glyph, and
a visible mark is honest where an empty place is not. It forbids private characters too. Control and
direction characters are not printed: a name must not be able to turn the text around it. White space of any
kind is one space; text is normalised to NFC.

Specification: OpenType 1.9 ``cmap`` formats 4 and 12; Unicode general categories; ISO 19005-3, 6.2.11. It
does not shape text, and it does not judge names: ``unprintable`` tells a caller what would be replaced, so
that a person can be asked.
"""

from __future__ import annotations

import functools
import struct
import unicodedata
from importlib.resources import files
from itertools import pairwise

REPLACEMENT = "\ufffd"

# Faces of one family: typst chooses a face by style, and falls back to another family, not to another face.
FAMILIES: dict[str, tuple[str, ...]] = {
    "EB Garamond": ("EBGaramond_400Regular", "EBGaramond_400Regular_Italic", "EBGaramond_500Medium"),
    "Source Sans 3": ("SourceSans3_400Regular", "SourceSans3_400Regular_Italic", "SourceSans3_600SemiBold"),
    "Noto Naskh Arabic": ("NotoNaskhArabic_500Medium",),
    "Noto Sans Javanese": ("NotoSansJavanese_500Medium",),
    "Noto Emoji": ("NotoEmoji_400Regular",),
}

_JOINERS = "\u200c\u200d"  # ZWNJ, ZWJ: they choose letter forms in Javanese, Arabic and emoji
_SELECTORS = range(0xFE00, 0xFE10)
_MODIFIERS = range(0x1F3FB, 0x1F400)  # skin tones, which join the emoji before them


def printable(text: str) -> str:
    """Give ``text`` as it can be printed: one line, NFC, without controls, unprintable clusters as U+FFFD."""
    return "".join(cluster if _covered(cluster) else REPLACEMENT for cluster in _clusters(_cleaned(text)))


def unprintable(text: str) -> tuple[str, ...]:
    """Give the clusters of ``text`` that ``printable`` would replace, in order, each once."""
    return tuple(dict.fromkeys(cluster for cluster in _clusters(_cleaned(text)) if not _covered(cluster)))


def _cleaned(text: str) -> str:
    kept = (" " if char.isspace() else char for char in text)
    visible = (char for char in kept if char in _JOINERS or unicodedata.category(char) not in {"Cc", "Cf"})
    return " ".join(unicodedata.normalize("NFC", "".join(visible)).split())


def _clusters(text: str) -> list[str]:
    starts = [i for i in range(len(text)) if i == 0 or not (_extends(text[i]) or text[i - 1] == "\u200d")]
    return [text[a:b] for a, b in pairwise([*starts, len(text)])]


def _extends(char: str) -> bool:
    return char in _JOINERS or unicodedata.category(char).startswith("M") or ord(char) in _MODIFIERS


def _covered(cluster: str) -> bool:
    needed = {ord(char) for char in cluster if char not in _JOINERS and ord(char) not in _SELECTORS}
    private = any(unicodedata.category(char) == "Co" for char in cluster)
    return bool(needed) and not private and any(needed <= family for family in _coverage())


@functools.cache
def _coverage() -> tuple[frozenset[int], ...]:
    folder = files("ledger.issuing") / "fonts"
    return tuple(
        frozenset.intersection(*(_characters((folder / f"{face}.ttf").read_bytes()) for face in faces))
        for faces in FAMILIES.values()
    )


def _characters(font: bytes) -> frozenset[int]:
    """Give the code points that a font's Unicode ``cmap`` maps to a glyph."""
    tables = (struct.unpack_from(">4sIII", font, 12 + 16 * i) for i in range(_u16(font, 4)))
    cmap = next(offset for tag, _, offset, _ in tables if tag == b"cmap")
    found: set[int] = set()
    for i in range(_u16(font, cmap + 2)):
        table = cmap + struct.unpack_from(">HHI", font, cmap + 4 + 8 * i)[2]
        kind = _u16(font, table)
        if kind == 4:  # noqa: PLR2004 - the format's number
            found.update(_format4(font, table))
        elif kind == 12:  # noqa: PLR2004 - the format's number
            for group in range(struct.unpack_from(">I", font, table + 12)[0]):
                start, end, _ = struct.unpack_from(">III", font, table + 16 + 12 * group)
                found.update(range(start, end + 1))
    return frozenset(found)


def _format4(font: bytes, table: int) -> set[int]:
    count = _u16(font, table + 6) // 2
    ends, starts = table + 14, table + 16 + 2 * count
    found: set[int] = set()
    for i in range(count):
        start, end = _u16(font, starts + 2 * i), _u16(font, ends + 2 * i)
        delta, offset_at = _u16(font, starts + 2 * (count + i)), starts + 2 * (2 * count + i)
        offset = _u16(font, offset_at)
        for code in range(start, min(end, 0xFFFE) + 1):
            glyph = code if offset == 0 else _u16(font, offset_at + offset + 2 * (code - start))
            if (glyph + delta) % 0x10000 if offset == 0 or glyph else 0:
                found.add(code)
    return found


def _u16(data: bytes, at: int) -> int:
    return int.from_bytes(data[at : at + 2], "big")
