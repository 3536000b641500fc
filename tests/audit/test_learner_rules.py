"""Rules about people's entries at their edges: identity, merging, outcomes."""

from typing import Any

import pytest

from tests.audit.broken_privacy import correction, erase, merge, outcome
from tests.audit.following import Case, Cases, followed
from tests.audit.scribe import Said, a_fact, a_hash, an_id
from tests.audit.village import Village, s
from verifier.rules.learners import Learner

case = Cases()
ANA = s("learner", "ana")


@pytest.mark.parametrize("each", case, ids=str)
def test_a_learner(each: Case) -> None:
    each.check()


def corrected(v: Village, request: str, field: str = "full_name", name: str = "ana") -> None:
    data = {"field": field, field: a_fact("new"), "request": request}
    v.by("issuer", Said(s("learner", name), "learner.identity_corrected", data))


def wanted(v: Village, field: str, name: str = "ana") -> str:
    data = {"field": field, f"requested_{field}": a_fact("new")}
    return v.ask("admin", s("learner", name), "learner.correction_requested", data)


def number(v: Village) -> None:
    v.by("admin", Said(ANA, "learner.nik_recorded", {"nik": a_fact()}))


def parted(v: Village, name: str) -> None:
    v.by("privacy", Said(s("learner", name), "learner.merge_reversed"))


def applies(v: Village, name: str) -> None:
    v.plan("second")
    v.cohort("second", "enrolment_opened")
    v.apply(name, "second", enrolment="x")


# -- identity ----------------------------------------------------------------------------------------------------------


@case("open")
def a_first_national_number(v: Village) -> None:
    number(v)


@case("open", "REQUEST_MISSING: a second NIK was recorded without a correction")
def a_second_national_number(v: Village) -> None:
    number(v)
    number(v)


@case("open", "REQUEST_MISSING")
def a_national_number_after_one_that_two_people_recorded(v: Village) -> None:
    corrected(v, wanted(v, "nik"), "nik")
    number(v)


@case("open")
def a_national_number_after_another_field_was_corrected(v: Village) -> None:
    corrected(v, wanted(v, "sex"), "sex")
    number(v)


@case("open", "REQUEST_MISSING")
def a_second_national_number_after_another_field_was_corrected(v: Village) -> None:
    number(v)
    corrected(v, wanted(v, "sex"), "sex")
    number(v)


@case("open")
def a_national_number_corrected_by_two(v: Village) -> None:
    number(v)
    corrected(v, wanted(v, "nik"), "nik")


@case("open")
def the_newest_request_approved(v: Village) -> None:
    correction(v, "first")
    corrected(v, correction(v, "second"))


@case("open", "REQUEST_DIFFERS: a newer request for this field stands")
def an_older_request_approved(v: Village) -> None:
    request = correction(v, "first")
    correction(v, "second")
    corrected(v, request)


@case("open", "REQUEST_MISSING")
def an_older_request_approved_after_the_newest(v: Village) -> None:
    old = correction(v, "first")
    corrected(v, correction(v, "second"))
    corrected(v, old)


@case("open")
def requests_for_two_fields(v: Village) -> None:
    request = correction(v, "first")
    corrected(v, wanted(v, "sex"), "sex")
    corrected(v, request)


@case("open")
def requests_for_two_people(v: Village) -> None:
    request = correction(v, "first")
    corrected(v, wanted(v, "full_name", "budi"), name="budi")
    corrected(v, request)


@case("open")
def a_request_to_merge_is_no_rival_of_a_correction(v: Village) -> None:
    merging = v.ask("admin", ANA, "learner.merge_requested", {"into": an_id("budi")})
    corrected(v, correction(v, "first"))
    v.by("privacy", Said(ANA, "learner.merged", {"into": an_id("budi"), "request": merging}))


@case("open", f"PERSON_ERASED: {ANA} is erased")
def the_identity_of_an_erased_person_corrected(v: Village) -> None:
    request = correction(v, "first")
    erase(v, "ana", "identity")
    corrected(v, request)


@case("open", "REQUEST_MISSING")
def corrected_by_a_request_that_is_not(v: Village) -> None:
    correction(v, "first")
    corrected(v, a_hash("none"))


