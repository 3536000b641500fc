"""What stands: the public status of a certificate, now and as it was at any past moment.

Now is read from the projection that was written with the event. A past moment is folded from the log itself:
what had been recorded by then, judged by the certificate's zone at that moment.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING

from ledger.domain.certificate import Certificate, public_status
from ledger.domain.event import from_time, to_time
from ledger.store.mapper import event_of

if TYPE_CHECKING:
    from ledger.application import LedgerApplication
    from ledger.projections.queries import CertificateRow, Queries

NOT_FOUND = "NOT_FOUND"


@dataclass(frozen=True, slots=True)
class Statuses:
    """Answers for one ledger."""

    application: LedgerApplication
    queries: Queries

    def now(self, certificate: str, moment: datetime) -> tuple[str, CertificateRow | None]:
        """The status by the newest history, with the day judged at ``moment``; NOT_FOUND before it was issued."""
        row = self.queries.certificate(certificate)
        return (NOT_FOUND, None) if row is None else status_of(row, moment)

    def at(self, certificate: str, moment: datetime) -> str:
        """The status that the ledger gave at ``moment``, by what had been recorded then."""
        stream, by = f"{Certificate.NAME}/{certificate}", to_time(moment)
        with self.application.reading() as sql:
            sql.execute(
                "SELECT state FROM stored_events WHERE originator_id = ? ORDER BY originator_version",
                (stream,),
            )
            history = [event_of(bytes(state)) for (state,) in sql.fetchall()]
        known = [event for event in history if from_time(event.recorded_at) <= moment]
        found = Certificate.project(None, known)
        if found is None or found.issued_on is None:
            return NOT_FOUND
        return found.public_status(
            erased=self.queries.destroyed(stream, "identity", by),
            under_review=self.queries.under_review(certificate, by),
            at=moment,
        )


def status_of(row: CertificateRow, moment: datetime) -> tuple[str, CertificateRow | None]:
    """As ``Statuses.now``, of a row that was just read."""
    if row.issued_on is None or row.zone is None:
        return NOT_FOUND, None
    status = public_status(
        row.state,
        erased=bool(row.erased),
        valid_until=date.fromisoformat(row.valid_until) if row.valid_until else None,
        zone=row.zone,
        under_review=bool(row.under_review),
        at=moment,
    )
    return status, row
