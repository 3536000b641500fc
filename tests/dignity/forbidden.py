"""What must not be found on a public surface, and how it is looked for.

From a file shaped like the sample: its deny list, cut into words as the file's own `deny_match` says (letters and
digits make words, so `_`, `-`, `/`, `.` and a camel hump divide them; case does not matter), and every private
value as plain text: NIK however it is grouped, birth date however it is written, register number, passport, picture,
names of places and numbers of agreements that are not public, ids of cohorts, enrolments and persons, names of staff.

Base64, base58 and hexadecimal values and long numbers are decoded where they hold text, and are otherwise neither cut
into words nor searched for dates without separators: in random letters every short word is found sooner or later.
This is written beside `verifier.words`, which the ledger itself uses, and shares nothing with it.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any

MONTHS = (
    "januari februari maret april mei juni juli agustus september oktober november desember",
    "january february march april may june july august september october november december",
    "jan feb mar apr mei jun jul agu sep okt nov des",
    "jan feb mar apr may jun jul aug sep oct nov dec",
    "jan feb mrt apr mei jun jul agt sept okt nop des",
)
_MONTH = {name: number for names in MONTHS for number, name in enumerate(names.split(), start=1)}
_NUMBERS = re.compile(r"(?=(\d{1,4})(\s?[-/.]\s?)(\d{1,2})\2(\d{1,4}))")
_SPACED = re.compile(
    r"(?=(\d\d) (\d\d) (\d{4}))"
)  # padded: in drawings unpadded numbers stand beside each other
_DAY_FIRST = re.compile(r"(?=(\d{1,2})(?:st|nd|rd|th)?[\s.,/-]{0,3}([a-z]{3,9})[\s.,/-]{0,3}(\d{2,4}))")
_MONTH_FIRST = re.compile(r"([a-z]{3,9})[\s.,/-]{1,3}(\d{1,2})(?:st|nd|rd|th)?[\s.,/-]{1,3}(\d{2,4})")
_YEAR_FIRST = re.compile(r"(?=(\d{4})[\s.,/-]{1,3}([a-z]{3,9})[\s.,/-]{1,3}(\d{1,2}))")
_EIGHT = re.compile(r"(?<!\d)\d{8}(?!\d)")
_BETWEEN_DIGITS = re.compile(r"(?<=\d)[ .\-/](?=\d)")

_CODED = re.compile(r"[A-Za-z0-9+/_-]{20,}={0,2}")
_HEX = re.compile(r"[0-9a-fA-F-]+")
_ID_LENGTH = 6  # a shorter id, such as `e1`, is found in anything
_TEXT_SHARE = 0.9


@dataclass(frozen=True, slots=True)
class Forbidden:
    """What a file says must never be public."""

    words: tuple[str, ...]
    values: frozenset[str]
    niks: frozenset[str]
    births: frozenset[date]
    names: frozenset[str]
    """Learners' names: forbidden only where no certificate is spoken of."""

    def found_in(self, text: str) -> set[str]:
        """What of it is in a text."""
        decoded = list(decodings(text))
        return set().union(*(self._found_in(each) for each in (text, *decoded)))

    def names_in(self, text: str) -> set[str]:
        """The learners who are named in a text."""
        return {name for name in self.names if name in text}

    def _found_in(self, text: str) -> set[str]:
        plain = _CODED.sub(lambda match: " " if _is_random(match[0]) else match[0], text)
        lower, joined = text.lower(), _BETWEEN_DIGITS.sub("", text)
        found = {value for value in self.values if value.lower() in lower}
        found |= {nik for nik in self.niks if nik in joined}
        found |= {day.isoformat() for day in self.births & dates_in(plain)}
        likely = [word for word in self.words if all(part in lower for part in _cut_word(word).split())]
        if likely:
            padded = f" {cut(plain)} "
            found |= {word for word in likely if f" {_cut_word(word)} " in padded}
        return found


