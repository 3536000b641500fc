"""Learner, outcome and subject request commands at a desk: what is kept where, and who it takes."""

import json
from typing import Any

import pytest
from pydantic import ValidationError

from ledger.commands.learners import (
    ApproveMerge,
    CorrectIdentity,
    ProposeMerge,
    RecordIdentityEvidence,
    RecordNik,
    RegisterLearner,
    RequestIdentityCorrection,
    ReverseMerge,
    identities,
    survivor,
)
from ledger.commands.outcomes import RecordOutcome
from ledger.commands.subjects import (
    CLASSES,
    DataClass,
    DestroyData,
    FulfilSubjectRequest,
    LiftHold,
    PlaceHold,
    ReceiveSubjectRequest,
    RefuseSubjectRequest,
    RequestDestruction,
    VerifySubjectRequest,
    access_report,
)
from ledger.domain.learner import FIELD_CLASSES
from ledger.errors import DomainError
from tests.domain.desk import Desk, new_id

NIK = "9901011403909001"
OTHER_NIK = "9901010211879002"
FULL: dict[str, Any] = {
    "full_name": "Budi Contoh",
    "sex": "L",
    "birth_date": "1990-03-14",
    "birth_place": "Kota Reka",
    "last_education": "SMP",
    "nationality": "ZZ",
    "passport": "X9990000",
    "alt_identity": "photo and two witnesses",
    "photo_ref": "photo-1.png",
    "nik_status": "UNVERIFIED",
    "register_no": "B.I/9001",
}


@pytest.fixture
def desk() -> Desk:
    return Desk()


def person(desk: Desk, **fields: Any) -> str:
    return str(desk.give("admin", RegisterLearner(**{"full_name": "Siti Contoh", **fields}))["learner"])


def merge(desk: Desk, duplicate: str, into: str) -> None:
    request = desk.give("admin", ProposeMerge(learner=duplicate, into=into))["request"]
    desk.give("privacy", ApproveMerge(learner=duplicate, request=request))


def received(desk: Desk, learner: str, kind: Any = "ERASURE") -> str:
    command = ReceiveSubjectRequest(subject_kind="learner", id=learner, kind=kind)
    return str(desk.give("privacy", command)["subject_request"])


def erase(desk: Desk, learner: str, *classes: DataClass) -> None:
    subject = received(desk, learner)
    desk.give("privacy", VerifySubjectRequest(subject_request=subject))
    asked = desk.give("privacy", RequestDestruction(subject_request=subject, classes=list(classes)))
    desk.give("issuer", DestroyData(subject_request=subject, request=asked["request"]))


# -- registration --------------------------------------------------------------------------------------


def test_what_is_known_of_a_person_is_kept_outside_the_log(desk: Desk) -> None:
    learner = person(desk, **FULL, facility=desk.site)
    kept = {
        **{fact.field: fact.value for fact in desk.memory.get(f"learner/{learner}", "identity")},
        **{fact.field: fact.value for fact in desk.memory.get(f"learner/{learner}", "custody")},
    }
    assert kept == {**FULL, "facility": desk.site}


def test_every_registration_looks_alike(desk: Desk) -> None:
    shapes = []
    for fields in ({}, {**FULL, "facility": desk.site}):
        person(desk, **fields)
        (event,) = desk.last
        shapes.append({key: (list(value), len(value["commitment"])) for key, value in event.data.items()})
    assert shapes[0] == shapes[1] == dict.fromkeys(FIELD_CLASSES, (["commitment"], 64))


def test_a_nik_is_an_event_of_its_own_and_never_in_clear(desk: Desk) -> None:
    person(desk, nik=NIK)
    assert [event.name for event in desk.last] == ["registered", "nik_recorded"]
    assert NIK not in json.dumps([dict(event.data) for event in desk.last])


