"""Rules about certificates when a person is erased, and about links and trainings that lead astray."""

from typing import Any

import pytest

from tests.audit.following import Case
from tests.audit.resting import RestedCases
from tests.audit.scribe import Said, an_id
from tests.audit.village import Village, s

case = RestedCases()
DUE = "2031-03-27T01:00:00Z"


@pytest.mark.parametrize("each", case, ids=str)
def test_an_erasure(each: Case) -> None:
    each.check()


def destroy(v: Village, subject: str, class_: str = "identity", kind: str = "ERASURE") -> str:
    """A class of a subject's data destroyed under a request of its own; returns the request's stream."""
    stream = s("subject_request", f"{subject} {class_}")
    v.by("privacy", Said(stream, "subject_request.received", {"subject": subject, "kind": kind, "due": DUE}))
    if kind != "RETENTION":
        v.by("privacy", Said(stream, "subject_request.verified"))
    asked = v.ask("privacy", stream, "subject_request.destruction_requested", {"classes": [class_]})
    data = {"class": class_, "subject": subject, "request": asked}
    v.by("issuer", Said(stream, "subject_request.data_destroyed", data))
    return stream


def fulfil(v: Village, stream: str) -> None:
    v.by("privacy", Said(stream, "subject_request.fulfilled"))


ANA, COMPETENCE, TRAINING = s("learner", "ana"), s("certificate", "ana c"), s("certificate", "ana t")
STILL_C, STILL_T = (
    f"DESTRUCTION_INCOMPLETE: {certificate} still says the name of {ANA}"
    for certificate in (COMPETENCE, TRAINING)
)


@case("certified", STILL_T, STILL_C)
def erased_while_both_certificates_say_the_name(v: Village) -> None:
    fulfil(v, destroy(v, ANA))


@case("certified")
def erased_with_both_certificates_marked(v: Village) -> None:
    stream = destroy(v, ANA)
    v.certificate("ana c", "marked_erased", "privacy")
    v.certificate("ana t", "marked_erased", "privacy")
    fulfil(v, stream)


@case("certified", STILL_T)
def erased_with_one_certificate_marked(v: Village) -> None:
    stream = destroy(v, ANA)
    v.certificate("ana c", "marked_erased", "privacy")
    fulfil(v, stream)


@case("certified", STILL_C)
def erased_with_one_certificates_name_destroyed(v: Village) -> None:
    destroy(v, TRAINING)
    fulfil(v, destroy(v, ANA))


@case("certified", STILL_C)
def erased_with_the_way_to_one_certificate_destroyed(v: Village) -> None:
    destroy(v, TRAINING, "provenance", "RETENTION")
    fulfil(v, destroy(v, ANA))


@case("certified")
def no_name_destroyed(v: Village) -> None:
    fulfil(v, destroy(v, ANA, "custody"))


@case("certified")
def a_name_destroyed_after_its_time(v: Village) -> None:
    fulfil(v, destroy(v, ANA, kind="RETENTION"))


# -- links and trainings that lead astray ------------------------------------------------------------------------------


@case("decided", "CERT_BASIS_WRONG")
def a_link_with_a_number_among_its_texts(v: Village) -> None:
    value: Any = {"kind": "TRAINING", "learner": an_id("ana"), "enrolment": 1}
    v.certify("ana t", "TRAINING", {}, provenance=v.link(an_id("ana t"), 2, value))
    v.links.pop()  # the one that `certify` made


@case("certified", "REPLACEMENT_WRONG", "CERT_ALREADY_ISSUED")
def one_that_says_it_replaces_another_on_a_new_decision(v: Village) -> None:
    v.revoke("ana c")
    for result in ("BK", "K"):
        data = {"unit": "U.1", "result": result, "corrects": v.results["ana", "U.1"]}
        v.results["ana", "U.1"] = v.assessment("ana", "unit_result_corrected", "supervisor", **data)
    v.decide("ana", plenary="2")
    link = v.decision_link("ana")
    v.certify("ana c2", "COMPETENCE", link, replaces=an_id("budi c"), valid_until="2034-03-20")


def completed(v: Village, **plan: Any) -> None:
    """A training that ana completes, in a cohort that was planned so."""
    v.set_day("2031-03-05")
    v.plan(**plan)
    v.sessions()
    v.cohort("cohort", "enrolment_opened")
    v.learner("ana")
    v.apply("ana")
    v.seat("ana", 1)
    v.set_day("2031-03-11", 9)
    v.cohort("cohort", "started")
    v.attend("ana")
    v.attend("ana", 2)
    v.complete("ana")


def trained(v: Village, **plan: Any) -> None:
    """A certificate of such a training."""
    completed(v, **plan)
    v.certify("ana t", "TRAINING", v.training_link("ana"))


@case("planned", "UNKNOWN_ID@13")
def a_training_of_no_programme(v: Village) -> None:
    trained(v, programme=an_id("none"))


@case(
    "planned",
    "PROGRAMME_NOT_READY@13",
    "UNKNOWN_ID@13",
    "UNKNOWN_ID@10",
    "UNKNOWN_ID@1",
    "COMPLETION_WRONG@1",
    "UNKNOWN_ID",
)
def a_training_in_a_version_that_is_not(v: Village) -> None:
    trained(v, version=9)
