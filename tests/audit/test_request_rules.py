"""Rules about requests of people about their data, at their edges: due times, destruction by two, answers."""

import pytest

from tests.audit.asking import step, verified
from tests.audit.broken_privacy import destroy, merge, receive
from tests.audit.following import Case, Cases, followed
from tests.audit.scribe import Said, a_hash
from tests.audit.village import Village, s

case = Cases()
REQUEST = s("subject_request", "r")
ANA = s("learner", "ana")


@pytest.mark.parametrize("each", case, ids=str)
def test_a_request(each: Case) -> None:
    each.check()


# -- received ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["ERASURE", "RETENTION", "ACCESS", "CORRECTION"])
def test_a_request_of_a_kind_that_is(kind: str) -> None:
    Case("open", lambda v: receive(v, kind=kind), ()).check()


@case("open", "REQUEST_KIND_WRONG: the kind 'REVENGE'")
def a_request_of_no_kind(v: Village) -> None:
    receive(v, kind="REVENGE")


@case("certified")
def a_request_about_a_certificate(v: Village) -> None:
    receive(v, subject=s("certificate", "ana c"), due=v.time)


@case("open", "UNKNOWN_ID: there is no " + s("certificate", "ana c"))
def a_request_about_no_certificate(v: Village) -> None:
    receive(v, subject=s("certificate", "ana c"))


@case("open")
def due_after_three_days(v: Village) -> None:
    v.set_day("2031-03-05", 1)
    receive(v, due="2031-03-08T01:00:00Z")


@case("open", "REQUEST_DUE_LATE: due at 2031-03-08T01:00:01Z")
def due_a_second_after_three_days(v: Village) -> None:
    v.set_day("2031-03-05", 1)
    receive(v, due="2031-03-08T01:00:01Z")


@case("open", "REQUEST_DUE_LATE")
def due_three_days_after_it_was_entered_late(v: Village) -> None:
    data = {"subject": ANA, "kind": "ERASURE", "due": "2031-03-08T01:00:00Z"}
    step(v, "received", at="2031-03-05T00:00:00Z", **data)


@case("open", "SUBJECT_REQUEST_STATE_INVALID")
def a_retention_is_verified_from_the_first(v: Village) -> None:
    receive(v, kind="RETENTION")
    step(v, "verified")


# -- destruction -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("class_", ["identity", "custody", "contact", "evidence", "outcome", "provenance"])
def test_a_class_that_may_be_destroyed(class_: str) -> None:
    def go(v: Village) -> None:
        verified(v)
        destroy(v, "ana", class_)

    Case("open", go, ()).check()
    assert followed("open", go).rules.learners.destroyed == {(ANA, class_)}


@case("open")
def several_classes_requested_and_each_destroyed(v: Village) -> None:
    verified(v)
    for class_ in ("identity", "custody"):
        destroy(v, "ana", class_)


@case("open", "REQUEST_KIND_WRONG: the classes identity, soul")
def a_class_that_is_not(v: Village) -> None:
    verified(v)
    step(v, "destruction_requested", classes=["identity", "soul"])


@case("open")
def all_classes(v: Village) -> None:
    verified(v)
    step(
        v,
        "destruction_requested",
        classes=["identity", "custody", "contact", "evidence", "outcome", "provenance"],
    )


@case("open", "SUBJECT_REQUEST_STATE_INVALID@1", "REQUEST_KIND_WRONG: a request of kind ")
def destruction_asked_for_under_a_request_that_was_never_received(v: Village) -> None:
    step(v, "verified")
    step(v, "destruction_requested", classes=["identity"])


@case("open", "REQUEST_KIND_WRONG: the classes ")
def no_class(v: Village) -> None:
    verified(v)
    step(v, "destruction_requested", classes=[])


@case("open")
def data_destroyed_by_retention(v: Village) -> None:
    receive(v, kind="RETENTION")
    destroy(v, "ana", "custody")


@case(
    "open",
    "REQUEST_KIND_WRONG@1: a request of kind CORRECTION",
    "REQUEST_KIND_WRONG: a request of kind CORRECTION",
)
def data_destroyed_by_a_correction(v: Village) -> None:
    verified(v, kind="CORRECTION")
    destroy(v, "ana", "custody")


@case("open", "REQUEST_DIFFERS: the class custody was not requested")
def another_class_than_was_requested(v: Village) -> None:
    verified(v)
    destroy(v, "ana", "custody", requested="identity")


@case("open", f"REQUEST_DIFFERS: {s('learner', 'budi')} is not the request's subject")
def another_persons_data(v: Village) -> None:
    verified(v)
    destroy(v, "budi", "identity")


@case("open")
def the_data_of_another_entry_of_the_person(v: Village) -> None:
    merge(v, "budi", "ana")
    verified(v)
    destroy(v, "budi", "identity")


@case("open", "REQUEST_MISSING")
def destroyed_by_no_request(v: Village) -> None:
    verified(v)
    data = {"class": "identity", "subject": ANA, "request": a_hash("none")}
    v.by("issuer", Said(REQUEST, "subject_request.data_destroyed", data))


# -- answers -----------------------------------------------------------------------------------------------------------


@case("open")
def fulfilled_after_destruction(v: Village) -> None:
    verified(v)
    destroy(v, "ana", "custody")
    step(v, "fulfilled")


@pytest.mark.parametrize("kind", ["ERASURE", "RETENTION"])
def test_nothing_is_fulfilled_before_it_has_destroyed(kind: str) -> None:
    def go(v: Village) -> None:
        receive(v, kind=kind)
        if kind == "ERASURE":
            step(v, "verified")
        step(v, "fulfilled")

    Case("open", go, ("DESTRUCTION_INCOMPLETE: nothing had been destroyed",)).check()


@case("open")
def an_access_fulfilled_when_it_is_due(v: Village) -> None:
    verified(v, kind="ACCESS")
    v.set_day("2031-03-08", 1)
    step(v, "fulfilled")


@case("open", "ANSWERED_LATE: due at 2031-03-08T01:00:00Z, answered at 2031-03-08T02:00:00Z")
def an_access_fulfilled_after_it_was_due(v: Village) -> None:
    verified(v, kind="ACCESS")
    v.set_day("2031-03-08", 2)
    step(v, "fulfilled")


@case("open", "ANSWERED_LATE")
def refused_after_it_was_due(v: Village) -> None:
    receive(v)
    v.set_day("2031-03-08", 2)
    step(v, "refused", reason="NOT_GRANTED")


@case("open")
def refused_in_time_and_entered_later(v: Village) -> None:
    receive(v)
    v.set_day("2031-03-09", 1)
    step(v, "refused", at="2031-03-08T01:00:00Z", reason="NOT_GRANTED")


@case("open")
def a_retention_is_never_late(v: Village) -> None:
    receive(v, kind="RETENTION")
    v.set_day("2031-04-08")
    step(v, "refused", reason="NOT_GRANTED")
