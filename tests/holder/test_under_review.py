"""A certificate under review after a key compromise, and what ends the review: the ledger and the audit agree."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from api.issuer_keys import Custodian
from keys.signer import Ed25519Signer, possession
from ledger.clock import SimulatedClock
from ledger.commands.custody import DeclareIssuerKeyCompromise, RequestIssuerKeyCompromise
from ledger.commands.lifecycle import CountersignCertificate, ReinstateCertificate, SuspendCertificate
from ledger.commands.staff import DeclareKeyCompromise, EnrolKey, RequestKeyCompromise, RequestKeyEnrolment
from ledger.deciding import Signatory
from ledger.domain.event import to_time
from ledger.domain.roles import Role
from ledger.domain.staff import Staff
from ledger.rebuild import rebuild
from tests.holder.shop import Shop
from verifier.entry import parse_entry
from verifier.event import Event
from verifier.status import Statuses


def _declare(shop: Shop, key: str) -> None:
    """Two custodians: this issuer key was compromised from the first entry on."""
    asked = shop.custody(RequestIssuerKeyCompromise(issuer_key=key, from_size=0))
    shop.custody(DeclareIssuerKeyCompromise(issuer_key=key, request=asked["request"]), second=True)


def test_a_second_compromise_from_the_same_size_asks_for_another_countersignature(own_shop: Shop) -> None:
    house = own_shop.house
    certificate = own_shop.certificate(own_shop.with_status("VALID", kind="TRAINING"))
    organisation = house.issued.get(certificate).org
    one, two = house.keyring.of(organisation)[:2]

    def status() -> str:
        now, as_of = (
            house.statuses.now(certificate, own_shop.now)[0],
            house.statuses.at(certificate, own_shop.now),
        )
        listed = certificate in {each.certificate for each in house.lists.standing.fallen(organisation)}
        assert (now, listed) == (as_of, now == "SUSPENDED")
        return now

    countersign = CountersignCertificate(certificate=certificate)
    for key in (one, two):
        assert status() == "VALID"
        _declare(own_shop, key.id)
        assert status() == "SUSPENDED"
        own_shop.give(Role.TRAINING_ISSUER, organisation, countersign)
    assert status() == "VALID"


@dataclass(slots=True)
class _Issuers:
    """The issuers of one certificate, and what ledger and audit say of it as time goes by."""

    shop: Shop
    certificate: str
    org: str

    def desks(self) -> list[Custodian]:
        """Those who may act for it, at their desks."""
        accounts = self.shop.house.accounts.all()
        found = [self.shop.house.application.find(Staff, each.staff) for each in accounts]
        return [
            self.shop._custodian(account.username)
            for account, staff in zip(accounts, found, strict=True)
            if staff is not None and staff.holds(Role.COMPETENCE_ISSUER, self.org)
        ]

    def act(
        self, who: Custodian, command: SuspendCertificate | ReinstateCertificate | CountersignCertificate
    ) -> int:
        """Give it; the log size before."""
        size = self.shop.house.queries.head().size
        self.shop._give(Signatory(who.staff, Role.COMPETENCE_ISSUER, self.org), who, command)
        return size

    def compromise(self, who: Custodian, from_size: int) -> None:
        """Two custodians declare this person's key compromised."""
        key = who.signer.thumbprint
        asked = self.shop.custody(RequestKeyCompromise(staff=who.staff, key=key, from_size=from_size))
        self.shop.custody(DeclareKeyCompromise(staff=who.staff, request=asked["request"]), second=True)

    def new_key(self, who: Custodian) -> Custodian:
        """The same person with a new key."""
        signer = Ed25519Signer.generate()
        proof = possession(signer, self.shop.house.folder.root.origin, who.staff)
        enrolment = RequestKeyEnrolment(
            staff=who.staff, jwk=signer.jwk, alg="ed25519", custody="server-held", possession=proof
        )
        asked = self.shop.custody(enrolment)
        self.shop.custody(EnrolKey(staff=who.staff, request=asked["request"]), second=True)
        return Custodian(who.staff, signer)

    def audited(self, moments: list[datetime]) -> list[str]:
        """What the audit makes of the same entries, at each moment."""
        following = [Statuses(to_time(moment)) for moment in moments]
        with self.shop.house.application.reading() as sql:
            sql.execute("SELECT {id}, state FROM stored_events ORDER BY {id}")
            rows = sql.fetchall()
        for number, state in rows:
            event = Event.of_entry(parse_entry(bytes(state)))
            event.index = int(number) - 1
            for each in following:
                each.follow(event)
        found = [each.find(self.certificate) for each in following]
        return [
            "NOT_FOUND" if one is None else each.status(one, int(moment.timestamp()))
            for each, one, moment in zip(following, found, moments, strict=True)
        ]


def test_what_a_stolen_key_reinstated_or_countersigned_does_not_stand(own_shop: Shop) -> None:
    house, clock = own_shop.house, own_shop.house.clock
    assert isinstance(clock, SimulatedClock)
    certificate = own_shop.certificate(own_shop.with_status("VALID", kind="COMPETENCE"))
    issuers = _Issuers(own_shop, certificate, house.issued.get(certificate).org)
    said: list[tuple[datetime, str]] = []

    def expect(expected: str) -> None:
        listed = certificate in {each.certificate for each in house.lists.standing.fallen(issuers.org)}
        assert (house.statuses.now(certificate, clock.now())[0], listed) == (expected, expected != "VALID")
        said.append((clock.now(), expected))
        clock.set(clock.now() + timedelta(minutes=1))

    one, two = issuers.desks()
    expect("VALID")
    issuers.act(two, SuspendCertificate(certificate=certificate, reason="COMPLAINT_OPEN"))
    expect("SUSPENDED")
    reinstated = issuers.act(one, ReinstateCertificate(certificate=certificate))
    expect("VALID")
    issuers.compromise(one, reinstated)
    expect("SUSPENDED")
    countersigned = issuers.act(two, CountersignCertificate(certificate=certificate))
    expect("VALID")
    issuers.compromise(two, countersigned)
    expect("SUSPENDED")
    issuers.act(issuers.new_key(one), CountersignCertificate(certificate=certificate))
    expect("VALID")
    moments, expected = zip(*said, strict=True)
    assert tuple(house.statuses.at(certificate, moment) for moment in moments) == expected
    assert tuple(issuers.audited(list(moments))) == expected
    assert not any(rebuild(house.application).differing.values())
