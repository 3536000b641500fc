"""Certificate numbers: formats are configuration, every kind is numbered in its own series.

A number is given at issue from the next place in the series of (issuer, kind, year), shared by all trainees
of the issuer, so that neighbours in the series say nothing about a person.
"""

from __future__ import annotations

import string
from datetime import date

_ROMAN = ("I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X", "XI", "XII")
_PLACEHOLDERS = frozenset({"seq", "programme", "roman_month", "year"})
NUMBER_LIMIT = 80


def check_format(template: str) -> str:
    """The format itself if it uses ``seq`` and no placeholder but the four allowed; ValueError says why not."""
    names = {name for _, name, _, _ in string.Formatter().parse(template) if name is not None}
    if not names <= _PLACEHOLDERS:
        msg = (
            f"number format {template!r} has unknown placeholders: {', '.join(sorted(names - _PLACEHOLDERS))}"
        )
        raise ValueError(msg)
    if "seq" not in names or "year" not in names:
        msg = (
            f"number format {template!r} must contain seq and year, or two certificates could share a number"
        )
        raise ValueError(msg)
    format_number(template, seq=1, programme="X", day=date(2000, 1, 1))
    return template


def format_number(template: str, *, seq: int, programme: str, day: date) -> str:
    """The number at place ``seq`` of its series for a certificate issued on ``day``."""
    return template.format(seq=seq, programme=programme, roman_month=_ROMAN[day.month - 1], year=day.year)
