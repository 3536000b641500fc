"""Staff authority: who may act, in which role, for which organisation, with which key.

Authority is judged by log position, never by the signer's clock: a key or role counts for an entry when its
enrolment or grant stands before it and its retirement, revocation or compromise does not.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from ledger.domain.aggregate import Aggregate
from ledger.domain.event import Act, Event
from ledger.domain.roles import LEDGER_WIDE, Role
from ledger.errors import DomainError


@dataclass(frozen=True, slots=True)
class StaffKey:
    """One enrolled key. ``status`` is enrolled, retired or compromised; ``compromised_from`` is a log size."""

    thumbprint: str
    jwk: Mapping[str, Any]
    alg: str
    custody: str
    status: str = "enrolled"
    compromised_from: int | None = None


@dataclass(frozen=True, slots=True)
class Licence:
    """An assessor's licence: the trades it covers and its last valid day."""

    scope: frozenset[str]
    until: date

    def covers(self, trade: str) -> bool:
        """Whether assessing this trade lies in its scope."""
        return trade in self.scope


class Staff(Aggregate):
    """One account. ``same_person_as`` links accounts of one human."""

    NAME = "staff"

    def __init__(self, aggregate_id: str) -> None:
        super().__init__(aggregate_id)
        self.same_person_as: str | None = None
        self.roles: set[tuple[str, str | None]] = set()
        self.keys: dict[str, StaffKey] = {}
        self.licence: Licence | None = None

    # -- questions -------------------------------------------------------------------------------------

    def holds(self, role: str, org: str | None) -> bool:
        """Whether the role is held now, at that organisation or for the whole ledger."""
        return (role, None if role in LEDGER_WIDE else org) in self.roles

    def holds_anywhere(self, role: str) -> bool:
        """Whether the role is held now at any organisation."""
        return any(held == role for held, _ in self.roles)

    def require_key(self, thumbprint: str) -> StaffKey:
        """The enrolled key; SIGNER_NOT_AUTHORISED when it is unknown here, retired or compromised."""
        key = self.keys.get(thumbprint)
        if key is None or key.status != "enrolled":
            raise DomainError(
                "SIGNER_NOT_AUTHORISED",
                f"the key {thumbprint[:12]}… is {key.status if key else 'not enrolled'} for this person",
                "Sign with a key that is enrolled now; two key custodians can enrol one.",
            )
        return key

    # -- two-person acts: registration, roles, keys ------------------------------------------------------

    def request_registration(self, act: Act, *, name: dict[str, str], same_person_as: str | None) -> None:
        """First half of registering a person; ``name`` is a commitment."""
        self.require_state("")
        self.record(act, "registration_requested", name=name, same_person_as=same_person_as)

    def register(self, act: Act, request: str) -> None:
        """Second half."""
        self.require_state("")
        asked = self.request_of(request, "registration_requested")
        self.record(act, "registered", same_person_as=asked.data["same_person_as"], request=request)

    def request_role(self, act: Act, *, role: Role, org: str | None) -> None:
        """First half of granting a role."""
        self.require_state("registered")
        if (org is None) != (role in LEDGER_WIDE):
            raise DomainError(
                "VALUE_INVALID", f"{role} is granted {'without' if org else 'for'} an organisation"
            )
        self.record(act, "role_grant_requested", role=str(role), org=org)

    def grant_role(self, act: Act, request: str) -> None:
        """Second half."""
        asked = self.request_of(request, "role_grant_requested")
        self.record(act, "role_granted", role=asked.data["role"], org=asked.data["org"], request=request)

    def revoke_role(self, act: Act, *, role: Role, org: str | None) -> None:
        """The role ends here; what was done under it stands."""
        if (str(role), org) not in self.roles:
            raise DomainError("STAFF_STATE_INVALID", f"the role {role} is not held there", None)
        self.record(act, "role_revoked", role=str(role), org=org)

    def record_licence(self, act: Act, *, number: dict[str, str], scope: list[str], until: date) -> None:
        """An assessor's licence; the number is a commitment, the scope a list of trades."""
        self.require_state("registered")
        self.record(act, "licence_recorded", number=number, scope=sorted(scope), until=until.isoformat())

    def request_key(self, act: Act, key: Mapping[str, Any]) -> None:
        """First half of enrolling a key for another; ``key`` has thumbprint, jwk, alg, custody, possession."""
        self.require_state("registered")
        self.record(act, "enrolment_requested", **key)

    def enrol_key(self, act: Act, request: str) -> None:
        """Second half."""
        asked = self.request_of(request, "enrolment_requested")
        self.record(act, "key_enrolled", **asked.data, request=request)

    def rotate_key(self, act: Act, *, retires: str, key: Mapping[str, Any]) -> None:
        """The person's own act, signed by the key that it retires."""
        self.require_key(retires)
        self.record(act, "key_rotated", retires=retires, **key)

    def retire_key(self, act: Act, thumbprint: str) -> None:
        """The key signs nothing more; what it signed stands."""
        self.require_key(thumbprint)
        self.record(act, "key_retired", key=thumbprint)

    def request_compromise(self, act: Act, *, thumbprint: str, from_size: int) -> None:
        """First half of declaring a key compromised from the log size ``from_size`` on."""
        if thumbprint not in self.keys:
            raise DomainError("UNKNOWN_ID", f"no key {thumbprint[:12]}… is enrolled for this person")
        self.record(act, "compromise_requested", key=thumbprint, from_size=from_size)

    def declare_compromise(self, act: Act, request: str) -> None:
        """Second half: entries by this key at or after that size are suspect."""
        asked = self.request_of(request, "compromise_requested")
        self.record(
            act, "key_compromised", key=asked.data["key"], from_size=asked.data["from_size"], request=request
        )

    # -- folding ---------------------------------------------------------------------------------------

    def on_registered(self, event: Event) -> None:
        """Registered; a founder is registered by the ledger's own first entries instead."""
        self.state = "registered"
        self.same_person_as = event.data["same_person_as"]

    def on_role_granted(self, event: Event) -> None:
        """Granted."""
        self.roles.add((event.data["role"], event.data["org"]))

    def on_role_revoked(self, event: Event) -> None:
        """Revoked."""
        self.roles.discard((event.data["role"], event.data["org"]))

    def on_licence_recorded(self, event: Event) -> None:
        """The newest licence counts."""
        self.licence = Licence(frozenset(event.data["scope"]), date.fromisoformat(event.data["until"]))

    def on_key_enrolled(self, event: Event) -> None:
        """Enrolled."""
        data = event.data
        self.keys[data["thumbprint"]] = StaffKey(
            data["thumbprint"], data["jwk"], data["alg"], data["custody"]
        )

    def on_key_rotated(self, event: Event) -> None:
        """The old key retires, the new one is enrolled."""
        self._mark(event.data["retires"], "retired")
        self.on_key_enrolled(event)

    def on_key_retired(self, event: Event) -> None:
        """Retired."""
        self._mark(event.data["key"], "retired")

    def on_key_compromised(self, event: Event) -> None:
        """Compromised."""
        self._mark(event.data["key"], "compromised", event.data["from_size"])

    def _mark(self, thumbprint: str, status: str, compromised_from: int | None = None) -> None:
        key = self.keys.get(thumbprint)
        if key is not None:
            self.keys[thumbprint] = replace(key, status=status, compromised_from=compromised_from)
