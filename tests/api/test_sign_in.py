"""Signing in, and what a token is good for and how long."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor, wait
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from api.staff.sessions import ATTEMPTS, IDLE, LIFE, WAITING, Sessions
from keys.keystore import Keystore
from keys.passphrase import wrong_passphrase
from ledger.domain.roles import Role
from tests.api.bureau import bureau, passphrase_of
from tests.api.client import Api, api
from tests.houses import PASSPHRASES


class Watch:
    """The machine's time, moved by hand."""

    def __init__(self) -> None:
        self.now = datetime(2031, 3, 3, 1, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def watch(monkeypatch: pytest.MonkeyPatch) -> Watch:
    found = Watch()
    monkeypatch.setattr(Sessions, "now", staticmethod(found))
    return found


def register(desk: Api, name: str = "admin") -> Any:
    return desk.give(name, "RegisterLearner", full_name="Siti Contoh")


def test_a_passphrase_gets_a_token_for_one_person_in_one_role(desk: Api) -> None:
    answer = desk.sign_in("admin")
    assert answer.status_code == 200
    body = answer.json()
    assert (body["staff"], body["role"], body["org"]) == (
        desk.place.staff["admin"],
        "training_admin",
        desk.place.orgs["blk"],
    )
    assert len(body["token"]) >= 43
    assert register(desk).status_code == 201


def test_a_wrong_passphrase_and_an_unknown_name_are_answered_alike(desk: Api) -> None:
    wrong = desk.sign_in("admin", "not the passphrase")
    unknown = desk.sign_in("nobody", "not the passphrase")
    assert (wrong.status_code, wrong.json()["code"]) == (401, "PASSPHRASE_WRONG")
    assert wrong.headers["www-authenticate"] == "Bearer"
    assert (unknown.status_code, unknown.json()) == (wrong.status_code, wrong.json())
    assert dict(unknown.headers) == dict(wrong.headers)


def test_an_unknown_name_costs_what_a_wrong_passphrase_costs(
    desk: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    tried: list[str] = []
    unlock = Keystore.unlock

    def counting(self: Keystore, thumbprint: str, passphrase: str) -> Any:
        tried.append(thumbprint)
        return unlock(self, thumbprint, passphrase)

    monkeypatch.setattr(Keystore, "unlock", counting)
    desk.sign_in("admin", "not the passphrase")
    assert len(tried) == 1
    desk.sign_in("nobody", "not the passphrase")
    assert len(tried) == 2


def test_the_stand_in_for_an_unknown_name_opens_nothing(desk: Api) -> None:
    first = desk.place.house.accounts.all()[0]
    assert first.username == "one"
    assert desk.sign_in("nobody", PASSPHRASES[0]).json()["code"] == "PASSPHRASE_WRONG"
    unlocked = desk.place.house.unlocked
    assert not unlocked.is_unlocked(first.key, owner=first.staff, now=datetime.now(UTC))


def test_wrong_passphrases_are_rationed_even_for_who_then_knows_the_right_one(
    desk: Api, watch: Watch
) -> None:
    for _ in range(ATTEMPTS):
        assert desk.sign_in("admin", "not the passphrase").status_code == 401
    refused = desk.sign_in("admin")
    assert (refused.status_code, refused.json()["code"]) == (429, "TOO_MANY_ATTEMPTS")
    assert refused.headers["retry-after"] == "60"
    assert desk.sign_in("issuer").status_code == 200  # another name
    watch.now += timedelta(seconds=60)
    assert desk.sign_in("admin").status_code == 200


def test_right_passphrases_are_not_rationed(desk: Api, watch: Watch) -> None:
    assert {desk.sign_in("admin").status_code for _ in range(2 * ATTEMPTS)} == {200}


def test_many_attempts_at_once_are_counted_before_they_are_made(desk: Api) -> None:
    with ThreadPoolExecutor(16) as threads:
        answers = list(
            threads.map(lambda _: desk.sign_in("admin", "not the passphrase").status_code, range(24))
        )
    assert answers.count(401) <= ATTEMPTS
    assert set(answers) == {401, 429}


def test_a_network_that_tries_many_names_is_slowed_down(desk: Api) -> None:
    answers = [desk.sign_in(f"name {number}", "not the passphrase").status_code for number in range(60)]
    assert answers[:10] == [401] * 10
    assert answers[-1] == 429


def test_few_wait_for_their_passphrase_to_be_tried(desk: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    """Names nobody has, all at once: who waits keeps a thread that other routes need."""
    gate, inside = threading.Event(), threading.Semaphore(0)

    def waiting(_self: Keystore, _thumbprint: str, _passphrase: str) -> Any:
        inside.release()
        gate.wait(20)
        raise wrong_passphrase()

    monkeypatch.setattr(Keystore, "unlock", waiting)
    with ThreadPoolExecutor(30) as threads:
        under_way = [
            threads.submit(desk.sign_in, f"name {number}", "not the passphrase") for number in range(30)
        ]
        assert inside.acquire(timeout=20)
        refused = wait(under_way, timeout=5).done
        gate.set()
    assert {each.result().status_code for each in refused} == {429}
    assert len(refused) == len(under_way) - WAITING
    monkeypatch.undo()
    assert desk.sign_in("admin").status_code == 200


# -- in which role -----------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def double(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Api]:
    with bureau(tmp_path_factory.mktemp("double") / "data", "admin") as place:
        place.hire(
            "both",
            (Role.TRAINING_ADMIN, "blk"),
            (Role.TRAINING_ISSUER, "blk"),
            (Role.TRAINING_ADMIN, "other"),
        )
        with api(place) as found:
            yield found


def test_who_holds_several_roles_says_which(double: Api) -> None:
    unsaid = double.sign_in("both")
    assert (unsaid.status_code, unsaid.json()["code"]) == (422, "VALUE_INVALID")
    assert "training_admin, training_issuer" in unsaid.json()["detail"]
    assert double.sign_in("both", role="training_issuer").json()["org"] == double.place.orgs["blk"]
    assert double.sign_in("both", role="training_admin").status_code == 422
    there = double.sign_in("both", role="training_admin", org=double.place.orgs["other"])
    assert there.json()["org"] == double.place.orgs["other"]


def test_a_role_that_is_not_held_leaves_the_key_locked(double: Api) -> None:
    account = double.place.house.accounts.get("both")
    double.place.house.unlocked.lock(account.key)
    with api(double.place) as fresh:
        answer = fresh.sign_in("both", role="auditor")
    assert (answer.status_code, answer.json()["code"]) == (403, "ROLE_FORBIDDEN")
    assert not double.place.house.unlocked.is_unlocked(
        account.key, owner=account.staff, now=datetime.now(UTC)
    )


def test_a_token_is_for_its_role_only(desk: Api) -> None:
    size = desk.size
    answer = desk.give("issuer", "RegisterLearner", full_name="Siti Contoh")
    assert (answer.status_code, answer.json()["code"]) == (403, "ROLE_FORBIDDEN")
    answer = desk.ask("issuer", "ListStaff")
    assert (answer.status_code, answer.json()["code"]) == (403, "ROLE_FORBIDDEN")
    assert desk.size == size


def test_a_role_that_is_revoked_ends_in_mid_session(own_desk: Api) -> None:
    assert register(own_desk).status_code == 201
    own_desk.place.give(
        "one",
        "RevokeRole",
        staff=own_desk.place.staff["admin"],
        role="training_admin",
        org=own_desk.place.orgs["blk"],
    )
    size = own_desk.size
    assert register(own_desk).json()["code"] == "ROLE_FORBIDDEN"
    assert own_desk.ask("admin", "FindLearners", name="Siti").json()["code"] == "ROLE_FORBIDDEN"
    assert (
        own_desk.give("admin", "RegisterLearner", to="preparations", full_name="X Y").json()["code"]
        == "ROLE_FORBIDDEN"
    )
    assert own_desk.size == size


def test_a_key_that_is_retired_signs_nothing_more_in_mid_session(own_desk: Api) -> None:
    assert register(own_desk).status_code == 201
    key = own_desk.place.house.accounts.get("admin").key
    own_desk.place.give("one", "RetireKey", staff=own_desk.place.staff["admin"], key=key)
    answer = register(own_desk)
    assert (answer.status_code, answer.json()["code"]) == (403, "SIGNER_NOT_AUTHORISED")


def test_who_has_a_compromised_key_reads_nothing_and_signs_in_no_more(own_desk: Api) -> None:
    assert own_desk.ask("privacy", "ListSubjectRequests").status_code == 200
    place, account = own_desk.place, own_desk.place.house.accounts.get("privacy")
    asked = place.give("one", "RequestKeyCompromise", staff=account.staff, key=account.key, from_size=0)
    place.give("two", "DeclareKeyCompromise", staff=account.staff, request=asked["request"])
    answer = own_desk.ask("privacy", "ListSubjectRequests")
    assert (answer.status_code, answer.json()["code"]) == (403, "SIGNER_NOT_AUTHORISED")
    assert own_desk.ask("privacy", "ListSubjectRequests").json()["code"] == "NOT_SIGNED_IN"
    assert own_desk.sign_in("privacy").json()["code"] == "SIGNER_NOT_AUTHORISED"
    assert not place.house.unlocked.is_unlocked(account.key, owner=account.staff, now=datetime.now(UTC))


def test_entries_are_closed_to_an_auditor_whose_role_is_revoked(tmp_path: Path) -> None:
    with bureau(tmp_path / "data", "auditor") as place, api(place) as desk:
        place.house.room.check()
        place.house.room.round()
        size = place.house.queries.head().size
        tile = f"/tile/entries/000.p/{size}"
        assert desk.http.get(tile, headers=desk.bearer("auditor")).status_code == 200
        place.give("one", "RevokeRole", staff=place.staff["auditor"], role="auditor", org=None)
        assert desk.http.get(tile, headers=desk.bearer("auditor")).status_code == 401


# -- how long ----------------------------------------------------------------------------------------------------


def test_a_token_with_which_nothing_is_done_is_locked(desk: Api, watch: Watch) -> None:
    desk.token("admin")
    watch.now += IDLE
    assert desk.ask("admin", "FindLearners", name="Siti").status_code == 200
    watch.now += IDLE + timedelta(seconds=1)
    size = desk.size
    for answer in (register(desk), desk.ask("admin", "FindLearners", name="Siti"), register(desk)):
        assert (answer.status_code, answer.json()["code"]) == (423, "KEY_LOCKED")
    assert desk.size == size
    assert desk.sign_in("admin").status_code == 200
    assert register(desk).json()["code"] == "KEY_LOCKED", "an old token does not come back to life"


def test_asking_keeps_the_token_but_not_the_key(desk: Api, watch: Watch) -> None:
    desk.token("admin")
    for _ in range(2):
        watch.now += timedelta(minutes=10)
        assert desk.ask("admin", "FindLearners", name="Siti").status_code == 200
    answer = register(desk)
    assert (answer.status_code, answer.json()["code"]) == (423, "KEY_LOCKED")
    assert "passphrase" in answer.json()["hint"]


def test_a_command_that_was_sent_before_the_key_was_locked_is_repeated_after_it(
    desk: Api, watch: Watch
) -> None:
    key = uuid.uuid4().hex
    first = desk.give("admin", "RegisterLearner", key=key, full_name="Siti Contoh")
    watch.now += IDLE + timedelta(seconds=1)
    assert desk.give("admin", "RegisterLearner", key=key, full_name="Siti Contoh").status_code == 423
    desk._tokens.clear()
    assert desk.give("admin", "RegisterLearner", key=key, full_name="Siti Contoh").json() == first.json()


def test_a_token_ends_after_its_life(desk: Api, watch: Watch) -> None:
    desk.token("admin")
    for _ in range(int(LIFE / IDLE)):
        watch.now += IDLE - timedelta(seconds=1)
        assert desk.ask("admin", "FindLearners", name="Siti").status_code == 200
    watch.now += IDLE - timedelta(seconds=1)
    answer = desk.ask("admin", "FindLearners", name="Siti")
    assert (answer.status_code, answer.json()["code"]) == (401, "NOT_SIGNED_IN")


def test_signing_out_ends_the_token_and_locks_the_key(desk: Api) -> None:
    first, second = desk.sign_in("admin").json()["token"], desk.sign_in("admin").json()["token"]
    account = desk.place.house.accounts.get("admin")
    unlocked = desk.place.house.unlocked

    def out(token: str) -> int:
        return int(desk.http.delete("/api/session", headers={"Authorization": f"Bearer {token}"}).status_code)

    assert out(first) == 204
    assert unlocked.is_unlocked(account.key, owner=account.staff, now=datetime.now(UTC))
    desk._tokens["admin"] = first
    assert register(desk).json()["code"] == "NOT_SIGNED_IN"
    assert out(second) == 204
    assert not unlocked.is_unlocked(account.key, owner=account.staff, now=datetime.now(UTC))
    assert out(second) == out("nothing") == 204


def test_without_a_token_nothing_is_answered(desk: Api) -> None:
    for header in ("", "Bearer nothing", "Basic YWRtaW46eA==", "Bearer", "Bearer \u00e9"):
        for path in ("queries/ListSchemes", "commands/RegisterLearner", "preparations/RegisterLearner"):
            headers = [(b"Authorization", header.encode("latin-1")), (b"Idempotency-Key", b"a" * 20)]
            answer = desk.http.post(f"/api/{path}", json={}, headers=headers if header else None)
            assert (answer.status_code, answer.json()["code"]) == (401, "NOT_SIGNED_IN")
            assert answer.headers["www-authenticate"] == "Bearer"


def test_a_restart_signs_everybody_out(desk: Api) -> None:
    token = desk.token("admin")
    with api(desk.place) as again:
        again._tokens["admin"] = token
        assert again.ask("admin", "ListSchemes").json()["code"] == "NOT_SIGNED_IN"


def test_a_passphrase_in_any_normal_form_is_the_same(desk: Api) -> None:
    assert desk.sign_in("admin", passphrase_of("admin")).status_code == 200
    assert desk.sign_in("admin", passphrase_of("admin").upper()).status_code == 401
