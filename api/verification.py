"""What the public page asks the ledger, answered from the status projection and the personal store."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from api.public.view import CertificateView, Kind, Status
from ledger.status import NOT_FOUND, Statuses

if TYPE_CHECKING:
    from ledger.clock import Clock
    from ledger.personal.store import PersonalStore
    from ledger.projections.queries import CertificateRow, Queries


@dataclass(frozen=True, slots=True)
class LedgerVerifier:
    """The page's ``Verifier`` over one ledger."""

    queries: Queries
    statuses: Statuses
    personal: PersonalStore
    clock: Clock
    time_zone: str
    witnessed: Callable[[int], int] = lambda _size: 0
    """How many witnesses have seen a tree of at least this many entries."""

    def by_code(self, code: str) -> CertificateView:
        """The view of the certificate with this canonical code."""
        certificate = self.personal.index.certificate_of(code)
        if certificate is None:
            return self._nothing(Status.NOT_FOUND)
        status, row = self.statuses.now(certificate, self.clock.now())
        if row is None:
            return self._nothing(Status.NOT_FOUND)
        return self._view(Status(status), row)

    def by_number(self, number: str, name: str) -> Status:
        """The status of a typed number if the name is the one printed; the same work for any wrong pair."""
        row = self.queries.certificate_by_number(number.strip())
        holder = self.personal.value(f"certificate/{row.id if row else 'unknown'}", "identity", "holder")
        matches = holder is not None and folded(str(holder)) == folded(name)
        status = self.statuses.now(row.id if row else "unknown", self.clock.now())[0]
        return Status(status if matches else NOT_FOUND)

    def _view(self, status: Status, row: CertificateRow) -> CertificateView:
        printed = json.loads(row.prepared)
        organisation = self.queries.organisation(row.org) if row.org else None
        holder = self.personal.value(f"certificate/{row.id}", "identity", "holder")
        return CertificateView(
            status=status,
            checked_at=self.clock.now(),
            kind=Kind(row.kind),
            number=row.number,
            holder=str(holder) if holder else None,
            title_id=printed["title_id"],
            title_en=printed["title_en"],
            level=printed["level"],
            units=tuple((unit["code"], unit["title_id"], unit["title_en"]) for unit in printed["units"])
            or None,
            issuer=organisation[1] if organisation else None,
            issued_on=date.fromisoformat(row.issued_on) if row.issued_on else None,
            valid_until=date.fromisoformat(row.valid_until) if row.valid_until else None,
            zone=row.zone,
            log_size=self.queries.head().size,
            witnesses=self.witnessed((row.issued_index or 0) + 1),
        )

    def _nothing(self, status: Status) -> CertificateView:
        return CertificateView(
            status=status,
            checked_at=self.clock.now().astimezone(ZoneInfo(self.time_zone)),
            zone=self.time_zone,
            log_size=self.queries.head().size,
        )


def folded(name: str) -> str:
    """A name as it is compared: letters alike in any case, width and spacing."""
    return " ".join(unicodedata.normalize("NFKC", name).casefold().split())
