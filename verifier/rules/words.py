"""Words that nothing public may hold, since they would reveal custody or conviction.

An institution's own list is longer and not in the log; these are the words without which no such list would
be one. Whole words as they are read (`verifier.words`), without regard to case.
"""

import re
from functools import lru_cache

from verifier.words import as_read, words_of

WORDS = (
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
_DENIED = re.compile(rf"\b(?:{'|'.join(WORDS)})\b")
# Most texts have none of these letters in a row, and need no closer look.
_HINT = re.compile("|".join(" ".join(WORDS).split()), re.IGNORECASE)


@lru_cache(maxsize=4096)
def denied(text: str) -> str | None:
    """Return the first of these words in a text, or None."""
    if not _HINT.search(as_read(text)):
        return None
    found = _DENIED.search(words_of(text))
    return found and found[0]
