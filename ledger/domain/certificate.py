"""Certificate: what a holder shows and an employer checks.

States: prepared → active ⇄ suspended → revoked / superseded, both final. Expiry is derived from the last
valid day in the zone of the certificate's event; erasure of the holder's name is a mark beside the state.

Nothing in these events leads to a learner, enrolment, cohort, assessment or site but the commitment
``provenance``; holder and code are commitments too, of facts whose subject is the certificate itself. The
training hours of a TRAINING certificate are the scheme's, never those this holder attended: a rare number
would lead back to one enrolment.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from ledger.domain.aggregate import Aggregate
from ledger.domain.dates import add_months
from ledger.domain.event import Act, Event
from ledger.domain.roles import Role
from ledger.errors import DomainError

TRAINING = "TRAINING"
COMPETENCE = "COMPETENCE"
UNIT_STATEMENT = "UNIT_STATEMENT"

ISSUER_ROLE: Mapping[str, Role] = {
    TRAINING: Role.TRAINING_ISSUER,
    COMPETENCE: Role.COMPETENCE_ISSUER,
    UNIT_STATEMENT: Role.COMPETENCE_ISSUER,
}
"""Who issues, suspends, revokes, replaces and renews a certificate of this kind."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """What is printed besides holder, number and dates; ``units`` have decree, code, title_id, title_en.

    ``jp`` is the scheme's total of training hours on a TRAINING certificate, else None.
    """

    kind: str
    scheme_code: str
    programme_code: str
    title_id: str
    title_en: str
    level: int | None
    units: tuple[Mapping[str, str], ...]
    jp: int | None

    def public_texts(self) -> tuple[str, ...]:
        """Every text of it that a reader of the certificate sees."""
        return (
            self.scheme_code,
            self.programme_code,
            self.title_id,
            self.title_en,
            *(text for unit in self.units for text in unit.values()),
        )


def last_valid_day(issued_on: date, validity_months: int) -> date:
    """The issue day plus the scheme's months, on the same day of the month or the month's last."""
    return add_months(issued_on, validity_months)


def public_status(
    state: str, *, erased: bool, valid_until: date | None, zone: str, under_review: bool, at: datetime
) -> str:
    """The status that a reader is shown at the moment ``at`` (aware) for a certificate that was issued.

    The first that applies: NO_LONGER_VERIFIABLE, REVOKED, REPLACED, EXPIRED, SUSPENDED, VALID.
    ``under_review`` is true after a key compromise until a countersignature. A certificate is valid through
    its last day.
    """
    if erased:
        return "NO_LONGER_VERIFIABLE"
    if state == "revoked":
        return "REVOKED"
    if state == "superseded":
        return "REPLACED"
    if valid_until is not None and at.astimezone(ZoneInfo(zone)).date() > valid_until:
        return "EXPIRED"
    if state == "suspended" or under_review:
        return "SUSPENDED"
    if state == "active":
        return "VALID"
    raise DomainError("CERT_STATE_INVALID", f"a certificate that is {state or 'new'} has no public status")


class Certificate(Aggregate):
    """``org`` is the issuing organisation, taken from the event's envelope."""

    NAME = "certificate"
    STATE_CODE = "CERT"

    def __init__(self, aggregate_id: str) -> None:
        super().__init__(aggregate_id)
        self.content: Content | None = None
        self.org: str | None = None
        self.template = ""
        self.template_version = 0
        self.number = ""
        self.issued_on: date | None = None
        self.valid_until: date | None = None
        self.zone = ""
        self.replaces: str | None = None
        self.superseded_by: str | None = None
        self.renewed_by: str | None = None
        self.countersigned_by: list[str] = []
        self.erased = False

    # -- issuing ---------------------------------------------------------------------------------------

    def prepare(self, act: Act, content: Content, *, template: str, version: int, template_hash: str) -> None:
        """Fix what is printed, and on which template."""
        self.require_state("")
        self.record(
            act,
            "prepared",
            kind=content.kind,
            scheme_code=content.scheme_code,
            programme_code=content.programme_code,
            title_id=content.title_id,
            title_en=content.title_en,
            level=content.level,
            units=[dict(unit) for unit in content.units],
            jp=content.jp,
            template=template,
            template_version=version,
            template_hash=template_hash,
        )

    def issue(
        self,
        act: Act,
        *,
        number: str,
        place: tuple[int, str] | None,
        issued_on: date,
        valid_until: date | None,
        zone: str,
        status: tuple[int, int],
        holder: Mapping[str, str],
        code: Mapping[str, str],
        provenance: Mapping[str, str],
        replaces: str | None,
    ) -> None:
        """Issue it; ``place`` is (seq, series), None for a number from outside, ``status`` (list, index)."""
        self.require_state("prepared")
        seq, series = place or (None, None)
        self.record(
            act,
            "issued",
            number=number,
            seq=seq,
            series=series,
            issued_on=issued_on.isoformat(),
            valid_until=valid_until.isoformat() if valid_until else None,
            zone=zone,
            list=status[0],
            index=status[1],
            holder=dict(holder),
            code=dict(code),
            provenance=dict(provenance),
            replaces=replaces,
        )

    # -- later life ------------------------------------------------------------------------------------

    def suspend(self, act: Act, reason: str) -> None:
        """It does not stand for now."""
        self.require_state("active")
        self.record(act, "suspended", reason=reason)

    def reinstate(self, act: Act) -> None:
        """It stands again."""
        self.require_state("suspended")
        self.record(act, "reinstated")

    def request_revocation(self, act: Act, reason: str) -> None:
        """First half of revoking."""
        self.require_state("active", "suspended")
        self.record(act, "revocation_requested", reason=reason)

    def revoke(self, act: Act, request: str) -> None:
        """Second half; final."""
        self.require_state("active", "suspended")
        asked = self.request_of(request, "revocation_requested")
        self.record(act, "revoked", reason=asked.data["reason"], request=request)

    def supersede(self, act: Act, *, by: str, reason: str) -> None:
        """Another certificate takes its place; final."""
        self.require_state("active")
        self.record(act, "superseded", by=by, reason=reason)

    def renew(self, act: Act, by: str) -> None:
        """A new assessment earned another certificate; this one keeps its status until it expires."""
        self.require_renewable()
        self.record(act, "renewed", by=by)

    def require_renewable(self) -> None:
        """CERT_STATE_INVALID unless it is active and not renewed yet; VALUE_INVALID for another kind."""
        self.require_state("active")
        if self.renewed_by is not None:
            raise DomainError(
                "CERT_STATE_INVALID", "this certificate was renewed already", "Renew the newer one."
            )
        if self.printed.kind != COMPETENCE:
            raise DomainError("VALUE_INVALID", "only COMPETENCE certificates are renewed")

    def countersign(self, act: Act) -> None:
        """An issuer stands by it after the key that signed it was compromised."""
        self.require_state("active", "suspended")
        self.record(act, "countersigned", by=act.actor)

    def mark_erased(self, act: Act) -> None:
        """The holder's name is destroyed with it; nobody can verify it any longer, whatever its state."""
        self.require_state("active", "suspended", "revoked", "superseded")
        if self.erased:
            raise DomainError("CERT_STATE_INVALID", "this certificate is marked as erased already")
        self.record(act, "marked_erased")

    # -- questions -------------------------------------------------------------------------------------

    @property
    def printed(self) -> Content:
        """What is printed; CERT_STATE_INVALID before it was prepared."""
        if self.content is None:
            raise DomainError("CERT_STATE_INVALID", "this certificate was not prepared")
        return self.content

    def public_status(self, *, erased: bool, under_review: bool, at: datetime) -> str:
        """What a reader is shown at ``at``; it is erased once its holder's name is, marked or not."""
        return public_status(
            self.state,
            erased=erased,
            valid_until=self.valid_until,
            zone=self.zone,
            under_review=under_review,
            at=at,
        )

    # -- folding ---------------------------------------------------------------------------------------

    def on_prepared(self, event: Event) -> None:
        """Prepared."""
        data = event.data
        self.state = "prepared"
        self.org = event.org
        self.content = content_of(data)
        self.template, self.template_version = data["template"], data["template_version"]

    def on_issued(self, event: Event) -> None:
        """Issued."""
        data = event.data
        self.state = "active"
        self.number, self.zone, self.replaces = data["number"], data["zone"], data["replaces"]
        self.issued_on = date.fromisoformat(data["issued_on"])
        self.valid_until = date.fromisoformat(data["valid_until"]) if data["valid_until"] else None

    def on_suspended(self, _event: Event) -> None:
        """Suspended."""
        self.state = "suspended"

    def on_reinstated(self, _event: Event) -> None:
        """Reinstated."""
        self.state = "active"

    def on_revoked(self, _event: Event) -> None:
        """Revoked."""
        self.state = "revoked"

    def on_superseded(self, event: Event) -> None:
        """Superseded."""
        self.state = "superseded"
        self.superseded_by = event.data["by"]

    def on_renewed(self, event: Event) -> None:
        """Renewed."""
        self.renewed_by = event.data["by"]

    def on_countersigned(self, event: Event) -> None:
        """Countersigned."""
        self.countersigned_by.append(event.data["by"])

    def on_marked_erased(self, _event: Event) -> None:
        """Erased."""
        self.erased = True


def content_of(data: Mapping[str, Any]) -> Content:
    """The content of a ``prepared`` event's data."""
    units: Sequence[Mapping[str, str]] = data["units"]
    return Content(
        kind=data["kind"],
        scheme_code=data["scheme_code"],
        programme_code=data["programme_code"],
        title_id=data["title_id"],
        title_en=data["title_en"],
        level=data["level"],
        units=tuple(dict(unit) for unit in units),
        jp=data["jp"],
    )