@pytest.mark.parametrize(
    ("nik", "production", "code"),
    [
        ("9901013213909001", False, "NIK_INVALID"),
        ("990101140390900", False, "NIK_INVALID"),
        ("", False, "NIK_INVALID"),
        (NIK, True, "NIK_FICTIONAL_IN_PRODUCTION"),
        ("9901013213909001", True, "NIK_INVALID"),
        (NIK, False, "NIK_ALREADY_USED"),
    ],
)
def test_niks_that_are_refused(desk: Desk, nik: str, production: bool, code: str) -> None:
    person(desk, nik=NIK)
    learner = person(desk)
    desk.rules = desk.rules.model_copy(update={"production": production})
    assert desk.refused("admin", RegisterLearner(full_name="Other", nik=nik)) == code
    assert desk.refused("admin", RecordNik(learner=learner, nik=nik)) == code


def test_one_nik_a_person(desk: Desk) -> None:
    learner = person(desk, nik=NIK)
    assert desk.refused("admin", RecordNik(learner=learner, nik=OTHER_NIK)) == "LEARNER_STATE_INVALID"
    assert desk.refused("admin", RecordNik(learner=learner, nik="")) == "LEARNER_STATE_INVALID"


def test_registering_a_known_id_tells_what_became_of_it(desk: Desk) -> None:
    active, merged, erased = person(desk), person(desk), person(desk)
    merge(desk, merged, active)
    erase(desk, erased, "identity")
    bad: dict[str, Any] = {"full_name": "Other", "nik": "bad"}
    assert desk.refused("admin", RegisterLearner(learner=active, **bad)) == "LEARNER_STATE_INVALID"
    assert desk.refused("admin", RegisterLearner(learner=merged, **bad)) == "PERSON_MERGED"
    assert desk.refused("admin", RegisterLearner(learner=erased, **bad)) == "PERSON_ERASED"
    fresh = desk.give("admin", RegisterLearner(learner=new_id("fresh"), full_name="Other"))
    assert fresh["learner"] == new_id("fresh")


def test_an_unknown_facility_is_told(desk: Desk) -> None:
    command = RegisterLearner(full_name="Other", facility=new_id("nowhere"))
    assert desk.refused("admin", command) == "UNKNOWN_ID"


def test_identity_evidence_is_a_fact(desk: Desk) -> None:
    learner = person(desk)
    desk.give("admin", RecordIdentityEvidence(learner=learner, kind="ID_CARD", document_hash="ab" * 32))
    assert set(desk.last[-1].data) == {"kind", "document"}
    assert desk.memory.value(f"learner/{learner}", "evidence", "document") == "ab" * 32


# -- correcting an identity ------------------------------------------------------------------------------


def test_a_name_is_corrected_by_two_people(desk: Desk) -> None:
    learner = person(desk)
    asked = desk.give("admin", RequestIdentityCorrection(learner=learner, field="full_name", value="Sitti"))
    assert desk.memory.value(f"learner/{learner}", "identity", "full_name") == "Siti Contoh"
    command = CorrectIdentity(learner=learner, request=asked["request"])
    desk.hire("admin too", "training_issuer", desk.blk, same_person_as="admin")
    assert desk.refused("admin too", command) == "SOD_SELF_APPROVAL"
    assert desk.refused("admin", command) == "ROLE_FORBIDDEN"
    desk.give("issuer", command)
    assert desk.memory.value(f"learner/{learner}", "identity", "full_name") == "Sitti"
    assert desk.refused("issuer", command) == "UNKNOWN_ID"


def test_the_value_approved_is_the_value_last_requested(desk: Desk) -> None:
    learner = person(desk)
    older = desk.give("admin", RequestIdentityCorrection(learner=learner, field="full_name", value="First"))
    newer = desk.give("admin", RequestIdentityCorrection(learner=learner, field="full_name", value="Second"))
    stale = CorrectIdentity(learner=learner, request=older["request"])
    assert desk.refused("issuer", stale) == "UNKNOWN_ID"
    desk.give("issuer", CorrectIdentity(learner=learner, request=newer["request"]))
    assert desk.memory.value(f"learner/{learner}", "identity", "full_name") == "Second"


