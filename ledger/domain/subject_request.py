"""Subject request: what a person, or the holder of a certificate, asks about personal data.

    received -> verified -> fulfilled / refused

Destroying data takes two people and names subject and class of each thing destroyed; the rows and their keys
go after the commit. A hold stops destruction and outlives the request it was placed on, until it is lifted. A
request of kind RETENTION is the institution's own schedule: nobody's identity is verified for it. Due times
come from Law 27/2022: 72 hours after receipt.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import ClassVar

from ledger.domain.aggregate import Aggregate
from ledger.domain.event import Act, Event, to_time
from ledger.errors import DomainError

RETENTION = "RETENTION"
ERASURE = "ERASURE"
DESTROYING = frozenset({ERASURE, RETENTION})


class SubjectRequest(Aggregate):
    """``subject`` is a stream (``learner/<id>``, ``certificate/<id>``), ``hold`` the open hold's reason."""

    NAME = "subject_request"
    RELATIONS: ClassVar = {"received": (("subject.requests", "subject", "@id"),)}

    def __init__(self, aggregate_id: str) -> None:
        super().__init__(aggregate_id)
        self.subject = ""
        self.kind = ""
        self.due = ""
        self.hold: str | None = None
        self.destroyed: set[tuple[str, str]] = set()

    def receive(self, act: Act, *, subject: str, kind: str, due: datetime) -> None:
        """Begin."""
        self.require_state("")
        self.record(act, "received", subject=subject, kind=kind, due=to_time(due))

    def verify(self, act: Act) -> None:
        """Who asks is who they say."""
        self.require_state("received")
        self.record(act, "verified")

    def place_hold(self, act: Act, *, reason: str) -> None:
        """Nothing of this subject is destroyed until the hold is lifted."""
        self.require_state("received", "verified")
        if self.hold is not None:
            raise DomainError("SUBJECT_REQUEST_STATE_INVALID", "a hold is placed already", "Lift it first.")
        self.record(act, "hold_placed", reason=reason)

    def lift_hold(self, act: Act) -> None:
        """The reason is gone."""
        if self.hold is None:
            raise DomainError("SUBJECT_REQUEST_STATE_INVALID", "no hold is placed on this request")
        self.record(act, "hold_lifted")

    def require_destroying(self) -> None:
        """The request must be verified and of a kind that destroys data."""
        self.require_state("verified")
        if self.kind not in DESTROYING:
            raise DomainError(
                "SUBJECT_REQUEST_STATE_INVALID",
                f"this is a request of kind {self.kind}; it destroys nothing",
                "Receive a request of kind ERASURE.",
            )

    def request_destruction(self, act: Act, *, classes: Sequence[str]) -> None:
        """First half."""
        self.require_destroying()
        self.record(act, "destruction_requested", classes=sorted(set(classes)))

    def destroy(self, act: Act, *, request: str, subjects: Sequence[str]) -> None:
        """Second half: one event for each subject and class; ``subjects`` are entries of one person."""
        self.require_destroying()
        asked = self.request_of(request, "destruction_requested")
        for subject in subjects:
            for class_ in asked.data["classes"]:
                self.record(act, "data_destroyed", **{"class": class_}, subject=subject, request=request)

    def fulfil(self, act: Act) -> None:
        """Done; one that destroys data is not done before something was destroyed."""
        self.require_state("verified")
        if self.kind in DESTROYING and not self.destroyed:
            raise DomainError(
                "SUBJECT_REQUEST_STATE_INVALID",
                "nothing was destroyed yet",
                "Request the destruction and have it approved, or refuse the request.",
            )
        self.record(act, "fulfilled")

    def refuse(self, act: Act, *, reason: str) -> None:
        """Not granted."""
        self.require_state("received", "verified")
        self.record(act, "refused", reason=reason)

    # -- folding ---------------------------------------------------------------------------------------

    def on_received(self, event: Event) -> None:
        """Received; the institution's own schedule needs no verification."""
        self.subject = event.data["subject"]
        self.kind = event.data["kind"]
        self.due = event.data["due"]
        self.state = "verified" if self.kind == RETENTION else "received"

    def on_verified(self, _event: Event) -> None:
        """Verified."""
        self.state = "verified"

    def on_hold_placed(self, event: Event) -> None:
        """Held."""
        self.hold = event.data["reason"]

    def on_hold_lifted(self, _event: Event) -> None:
        """Free."""
        self.hold = None

    def on_data_destroyed(self, event: Event) -> None:
        """Destroyed."""
        self.destroyed.add((event.data["subject"], event.data["class"]))

    def on_fulfilled(self, _event: Event) -> None:
        """Fulfilled."""
        self.state = "fulfilled"

    def on_refused(self, _event: Event) -> None:
        """Refused."""
        self.state = "refused"
