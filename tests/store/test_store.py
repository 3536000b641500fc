"""The store keeps its promises on SQLite and on PostgreSQL alike."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from keys.signer import Ed25519Signer, possession
from ledger.clock import SimulatedClock
from ledger.commands.custody import CloseOrganisation, RegisterOrganisation, RenameOrganisation
from ledger.commands.founding import CoFoundLedger
from ledger.commands.staff import RecordLicence, RetireKey, RotateKey
from ledger.deciding import Signatory
from ledger.domain.event import Event
from ledger.domain.roles import Role
from ledger.errors import ConflictError, DomainError, StoreError
from ledger.fsck import fsck
from ledger.rebuild import rebuild
from ledger.store.admission import Sql
from tests.houses import START, Office, office
from verifier.merkle import leaf_hash, root


@pytest.fixture(params=["sqlite", "postgres"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Office]:
    with office(tmp_path / "data", request.param) as found:
        yield found


def writing(place: Office) -> AbstractContextManager[Sql]:
    recorder: Any = place.house.application.recorder
    held: AbstractContextManager[Sql] = recorder.writing()
    return held


def entries(place: Office) -> list[tuple[int, bytes]]:
    with place.house.application.reading() as sql:
        sql.execute("SELECT {id}, state FROM stored_events ORDER BY {id}")
        return [(int(number) - 1, bytes(state)) for number, state in sql.fetchall()]


def test_leaf_indexes_are_contiguous_and_the_stored_root_is_that_of_the_entries(place: Office) -> None:
    org = place.organisation()
    place.person((Role.TRAINING_ADMIN, org))
    with pytest.raises(DomainError):
        place.custody(CloseOrganisation(organisation=place.custodians[0]))
    place.organisation()
    stored = entries(place)
    head = place.house.queries.head()
    assert [index for index, _ in stored] == list(range(head.size))
    assert head.root == root([leaf_hash(entry) for _, entry in stored])


@pytest.mark.parametrize("statement", ["UPDATE stored_events SET topic = 'x'", "DELETE FROM stored_events"])
def test_history_cannot_be_changed_in_place(place: Office, statement: str) -> None:
    before = entries(place)
    with pytest.raises(Exception, match="append-only"), writing(place) as sql:
        sql.execute(statement)
    assert entries(place) == before


def test_a_repeated_idempotency_key_gives_the_first_answer_and_records_nothing(place: Office) -> None:
    command = RegisterOrganisation(
        kind="assessment_site", name="TUK", public_name="TUK Contoh", zone="Asia/Jakarta"
    )
    first = place.custody(command, key="the-same-key")
    size = place.house.queries.head().size
    assert place.custody(command, key="the-same-key") == first
    assert place.house.queries.head().size == size


def test_the_same_key_with_another_command_is_refused(place: Office) -> None:
    org = place.organisation()
    place.custody(RenameOrganisation(organisation=org, name="A", public_name="A"), key="the-same-key")
    with pytest.raises(DomainError) as refused:
        place.custody(RenameOrganisation(organisation=org, name="B", public_name="B"), key="the-same-key")
    assert refused.value.code == "IDEMPOTENCY_KEY_REUSED"


def test_another_person_may_use_the_same_key(place: Office) -> None:
    org = place.organisation()
    place.custody(RenameOrganisation(organisation=org, name="A", public_name="A"), key="the-same-key")
    place.custody(
        RenameOrganisation(organisation=org, name="B", public_name="B"), key="the-same-key", second=True
    )


def test_two_acts_at_once_on_one_thing_are_both_recorded_one_after_the_other(place: Office) -> None:
    org = place.organisation()
    failures: list[BaseException] = []

    def rename(number: int) -> None:
        try:
            command = RenameOrganisation(organisation=org, name=f"N{number}", public_name=f"N{number}")
            place.custody(command, second=bool(number % 2))
        except BaseException as error:  # noqa: BLE001 - told below
            failures.append(error)

    size = place.house.queries.head().size
    threads = [threading.Thread(target=rename, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert place.house.queries.head().size == size + 8
    assert fsck(place.house.application, place.house.queries, place.house.folder.root)[1] is None


def test_a_preparation_that_history_has_overtaken_is_a_conflict(place: Office) -> None:
    org = place.organisation()
    custodian = place.custodians[0]
    signer = place.signers[custodian]
    who = Signatory(custodian, Role.KEY_CUSTODIAN, None)
    command = RenameOrganisation(organisation=org, name="A", public_name="A")
    ready = place.house.ledger.prepare(who, signer.thumbprint, command, idempotency_key="k")
    place.custody(RenameOrganisation(organisation=org, name="B", public_name="B"), second=True)
    with pytest.raises(ConflictError) as refused:
        place.house.ledger.append(custodian, ready.id, signer.sign(ready.message).to_json())
    assert refused.value.code == "CONCURRENCY_CONFLICT"


def test_a_signature_made_elsewhere_is_recorded_once(place: Office) -> None:
    custodian = place.custodians[0]
    signer = place.signers[custodian]
    who = Signatory(custodian, Role.KEY_CUSTODIAN, None)
    command = RegisterOrganisation(
        kind="assessment_site", name="TUK", public_name="TUK Contoh", zone="Asia/Jakarta"
    )
    ready = place.house.ledger.prepare(who, signer.thumbprint, command, idempotency_key="k")
    receipt = place.house.ledger.append(custodian, ready.id, signer.sign(ready.message).to_json())
    assert entries(place)[receipt.first_index][1].startswith(ready.payloads[0])
    with pytest.raises(DomainError) as refused:
        place.house.ledger.append(custodian, ready.id, signer.sign(ready.message).to_json())
    assert refused.value.code == "PREPARATION_USED"


def test_a_wrong_signature_never_enters_the_log(place: Office) -> None:
    custodian = place.custodians[0]
    signer = place.signers[custodian]
    who = Signatory(custodian, Role.KEY_CUSTODIAN, None)
    command = RegisterOrganisation(
        kind="assessment_site", name="TUK", public_name="TUK Contoh", zone="Asia/Jakarta"
    )
    ready = place.house.ledger.prepare(who, signer.thumbprint, command, idempotency_key="k")
    size = place.house.queries.head().size
    with pytest.raises(Exception, match="SIGNATURE_WRONG"):
        place.house.ledger.append(custodian, ready.id, signer.sign(ready.message + b"x").to_json())
    assert place.house.queries.head().size == size


def test_a_preparation_expires(place: Office) -> None:
    custodian = place.custodians[0]
    signer = place.signers[custodian]
    who = Signatory(custodian, Role.KEY_CUSTODIAN, None)
    org = place.organisation()
    command = CloseOrganisation(organisation=org)
    ready = place.house.ledger.prepare(who, signer.thumbprint, command, idempotency_key="k")
    clock = place.house.clock
    assert isinstance(clock, SimulatedClock)
    clock.set(START + timedelta(minutes=10))
    with pytest.raises(DomainError) as refused:
        place.house.ledger.append(custodian, ready.id, signer.sign(ready.message).to_json())
    assert refused.value.code == "PREPARATION_EXPIRED"


def test_a_retired_key_signs_nothing_more(place: Office) -> None:
    org = place.organisation()
    staff = place.person((Role.KEY_CUSTODIAN, None))
    place.custody(RetireKey(staff=staff, key=place.signers[staff].thumbprint))
    with pytest.raises(DomainError) as refused:
        place.give(staff, Role.KEY_CUSTODIAN, None, CloseOrganisation(organisation=org))
    assert refused.value.code == "SIGNER_NOT_AUTHORISED"


def test_a_role_that_is_not_held_is_refused_before_what_the_command_names(place: Office) -> None:
    org = place.organisation()
    staff = place.person((Role.TRAINING_ADMIN, org))
    with pytest.raises(DomainError) as refused:
        place.give(staff, Role.KEY_CUSTODIAN, None, CloseOrganisation(organisation=place.custodians[0]))
    assert refused.value.code == "ROLE_FORBIDDEN"


def test_the_ledger_is_founded_once(place: Office) -> None:
    with pytest.raises(DomainError) as refused:
        place.custody(CoFoundLedger(), second=True)
    assert refused.value.code == "LEDGER_STATE_INVALID"


def test_nobody_grants_themselves_anything(place: Office) -> None:
    with pytest.raises(DomainError) as refused:
        place.custody(
            RecordLicence(staff=place.custodians[0], number="1", scope=["LAS"], until=date(2032, 1, 1))
        )
    assert refused.value.code == "SOD_SELF_APPROVAL"


def test_a_clock_that_went_back_is_noticed(place: Office) -> None:
    clock = place.house.clock
    assert isinstance(clock, SimulatedClock)
    clock.set(START - timedelta(hours=25))
    with pytest.raises(StoreError) as refused:
        place.organisation()
    assert refused.value.code == "CLOCK_WENT_BACK"


def test_projections_come_out_equal_and_a_changed_one_is_told_and_put_right(place: Office) -> None:
    org = place.organisation()
    assert not any(rebuild(place.house.application).differing.values())
    with writing(place) as sql:
        sql.execute("UPDATE organisation SET public_name = 'forged' WHERE id = ?", (org,))
    assert rebuild(place.house.application).differing["organisation"] == 2
    assert place.house.queries.organisation(org) == ("training_provider", "BLK Contoh", "Asia/Jayapura")


@pytest.mark.parametrize("place", ["sqlite"], indirect=True)
def test_nobody_else_on_the_machine_reads_the_entries(place: Office) -> None:
    files = [each for each in place.house.folder.path.iterdir() if each.name.startswith("events.db")]
    assert files
    assert {each.stat().st_mode & 0o077 for each in files} == {0}


def test_what_follows_and_fails_is_done_later_and_holds_up_nobody(place: Office) -> None:
    org = place.organisation()
    followed: list[str] = []
    broken = [True]

    def follow(event: Event, _index: int) -> None:
        if event.data.get("public_name") == "A" and broken[0]:
            raise StoreError("STORE_BUSY", "the disk is full")
        followed.append(str(event.data.get("public_name")))

    place.house.ledger.after_commit.append(follow)
    receipt = place.custody(RenameOrganisation(organisation=org, name="A", public_name="A"))
    assert entries(place)[-1][0] == receipt.first_index
    place.custody(RenameOrganisation(organisation=org, name="B", public_name="B"))
    assert followed == ["B"]
    broken[0] = False
    place.custody(RenameOrganisation(organisation=org, name="C", public_name="C"))
    assert followed == ["B", "A", "C"]
    assert place.house.personal.value(f"organisation/{org}", "contact", "name") == "C"


def test_a_key_is_rotated_by_itself_only(place: Office) -> None:
    staff = place.person((Role.KEY_CUSTODIAN, None))
    new = Ed25519Signer.generate()
    proof = possession(new, place.house.folder.root.origin, staff)
    other = place.signers[place.custodians[0]].thumbprint
    command = RotateKey(retires=other, jwk=new.jwk, alg="ed25519", custody="server-held", possession=proof)
    with pytest.raises(DomainError) as refused:
        place.give(staff, Role.KEY_CUSTODIAN, None, command)
    assert refused.value.code == "VALUE_INVALID"
    place.give(
        staff,
        Role.KEY_CUSTODIAN,
        None,
        command.model_copy(update={"retires": place.signers[staff].thumbprint}),
    )
    with pytest.raises(DomainError) as refused:
        place.organisation_by(staff)
    assert refused.value.code == "SIGNER_NOT_AUTHORISED"
    place.signers[staff] = new
    place.organisation_by(staff)