def of_file(sample: dict[str, Any]) -> Forbidden:
    """What a programme file forbids."""
    persons = [*sample["learners"], *sample["learners_extra"]]
    privates = [person["private"] for person in persons]
    hidden = [org for org in sample["organisations"] if not org.get("public", org["public_name"] is not None)]
    shown = {org["public_name"] for org in sample["organisations"]} - {org["public_name"] for org in hidden}
    ids = [
        *(org["org_id"] for org in hidden),
        *(cohort["cohort_id"] for cohort in sample["cohorts"]),
        *(person[name] for person in persons for name in ("person_id", "enrolment_id") if person.get(name)),
    ]
    values = {
        *(each[name] for each in privates for name in _PRIVATE if each.get(name)),
        *(org[name] for org in hidden for name in ("name", "public_name") if org.get(name)),
        *(member[name] for member in sample["staff"] for name in ("name", "met_no") if member.get(name)),
        *([sample["agreement"]["number"]] if sample.get("agreement") else []),
        *(each for each in ids if len(each) >= _ID_LENGTH),
    }
    return Forbidden(
        words=tuple(sample["public_verification"]["deny_words"]),
        values=frozenset(values - shown),
        niks=frozenset(each["nik"] for each in privates if each.get("nik")),
        births=frozenset(date.fromisoformat(each["birth_date"]) for each in privates),
        names=frozenset(each["full_name"] for each in privates if " " in each["full_name"]),
    )


_PRIVATE = ("inmate_register_no", "passport", "photo_ref", "alt_identity")


def cut(text: str) -> str:
    """A text's words in lower case, one space between."""
    humps = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", text)
    return " ".join(re.findall(r"[^\W_]+", humps.lower()))


_cut_word = cache(cut)


def dates_in(text: str) -> set[date]:
    """Every date that a reader may see in a text, whichever way round its numbers are meant."""
    lower = text.lower()
    found: set[date] = set()
    for one, _, two, three in _NUMBERS.findall(lower):
        found |= _date(one, int(two), int(three)) | _date(three, int(two), int(one))
        found |= _date(three, int(one), int(two))
    for one, two, year in _SPACED.findall(lower):
        found |= _date(year, int(two), int(one)) | _date(year, int(one), int(two))
    for day, name, year in _DAY_FIRST.findall(lower):
        found |= _date(year, _MONTH.get(name, 0), int(day))
    for name, day, year in _MONTH_FIRST.findall(lower):
        found |= _date(year, _MONTH.get(name, 0), int(day))
    for year, name, day in _YEAR_FIRST.findall(lower):
        found |= _date(year, _MONTH.get(name, 0), int(day))
    for eight in _EIGHT.findall(lower):
        found |= _date(eight[:4], int(eight[4:6]), int(eight[6:]))
        found |= _date(eight[4:], int(eight[2:4]), int(eight[:2]))
    return found


def _date(year: str, month: int, day: int) -> set[date]:
    years = {4: (int(year),), 2: (1900 + int(year), 2000 + int(year))}.get(len(year), ())
    found = set()
    for each in years:
        try:
            found.add(date(each, month, day))
        except ValueError:
            continue
    return found


def decodings(text: str) -> Iterator[str]:
    """The texts that base64 values in a text hold."""
    for coded in _CODED.findall(text):
        try:
            data = base64.b64decode(coded.rstrip("=").replace("-", "+").replace("_", "/") + "==")
        except binascii.Error:
            continue
        decoded = data.decode("utf-8", "replace")
        if sum(each.isprintable() or each.isspace() for each in decoded) >= _TEXT_SHARE * len(decoded):
            yield decoded


def _is_random(run: str) -> bool:
    kinds: Iterable[bool] = (
        any(each.isupper() for each in run),
        any(each.islower() for each in run),
        any(each.isdigit() for each in run),
    )
    return all(kinds) or _HEX.fullmatch(run) is not None
