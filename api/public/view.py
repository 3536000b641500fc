"""What the public page knows about a certificate, and whom it asks.

The page reads nothing of the ledger but through `Verifier`. A view may carry more than its status lets a
stranger see; `disclosed` takes it away again, so that a mistake behind the page cannot become a disclosure on
it:

- VALID, EXPIRED, SUSPENDED, REVOKED show what is printed on the paper (REVOKED gives no reason: a view has no
  place for one);
- REPLACED shows the same without a name, neither the old spelling nor the new one;
- NOT_FOUND, NO_LONGER_VERIFIABLE, CANNOT_CHECK show nothing but the time of the check and the state of the
  log.

A register that has lost its newest records and has ended (`after_the_end`) knows what is final and nothing else:
whatever could have changed since, and what it does not find, is CANNOT_CHECK. It then shows what is printed but
for the name, which may have been corrected or erased in what was lost.

A VALID that contradicts itself (a printed fact is missing, the last day is over) is refused: the reader is
told CANNOT_CHECK. Nothing here decides a status; that is the ledger's.
"""

from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from typing import Protocol

from api.public.zones import zone_of


class Status(StrEnum):
    """The public statuses. A mistyped code is none of them: it is refused before any look-up."""

    VALID = "VALID"
    EXPIRED = "EXPIRED"
    SUSPENDED = "SUSPENDED"
    REVOKED = "REVOKED"
    REPLACED = "REPLACED"
    NOT_FOUND = "NOT_FOUND"
    NO_LONGER_VERIFIABLE = "NO_LONGER_VERIFIABLE"
    CANNOT_CHECK = "CANNOT_CHECK"


class Kind(StrEnum):
    """The kinds of certificate, each with its own meaning for an employer."""

    TRAINING = "TRAINING"
    COMPETENCE = "COMPETENCE"
    UNIT_STATEMENT = "UNIT_STATEMENT"


class ContradictoryViewError(Exception):
    """A view claims more than its facts allow. Never shown: the reader is told CANNOT_CHECK."""


@dataclass(frozen=True, slots=True)
class Ended:
    """That this register lost its newest records for good and has ended.

    `successor` is the name of the log that continues it, `left_until` when the last record that is left was made
    (aware; None where nobody can say which are left).
    """

    successor: str
    left_until: datetime | None


@dataclass(frozen=True, slots=True)
class Continues:
    """That this register continues another one, which lost records: its name, and since when (aware)."""

    predecessor: str
    since: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class CertificateView:
    """The answer to one code. Facts that are absent are None.

    `checked_at` is aware; `units` are (code, title_id, title_en); `zone` is the certificate's: an IANA name
    or WIB, WITA, WIT; `level` is the KKNI level; `scheme_code` is the scheme's, for TRAINING the programme's;
    `witnesses` counts cosignatures of other operators on the newest checkpoint (None: none asked). `ended` is set
    once the register has ended, and `last_known` is then the status by the records that are left, where that is no
    longer the answer.
    """

    status: Status
    checked_at: datetime
    kind: Kind | None = None
    number: str | None = None
    holder: str | None = None
    title_id: str | None = None
    title_en: str | None = None
    scheme_code: str | None = None
    level: int | None = None
    units: tuple[tuple[str, str, str | None], ...] | None = None
    issuer: str | None = None
    issued_on: date | None = None
    valid_until: date | None = None
    zone: str | None = None
    log_size: int | None = None
    witnesses: int | None = None
    ended: Ended | None = None
    last_known: Status | None = None

    def __post_init__(self) -> None:
        """Refuse what would slip past `disclosed`: a status that is none, a time without a zone."""
        object.__setattr__(self, "status", Status(self.status))
        if self.checked_at.utcoffset() is None:
            raise ContradictoryViewError("a view's time is aware")


@dataclass(frozen=True, slots=True)
class Beside:
    """What this server offers beside the pages, so that they link to it: the documents of a certificate, `/scan`."""

    proofs: bool = False
    credentials: bool = False
    scanner: bool = False


class Verifier(Protocol):
    """What the page asks. It may block and raise: the page asks from threads, and then says CANNOT_CHECK."""

    def by_code(self, code: str) -> CertificateView:
        """Return the view for a canonical code: 13 characters whose check character holds."""
        ...

    def by_number(self, number: str, name: str) -> Status:
        """Return the status of a typed number if the name is the printed one.

        NOT_FOUND for an unknown number and for a wrong name, after the same work.
        """
        ...


class PublicSettings(Protocol):
    """What the page needs to know about the server it runs on."""

    @property
    def base_url(self) -> str:
        """Scheme and host as in the QR, e.g. `https://sertifikat.example.id`."""
        ...

    @property
    def report_contact(self) -> str | None:
        """Where to report a forgery, as people read it: a telephone number, an address. None: the issuer."""
        ...

    @property
    def time_zone(self) -> str:
        """Zone of the times on pages that show no certificate: an IANA name or WIB, WITA, WIT."""
        ...

    @property
    def ended(self) -> Ended | None:
        """Set once the ledger has lost records and has ended."""
        ...

    @property
    def continues(self) -> Continues | None:
        """Set where the ledger was founded to continue another one."""
        ...

    def simulated_now(self) -> datetime | None:
        """Return the ledger's simulated time (aware), or None where the clock is the system's."""
        ...


_PRINTED = ("kind", "number", "holder", "title_id", "issuer", "issued_on")


def disclosed(view: CertificateView) -> CertificateView:
    """Return the view with only what its status may show.

    Raises ContradictoryViewError for a VALID that cannot be.
    """
    match view.status:
        case Status.VALID:
            missing = [name for name in _PRINTED if not getattr(view, name)]
            if missing:
                raise ContradictoryViewError(f"VALID without {', '.join(missing)}")
            today = view.checked_at.astimezone(zone_of(view.zone)[0]).date()
            if view.valid_until and today > view.valid_until:
                raise ContradictoryViewError("VALID after its last day")
        case Status.REPLACED:
            return replace(view, holder=None)
        case Status.CANNOT_CHECK if view.last_known is not None:
            return replace(view, holder=None)
        case Status.CANNOT_CHECK:
            return CertificateView(
                status=view.status, checked_at=view.checked_at, zone=view.zone, ended=view.ended
            )
        case Status.NOT_FOUND | Status.NO_LONGER_VERIFIABLE:
            return CertificateView(
                status=view.status,
                checked_at=view.checked_at,
                zone=view.zone,
                log_size=view.log_size,
                witnesses=view.witnesses,
                ended=view.ended,
            )
    return view


_FINAL = frozenset({Status.EXPIRED, Status.REVOKED, Status.REPLACED, Status.NO_LONGER_VERIFIABLE})
_SAID = frozenset({Status.VALID, Status.SUSPENDED})


def status_after_the_end(status: Status) -> tuple[Status, Status | None]:
    """Return (the answer of a register that has ended, the status by the records that are left)."""
    if status in _FINAL:
        return status, None
    return Status.CANNOT_CHECK, status if status in _SAID else None


def after_the_end(view: CertificateView, ended: Ended | None) -> CertificateView:
    """Return the view as a register tells it that has ended, the same view for one that goes on (None)."""
    if ended is None:
        return view
    status, last_known = status_after_the_end(view.status)
    return replace(view, status=status, ended=ended, last_known=last_known, log_size=None, witnesses=None)
