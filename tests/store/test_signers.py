"""Who may sign, and when: unknown people and keys, keys and roles that ended, passphrases, a ledger that is not open."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from api.composition import House
from api.desk import AccountDesk
from api.founding import Custodian, Founding, found
from keys.errors import UnlockError
from keys.signer import Ed25519Signer, possession
from ledger.clock import SimulatedClock
from ledger.commands.command import Command
from ledger.commands.custody import (
    RequestSuccession,
    SucceedLedger,
)
from ledger.commands.founding import CoFoundLedger
from ledger.commands.staff import (
    DeclareKeyCompromise,
    RequestKeyCompromise,
    RetireKey,
    RevokeRole,
    RotateKey,
)
from ledger.deciding import Signatory
from ledger.domain.roles import Role
from ledger.service import CertificationLedger
from tests.houses import FAST, PASSPHRASES, RULES, START, Office
from tests.store.refusing import NOBODY, SITE, refused, register

# -- keys and signers ------------------------------------------------------------------------------------------


def test_who_is_not_registered_and_what_is_not_enrolled_signs_nothing(place: Office) -> None:
    one, two = place.custodians
    stranger = Ed25519Signer.generate()

    def give(staff: str, signer: Any) -> Callable[[], object]:
        who = Signatory(staff, Role.KEY_CUSTODIAN, None)
        return lambda: place.house.ledger.give(who, signer, SITE, idempotency_key="k")

    for staff, signer in ((NOBODY, stranger), (one, stranger), (one, place.signers[two])):
        assert refused(give(staff, signer)) == "SIGNER_NOT_AUTHORISED"
    who = Signatory(one, Role.KEY_CUSTODIAN, None)
    prepare = place.house.ledger.prepare
    elsewhere = place.signers[two].thumbprint
    assert refused(lambda: prepare(who, elsewhere, SITE, idempotency_key="k")) == "SIGNER_NOT_AUTHORISED"


def test_a_key_that_was_retired_rotated_or_compromised_signs_nothing_more(place: Office) -> None:
    people = [place.person((Role.KEY_CUSTODIAN, None)) for _ in range(3)]
    retired, rotated, compromised = people
    old = place.signers[rotated]

    def give(staff: str) -> Callable[[], object]:
        return lambda: place.give(staff, Role.KEY_CUSTODIAN, None, SITE)

    for staff in people:
        give(staff)()
    place.custody(RetireKey(staff=retired, key=place.signers[retired].thumbprint))
    new = Ed25519Signer.generate()
    rotation = RotateKey(
        retires=old.thumbprint,
        jwk=new.jwk,
        alg="ed25519",
        custody="server-held",
        possession=possession(new, place.house.folder.root.origin, rotated),
    )
    place.give(rotated, Role.KEY_CUSTODIAN, None, rotation)
    asked = RequestKeyCompromise(staff=compromised, key=place.signers[compromised].thumbprint, from_size=0)
    request = place.custody(asked).result["request"]
    place.custody(DeclareKeyCompromise(staff=compromised, request=request), second=True)
    assert [refused(give(staff)) for staff in people] == ["SIGNER_NOT_AUTHORISED"] * len(people)
    place.signers[rotated] = new
    give(rotated)()


def test_a_preparation_whose_key_was_retired_meanwhile_is_not_recorded(place: Office) -> None:
    staff = place.person((Role.KEY_CUSTODIAN, None))
    signer, who = place.signers[staff], Signatory(staff, Role.KEY_CUSTODIAN, None)
    ready = place.house.ledger.prepare(who, signer.thumbprint, SITE, idempotency_key="k")
    place.custody(RetireKey(staff=staff, key=signer.thumbprint))
    signature = signer.sign(ready.message).to_json()
    code = refused(lambda: place.house.ledger.append(staff, ready.id, signature))
    assert code == "SIGNER_NOT_AUTHORISED"


def test_a_revoked_role_gives_nothing_more(place: Office) -> None:
    org = place.organisation()
    admin = place.person((Role.TRAINING_ADMIN, org))
    place.give(admin, Role.TRAINING_ADMIN, org, register())
    place.custody(RevokeRole(staff=admin, role=Role.TRAINING_ADMIN, org=org))
    assert refused(lambda: place.give(admin, Role.TRAINING_ADMIN, org, register())) == "ROLE_FORBIDDEN"


def test_a_key_opens_by_its_passphrase_for_its_owner_and_not_for_ever(place: Office) -> None:
    account = place.house.accounts.get("one")
    unlocked, now = place.house.unlocked, START
    asked: dict[str, Any] = {"owner": account.staff, "now": now}
    assert refused_unlock(lambda: unlocked.signer(account.key, **asked)) == "KEY_LOCKED"
    assert refused_unlock(lambda: unlocked.unlock(account.key, "a wrong one", **asked)) == "PASSPHRASE_WRONG"
    unlocked.unlock(account.key, PASSPHRASES[0], **asked)
    signer = unlocked.signer(account.key, **asked)
    who = Signatory(account.staff, Role.KEY_CUSTODIAN, None)
    place.house.ledger.give(who, signer, SITE, idempotency_key="k")
    other: dict[str, Any] = {"owner": place.custodians[1], "now": now}
    assert refused_unlock(lambda: unlocked.signer(account.key, **other)) == "KEY_LOCKED"
    later: dict[str, Any] = {"owner": account.staff, "now": now + timedelta(minutes=15, seconds=1)}
    assert refused_unlock(lambda: unlocked.signer(account.key, **later)) == "KEY_LOCKED"
    desk = AccountDesk(place.house, lambda _name: "a wrong one")
    assert refused_unlock(lambda: desk.signer_of("one")) == "PASSPHRASE_WRONG"


def refused_unlock(give: Callable[[], object]) -> str:
    with pytest.raises(UnlockError) as caught:
        give()
    return caught.value.code


# -- the ledger's own state ------------------------------------------------------------------------------------


@pytest.fixture
def half_founded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[House]:
    """Only the first custodian has signed."""
    give = CertificationLedger.give

    def first_only(self: CertificationLedger, who: Any, signer: Any, command: Command, **key: str) -> Any:
        return None if isinstance(command, CoFoundLedger) else give(self, who, signer, command, **key)

    custodians = (Custodian("one", PASSPHRASES[0]), Custodian("two", PASSPHRASES[1]))
    where: dict[str, Any] = {"origin": "ledger.example/log", "base_url": "http://localhost:8000"}
    founding = Founding(**where, rulebook=RULES, custodians=custodians, simulated_from=START, kdf=FAST)
    with monkeypatch.context() as patch:
        patch.setattr(CertificationLedger, "give", first_only)
        house = found(tmp_path / "data", founding, SimulatedClock(START))
    with house:
        yield house


def test_before_both_root_keys_have_signed_nothing_else_is_accepted(half_founded: House) -> None:
    place = Office(half_founded)
    assert half_founded.queries.head().size == 1
    assert refused(lambda: place.custody(SITE)) == "LEDGER_NOT_OPEN"
    assert refused(lambda: place.custody(CoFoundLedger())) == "SIGNER_NOT_AUTHORISED"
    assert half_founded.queries.head().size == 1
    place.custody(CoFoundLedger(), second=True)
    place.custody(SITE)


def test_after_a_successor_was_named_nothing_more_is_accepted(place: Office) -> None:
    head = place.house.queries.head()
    succession = RequestSuccession(
        origin="ledger.example/log2", size=head.size + 1, root=head.root.hex(), restored=head.size
    )
    request = place.custody(succession).result["request"]
    place.custody(SucceedLedger(request=request), second=True)
    for second in (False, True):
        assert refused(partial(place.custody, SITE, second=second)) == "LEDGER_NOT_OPEN"