def test_custody_data_are_corrected_in_their_own_class(desk: Desk) -> None:
    learner = person(desk, facility=desk.site)
    wrong = RequestIdentityCorrection(learner=learner, field="facility", value=new_id("nowhere"))
    assert desk.refused("admin", wrong) == "UNKNOWN_ID"
    asked = desk.give("admin", wrong.model_copy(update={"value": desk.elsewhere}))
    desk.give("issuer", CorrectIdentity(learner=learner, request=asked["request"]))
    assert desk.memory.value(f"learner/{learner}", "custody", "facility") == desk.elsewhere
    assert desk.memory.value(f"learner/{learner}", "identity", "facility") is None


@pytest.mark.parametrize(
    ("field", "value"),
    [("sex", "X"), ("birth_date", "14.03.1990"), ("full_name", ""), ("facility", "ORG-1"), ("weight", "70")],
)
def test_a_correction_keeps_to_what_a_registration_takes(field: str, value: str) -> None:
    with pytest.raises(ValidationError):
        RequestIdentityCorrection(learner=new_id("person"), field=field, value=value)


def test_a_corrected_nik_is_checked_and_claimed(desk: Desk) -> None:
    person(desk, nik=OTHER_NIK)
    learner = person(desk, nik=NIK)
    bad = RequestIdentityCorrection(learner=learner, field="nik", value="bad")
    assert desk.refused("admin", bad) == "NIK_INVALID"
    taken = desk.give("admin", bad.model_copy(update={"value": OTHER_NIK}))
    refused = desk.refused("issuer", CorrectIdentity(learner=learner, request=taken["request"]))
    assert refused == "NIK_ALREADY_USED"


def test_nobody_erased_or_merged_is_corrected(desk: Desk) -> None:
    erased, merged, other = person(desk), person(desk), person(desk)
    requests = {}
    for learner in (erased, merged):
        command = RequestIdentityCorrection(learner=learner, field="full_name", value="Sitti")
        requests[learner] = desk.give("admin", command)["request"]
    erase(desk, erased, "identity")
    merge(desk, merged, other)
    codes = {"PERSON_ERASED": erased, "PERSON_MERGED": merged}
    for code, learner in codes.items():
        assert desk.refused("issuer", CorrectIdentity(learner=learner, request=requests[learner])) == code
        again = RequestIdentityCorrection(learner=learner, field="full_name", value="Sitti")
        assert desk.refused("admin", again) == code
        assert desk.refused("admin", RecordNik(learner=learner, nik=NIK)) == code


# -- two entries of one person ---------------------------------------------------------------------------


def test_a_merge_takes_two_people(desk: Desk) -> None:
    duplicate, into = person(desk), person(desk)
    request = desk.give("admin", ProposeMerge(learner=duplicate, into=into))["request"]
    command = ApproveMerge(learner=duplicate, request=request)
    desk.hire("admin too", "privacy_officer", desk.blk, same_person_as="admin")
    assert desk.refused("admin too", command) == "SOD_SELF_APPROVAL"
    assert desk.give("privacy", command)["into"] == into
    assert desk.refused("privacy", command) == "PERSON_MERGED"


def test_merging_leads_to_somebody(desk: Desk) -> None:
    one, two, erased = person(desk), person(desk), person(desk)
    erase(desk, erased, "identity")
    assert desk.refused("admin", ProposeMerge(learner=one, into=new_id("nobody"))) == "UNKNOWN_ID"
    assert desk.refused("admin", ProposeMerge(learner=one, into=one)) == "VALUE_INVALID"
    assert desk.refused("admin", ProposeMerge(learner=one, into=erased)) == "PERSON_ERASED"
    there = desk.give("admin", ProposeMerge(learner=one, into=two))["request"]
    back = desk.give("admin", ProposeMerge(learner=two, into=one))["request"]
    desk.give("privacy", ApproveMerge(learner=one, request=there))
    assert desk.refused("privacy", ApproveMerge(learner=two, request=back)) == "PERSON_MERGED"


