"""Eight bytes of each withdrawn token stay, whatever becomes of the name in it."""

from __future__ import annotations

import sqlite3
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from api.composition import heal
from ledger.clock import SimulatedClock
from ledger.commands.lifecycle import ReinstateCertificate, SuspendCertificate
from ledger.domain.roles import Role
from ledger.issuing.republished import RENEWED_AFTER, Republished
from tests.holder.shop import Shop
from verifier import token


def digest(url: str) -> bytes:
    read = token.parse_qr(url).token
    assert read is not None
    return read.digest()


def test_an_erased_certificate_is_listed_and_its_name_is_gone(shop: Shop) -> None:
    entry = shop.with_status("NO_LONGER_VERIFIABLE")
    certificate = shop.certificate(entry)
    assert shop.house.personal.value(f"certificate/{certificate}", "identity", "holder") is None
    assert any(digest(entry["url"]) in listed for listed in shop.withdrawn.values())


def test_a_digest_is_kept_before_a_crash_can_lose_the_name(own_shop: Shop) -> None:
    """The log says destroyed, the process died before doing it: start-up keeps the digest first."""
    entry = own_shop.with_status("VALID")
    certificate, house = own_shop.certificate(entry), own_shop.house
    kept = house.token_digests
    assert certificate not in _kept(house.folder.path)
    kept.keep_before_destroying(f"certificate/{certificate}", "outcome")
    assert certificate not in _kept(house.folder.path)
    kept.keep_before_destroying(f"certificate/{certificate}", "identity")
    assert _kept(house.folder.path)[certificate] == digest(entry["url"])
    house.personal.destroy(f"certificate/{certificate}", "identity", position=house.queries.head().size)
    assert kept.of([certificate]) == [digest(entry["url"])]


def test_start_up_keeps_the_digests_that_a_restored_store_needs(
    own_shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The personal store of before, and a log that says it was destroyed since."""
    entry, house = own_shop.with_status("VALID"), own_shop.house
    certificate = own_shop.certificate(entry)
    place = (f"certificate/{certificate}", "identity", house.queries.head().size)
    destroyed = [*house.queries.all_destroyed(), place]
    monkeypatch.setattr(type(house.queries), "all_destroyed", lambda _self: destroyed)
    heal(house)
    assert house.personal.value(place[0], "identity", "holder") is None
    assert house.token_digests.of([certificate]) == [digest(entry["url"])]


def test_suspending_lists_it_at_once_and_reinstating_takes_it_off(own_shop: Shop) -> None:
    entry = own_shop.with_status("VALID", kind="TRAINING")
    certificate = own_shop.certificate(entry)
    organisation = own_shop.house.issued.get(certificate).org
    reason = next(iter(own_shop.house.folder.rulebook.reason_codes.certificate_suspend))
    own = digest(entry["url"])
    assert own not in own_shop.withdrawn[organisation]
    suspend = SuspendCertificate(certificate=certificate, reason=reason)
    own_shop.give(Role.TRAINING_ISSUER, organisation, suspend)
    assert own in own_shop.withdrawn[organisation]
    own_shop.give(Role.TRAINING_ISSUER, organisation, ReinstateCertificate(certificate=certificate))
    assert own not in own_shop.withdrawn[organisation]


def test_lists_are_renewed_before_they_are_stale(own_shop: Shop) -> None:
    clock = own_shop.house.clock
    assert isinstance(clock, SimulatedClock)
    first = own_shop.fetch("/withdrawn")
    assert own_shop.fetch("/withdrawn") == first
    clock.set(own_shop.now + RENEWED_AFTER - timedelta(seconds=1))
    assert own_shop.fetch("/withdrawn") == first
    clock.set(own_shop.now + timedelta(seconds=1))
    second = own_shop.fetch("/withdrawn")
    assert second != first
    assert all(listed.is_fresh(own_shop.now + timedelta(hours=24)) for listed in own_shop.withdrawn.values())


@pytest.mark.parametrize(("cost", "rest"), [(0.04, 0.0), (0.2, 4.0), (5.0, 10.0)])
def test_a_list_that_costs_much_rests(monkeypatch: pytest.MonkeyPatch, cost: float, rest: float) -> None:
    moment, elapsed, size, made = datetime.fromisoformat("2026-01-01T00:00:00Z"), [0.0], [1], [0]
    monkeypatch.setattr("ledger.issuing.republished.time.monotonic", lambda: elapsed[0])
    monkeypatch.setattr("ledger.issuing.republished.time.thread_time", lambda: elapsed[0])

    def make(_now: datetime) -> bytes:
        made[0] += 1
        elapsed[0] += cost
        return str(made[0]).encode()

    listed = Republished(lambda: size[0], make)
    assert listed.at(moment) == b"1"
    size[0] = 2
    if rest:
        elapsed[0] += rest - 0.1
        assert listed.at(moment) == b"1"
        elapsed[0] += 0.2
    assert listed.at(moment) == b"2"
    assert listed.at(moment) == b"2"
    assert listed.at(moment + RENEWED_AFTER) == b"3"
    assert listed.at(moment - timedelta(seconds=1)) == b"4"


def _kept(folder: Path) -> dict[str, bytes]:
    with sqlite3.connect(folder / "token-digests.db") as connection:
        found = dict(connection.execute("SELECT certificate, digest FROM token_digest"))
    connection.close()
    return found
