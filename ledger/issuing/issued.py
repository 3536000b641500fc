"""An issued certificate as it was issued: what is printed on it, told in its QR and said in its credential.

All of it comes from the log but two facts of the personal store, the holder's name and the code. It never
changes: a renamed issuer keeps, on what it issued before, the name that it had.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from ledger.errors import DomainError

if TYPE_CHECKING:
    from ledger.personal.store import PersonalStore
    from ledger.projections.queries import Queries


@dataclass(frozen=True, slots=True, kw_only=True)
class Issued:
    """``printed`` is the data of the event ``prepared``; ``issued_index`` is the leaf index of ``issued``."""

    id: str
    org: str
    issuer_name: str
    kind: str
    number: str
    holder: str
    code: str
    printed: Mapping[str, Any]
    issued_at: str
    """When the act of issuing was recorded, ``YYYY-MM-DDThh:mm:ssZ``."""
    issued_on: date
    valid_until: date | None
    zone: str
    issued_index: int
    countersigned_index: int | None
    status: tuple[int, int]
    """(list, index) in the issuer's status lists."""


@dataclass(frozen=True, slots=True)
class IssuedCertificates:
    """The issued certificates of one ledger."""

    queries: Queries
    personal: PersonalStore

    def get(self, certificate: str, *, holder: str | None = None, code: str | None = None) -> Issued:
        """One of them; ``holder`` and ``code`` stand in for facts that were destroyed.

        Raises DomainError UNKNOWN_ID, or PERSON_ERASED when a fact is destroyed and none is given.
        """
        row = self.queries.certificate(certificate)
        if (
            row is None
            or row.org is None
            or row.issued_on is None
            or row.number is None
            or row.zone is None
            or row.issued_index is None
            or row.status_list is None
            or row.status_index is None
        ):
            raise DomainError("UNKNOWN_ID", f"there is no issued certificate {certificate}")
        subject = f"certificate/{certificate}"
        holder = holder or self.personal.value(subject, "identity", "holder")
        code = code or self.personal.value(subject, "identity", "code")
        if holder is None or code is None:
            raise DomainError(
                "PERSON_ERASED", "the name on this certificate was destroyed; it cannot be made again"
            )
        return Issued(
            id=certificate,
            org=row.org,
            issuer_name=self._issuer_name(row.org, row.issued_index),
            kind=row.kind,
            number=row.number,
            holder=holder,
            code=code,
            printed=json.loads(row.prepared),
            issued_at=self._issued_at(certificate),
            issued_on=date.fromisoformat(row.issued_on),
            valid_until=date.fromisoformat(row.valid_until) if row.valid_until else None,
            zone=row.zone,
            issued_index=row.issued_index,
            countersigned_index=row.countersigned_index,
            status=(row.status_list, row.status_index),
        )

    def _issued_at(self, certificate: str) -> str:
        history = self.queries.history(f"certificate/{certificate}")
        return next(event.recorded_at for _, event in history if event.name == "issued")

    def _issuer_name(self, organisation: str, index: int) -> str:
        name: str | None = None
        for at, event in self.queries.history(f"organisation/{organisation}"):
            if at < index and "public_name" in event.data:
                name = event.data["public_name"]
        return name or ""
