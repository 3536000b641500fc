"""Breaches about people's entries and data: identity, merging, outcomes, requests, erasure."""

from tests.audit.broken import breaks
from tests.audit.scribe import Said, a_fact, a_hash, an_id
from tests.audit.village import Village, s

DUE = "2031-03-08T01:00:00Z"


@breaks("LEARNER_STATE_INVALID", "open")
def registered_twice(v: Village) -> None:
    v.learner("ana")


@breaks("REQUEST_MISSING", "open")
def an_identity_corrected_by_one_person(v: Village) -> None:
    data = {"field": "full_name", "full_name": a_fact("new"), "request": a_hash("none")}
    v.by("issuer", Said(s("learner", "ana"), "learner.identity_corrected", data))


@breaks("REQUEST_DIFFERS", "open")
def an_older_correction_approved(v: Village) -> None:
    requests = [correction(v, text) for text in ("first", "second")]
    data = {"field": "full_name", "full_name": a_fact("first"), "request": requests[0]}
    v.by("issuer", Said(s("learner", "ana"), "learner.identity_corrected", data))


@breaks("REQUEST_MISSING", "open")
def a_second_national_number(v: Village) -> None:
    for _ in range(2):
        v.by("admin", Said(s("learner", "ana"), "learner.nik_recorded", {"nik": a_fact()}))


@breaks("MERGE_INVALID", "open")
def merged_into_itself(v: Village) -> None:
    merge(v, "ana", "ana")


@breaks("MERGE_INVALID", "open")
def merged_into_what_was_merged(v: Village) -> None:
    merge(v, "ana", "budi")
    merge(v, "citra", "ana")


@breaks("PERSON_MERGED", "open")
def an_application_of_a_merged_entry(v: Village) -> None:
    merge(v, "ana", "budi")
    v.plan("second")
    v.cohort("second", "enrolment_opened")
    v.apply("ana", "second", enrolment="x")


@breaks("PERSON_ERASED", "open")
def selecting_an_erased_person(v: Village) -> None:
    erase(v, "ana", "identity")
    v.enrolment("ana", "selected", "approver")


@breaks("PERSON_ERASED", "decided")
def certifying_an_erased_person(v: Village) -> None:
    erase(v, "ana", "identity")
    v.certify("ana c", "COMPETENCE", v.decision_link("ana"))


@breaks("CONSENT_MISSING", "open")
def an_outcome_without_consent(v: Village) -> None:
    outcome(v, "o", consent=False)


@breaks("OUTCOME_STATE_INVALID", "open")
def an_outcome_recorded_twice(v: Village) -> None:
    outcome(v, "o")
    outcome(v, "o")


@breaks("UNKNOWN_ID", "open")
def a_request_about_nobody(v: Village) -> None:
    receive(v, subject=s("learner", "nobody"))


@breaks("REQUEST_KIND_WRONG", "open")
def a_request_of_no_kind(v: Village) -> None:
    receive(v, kind="REVENGE")


@breaks("REQUEST_KIND_WRONG", "open")
def destroying_under_a_request_for_access(v: Village) -> None:
    receive(v, kind="ACCESS")
    v.by("privacy", Said(s("subject_request", "r"), "subject_request.verified"))
    destroy(v, "ana", "identity")


@breaks("REQUEST_KIND_WRONG", "open")
def destroying_a_class_that_is_not(v: Village) -> None:
    receive(v)
    v.by("privacy", Said(s("subject_request", "r"), "subject_request.verified"))
    v.ask(
        "privacy", s("subject_request", "r"), "subject_request.destruction_requested", {"classes": ["soul"]}
    )


@breaks("REQUEST_DUE_LATE", "open")
def due_in_a_month(v: Village) -> None:
    receive(v, due="2031-04-05T01:00:00Z")


@breaks("SUBJECT_REQUEST_STATE_INVALID", "open")
def destroying_before_who_asks_is_verified(v: Village) -> None:
    receive(v)
    destroy(v, "ana", "identity")


@breaks("ERASURE_HOLD_ACTIVE", "open")
def destroying_under_a_hold(v: Village) -> None:
    receive(v)
    stream = s("subject_request", "r")
    v.by("privacy", Said(stream, "subject_request.verified"))
    v.by("privacy", Said(stream, "subject_request.hold_placed", {"reason": "OPEN_APPEAL"}))
    destroy(v, "ana", "identity")


@breaks("HOLD_INVALID", "open")
def lifting_no_hold(v: Village) -> None:
    receive(v)
    v.by("privacy", Said(s("subject_request", "r"), "subject_request.hold_lifted"))


