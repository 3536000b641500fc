"""The kinds of values a programme file is made of, each with its rule in words."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated, Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, StringConstraints
from pydantic_core import PydanticCustomError

from ledger.commands.command import Code as LedgerCode
from ledger.commands.command import ReasonCode as LedgerReasonCode
from ledger.domain.roles import Role as LedgerRole
from ledger.errors import DomainError
from ledger.personal import nik as national_number

DATE_ERROR = "file_date"
VALUE_ERROR = "file_value"

_ISO_DAY = len("2026-01-31")
_ROUNDED_ZEROS = "000"


@dataclass(frozen=True, slots=True)
class Ref:
    """Marks a field whose text, or each of whose texts, is the id of something in the same file."""

    kind: str


class Strict(BaseModel):
    """An object of the file: no other members than these, and no value of another type."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


def _wrong(rule: str) -> PydanticCustomError:
    return PydanticCustomError(VALUE_ERROR, "{rule}", {"rule": rule})


def _day(value: Any) -> date:
    if isinstance(value, str) and len(value) == _ISO_DAY:
        try:
            return date.fromisoformat(value)
        except ValueError:
            raise PydanticCustomError(DATE_ERROR, "there is no day {day}", {"day": value}) from None
    raise PydanticCustomError(DATE_ERROR, "a day is written YYYY-MM-DD")


def _moment(value: Any) -> datetime:
    try:
        moment = datetime.fromisoformat(value)
    except (TypeError, ValueError):
        raise PydanticCustomError(DATE_ERROR, "a moment is written like 2026-01-31T12:00:00+08:00") from None
    if moment.tzinfo is None:
        raise PydanticCustomError(DATE_ERROR, "a moment names its offset from UTC, like +08:00")
    return moment


def _printable(value: str) -> str:
    if not value.strip():
        raise _wrong("it is empty")
    if any(unicodedata.category(character) == "Cc" for character in value):
        raise _wrong("it holds a control character")
    return value


def _name(value: Any) -> Any:
    if isinstance(value, str) and len(value) > 200:  # noqa: PLR2004 - the ledger's own limit of names
        raise _wrong(f"a name has at most 200 characters, this one has {len(value)}")
    return value


def _nik(value: Any) -> Any:
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, str):
        raise _wrong("a NIK is text of 16 digits; as a number a spreadsheet has rounded it")
    if any(character in value for character in "eE.,+"):
        raise _wrong(
            "this NIK was rounded by a spreadsheet; format the column as text and type all 16 digits"
        )
    if len(value) == 16 and value.endswith(_ROUNDED_ZEROS):  # noqa: PLR2004 - digits of a NIK
        raise _wrong("this NIK ends in zeros as a spreadsheet rounds it; type all 16 digits again, as text")
    try:
        return national_number.check(value, production=False)
    except DomainError as error:
        raise _wrong(error.message) from None


def _role(value: Any) -> LedgerRole:
    try:
        return LedgerRole(value)
    except ValueError:
        raise _wrong(f"there is no role {value!r}; the roles are {', '.join(LedgerRole)}") from None


def _zone(value: str) -> str:
    try:
        ZoneInfo(value)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise _wrong(f"there is no time zone {value!r}; write it like Asia/Jakarta") from None
    return value


Day = Annotated[date, BeforeValidator(_day)]
"""``YYYY-MM-DD``, a day that exists."""

Moment = Annotated[datetime, BeforeValidator(_moment)]
"""An ISO 8601 moment with its offset."""

Key = Annotated[str, StringConstraints(pattern=r"^[^\s$][^\s]{0,79}$")]
"""An id of the file: 1 to 80 characters, no white space, no ``$`` at the start."""

Text = Annotated[str, AfterValidator(_printable), StringConstraints(max_length=300)]
Note = Annotated[str, StringConstraints(max_length=5000)]
Name = Annotated[str, BeforeValidator(_name), AfterValidator(_printable)]
"""A name: 1 to 200 characters of any script, one word or many."""

Nik = Annotated[str | None, BeforeValidator(_nik)]
Code = LedgerCode
ReasonCode = LedgerReasonCode
Role = Annotated[LedgerRole, BeforeValidator(_role)]
Zone = Annotated[str, AfterValidator(_zone)]

OrgRef = Annotated[str, Ref("organisation")]
StaffRef = Annotated[str, Ref("staff")]
PersonRef = Annotated[str, Ref("person")]
ProgrammeRef = Annotated[str, Ref("programme")]
SchemeRef = Annotated[str, Ref("scheme")]
AgreementRef = Annotated[str, Ref("agreement")]
CohortRef = Annotated[str, Ref("cohort")]
