"""Words that nothing public may hold, since they would reveal custody or conviction.

An institution's own list is longer and not in the log; these are the words without which no such list would
be one. Whole words, without regard to case: letters and digits make words, other characters and a camel hump
divide them.
"""

import re

_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+|[^\W\d_]+")
_WORDS = (
    "lapas",
    "rutan",
    "bapas",
    "lembaga pemasyarakatan",
    "pemasyarakatan",
    "narapidana",
    "napi",
    "tahanan",
    "terpidana",
    "warga binaan",
    "wbp",
    "penjara",
    "pidana",
    "custody",
    "conviction",
    "convict",
    "correctional",
    "criminal",
    "detainee",
    "detention",
    "inmate",
    "jail",
    "prison",
    "prisoner",
)
_DENIED = tuple(f" {words} " for words in _WORDS)
# Most texts have none of these letters in a row, and need no closer look.
_HINT = re.compile("|".join(sorted({words.split()[0] for words in _WORDS})), re.IGNORECASE)


def denied(text: str) -> str | None:
    """Return the first of these words in a text, or None."""
    if not _HINT.search(text):
        return None
    padded = f" {' '.join(word.lower() for word in _WORD.findall(text))} "
    return next((words.strip() for words in _DENIED if words in padded), None)
