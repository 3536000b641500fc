"""A certificate whose class identity is destroyed is erased at once, and its papers stay away."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from api.composition import open_house
from ledger.clock import SimulatedClock
from ledger.commands.lifecycle import MarkCertificateErased
from ledger.commands.subjects import (
    DestroyData,
    ReceiveSubjectRequest,
    RequestDestruction,
    VerifySubjectRequest,
)
from ledger.domain.event import to_time
from ledger.domain.roles import Role
from ledger.errors import DomainError
from tests.holder.shop import Shop
from verifier.entry import parse_entry
from verifier.event import Event
from verifier.status import Statuses


def _org(shop: Shop) -> str:
    """The provider, where the privacy officer and the training issuer are."""
    queries = shop.house.queries
    found = {
        (queries.organisation(org) or ("",))[0]: org for org in queries.related("listed", "organisation")
    }
    return found["training_provider"]


def _destroy(shop: Shop, certificate: str) -> None:
    """A verified request of the certificate's holder, and the destruction of the name by two persons."""
    receive = ReceiveSubjectRequest(subject_kind="certificate", id=certificate, kind="ERASURE")
    org = _org(shop)
    request = shop.give(Role.PRIVACY_OFFICER, org, receive)["subject_request"]
    shop.give(Role.PRIVACY_OFFICER, org, VerifySubjectRequest(subject_request=request))
    ask = RequestDestruction(subject_request=request, classes=["identity"])
    asked = shop.give(Role.PRIVACY_OFFICER, org, ask)["request"]
    approve = DestroyData(subject_request=request, request=asked)
    shop.give(Role.TRAINING_ISSUER, org, approve)


def test_it_is_erased_without_anybody_marking_it(own_shop: Shop) -> None:
    house, clock = own_shop.house, own_shop.house.clock
    assert isinstance(clock, SimulatedClock)
    entry = own_shop.with_status("VALID", kind="COMPETENCE")
    certificate = own_shop.certificate(entry)
    org, paper = house.issued.get(certificate).org, house.press.path(certificate, entry["copies"])
    assert paper.exists()
    before = clock.now()
    clock.set(before + timedelta(minutes=1))
    _destroy(own_shop, certificate)
    assert house.statuses.now(certificate, clock.now())[0] == "NO_LONGER_VERIFIABLE"
    assert house.statuses.at(certificate, clock.now()) == "NO_LONGER_VERIFIABLE"
    assert house.statuses.at(certificate, before) == "VALID"
    assert certificate in {each.certificate for each in house.lists.standing.fallen(org)}
    assert not paper.exists()
    statuses = Statuses(to_time(clock.now())), Statuses(to_time(before))
    for index, event in [
        *house.queries.history(f"certificate/{certificate}"),
        *house.queries.history(
            f"subject_request/{house.queries.related('subject.requests', f'certificate/{certificate}')[0]}"
        ),
    ]:
        assert event.entry is not None
        read = Event.of_entry(parse_entry(event.entry))
        read.index = index
        for each in statuses:
            each.follow(read)
    told = [
        (found := each.find(certificate)) and each.status(found, int(clock.now().timestamp()))
        for each in statuses
    ]
    assert told == ["NO_LONGER_VERIFIABLE", "VALID"]
    own_shop.give(Role.PRIVACY_OFFICER, _org(own_shop), MarkCertificateErased(certificate=certificate))
    with pytest.raises(DomainError, match="destroyed"):
        house.press.paper(certificate, entry["copies"], at=house.clock.now())


def test_papers_that_a_crash_left_or_a_backup_brought_back_are_removed_at_the_start(own_shop: Shop) -> None:
    entry, other = [each for each in own_shop.demo["certificates"] if each["expected_status"] == "VALID"][:2]
    house, certificate = own_shop.house, own_shop.certificate(entry)
    paper = house.press.path(certificate, entry["copies"])
    kept = house.press.path(own_shop.certificate(other), other["copies"])
    pdf = paper.read_bytes()
    _destroy(own_shop, certificate)
    half = paper.with_name(f".{paper.name}.0123456789abcdef.tmp")
    for path in (paper, half):
        path.write_bytes(pdf)
    house.close()
    with open_house(house.folder.path):
        assert [path.exists() for path in (paper, half, kept)] == [False, False, True]


def test_the_demonstration_keeps_its_blotted_papers_where_the_ledger_has_none(own_shop: Shop) -> None:
    demo = json.loads((own_shop.house.folder.path / "demo.json").read_bytes())
    erased = [each for each in demo["certificates"] if each["expected_status"] == "NO_LONGER_VERIFIABLE"]
    assert erased
    for entry in erased:
        folder, name = entry["pdf"].split("/")[-2:]
        assert folder == "outside"
        assert (own_shop.house.folder.path / folder / name).exists()
        assert not (own_shop.house.folder.papers / name).exists()
