"""What waits for a second person is shown to that person, with the hash to name, until it is answered."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from keys.signer import Ed25519Signer, possession
from ledger.commands import catalogue
from ledger.commands.command import COMMANDS
from ledger.commands.lookups_requests import KINDS
from ledger.domain.roles import Role
from ledger.errors import DomainError
from ledger.rebuild import rebuild
from tests.api.bureau import UNIT, Bureau
from tests.queries.scene import CERTIFIED, UNENROLLED, Scene

catalogue.load()


def waiting(place: Bureau, who: str, act: str | None = None) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = place.ask(who, "OpenRequests", limit=100)["items"]
    return [each for each in items if act in {None, each["act"]}]


@pytest.fixture(scope="module")
def place(played_on: Scene) -> Iterator[Bureau]:
    yield played_on.bureau
    assert not any(rebuild(played_on.bureau.house.application).differing.values())


def test_every_act_that_names_a_request_is_listed() -> None:
    naming = {name for name, command in COMMANDS.items() if "request" in command.model_fields}
    of_drafts = {"ApproveScheme", "ApproveTemplate", "ApproveException"}
    assert {kind.act for kind in KINDS.values()} == naming | of_drafts
    for kind in KINDS.values():
        assert kind.roles == COMMANDS[kind.act].roles


def test_nothing_waits_once_everything_is_answered(played_on: Scene) -> None:
    for who in ("one", "issuer", "decider", "privacy", "auditor"):
        assert waiting(played_on.bureau, who) == []


def test_a_correction_waits_for_the_issuer_who_sees_both_values(played_on: Scene) -> None:
    place, learner = played_on.bureau, played_on.learners[UNENROLLED]
    ask = {"learner": learner, "field": "full_name"}
    stale = place.give("admin", "RequestIdentityCorrection", **ask, value="O’Reka Lama")["request"]
    asked = place.give("admin", "RequestIdentityCorrection", **ask, value="O’Reka Baru")["request"]
    (shown,) = waiting(place, "issuer")
    assert (shown["request"], shown["act"], shown["about"], shown["id"]) == (
        asked,
        "CorrectIdentity",
        "learner",
        learner,
    )
    assert shown["requested_by_you"] is False
    assert shown["proposed"] == {
        "field": "full_name",
        "name": UNENROLLED,
        "value": "O’Reka Baru",
        "instead_of": UNENROLLED,
    }
    (own,) = waiting(place, "admin")
    assert (own["requested_by_you"], own["proposed"]) == (True, {"field": "full_name"})
    assert waiting(place, "privacy") == []
    assert [each["request"] for each in waiting(place, "auditor")] == [asked]
    with pytest.raises(DomainError):
        place.give("issuer", "CorrectIdentity", learner=learner, request=stale)
    place.give("issuer", "CorrectIdentity", learner=learner, request=asked)
    assert waiting(place, "issuer") == waiting(place, "admin") == []


def test_a_revocation_waits_for_the_issuer_of_its_kind(played_on: Scene) -> None:
    place, certificate = played_on.bureau, played_on.competence["certificate"]
    first, second = (
        place.give("supervisor", "RequestRevocation", certificate=certificate, reason="ISSUED_IN_ERROR")[
            "request"
        ]
        for _ in range(2)
    )
    place.hire("other kind", (Role.TRAINING_ISSUER, "lsp"))
    assert waiting(place, "issuer") == waiting(place, "other kind") == []
    assert {each["request"] for each in waiting(place, "certifier")} == {first, second}
    assert waiting(place, "certifier")[0]["proposed"] == {"reason": "ISSUED_IN_ERROR"}
    place.give("certifier", "RevokeCertificate", certificate=certificate, request=first)
    assert waiting(place, "certifier") == waiting(place, "supervisor") == []


def test_a_draft_waits_for_its_second_reader_until_it_is_drafted_again_or_approved(played_on: Scene) -> None:
    place = played_on.bureau
    draft = {
        "scheme": played_on.scheme,
        "code": "SKM/2",
        "trade": "LAS",
        "title_id": "Juru Las",
        "title_en": "Welder",
        "level": 2,
        "total_jp": 16,
        "body": place.orgs["lsp"],
        "units": [{**UNIT, "code": "U.1"}],
    }
    place.give("admin", "DraftScheme", **draft)
    (first,) = waiting(place, "issuer")
    place.give("admin", "DraftScheme", **draft)
    (second,) = waiting(place, "issuer")
    place.hire("far issuer", (Role.TRAINING_ISSUER, "other"))
    assert waiting(place, "far issuer") == []
    assert first["request"] != second["request"]
    assert second["act"] == "ApproveScheme"
    versions = place.ask("issuer", "ShowScheme", scheme=played_on.scheme)["versions"]
    assert [each["request"] for each in versions] == [None, second["request"]]
    approval = {"award_rule": "ALL_UNITS", "validity_months": 36, "unit_statement": False, "total_jp": 16}
    place.give("issuer", "ApproveScheme", scheme=played_on.scheme, version=2, **approval)
    assert waiting(place, "issuer") == []


def test_authority_waits_for_the_other_custodian(played_on: Scene) -> None:
    place = played_on.bureau
    person = place.give("one", "RequestStaffRegistration", name="Pegawai Baru")
    (shown,) = waiting(place, "two", "RegisterStaff")
    assert (shown["id"], shown["proposed"]["name"]) == (person["staff"], "Pegawai Baru")
    assert waiting(place, "one", "RegisterStaff")[0]["requested_by_you"] is True
    place.give("two", "RegisterStaff", staff=person["staff"], request=person["request"])
    signer = Ed25519Signer.generate()
    proof = possession(signer, place.house.folder.root.origin, person["staff"])
    key = {"jwk": signer.jwk, "alg": "ed25519", "custody": "device", "possession": proof}
    asked = {
        "GrantRole": place.give(
            "one", "RequestRoleGrant", staff=person["staff"], role=Role.AUDITOR, org=None
        ),
        "EnrolKey": place.give("one", "RequestKeyEnrolment", staff=person["staff"], **key),
    }
    found = {each["act"]: each for each in waiting(place, "two")}
    assert {act: each["request"] for act, each in found.items()} == {
        act: given["request"] for act, given in asked.items()
    }
    assert found["GrantRole"]["proposed"]["role"] == "auditor"
    assert found["EnrolKey"]["proposed"] == {
        "name": "Pegawai Baru",
        "thumbprint": signer.thumbprint,
        "custody": "device",
    }
    for act, each in found.items():
        place.give("two", act, staff=person["staff"], request=each["request"])
    assert waiting(place, "two") == []


def test_an_exception_waits_for_a_decider_until_it_ends(played_on: Scene) -> None:
    place = played_on.bureau
    exception = place.give(
        "supervisor",
        "RequestException",
        rule="SOD_ASSESSOR_TAUGHT_LEARNER",
        scope=[place.staff["assessor"]],
        risk="ONE_ASSESSOR",
        until="2031-06-01",
    )["exception"]
    (shown,) = waiting(place, "decider")
    assert (shown["id"], shown["proposed"]["risk"]) == (exception, "ONE_ASSESSOR")
    (listed,) = place.ask("auditor", "ListExceptions")["items"]
    assert (listed["exception"], listed["state"], listed["risk"]) == (exception, "requested", "ONE_ASSESSOR")
    place.give("supervisor", "EndException", exception=exception)
    assert waiting(place, "decider") == []


def test_a_merge_and_a_destruction_wait_for_theirs(played_on: Scene) -> None:
    place = played_on.bureau
    duplicate = place.learner("Siti Ganda")
    place.give("admin", "ProposeMerge", learner=duplicate, into=played_on.learners[CERTIFIED])
    (merge,) = waiting(place, "privacy")
    assert (merge["act"], merge["proposed"]) == ("ApproveMerge", {"into": played_on.learners[CERTIFIED]})
    place.give("privacy", "ApproveMerge", learner=duplicate, request=merge["request"])
    request = place.give(
        "privacy",
        "ReceiveSubjectRequest",
        subject_kind="learner",
        id=played_on.learners[CERTIFIED],
        kind="RETENTION",
    )["subject_request"]
    place.give("privacy", "RequestDestruction", subject_request=request, classes=["custody"])
    (destruction,) = waiting(place, "issuer")
    assert (destruction["id"], destruction["proposed"]) == (request, {"classes": ["custody"]})
    place.give("issuer", "DestroyData", subject_request=request, request=destruction["request"])
    assert waiting(place, "issuer") == waiting(place, "privacy") == []


def test_many_requests_come_oldest_first_page_by_page(place: Bureau) -> None:
    for number in range(3):
        place.give("one", "RequestStaffRegistration", name=f"Pegawai {number}")
    everything = waiting(place, "two")
    first = place.ask("two", "OpenRequests", limit=2)
    second = place.ask("two", "OpenRequests", limit=2, after=first["next"])
    assert first["items"] + second["items"] == everything
    assert [each["proposed"]["name"] for each in everything] == ["Pegawai 0", "Pegawai 1", "Pegawai 2"]
    assert second["next"] is None
