"""Learner: a person who is trained, known to the log by a random id only.

Every field about the person is a commitment, and every registration carries the same fields, given or not:
who has no passport or register number looks like everybody else. Two entries of one person are merged by
mapping one id to the other; no stream is rewritten, and the mapping can be reversed. Erasure is no event
here: the personal data are destroyed under a subject request.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from ledger.domain.aggregate import Aggregate
from ledger.domain.event import Act, Event
from ledger.errors import DomainError

FIELD_CLASSES: Mapping[str, str] = {
    "full_name": "identity",
    "sex": "identity",
    "birth_date": "identity",
    "birth_place": "identity",
    "last_education": "identity",
    "nationality": "identity",
    "passport": "identity",
    "alt_identity": "identity",
    "photo_ref": "identity",
    "nik_status": "identity",
    "facility": "custody",
    "register_no": "custody",
}
"""The fields of a registration with their classes of personal data."""

Commitment = dict[str, str]


class Learner(Aggregate):
    """A person; ``into`` is the survivor's id while this entry is merged."""

    NAME = "learner"
    RELATIONS: ClassVar = {"merged": (("learner.merged_from", "into", "@id"),)}

    def __init__(self, aggregate_id: str) -> None:
        super().__init__(aggregate_id)
        self.into: str | None = None
        self.has_nik = False

    def require_usable(self) -> None:
        """PERSON_MERGED when another entry stands for this person now."""
        if self.into is not None:
            raise DomainError(
                "PERSON_MERGED",
                f"this entry of a person was merged into {self.into}",
                "Use the entry that it was merged into, or reverse the merge if they are two people.",
            )

    # -- registration and identity ---------------------------------------------------------------------

    def register(self, act: Act, fields: Mapping[str, Commitment]) -> None:
        """Begin, with one commitment for each of FIELD_CLASSES."""
        self.require_state("")
        self.record(act, "registered", **fields)

    def require_no_nik(self) -> None:
        """LEARNER_STATE_INVALID when a NIK is recorded: two people correct a wrong one, as they do a name."""
        self.require_state("active")
        if self.has_nik:
            raise DomainError(
                "LEARNER_STATE_INVALID",
                "a NIK is recorded for this person",
                "If it is wrong, request an identity correction of the field nik.",
            )

    def record_nik(self, act: Act, nik: Commitment) -> None:
        """The person's first NIK."""
        self.require_no_nik()
        self.record(act, "nik_recorded", nik=nik)

    def record_evidence(self, act: Act, *, kind: str, document: Commitment) -> None:
        """What the identity was checked against; ``document`` commits to the document's hash."""
        self.require_state("active")
        self.record(act, "identity_evidence_recorded", kind=kind, document=document)

    def request_correction(self, act: Act, *, field: str, value: Commitment) -> None:
        """First half of a correction; it replaces an open request for the same field."""
        self.require_state("active")
        self.record(act, "correction_requested", field=field, **{f"requested_{field}": value})

    def correction_asked(self, request: str) -> Event:
        """The open request, which must be the newest for its field; UNKNOWN_ID otherwise."""
        asked = self.request_of(request, "correction_requested")
        rivals = [
            event
            for event in self.requests.values()
            if event.name == asked.name and event.data["field"] == asked.data["field"]
        ]
        if rivals[-1] is not asked:
            raise DomainError(
                "UNKNOWN_ID",
                "a newer request for this field has replaced this one",
                "Approve the newest request for the field.",
            )
        return asked

    def correct(self, act: Act, *, field: str, value: Commitment, request: str) -> None:
        """Second half; certificates keep the old value until they are superseded."""
        self.correction_asked(request)
        self.record(act, "identity_corrected", field=field, **{field: value}, request=request)

    # -- two entries of one person -----------------------------------------------------------------------

    def request_merge(self, act: Act, *, into: str) -> None:
        """First half of saying that this is another entry of the person ``into``."""
        self.require_state("active")
        if into == self.aggregate_id:
            raise DomainError("VALUE_INVALID", "a person's entry is not merged into itself")
        self.record(act, "merge_requested", into=into)

    def merge(self, act: Act, request: str) -> None:
        """Second half."""
        self.require_state("active")
        asked = self.request_of(request, "merge_requested")
        self.record(act, "merged", into=asked.data["into"], request=request)

    def reverse_merge(self, act: Act) -> None:
        """They are two people after all."""
        self.require_state("merged")
        self.record(act, "merge_reversed")

    # -- folding ---------------------------------------------------------------------------------------

    def on_registered(self, _event: Event) -> None:
        """Registered."""
        self.state = "active"

    def on_nik_recorded(self, _event: Event) -> None:
        """A NIK is known."""
        self.has_nik = True

    def on_identity_evidence_recorded(self, _event: Event) -> None:
        """Evidence changes no state."""

    def on_identity_corrected(self, event: Event) -> None:
        """The corrected value lies outside the log; older requests for the field are void."""
        field = event.data["field"]
        self.has_nik = self.has_nik or field == "nik"
        self.requests = {
            key: asked
            for key, asked in self.requests.items()
            if asked.name != "correction_requested" or asked.data["field"] != field
        }

    def on_merged(self, event: Event) -> None:
        """Merged."""
        self.state = "merged"
        self.into = event.data["into"]

    def on_merge_reversed(self, _event: Event) -> None:
        """Active again."""
        self.state = "active"
        self.into = None
