"""The rulebook: what an institution sets and the domain's commands read. Data, not code.

Reason codes, number formats, forbidden public words, working days and time limits differ between
institutions and years. They stand in one JSON file of the data folder (``rulebook.json``), are checked when
the ledger opens and never change what was already recorded.
"""

from __future__ import annotations

from datetime import date, timedelta
from functools import cached_property
from typing import Annotated
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from ledger.issuing.number import check_format
from verifier.words import mixed_word, words_of

_SATURDAY = 5


def known_zone(name: str) -> str:
    """The name again; ValueError when there is no time zone of this name."""
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, OSError, ValueError):
        msg = "there is no time zone of this name; they are called Asia/Jakarta and the like"
        raise ValueError(msg) from None
    return name


class ReasonCodes(BaseModel):
    """The reason codes each act may give; none may mention conviction or custody."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    enrolment_close: frozenset[str]
    certificate_revoke: frozenset[str]
    certificate_suspend: frozenset[str]
    certificate_supersede: frozenset[str]
    print_copy: frozenset[str]
    appeal_ground: frozenset[str]
    cohort_cancel: frozenset[str]
    must_never_exist: frozenset[str] = frozenset()


class NumberFormats(BaseModel):
    """Number formats by certificate kind; placeholders are ``seq``, ``programme``, ``roman_month``, ``year``."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    TRAINING: Annotated[str, AfterValidator(check_format)]
    COMPETENCE: Annotated[str, AfterValidator(check_format)]
    UNIT_STATEMENT: Annotated[str, AfterValidator(check_format)]


class Rulebook(BaseModel):
    """Settings of the domain. Days are calendar days unless they say working days; months are calendar months."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    time_zone: Annotated[str, AfterValidator(known_zone)]
    production: bool = False
    reason_codes: ReasonCodes
    number_formats: NumberFormats
    deny_words: tuple[str, ...] = ()
    holidays: frozenset[date] = frozenset()
    backdate_days: int = Field(default=30, ge=0, le=3660)
    teaching_lookback_months: int = Field(default=24, ge=0, le=600)
    appeal_working_days: int = Field(default=5, ge=0, le=365)
    request_due_hours: int = Field(default=72, ge=1, le=72)

    @property
    def zone(self) -> ZoneInfo:
        """The zone in which the ledger's days begin and end."""
        return ZoneInfo(self.time_zone)

    def is_working_day(self, day: date) -> bool:
        """Monday to Friday, less the holidays."""
        return day.weekday() < _SATURDAY and day not in self.holidays

    def add_working_days(self, day: date, count: int) -> date:
        """The ``count``-th working day after ``day``."""
        while count:
            day += timedelta(days=1)
            count -= self.is_working_day(day)
        return day

    @cached_property
    def _denied(self) -> tuple[str, ...]:
        return tuple(f" {words_of(word)} " for word in self.deny_words if words_of(word))

    def denied_word(self, text: str) -> str | None:
        """The first forbidden word in a text that will be public, or None (whole words as they are read, any case)."""
        padded = f" {words_of(text)} "
        return next((word.strip() for word in self._denied if word in padded), None)

    def forbidden(self, text: str) -> str | None:
        """What forbids to make a text public: a word of the list, or one that mixes scripts; None when nothing does."""
        if (word := self.denied_word(text)) is not None:
            return f"the word {word!r}, which must never be public"
        if (word := mixed_word(text)) is not None:
            return f"the word {word!r}, in which letters of two scripts look alike"
        return None