def test_all_entries_of_a_person_are_found_from_each(desk: Desk) -> None:
    a, b, c, d = (person(desk) for _ in range(4))
    merge(desk, a, b)
    merge(desk, b, c)
    merge(desk, d, c)
    for one in (a, b, c, d):
        work = desk.work("admin")
        found = identities(work, one)
        assert found[0] == survivor(work, one).aggregate_id == c
        assert sorted(found) == sorted((a, b, c, d))
    desk.give("privacy", ReverseMerge(learner=b))
    assert identities(desk.work("admin"), a) == [b, a]
    assert sorted(identities(desk.work("admin"), c)) == sorted((c, d))


def test_what_is_erased_stays_merged(desk: Desk) -> None:
    learner, twin = person(desk), person(desk)
    merge(desk, twin, learner)
    erase(desk, learner, "identity")
    assert desk.refused("privacy", ReverseMerge(learner=twin)) == "PERSON_ERASED"


# -- outcomes ------------------------------------------------------------------------------------------


def test_outcomes_need_consent_and_an_admin(desk: Desk) -> None:
    learner = person(desk)
    command = RecordOutcome(learner=learner, outcome="EMPLOYED", consent=False)
    assert desk.refused("admin", command) == "CONSENT_MISSING"
    agreed = command.model_copy(update={"consent": True})
    assert desk.refused("liaison", agreed) == "ROLE_FORBIDDEN"
    desk.give("admin", agreed)
    assert desk.memory.value(f"learner/{learner}", "outcome", "outcome") == "EMPLOYED"
    erase(desk, learner, "identity")
    assert desk.refused("admin", command) == "PERSON_ERASED"


# -- subject requests ------------------------------------------------------------------------------------


def test_due_within_72_hours_of_receipt(desk: Desk) -> None:
    received(desk, person(desk))
    assert desk.last[-1].recorded_at == "2026-03-02T00:00:00Z"
    assert desk.last[-1].data["due"] == "2026-03-05T00:00:00Z"


def test_erasing_takes_two_people_and_a_verified_request(desk: Desk) -> None:
    learner = person(desk)
    subject = received(desk, learner)
    ask = RequestDestruction(subject_request=subject, classes=["identity", "custody"])
    assert desk.refused("privacy", ask) == "SUBJECT_REQUEST_STATE_INVALID"
    desk.give("privacy", VerifySubjectRequest(subject_request=subject))
    request = desk.give("privacy", ask)["request"]
    approve = DestroyData(subject_request=subject, request=request)
    desk.hire("privacy too", "training_issuer", desk.blk, same_person_as="privacy")
    assert desk.refused("privacy too", approve) == "SOD_SELF_APPROVAL"
    assert desk.refused("privacy", approve) == "ROLE_FORBIDDEN"
    early = FulfilSubjectRequest(subject_request=subject)
    assert desk.refused("privacy", early) == "SUBJECT_REQUEST_STATE_INVALID"
    desk.give("issuer", approve)
    assert {(event.data["subject"], event.data["class"]) for event in desk.last} == {
        (f"learner/{learner}", "identity"),
        (f"learner/{learner}", "custody"),
    }
    desk.give("privacy", early)
    assert desk.refused("issuer", approve) == "UNKNOWN_ID"


