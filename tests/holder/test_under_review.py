"""A certificate under review after a key compromise, and what ends the review."""

from __future__ import annotations

from ledger.commands.custody import DeclareIssuerKeyCompromise, RequestIssuerKeyCompromise
from ledger.commands.lifecycle import CountersignCertificate
from ledger.domain.roles import Role
from tests.holder.shop import Shop


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