@breaks("SOD_SELF_APPROVAL", "open")
def destroyed_by_one_human(v: Village) -> None:
    v.hire("privacy as issuer", "training_issuer", an_id("blk"), same_person_as="privacy")
    receive(v)
    v.by("privacy", Said(s("subject_request", "r"), "subject_request.verified"))
    destroy(v, "ana", "identity", second="privacy as issuer")


@breaks("REQUEST_DIFFERS", "open")
def another_class_than_requested(v: Village) -> None:
    receive(v)
    v.by("privacy", Said(s("subject_request", "r"), "subject_request.verified"))
    destroy(v, "ana", "custody", requested="identity")


@breaks("REQUEST_DIFFERS", "open")
def another_persons_data(v: Village) -> None:
    receive(v)
    v.by("privacy", Said(s("subject_request", "r"), "subject_request.verified"))
    destroy(v, "budi", "identity")


@breaks("DESTRUCTION_INCOMPLETE", "open")
def fulfilled_without_destruction(v: Village) -> None:
    receive(v)
    stream = s("subject_request", "r")
    v.by("privacy", Said(stream, "subject_request.verified"))
    v.by("privacy", Said(stream, "subject_request.fulfilled"))


@breaks("ANSWERED_LATE", "open")
def refused_after_a_month(v: Village) -> None:
    receive(v)
    v.wait(days=30)
    v.by("privacy", Said(s("subject_request", "r"), "subject_request.refused", {"reason": "NOT_GRANTED"}))


@breaks("ERASED_WITHOUT_DESTRUCTION", "certified")
def marked_as_erased_without_destruction(v: Village) -> None:
    v.certificate("ana c", "marked_erased", "privacy")


@breaks("ERASURE_UNCHECKED", "certified")
def marked_as_erased_without_a_link(v: Village) -> None:
    v.links = [line for line in v.links if an_id("ana c").encode() not in line]
    v.certificate("ana c", "marked_erased", "privacy")


@breaks("CERT_ACT_INVALID", "certified")
def two_certificates_erased_in_one_act(v: Village) -> None:
    erase(v, "ana", "identity")
    v.by(
        "privacy",
        Said(s("certificate", "ana c"), "certificate.marked_erased"),
        Said(s("certificate", "ana t"), "certificate.marked_erased"),
    )


@breaks("BASIS_NO_LONGER_CHECKABLE", "certified")
def a_link_that_was_destroyed(v: Village) -> None:
    receive(v, subject=s("certificate", "ana c"), kind="RETENTION", due="2031-03-26T01:00:00Z")
    destroy(v, "ana c", "provenance", aggregate="certificate")
    v.links = [line for line in v.links if an_id("ana c").encode() not in line]


def correction(v: Village, text: str) -> str:
    data = {"field": "full_name", "requested_full_name": a_fact(text)}
    return v.ask("admin", s("learner", "ana"), "learner.correction_requested", data)


def merge(v: Village, name: str, into: str) -> None:
    data = {"into": an_id(into)}
    asked = v.ask("admin", s("learner", name), "learner.merge_requested", data)
    v.by("privacy", Said(s("learner", name), "learner.merged", data | {"request": asked}))


def outcome(v: Village, name: str, *, consent: bool = True) -> None:
    data = {"learner": an_id("ana"), "outcome": a_fact(), "consent": consent}
    v.by("admin", Said(s("outcome", name), "outcome.recorded", data))


def receive(v: Village, **changes: str) -> None:
    """A request of ana's, due when the law says."""
    data = {
        "subject": s("learner", "ana"),
        "kind": "ERASURE",
        "due": min(DUE, v.time) if v.time > DUE else DUE,
    }
    v.by("privacy", Said(s("subject_request", "r"), "subject_request.received", data | changes))


def destroy(
    v: Village,
    name: str,
    class_: str,
    *,
    requested: str | None = None,
    second: str = "issuer",
    aggregate: str = "learner",
) -> None:
    """Both halves of destroying a class of somebody's data, under the request."""
    stream = s("subject_request", "r")
    classes = {"classes": [requested or class_]}
    asked = v.ask("privacy", stream, "subject_request.destruction_requested", classes)
    data = {"class": class_, "subject": s(aggregate, name), "request": asked}
    v.by(second, Said(stream, "subject_request.data_destroyed", data))


def erase(v: Village, name: str, class_: str) -> None:
    """Received, verified, destroyed by two."""
    receive(v, subject=s("learner", name))
    v.by("privacy", Said(s("subject_request", "r"), "subject_request.verified"))
    destroy(v, name, class_)
