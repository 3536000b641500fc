"""Nothing of a person, a passphrase or a token comes into any log, whatever goes wrong."""

from __future__ import annotations

import logging
import uuid
from collections.abc import Callable

import pytest

from ledger.service import CertificationLedger
from tests.api.bureau import passphrase_of
from tests.api.client import Api

NAME = "Siti Rahasiawati"
NIK = "9901014702900123"
SECRETS = ("Rahasiawati", NIK, passphrase_of("admin"), "not the passphrase")


@pytest.fixture
def said(
    caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Callable[[], str]:
    """Gives all that was logged at any level or printed, but for the client's own log."""
    caplog.set_level(logging.DEBUG)
    for client in ("httpx2", "httpcore2"):
        monkeypatch.setattr(logging.getLogger(client), "disabled", True)

    def text() -> str:
        printed = capfd.readouterr()
        return "\n".join(
            [*(record.getMessage() for record in caplog.records), caplog.text, printed.out, printed.err]
        )

    return text


def walk(desk: Api) -> list[str]:
    """Everything that can go well and wrong; the tokens that were in use."""
    key = uuid.uuid4().hex
    desk.sign_in("admin", "not the passphrase")
    desk.sign_in(NAME, "not the passphrase")
    learner = desk.give("admin", "RegisterLearner", key=key, full_name=NAME, nik=NIK)
    desk.give("admin", "RegisterLearner", key=key, full_name=f"{NAME} lain")
    desk.give("admin", "RegisterLearner", full_name=f"{NAME} lain", nik=NIK)
    desk.give("admin", "RegisterLearner", full_name=NAME, sex=NAME)
    desk.give("admin", "RegisterLearner", full_name=NAME, nik=f"{NIK}9")
    desk.give("admin", "RegisterLearner", full_name=f"{NAME}\0")
    desk.give("issuer", "RegisterLearner", full_name=NAME)
    desk.ask("admin", "FindLearners", name=NAME)
    desk.ask("admin", "FindLearners", nik=NIK)
    desk.http.get(f"/api/{NAME}")
    desk.http.post("/api/commands/RegisterLearner", content=NAME.encode(), headers=desk.bearer("admin"))
    assert learner.status_code == 201
    return [desk.token("admin"), desk.token("issuer"), key]


def test_no_name_nik_passphrase_or_token_is_logged(desk: Api, said: Callable[[], str]) -> None:
    tokens = walk(desk)
    logging.getLogger("api").warning("said at all")
    text = said()
    assert "said at all" in text
    for secret in (*SECRETS, *tokens):
        assert secret not in text


def test_an_error_that_nobody_foresaw_is_logged_by_type_and_place_alone(
    desk: Api, said: Callable[[], str], caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.token("admin")

    def broken(*_: object, **__: object) -> None:
        raise ValueError(f"unforeseen: {NAME} {NIK}")

    monkeypatch.setattr(CertificationLedger, "give", broken)
    answer = desk.give("admin", "RegisterLearner", full_name=NAME, nik=NIK)
    assert (answer.status_code, answer.json()["code"]) == (500, "INTERNAL_ERROR")
    (record,) = [each for each in caplog.records if each.levelno >= logging.ERROR]
    assert record.getMessage().startswith("ValueError at ")
    assert "test_silence.py" in record.getMessage()
    text = said()
    for secret in SECRETS:
        assert secret not in text