# -- merging -----------------------------------------------------------------------------------------------------------


@case("open", f"MERGE_INVALID: {ANA} into {ANA}, which is active")
def merged_into_itself(v: Village) -> None:
    merge(v, "ana", "ana")


@case("open", f"MERGE_INVALID: {s('learner', 'citra')} into {ANA}, which is merged")
def merged_into_what_was_merged(v: Village) -> None:
    merge(v, "ana", "budi")
    merge(v, "citra", "ana")


@case("open", "UNKNOWN_ID")
def merged_into_nobody(v: Village) -> None:
    merge(v, "ana", "nobody")


@case("open", f"PERSON_MERGED: learner/{an_id('ana')} was merged")
def an_entry_that_was_merged_is_used_no_more(v: Village) -> None:
    merge(v, "ana", "budi")
    applies(v, "ana")


@case("open")
def an_entry_is_used_again_after_the_merging_was_reversed(v: Village) -> None:
    merge(v, "ana", "budi")
    parted(v, "ana")
    applies(v, "ana")


@case("open", "LEARNER_STATE_INVALID")
def a_merging_reversed_that_was_not(v: Village) -> None:
    parted(v, "ana")


def learners(go: Any) -> dict[str, Learner]:
    things = followed("open", go).rules.world.things
    found = {name: things[s("learner", name)] for name in ("ana", "budi", "citra")}
    return {name: thing for name, thing in found.items() if isinstance(thing, Learner)}


def test_merged_entries_are_one_person_and_the_survivor_comes_first() -> None:
    def go(v: Village) -> None:
        merge(v, "ana", "budi")
        merge(v, "budi", "citra")

    found = learners(go)
    ana, budi, citra = found["ana"], found["budi"], found["citra"]
    assert [one.survivor() for one in (ana, budi, citra)] == [citra] * 3
    assert [one.entries() for one in (ana, budi, citra)] == [[citra, budi, ana]] * 3
    assert [one.into for one in (ana, budi, citra)] == [budi, citra, None]


def test_two_entries_are_merged_into_a_third_and_one_of_them_parted_again() -> None:
    def go(v: Village) -> None:
        merge(v, "ana", "citra")
        merge(v, "budi", "citra")
        parted(v, "ana")

    found = learners(go)
    ana, budi, citra = found["ana"], found["budi"], found["citra"]
    assert ana.entries() == [ana]
    assert citra.entries() == budi.entries() == [citra, budi]
    assert (ana.into, ana.state, budi.state) == (None, "active", "merged")


def test_an_entry_that_was_merged_twice_is_counted_once() -> None:
    def go(v: Village) -> None:
        merge(v, "ana", "budi")
        merge(v, "ana", "citra")
        merge(v, "budi", "citra")

    found = learners(go)
    assert found["citra"].entries() == [found["citra"], found["ana"], found["budi"]]


def test_an_entry_that_was_not_merged_is_a_person() -> None:
    found = learners(lambda v: merge(v, "ana", "ana"))
    assert found["ana"].entries() == [found["ana"]]
    assert found["ana"].merged_from == ()


# -- outcomes and erasure ----------------------------------------------------------------------------------------------


@case("open")
def an_outcome_with_consent(v: Village) -> None:
    outcome(v, "o")


@case("open", "CONSENT_MISSING: consent is false")
def an_outcome_without_consent(v: Village) -> None:
    outcome(v, "o", consent=False)


@case("open", f"PERSON_ERASED: {ANA} is erased")
def an_outcome_of_an_erased_person(v: Village) -> None:
    erase(v, "ana", "identity")
    outcome(v, "o")


@case("open")
def an_outcome_of_a_person_whose_custody_data_were_destroyed(v: Village) -> None:
    erase(v, "ana", "custody")
    outcome(v, "o")


@case("open")
def an_outcome_of_another_person_than_the_erased(v: Village) -> None:
    erase(v, "budi", "identity")
    outcome(v, "o")


@case("open", "PERSON_MERGED", f"PERSON_ERASED: {ANA} is erased")
def an_outcome_of_an_entry_whose_survivor_is_erased(v: Village) -> None:
    merge(v, "ana", "budi")
    erase(v, "budi", "identity")
    outcome(v, "o")