def test_a_hold_on_any_request_of_the_person_stops_destruction(desk: Desk) -> None:
    learner, twin = person(desk), person(desk)
    held = received(desk, twin, "ACCESS")
    desk.give("privacy", PlaceHold(subject_request=held, reason="COMPLAINT_OPEN"))
    merge(desk, twin, learner)
    subject = received(desk, learner)
    desk.give("privacy", VerifySubjectRequest(subject_request=subject))
    ask = RequestDestruction(subject_request=subject, classes=["identity"])
    assert desk.refused("privacy", ask) == "ERASURE_HOLD_ACTIVE"
    desk.give("privacy", RefuseSubjectRequest(subject_request=held, reason="WITHDRAWN_BY_SUBJECT"))
    assert desk.refused("privacy", ask) == "ERASURE_HOLD_ACTIVE"
    desk.give("privacy", LiftHold(subject_request=held))
    request = desk.give("privacy", ask)["request"]
    desk.give("privacy", PlaceHold(subject_request=subject, reason="COMPLAINT_OPEN"))
    approve = DestroyData(subject_request=subject, request=request)
    assert desk.refused("issuer", approve) == "ERASURE_HOLD_ACTIVE"
    done = FulfilSubjectRequest(subject_request=subject)
    assert desk.refused("privacy", done) == "ERASURE_HOLD_ACTIVE"
    desk.give("privacy", LiftHold(subject_request=subject))
    desk.give("issuer", approve)


def test_erasing_a_person_covers_every_entry(desk: Desk) -> None:
    learner, twin = person(desk), person(desk)
    merge(desk, twin, learner)
    erase(desk, learner, "identity")
    assert {event.data["subject"] for event in desk.last} == {f"learner/{learner}", f"learner/{twin}"}


def test_a_merged_entry_makes_no_request_of_its_own(desk: Desk) -> None:
    learner, twin = person(desk), person(desk)
    merge(desk, twin, learner)
    command = ReceiveSubjectRequest(subject_kind="learner", id=twin, kind="ERASURE")
    assert desk.refused("privacy", command) == "PERSON_MERGED"


@pytest.mark.parametrize("kind", ["learner", "certificate"])
def test_a_request_is_about_something(desk: Desk, kind: Any) -> None:
    command = ReceiveSubjectRequest(subject_kind=kind, id=new_id("nothing"), kind="ERASURE")
    assert desk.refused("privacy", command) == "UNKNOWN_ID"


def test_the_rest_of_an_erased_persons_data_can_still_be_erased(desk: Desk) -> None:
    learner = person(desk, facility=desk.site)
    erase(desk, learner, "identity")
    erase(desk, learner, "custody")


def test_the_institutions_own_schedule(desk: Desk) -> None:
    subject = received(desk, person(desk), "RETENTION")
    classes: list[Any] = ["custody", "evidence"]
    request = desk.give("privacy", RequestDestruction(subject_request=subject, classes=classes))["request"]
    desk.give("issuer", DestroyData(subject_request=subject, request=request))
    desk.give("privacy", FulfilSubjectRequest(subject_request=subject))


@pytest.mark.parametrize("reason", ["FELONY", "STILL_IN_PRISON"])
def test_reasons_are_neutral(desk: Desk, reason: str) -> None:
    subject = received(desk, person(desk))
    hold = PlaceHold(subject_request=subject, reason=reason)
    refuse = RefuseSubjectRequest(subject_request=subject, reason=reason)
    assert desk.refused("privacy", hold) == "REASON_CODE_INVALID"
    assert desk.refused("privacy", refuse) == "REASON_CODE_INVALID"


def test_an_access_report_says_all_that_is_kept_and_nothing_that_is_gone(desk: Desk) -> None:
    learner = person(desk, facility=desk.site)
    memory: Any = desk.memory
    before = access_report(memory, f"learner/{learner}")
    assert set(before) == set(CLASSES)
    assert {
        "field": "full_name",
        "value": "Siti Contoh",
        "stream": f"learner/{learner}",
        "version": 1,
    } in before["identity"]
    erase(desk, learner, "identity")
    after = access_report(memory, f"learner/{learner}")
    assert after["identity"] == []
    assert [fact["value"] for fact in after["custody"] if fact["field"] == "facility"] == [desk.site]


def test_survivor_of_an_erased_person(desk: Desk) -> None:
    learner, twin = person(desk), person(desk)
    merge(desk, twin, learner)
    erase(desk, learner, "identity")
    with pytest.raises(DomainError, match="PERSON_ERASED"):
        survivor(desk.work("admin"), twin)
