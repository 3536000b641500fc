"""The code on a certificate: 13 characters that a person can read out and type.

Twelve characters of Crockford's base32 (digits and letters without I, L, O, U) hold 60 random bits, most
significant first; the thirteenth, from the same 32, is their check character by the Luhn algorithm mod 32. It
finds each single wrong character and nearly all swaps of neighbours. Canonical: upper case without hyphens.
Printed: groups of 4, 4 and 5. Read: any case, hyphens and spaces anywhere, the letter O as 0, I and L as 1.

A code is an address, not a secret of weight, and says nothing about its certificate.
"""

from verifier.errors import CodeError

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
LENGTH = 13
RANDOM_BITS = 60

_BASE = 32
_TEXT_LIMIT = 64
_VALUES = {character: value for value, character in enumerate(ALPHABET)}
_READ = str.maketrans("OIL", "011", "- ")


def make(random_bits: int) -> str:
    """Return the canonical code for an integer of 60 random bits.

    Raises CodeError CODE_MALFORMED outside 0 … 2^60 - 1.
    """
    if not 0 <= random_bits < 1 << RANDOM_BITS:
        raise CodeError("CODE_MALFORMED", f"a code holds {RANDOM_BITS} bits")
    body = "".join(ALPHABET[random_bits >> shift & _BASE - 1] for shift in range(RANDOM_BITS - 5, -5, -5))
    return body + _check_character(body)


def normalise(text: str) -> str:
    """Return the canonical code that `text` spells.

    Raises CodeError CODE_MALFORMED when it cannot be a code at all, CODE_CHECK_WRONG when a character was
    mistyped.
    """
    # ASCII first: upper() maps some other letters to ASCII ones.
    code = text.upper().translate(_READ) if len(text) <= _TEXT_LIMIT and text.isascii() else ""
    if len(code) != LENGTH or any(character not in _VALUES for character in code):
        raise CodeError(
            "CODE_MALFORMED",
            f"a code has {LENGTH} letters and digits",
            "Copy it as printed, for example 0123-4567-89ABC.",
        )
    if _check_character(code[:-1]) != code[-1]:
        raise CodeError(
            "CODE_CHECK_WRONG", "the code's check character does not fit", "Compare each character again."
        )
    return code


def display(code: str) -> str:
    """Return a canonical code in its printed form, 4-4-5."""
    return f"{code[:4]}-{code[4:8]}-{code[8:]}"


def _check_character(body: str) -> str:
    total = 0
    for position, character in enumerate(reversed(body)):
        addend = _VALUES[character] * (1 if position & 1 else 2)
        total += addend // _BASE + addend % _BASE
    return ALPHABET[-total % _BASE]
