"""What is sent is read strictly and capped, and every answer carries the headers that keep it private."""

from __future__ import annotations

import json
import socket
import threading
import time
import uuid
from collections.abc import Iterator
from typing import Any

import pytest
import uvicorn

from api.app import make_app
from api.staff import guard
from tests.api.bureau import Bureau
from tests.api.client import Api, api


@pytest.fixture(scope="module")
def desk(place: Bureau) -> Iterator[Api]:
    with api(place) as found:
        yield found


def send(
    desk: Api,
    body: bytes,
    media_type: str | None = "application/json",
    path: str = "commands/RegisterLearner",
) -> Any:
    headers = desk.bearer("admin") | {"Idempotency-Key": uuid.uuid4().hex}
    if media_type is not None:
        headers["Content-Type"] = media_type
    return desk.http.post(f"/api/{path}", content=body, headers=headers)


@pytest.mark.parametrize(
    ("body", "told"),
    [
        (b"", "the body is no JSON"),
        (b"{", "the body is no JSON"),
        (b"null", "the body: "),
        (b"[]", "the body: "),
        (b'"x"', "the body: "),
        (b'{"full_name": "A B", "full_name": "C D"}', "the body is no JSON text, or has a member twice"),
        (b'{"full_name": "A B", "more": 1}', "more: "),
        (b'{"full_name": 7}', "full_name: "),
        (b'{"full_name": null}', "full_name: "),
        (b'{"full_name": ""}', "full_name: "),
        (b'{"full_name": " "}', "full_name: "),
        (b'{"full_name": "A\\u0000B"}', "full_name: "),
        (b'{"full_name": "A\\u202eB"}', "full_name: "),
        (b'{"full_name": "\\ud800"}', "the body: "),
        (b'{"full_name": "A\xff"}', "the body is no JSON"),
        (b'{"full_name": "' + b"x" * 201 + b'"}', "full_name: "),
        (b'{"full_name": "A B", "birth_date": "1990-02-30"}', "birth_date: "),
        (b'{"full_name": "A B", "birth_date": 19900230}', "birth_date: "),
        (b'{"full_name": "A B", "sex": "X"}', "sex: "),
        (b'{"full_name": "A B", "nik": 9901014702900123}', "nik: "),
        (b'{"full_name": "A B", "occurred_at": "2031-03-03T01:00:00"}', "occurred_at: "),
        (b'{"full_name": "A B", "\\ud800": 1}', "the body: "),
        (b"[" * 100_000, "the body is nested too deeply"),
        (b'{"full_name": NaN}', "the body is no JSON"),
        (b"1" * 5000, "the body is no JSON"),
    ],
)
def test_a_body_that_is_wrong_is_told_where_and_why(desk: Api, body: bytes, told: str) -> None:
    size = desk.size
    answer = send(desk, body)
    assert (answer.status_code, answer.json()["code"]) == (422, "VALUE_INVALID"), answer.text
    assert answer.json()["detail"].startswith(told), answer.json()["detail"]
    assert desk.size == size


@pytest.mark.parametrize(
    ("command", "body"),
    [
        ("ProposeProgramme", {"code": "A", "trade": "A", "min_attendance_pct": "80"}),
        ("ProposeProgramme", {"code": "A", "trade": "A", "min_attendance_pct": 80.0}),
        ("ProposeProgramme", {"code": "A", "trade": "A", "min_attendance_pct": True}),
        ("RecordOutcome", {"learner": "x", "outcome": "STUDY", "consent": "yes"}),
    ],
)
def test_no_value_is_taken_for_another_type(desk: Api, command: str, body: dict[str, Any]) -> None:
    answer = send(desk, json.dumps(body).encode(), path=f"commands/{command}")
    assert (answer.status_code, answer.json()["code"]) == (422, "VALUE_INVALID")


@pytest.mark.parametrize(
    "name", ["O'Reka", "Tarjo", "محمد كونتوه", "ꦱꦶꦠꦶ ꦏꦺꦴꦤ꧀ꦠꦺꦴꦃ", "Siti 👩‍🔧 Contoh", "x" * 200]
)
def test_any_readable_name_is_taken_as_it_is(desk: Api, name: str) -> None:
    answer = send(desk, json.dumps({"full_name": name}).encode())
    assert answer.status_code == 201, answer.text
    shown = desk.ask("admin", "ShowLearner", learner=answer.json()["result"]["learner"])
    assert shown.json()["name"] == name


def test_a_value_that_does_not_fit_is_not_repeated(desk: Api) -> None:
    secret = "Rahasia Pribadi"
    for body in ({"full_name": "A B", "sex": secret}, {"full_name": "A B", "birth_date": secret}):
        assert secret not in send(desk, json.dumps(body).encode()).text
    answer = desk.give(
        "admin", "RequestIdentityCorrection", learner=desk.place.staff["one"], field="sex", value=secret
    )
    assert answer.status_code == 422
    assert secret not in answer.text


