"""Breaches where something is closed: a decision without those who took it, an erasure that leaves a name."""

from tests.audit.broken import breaks
from tests.audit.broken_privacy import destroy, receive
from tests.audit.scribe import Said, an_id
from tests.audit.village import Village, s

REQUEST = s("subject_request", "r")


@breaks("DECISION_PANEL_WRONG", "trained")
def a_decision_with_an_empty_panel(v: Village) -> None:
    v.assess("ana")
    v.decide("ana", panel=[])


@breaks("DECISION_PANEL_WRONG", "trained")
def a_decision_by_one_who_is_not_on_its_panel(v: Village) -> None:
    v.assess("ana")
    v.decide("ana", panel=[an_id("other decider")])


@breaks("ERASURE_HOLD_ACTIVE", "open")
def fulfilled_under_a_hold(v: Village) -> None:
    erased(v)
    v.by("privacy", Said(REQUEST, "subject_request.hold_placed", {"reason": "DISPUTE"}))
    v.by("privacy", Said(REQUEST, "subject_request.fulfilled"))


@breaks("DESTRUCTION_INCOMPLETE", "certified")
def fulfilled_while_a_certificate_says_the_name(v: Village) -> None:
    erased(v)
    v.certificate("ana c", "marked_erased", "privacy")
    v.by("privacy", Said(REQUEST, "subject_request.fulfilled"))


def erased(v: Village) -> None:
    """Ana's name destroyed, at her request, by two people."""
    receive(v)
    v.by("privacy", Said(REQUEST, "subject_request.verified"))
    destroy(v, "ana", "identity")
