"""Commands over HTTP: once, by whom, signed here or elsewhere."""

from __future__ import annotations

import base64
import json
import uuid
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from eventsourcing.persistence import IntegrityError, OperationalError

from keys.errors import KeystoreError
from keys.signer import Ed25519Signer
from ledger.clock import SimulatedClock
from ledger.errors import ConflictError, StoreError
from ledger.fsck import fsck
from ledger.service import CertificationLedger
from tests.api.bureau import Bureau
from tests.api.client import Api, api


@pytest.fixture(scope="module")
def desk(place: Bureau) -> Iterator[Api]:
    """One API for all: nothing here depends on who signed in before."""
    with api(place) as found:
        yield found


def test_a_command_is_recorded_and_its_receipt_says_where(desk: Api) -> None:
    size = desk.size
    answer = desk.give("admin", "RegisterLearner", full_name="Siti Contoh")
    assert answer.status_code == 201
    body = answer.json()
    assert (body["first_index"], body["events"], desk.size) == (size, 1, size + 1)
    shown = desk.ask("admin", "ShowLearner", learner=body["result"]["learner"])
    assert (shown.status_code, shown.json()["name"]) == (200, "Siti Contoh")
    assert desk.ask("admin", "CommandStatus", command=body["command"]).json()["first_index"] == size


# -- idempotency -------------------------------------------------------------------------------------------------


def test_the_same_key_with_the_same_command_gives_the_same_answer_once(desk: Api) -> None:
    key = uuid.uuid4().hex
    first = desk.give("admin", "RegisterLearner", key=key, full_name="Siti Contoh")
    size = desk.size
    again = desk.give("admin", "RegisterLearner", key=key, full_name="Siti Contoh")
    assert (again.status_code, again.json()) == (first.status_code, first.json())
    assert desk.size == size


@pytest.mark.parametrize(
    ("name", "command", "body"),
    [
        ("admin", "RegisterLearner", {"full_name": "Wati Contoh"}),
        ("admin", "ProposeProgramme", {"code": "A", "trade": "A", "min_attendance_pct": 80}),
    ],
)
def test_the_same_key_with_another_command_is_refused(
    desk: Api, name: str, command: str, body: dict[str, Any]
) -> None:
    key = uuid.uuid4().hex
    desk.give("admin", "RegisterLearner", key=key, full_name="Siti Contoh")
    size = desk.size
    answer = desk.give(name, command, key=key, **body)
    assert (answer.status_code, answer.json()["code"]) == (422, "IDEMPOTENCY_KEY_REUSED")
    assert desk.size == size


def test_a_key_is_one_person_s_own(desk: Api) -> None:
    key = uuid.uuid4().hex
    first = desk.give("one", "RegisterOrganisation", key=key, **ORGANISATION)
    second = desk.give("two", "RegisterOrganisation", key=key, **ORGANISATION)
    assert (first.status_code, second.status_code) == (201, 201)
    assert first.json()["command"] != second.json()["command"]


ORGANISATION = {"kind": "assessment_site", "name": "TUK", "public_name": "TUK Contoh", "zone": "Asia/Jakarta"}


