"""The words of a text as a reader sees them: what is invisible or only looks like a letter hides no word.

Compatibility forms (full width, mathematical) and accents are taken away by Unicode normalization, and characters
without a look of their own (format, default-ignorable, control) altogether. Letters of Cyrillic and Greek, and
variants of Latin ones, that look like a Latin letter count as that letter. Letters and digits make words; other
characters and a camel hump divide them.

Look-alikes of further scripts, and digits for letters, are not seen through.
"""

import re
from unicodedata import category, normalize

_CYRILLIC = (
    ("АВЕКМНОРСТУХЅІЈԚԜҮӀԌѴ", "ABEKMHOPCTYXSIJQWYIGV"),
    ("аеорсухѕіјԛԝһԁӏүѵкмнтвпгь", "aeopcyxsijqwhdlyvkmhtbnrb"),
)
_GREEK = (("ΑΒΕΖΗΙΚΜΝΟΡΤΥΧ", "ABEZHIKMNOPTYX"), ("αονρικυτχγηεωβϳ", "aovpikutxynewbj"))  # noqa: RUF001 - meant
_LATIN = (("ıȷɑɡøłđħɩʀᴀʙᴄᴅᴇꜰɢʜɪᴊᴋʟᴍɴᴏᴘꜱᴛᴜᴠᴡʏᴢ", "ijagoldhirabcdefghijklmnopstuvwyz"), ("ØŁĐĦ", "OLDH"))
_MIXED = "".join(others for others, _ in (*_CYRILLIC, *_GREEK))
_AS_LATIN = str.maketrans(
    {a: b for pair in (*_CYRILLIC, *_GREEK, *_LATIN) for a, b in zip(*pair, strict=True)}
)
_AS_LATIN[ord("μ")] = "u"  # also the micro sign, which units have beside Latin letters
_IGNORABLE = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164"
    "\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufff8\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
)
_UNSEEN = frozenset({"Cc", "Cf", "Mn", "Me"})
_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+|[^\W\d_]+")
_LETTERS = re.compile(r"[^\W\d_]+")
_LATIN_LETTER, _LOOK_ALIKE = re.compile("[A-Za-z]"), re.compile(f"[{_MIXED}]")


def as_read(text: str) -> str:
    """Return the text without what is not seen, and with Latin letters for what looks like them."""
    return _plain(text).translate(_AS_LATIN)


def words_of(text: str) -> str:
    """Return the words of a text as it is read, in lower case, one space between."""
    return " ".join(word.lower() for word in _WORD.findall(as_read(text)))


def mixed_word(text: str) -> str | None:
    """Return the first word that has Latin letters and such of Cyrillic or Greek that look like Latin ones."""
    if text.isascii():
        return None
    words = _LETTERS.findall(_plain(text))
    return next((word for word in words if _LATIN_LETTER.search(word) and _LOOK_ALIKE.search(word)), None)


def _plain(text: str) -> str:
    if text.isascii() and text.isprintable():
        return text
    # Ignorable ones first: two of them turn into a space when they are normalized.
    apart = normalize("NFKD", _IGNORABLE.sub("", text))
    return normalize("NFKC", "".join(one for one in apart if one.isspace() or category(one) not in _UNSEEN))
