"""What the public page asks the ledger, answered from the status projection and the personal store."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from api.public.view import CertificateView, Kind, Status
from ledger.status import NOT_FOUND, Statuses, status_of

if TYPE_CHECKING:
    from ledger.clock import Clock
    from ledger.personal.store import PersonalStore
    from ledger.projections.queries import Queries


@dataclass(frozen=True, slots=True)
class LedgerVerifier:
    """The page's ``Verifier`` over one ledger."""

    queries: Queries
    statuses: Statuses
    personal: PersonalStore
    clock: Clock
    time_zone: str
    witnesses: Sequence[str] = ()
    """The witnesses that count, by vkey."""
    standing_in: list[str] = field(default_factory=list)
    """At most one certificate, which stands in for those that are not there."""

    def by_code(self, code: str) -> CertificateView:
        """The view of the certificate with this canonical code."""
        now = self.clock.now()
        found = self.personal.by_code(code, "identity", "holder")
        if found is None:
            return self._nothing(now, self.queries.head().size)
        certificate, holder = found
        shown = self.queries.shown(certificate, self.witnesses)
        if shown is None:
            return self._nothing(now, self.queries.head().size)
        status, row = status_of(shown.row, now)
        if row is None:
            return self._nothing(now, shown.log_size)
        printed = json.loads(row.prepared)
        return CertificateView(
            status=Status(status),
            checked_at=now,
            kind=Kind(row.kind),
            number=row.number,
            holder=str(holder) if holder else None,
            title_id=printed["title_id"],
            title_en=printed["title_en"],
            scheme_code=printed["programme_code" if row.kind == Kind.TRAINING else "scheme_code"],
            level=printed["level"],
            units=tuple((unit["code"], unit["title_id"], unit["title_en"]) for unit in printed["units"])
            or None,
            issuer=shown.issuer,
            issued_on=date.fromisoformat(row.issued_on) if row.issued_on else None,
            valid_until=date.fromisoformat(row.valid_until) if row.valid_until else None,
            zone=row.zone,
            log_size=shown.log_size,
            witnesses=shown.witnesses,
        )

    def by_number(self, number: str, name: str) -> Status:
        """The status of a typed number if the name is the one printed.

        The same work for a wrong name and for an unknown number: another certificate stands in for one that is
        unknown or erased, so that the time taken does not tell which numbers were given.
        """
        found, stand_in = self.queries.certificate_numbered(number.strip()), self._stand_in()
        status, row = self.statuses.now(found or stand_in, self.clock.now())
        known = found is not None and row is not None and not row.erased
        subject = f"certificate/{found if known else stand_in}"
        holder = self.personal.value(subject, "identity", "holder")
        if holder is None:
            self.standing_in.clear()
        alike = folded(str(holder)) == folded(name)
        return Status(status if known and holder is not None and alike else NOT_FOUND)

    def _stand_in(self) -> str:
        """Some certificate with a name on it, looked for once."""
        if not self.standing_in:
            named = (
                each
                for each in self.queries.certificates()
                if self.personal.value(f"certificate/{each}", "identity", "holder") is not None
            )
            self.standing_in.append(next(named, "unknown"))
        return self.standing_in[0]

    def _nothing(self, now: datetime, size: int) -> CertificateView:
        return CertificateView(
            status=Status.NOT_FOUND,
            checked_at=now.astimezone(ZoneInfo(self.time_zone)),
            zone=self.time_zone,
            log_size=size,
        )


def folded(name: str) -> str:
    """A name as it is compared: letters alike in any case, width and spacing."""
    return " ".join(unicodedata.normalize("NFKC", name).casefold().split())