@pytest.mark.parametrize("key", [None, "", "short", "x" * 201, "with a blank", "\u00e9" * 10])
def test_a_command_without_a_fit_key_is_refused(desk: Api, key: str | None) -> None:
    size = desk.size
    headers = [(name.encode(), value.encode()) for name, value in desk.bearer("admin").items()]
    if key is not None:
        headers.append((b"Idempotency-Key", key.encode("latin-1")))
    answer = desk.http.post("/api/commands/RegisterLearner", json={"full_name": "Siti"}, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (422, "VALUE_INVALID")
    assert answer.json()["detail"].startswith("Idempotency-Key: ")
    assert desk.size == size


# -- signatures made elsewhere -----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def device(place: Bureau) -> Ed25519Signer:
    """A key that the server never holds, enrolled for the training_admin."""
    signer = Ed25519Signer.generate()
    place.enrol(place.staff["admin"], signer, custody="device")
    return signer


def prepared(
    desk: Api, device: Ed25519Signer, name: str = "Siti Contoh", key: str | None = None
) -> dict[str, Any]:
    headers = desk.bearer("admin") | {"Idempotency-Key": key or uuid.uuid4().hex}
    path = f"/api/preparations/RegisterLearner?key={device.thumbprint}"
    answer = desk.http.post(path, json={"full_name": name}, headers=headers)
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


def signature(device: Ed25519Signer, ready: dict[str, Any], change: bytes = b"") -> dict[str, str]:
    signed: dict[str, str] = device.sign(base64.b64decode(ready["message"]) + change).to_json()
    return signed


def bring(desk: Api, ready: dict[str, Any], signed: Any, name: str = "admin") -> Any:
    path = f"/api/preparations/{ready['preparation']}/signature"
    return desk.http.post(path, json={"signature": signed}, headers=desk.bearer(name))


def test_a_key_outside_the_server_signs_what_was_prepared(desk: Api, device: Ed25519Signer) -> None:
    ready = prepared(desk, device)
    size = desk.size
    assert ready["key"] == device.thumbprint
    answer = bring(desk, ready, signature(device, ready))
    assert answer.status_code == 200, answer.text
    assert (answer.json()["first_index"], desk.size) == (size, size + 1)
    house = desk.place.house
    with house.application.reading() as sql:
        sql.execute("SELECT state FROM stored_events WHERE {id} = ?", (size + 1,))
        row = sql.fetchone()
    assert row is not None
    payload, signed = bytes(row[0]).split(b"\n")
    assert payload.decode() == ready["payloads"][0]
    assert json.loads(signed)["key"] == device.thumbprint
    assert fsck(house.application, house.queries, house.folder.root)[1] is None


def test_a_preparation_is_used_once_and_by_its_own_person(desk: Api, device: Ed25519Signer) -> None:
    ready = prepared(desk, device)
    signed = signature(device, ready)
    stranger = bring(desk, ready, signed, "issuer")
    assert (stranger.status_code, stranger.json()["code"]) == (404, "PREPARATION_UNKNOWN")
    assert bring(desk, ready, signed).status_code == 200
    again = bring(desk, ready, signed)
    assert (again.status_code, again.json()["code"]) == (409, "PREPARATION_USED")


@pytest.mark.parametrize(
    ("spoil", "code"),
    [
        (lambda _: {}, "VALUE_INVALID"),
        (lambda signed: {"sig": signed["sig"][:-4]}, None),
        (lambda _: {"sig": "*" * 86}, None),
        (lambda signed: signed | {"more": "x"}, None),
        (lambda _: {"sig": 7}, "VALUE_INVALID"),
        (lambda signed: [signed["sig"]], "VALUE_INVALID"),
    ],
)
def test_a_malformed_signature_is_refused_in_words(
    desk: Api, device: Ed25519Signer, spoil: Callable[[dict[str, str]], Any], code: str | None
) -> None:
    ready, size = prepared(desk, device), desk.size
    answer = bring(desk, ready, spoil(signature(device, ready)))
    assert (answer.status_code, answer.headers["content-type"]) == (422, "application/problem+json")
    assert code in {None, answer.json()["code"]}
    assert desk.size == size


def test_a_signature_over_something_else_never_enters_the_log(desk: Api, device: Ed25519Signer) -> None:
    ready, size = prepared(desk, device), desk.size
    answer = bring(desk, ready, signature(device, ready, b"x"))
    assert (answer.status_code, answer.json()["code"]) == (422, "SIGNATURE_WRONG")
    other = prepared(desk, device)
    answer = bring(desk, other, signature(Ed25519Signer.generate(), other))
    assert (answer.status_code, answer.json()["code"]) == (422, "SIGNATURE_WRONG")
    assert desk.size == size


def test_a_key_that_is_not_one_s_own_prepares_nothing(desk: Api, device: Ed25519Signer) -> None:
    headers = desk.bearer("issuer") | {"Idempotency-Key": uuid.uuid4().hex}
    path = f"/api/preparations/RetireScheme?key={device.thumbprint}"
    answer = desk.http.post(path, json={"scheme": desk.place.staff["one"], "version": 1}, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (403, "SIGNER_NOT_AUTHORISED")


def test_a_preparation_that_history_has_overtaken_is_a_conflict(desk: Api, device: Ed25519Signer) -> None:
    ready = prepared(desk, device)
    desk.give("admin", "RegisterLearner", full_name="Orang Lain")
    answer = bring(desk, ready, signature(device, ready))
    assert (answer.status_code, answer.json()["code"]) == (409, "CONCURRENCY_CONFLICT")


def test_a_preparation_expires(desk: Api, device: Ed25519Signer) -> None:
    ready = prepared(desk, device)
    clock = desk.place.house.clock
    assert isinstance(clock, SimulatedClock)
    clock.set(clock.now() + timedelta(minutes=10))
    answer = bring(desk, ready, signature(device, ready))
    assert (answer.status_code, answer.json()["code"]) == (409, "PREPARATION_EXPIRED")


def test_the_same_idempotency_key_signs_once_elsewhere_too(desk: Api, device: Ed25519Signer) -> None:
    key = uuid.uuid4().hex
    one, two = prepared(desk, device, key=key), prepared(desk, device, key=key)
    first = bring(desk, one, signature(device, one))
    size = desk.size
    second = bring(desk, two, signature(device, two))
    assert (second.status_code, second.json()) == (200, first.json())
    assert desk.size == size


@pytest.mark.parametrize("name", ["nothing", "x" * 36, "../session", "00000000-0000-4000-8000-000000000000"])
def test_a_preparation_that_is_not_there_is_told(desk: Api, name: str) -> None:
    answer = bring(desk, {"preparation": name}, {"sig": "x"})
    assert answer.status_code in {404, 405, 422}
    assert answer.headers["content-type"] == "application/problem+json"


# -- what the ledger below answers ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("raised", "status", "code"),
    [
        (ConflictError("somebody was faster"), 409, "CONCURRENCY_CONFLICT"),
        (IntegrityError("row 7 of Siti"), 409, "CONCURRENCY_CONFLICT"),
        (OperationalError("disk of Siti"), 503, "STORE_UNAVAILABLE"),
        (StoreError("CLOCK_WENT_BACK", "the clock went back"), 503, "CLOCK_WENT_BACK"),
        (KeystoreError("KEYSTORE_DAMAGED", "a file is damaged"), 503, "KEYSTORE_DAMAGED"),
        (RuntimeError("Siti was here"), 500, "INTERNAL_ERROR"),
    ],
)
def test_every_class_of_error_is_a_problem_document(
    desk: Api, monkeypatch: pytest.MonkeyPatch, raised: Exception, status: int, code: str
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise raised

    desk.token("admin")
    monkeypatch.setattr(CertificationLedger, "give", broken)
    answer = desk.give("admin", "RegisterLearner", full_name="Siti Contoh")
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")
    body = answer.json()
    assert (body["code"], body["title"], body["status"]) == (code, code, status)
    assert body["type"] == f"urn:certledger:problem:{code}"
    assert "Siti" not in answer.text
    assert "Traceback" not in answer.text


def test_refusals_keep_the_domain_s_codes(desk: Api) -> None:
    nobody = desk.place.staff["one"]
    for answer, status, code in (
        (desk.ask("admin", "ShowLearner", learner=nobody), 404, "UNKNOWN_ID"),
        (desk.give("admin", "RegisterLearner", full_name="A", nik="123"), 422, "NIK_INVALID"),
        (
            desk.give("one", "RegisterOrganisation", **ORGANISATION | {"public_name": "Prison"}),
            422,
            "PUBLIC_FIELD_FORBIDDEN",
        ),
        (desk.give("one", "GrantRole", staff=nobody, request="0" * 64), 404, "UNKNOWN_ID"),
        (
            desk.give("one", "RequestRoleGrant", staff=nobody, role="auditor", org=None),
            403,
            "SOD_SELF_APPROVAL",
        ),
    ):
        assert (answer.status_code, answer.json()["code"]) == (status, code)
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.json()["detail"]
