"""Issuer key: what an organisation signs credentials, tokens, status lists or PDFs with. One purpose for ever."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from ledger.domain.aggregate import Aggregate
from ledger.domain.event import Act, Event
from ledger.errors import DomainError


class IssuerKey(Aggregate):
    """States: enrolled, retired (what it signed stands), compromised (from a log size on)."""

    NAME = "issuer_key"
    RELATIONS: ClassVar = {
        "enrolled": (
            ("organisation.issuer_keys", "organisation", "@id"),
            ("issuer_key.organisation", "@id", "organisation"),
        )
    }

    def __init__(self, aggregate_id: str) -> None:
        super().__init__(aggregate_id)
        self.organisation = ""
        self.purpose = ""
        self.thumbprint = ""
        self.jwk: Mapping[str, Any] = {}
        self.compromised_from: int | None = None

    def request(self, act: Act, key: Mapping[str, Any]) -> None:
        """First half: ``key`` has organisation, purpose, alg, jwk, thumbprint, and kid and kind for a token key."""
        self.require_state("")
        self.record(act, "enrolment_requested", **key)

    def enrol(self, act: Act, request: str) -> None:
        """Second half."""
        self.require_state("")
        asked = self.request_of(request, "enrolment_requested")
        self.record(act, "enrolled", **asked.data, request=request)

    def retire(self, act: Act) -> None:
        """It signs nothing more."""
        self.require_state("enrolled")
        self.record(act, "retired")

    def request_compromise(self, act: Act, *, from_size: int) -> None:
        """First half of declaring it compromised from a log size on."""
        self.require_state("enrolled", "retired")
        self.record(act, "compromise_requested", from_size=from_size)

    def declare_compromise(self, act: Act, request: str) -> None:
        """Second half."""
        self.require_state("enrolled", "retired")
        asked = self.request_of(request, "compromise_requested")
        if asked.data["from_size"] < 0:
            raise DomainError("VALUE_INVALID", "a log size is not negative")
        self.record(act, "compromised", from_size=asked.data["from_size"], request=request)

    def on_enrolled(self, event: Event) -> None:
        """Enrolled."""
        self.state = "enrolled"
        self.organisation = event.data["organisation"]
        self.purpose = event.data["purpose"]
        self.thumbprint = event.data["thumbprint"]
        self.jwk = event.data["jwk"]

    def on_retired(self, _event: Event) -> None:
        """Retired."""
        self.state = "retired"

    def on_compromised(self, event: Event) -> None:
        """Compromised."""
        self.state = "compromised"
        self.compromised_from = event.data["from_size"]