@pytest.mark.parametrize(
    "media_type", [None, "text/plain", "application/x-www-form-urlencoded", "multipart/form-data"]
)
def test_only_json_is_taken(desk: Api, media_type: str | None) -> None:
    answer = send(desk, b'{"full_name": "A B"}', media_type)
    assert (answer.status_code, answer.json()["code"]) == (415, "MEDIA_TYPE_UNSUPPORTED")
    assert send(desk, b'{"full_name": "A B"}', "Application/JSON; charset=utf-8").status_code == 201


# -- size and time ------------------------------------------------------------------------------------------------


def test_a_body_of_more_than_a_million_bytes_is_refused_before_anybody_is_asked_who_they_are(
    desk: Api,
) -> None:
    fits = desk.http.post("/api/commands/RegisterLearner", content=b" " * guard.BODY_LIMIT)
    assert fits.json()["code"] == "NOT_SIGNED_IN"
    for path in ("/api/commands/RegisterLearner", "/api/session", "/api/nothing"):
        answer = desk.http.post(path, content=b" " * (guard.BODY_LIMIT + 1))
        assert (answer.status_code, answer.json()["code"]) == (413, "REQUEST_TOO_LARGE")


def test_a_body_that_does_not_say_its_size_is_capped_too(desk: Api) -> None:
    def pieces() -> Iterator[bytes]:
        for _ in range(20):
            yield b" " * 100_000

    answer = desk.http.post("/api/session", content=pieces())
    assert (answer.status_code, answer.json()["code"]) == (413, "REQUEST_TOO_LARGE")


@pytest.fixture
def address(place: Bureau, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[str, int]]:
    """A real server on a real port, which waits for a body only a moment."""
    monkeypatch.setattr(guard, "BODY_TIME_S", 0.3)
    config = uvicorn.Config(
        make_app(place.house), host="127.0.0.1", port=0, log_level="critical", loop="asyncio"
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    yield server.servers[0].sockets[0].getsockname()
    server.should_exit = True
    thread.join()


def first_line(address: tuple[str, int], request: bytes) -> bytes:
    with socket.create_connection(address, timeout=10) as connection:
        connection.sendall(request)
        return connection.makefile("rb").readline().strip()


def test_a_body_that_does_not_come_is_not_waited_for(address: tuple[str, int]) -> None:
    head = b"POST /api/session HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
    assert first_line(address, head + b"Content-Length: 100\r\n\r\n{") == b"HTTP/1.1 408 Request Timeout"


def test_a_size_that_is_declared_too_large_is_refused_at_once(address: tuple[str, int]) -> None:
    head = b"POST /api/session HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
    answer = first_line(address, head + b"Content-Length: 99999999999\r\n\r\n")
    assert answer.startswith(b"HTTP/1.1 413 ")


# -- headers --------------------------------------------------------------------------------------------------------


def test_every_answer_is_private_and_inert(desk: Api) -> None:
    answers = [
        desk.sign_in("admin"),
        desk.sign_in("admin", "not the passphrase"),
        desk.give("admin", "RegisterLearner", full_name="A B"),
        desk.ask("admin", "FindLearners", name="A"),
        desk.ask("admin", "ListStaff"),
        desk.http.get("/api/openapi.json"),
        desk.http.get("/api/nothing"),
        desk.http.get("/api"),
        desk.http.put("/api/session"),
        desk.http.post("/api/session", content=b" " * 2_000_000),
        desk.http.delete("/api/session"),
    ]
    for answer in answers:
        headers = answer.headers
        assert headers["cache-control"] == "no-store"
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["x-frame-options"] == "DENY"
        assert headers["referrer-policy"] == "no-referrer"
        assert headers["content-security-policy"].startswith("default-src 'none'")
        assert "set-cookie" not in headers
        assert "access-control-allow-origin" not in headers


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/api", 404, "NOT_FOUND"),
        ("GET", "/api/", 404, "NOT_FOUND"),
        ("POST", "/api/commands/FoundLedger", 404, "NOT_FOUND"),
        ("POST", "/api/commands/CoFoundLedger", 404, "NOT_FOUND"),
        ("POST", "/api/queries/../session/x", 404, "NOT_FOUND"),
        ("GET", "/api/commands/RegisterLearner", 405, "METHOD_NOT_ALLOWED"),
        ("PATCH", "/api/session", 405, "METHOD_NOT_ALLOWED"),
        ("POST", "/api/caf%C3%A9%00", 404, "NOT_FOUND"),
    ],
)
def test_an_address_that_is_not_there_is_a_problem_too(
    desk: Api, method: str, path: str, status: int, code: str
) -> None:
    answer = desk.http.request(method, path)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert answer.headers["content-type"] == "application/problem+json"


def test_public_pages_keep_their_own_answers(desk: Api) -> None:
    assert desk.http.get("/nothing").headers["content-type"].startswith("text/html")
    assert desk.http.get("/livez").status_code == 200
