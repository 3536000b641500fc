"""The national identity number (NIK): 16 digits whose parts must fit each other.

    PP KK CC DDMMYY NNNN   province, regency or city, district, birth date, serial

The day is 1 to 31 for men and 41 to 71 for women. Province codes are those of the Ministry of Home Affairs
(Permendagri 137/2017 with the four provinces of 2022); 99 is assigned to nobody and marks invented people.
The NIK has no check digit: what passes here may still be nobody's.

A NIK is text. A spreadsheet keeps 15 significant digits and shows 9.90101E+15, so numbers and rounded texts
are refused. Only the last digit may be lost without a trace; such a NIK differs from the person's own, and
the register of NIKs cannot know it.

Sources: UU 23/2006 art. 13, PP 37/2007 art. 37 (structure). Not done here: asking the civil registry.
"""

import re
from datetime import date

from ledger.errors import DomainError

FICTIONAL_PROVINCE = "99"

_PROVINCES = frozenset(
    f"{first}{second}"
    for first, seconds in (
        (1, "123456789"),
        (2, "1"),
        (3, "123456"),
        (5, "123"),
        (6, "12345"),
        (7, "123456"),
        (8, "12"),
        (9, "123456"),
    )
    for second in seconds
)
_DIGITS = re.compile(r"[0-9]{16}")
_FEMALE_DAY = 40
_SEXES = ("L", "P")


def check(nik: object, *, production: bool, birth_date: date | None = None, sex: str | None = None) -> str:
    """Return `nik` if it can be somebody's.

    `sex` is L (male) or P (female); it and the birth date are compared when given.

    Raises DomainError NIK_INVALID, NIK_FICTIONAL_IN_PRODUCTION (an invented one, in a ledger that is in
    production), or VALUE_INVALID for another `sex`. No message repeats a digit.
    """
    if sex not in {None, *_SEXES}:
        raise DomainError("VALUE_INVALID", "sex is L or P")
    if type(nik) is not str:
        raise _invalid(
            "a NIK is text, not a number", "Format the spreadsheet's column as text and type the NIK again."
        )
    if not _DIGITS.fullmatch(nik):
        hint = "Copy all 16 digits from the card; a spreadsheet must hold them as text."
        raise _invalid("a NIK has 16 digits and nothing else", hint)
    province, regency, district, day, serial = nik[:2], nik[2:4], nik[4:6], int(nik[6:8]), nik[12:]
    if province != FICTIONAL_PROVINCE and province not in _PROVINCES:
        raise _invalid("its first two digits are no province")
    if "00" in {regency, district} or serial == "0000":
        raise _invalid(
            "its regency, district or serial is zero", "Zeros at the end may be a spreadsheet's rounding."
        )
    female = day > _FEMALE_DAY
    born = f"{day - _FEMALE_DAY if female else day:02d}{nik[8:12]}"
    if not _is_date(born):
        raise _invalid("its digits 7 to 12 are no birth date")
    if birth_date is not None and born != birth_date.strftime("%d%m%y"):
        raise _invalid("its digits 7 to 12 are not the birth date", "Compare both with the card.")
    if sex is not None and female != (sex == "P"):
        raise _invalid("its day of birth does not fit the sex", "The day is raised by 40 for women only.")
    if production and province == FICTIONAL_PROVINCE:
        hint = "Invented people belong in a demo folder."
        raise DomainError("NIK_FICTIONAL_IN_PRODUCTION", "a NIK of province 99 is invented", hint)
    return nik


def _is_date(ddmmyy: str) -> bool:
    """Say whether there is such a day in 2000 … 2099, which has all the days of 1900 … 1999 as well."""
    try:
        date(2000 + int(ddmmyy[4:]), int(ddmmyy[2:4]), int(ddmmyy[:2]))
    except ValueError:
        return False
    return True


def _invalid(reason: str, hint: str | None = None) -> DomainError:
    return DomainError("NIK_INVALID", f"this is no NIK: {reason}", hint)
