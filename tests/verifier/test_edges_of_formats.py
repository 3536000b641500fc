"""The smallest and the largest of what the formats of entries and checkpoints admit, and the next beyond."""

import base64
import dataclasses
from typing import Any

import pytest

from verifier import b64, checkpoint, cosignature, entry, fact, grammar, jcs, merkle
from verifier.checkpoint import Checkpoint
from verifier.errors import Error, FactError, FormatError
from verifier.payload import Payload, parse_payload

FIRST = Payload(
    type="a.b.v1",
    stream="a/b",
    version=1,
    prev=None,
    occurred_at="2026-02-28T08:00:00Z",
    recorded_at="2026-02-28T08:00:05Z",
    actor="staff/s",
    role="r",
    org=None,
    command="5f0c1d7e-0c2b-4f5e-9d0a-0123456789ab",
    seen_size=0,
    seen_root=merkle.EMPTY_ROOT,
    data={},
)
NEXT = {"version": 2, "prev": "0f" * 32}


def code(call: Any, *arguments: Any) -> str:
    with pytest.raises(Error) as caught:
        call(*arguments)
    return caught.value.code


# -- payloads ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"type": "a_b.c_d.v9999"},
        {"type": "_._.v1"},
        {"stream": "a" * 64 + "/" + "x" * 128},
        {"stream": "a_/A-z_0.9"},
        {"role": "r" * 64},
        {"role": "a_b_c"},
        {"org": "A-z_0.9"},
        {"org": "organisation/x"},
        {"actor": "staff/" + "x" * 128},
        NEXT,
        NEXT | {"version": 2**53 - 1},
        {"seen_size": 1, "seen_root": bytes(32)},
        {"occurred_at": "0001-01-01T00:00:00Z", "recorded_at": "9999-12-31T23:59:59Z"},
        {"data": {"x": [2**53 - 1, -(2**53) + 1, None, True, "ä"]}},
    ],
)
def test_what_a_payload_may_say(changes: dict[str, Any]) -> None:
    payload = dataclasses.replace(FIRST, **changes)
    assert parse_payload(payload.to_bytes()) == payload


@pytest.mark.parametrize(
    ("wrong", "changes"),
    [
        ("PAYLOAD_TYPE", {"type": ".b.v1"}),
        ("PAYLOAD_TYPE", {"type": "a..v1"}),
        ("PAYLOAD_TYPE", {"type": "a.b.v12345"}),
        ("PAYLOAD_TYPE", {"type": "a.b.v"}),
        ("PAYLOAD_STREAM", {"stream": "a" * 65 + "/x"}),
        ("PAYLOAD_STREAM", {"stream": "_a/x"}),
        ("PAYLOAD_STREAM", {"stream": "aX/x"}),
        ("PAYLOAD_STREAM", {"stream": "a/" + "x" * 129}),
        ("PAYLOAD_VERSION", {"version": 0}),
        ("PAYLOAD_PREV", {"prev": "0f" * 32}),
        ("PAYLOAD_PREV", NEXT | {"prev": None}),
        ("PAYLOAD_ROLE", {"role": "r" * 65}),
        ("PAYLOAD_ROLE", {"role": "a_" * 31 + "bcd"}),
        ("PAYLOAD_ROLE", {"role": ""}),
        ("PAYLOAD_ROLE", {"role": "a_"}),
        ("PAYLOAD_ORG", {"org": "organisation/"}),
        ("PAYLOAD_ORG", {"org": "organisations/x"}),
        ("PAYLOAD_ORG", {"org": "x" * 129}),
        ("PAYLOAD_SEEN", {"seen_size": 1}),
        ("PAYLOAD_SEEN", {"seen_root": bytes(32)}),
        ("PAYLOAD_SEEN", {"seen_root": bytes(31)}),
        ("PAYLOAD_SEEN", {"seen_size": -1, "seen_root": bytes(32)}),
        ("JSON_RANGE", {"data": {"x": 2**53}}),
    ],
)
def test_what_no_payload_may_say(wrong: str, changes: dict[str, Any]) -> None:
    payload = dataclasses.replace(FIRST, **changes)
    assert code(payload.to_bytes) == wrong


@pytest.mark.parametrize(
    "data", [{"x": 1.5}, {"x": {"y": [2**53]}}, {1: "x"}, {"x": b"bytes"}, {"x": "\ud800"}]
)
def test_what_is_no_json_is_not_written(data: Any) -> None:
    assert code(dataclasses.replace(FIRST, data=data).to_bytes).startswith("JSON_")


@pytest.mark.parametrize("member", ["occurred_at", "recorded_at"])
def test_a_wrong_time_is_named(member: str) -> None:
    changes: dict[str, Any] = {member: "yesterday"}
    with pytest.raises(FormatError, match=f"{member} is not a time of the form"):
        dataclasses.replace(FIRST, **changes).to_bytes()


# -- the signature's line ----------------------------------------------------------------------------------------------

THUMB = base64.urlsafe_b64encode(bytes(32)).decode().rstrip("=")


def line(**members: Any) -> bytes:
    said = {"alg": "webauthn-es256", "index": 0, "key": THUMB, "path": [], "sig": "MAY=", "size": 1}
    assertion = {"authenticatorData": "AAE=", "clientDataJSON": "e30="}
    return jcs.encode(
        {name: value for name, value in (said | assertion | members).items() if value is not None}
    )


def test_an_authenticators_signature_is_read_and_written() -> None:
    read = entry.parse_signature(line())
    assert (read.key, read.alg, read.sig, read.index, read.size, read.path) == (
        THUMB, "webauthn-es256", b"0\x06", 0, 1, (),
    )  # fmt: skip
    assert (read.authenticator_data, read.client_data_json) == (b"\x00\x01", b"{}")
    assert read.to_bytes() == line()
    for gone in ("authenticatorData", "clientDataJSON", "sig", "alg", "key", "index", "size", "path"):
        assert code(entry.parse_signature, line(**{gone: None})) == "SIGNATURE_MEMBERS"
    assert code(entry.parse_signature, line(more=1)) == "SIGNATURE_MEMBERS"


# -- words of several formats ------------------------------------------------------------------------------------------


def test_what_the_grammar_admits_comes_back() -> None:
    for origin in ("a", "!", "~", "x" * 255):
        assert grammar.check_origin(origin) == origin
    for staff in ("staff/a", "staff/" + "x" * 128):
        assert grammar.check_staff(staff) == staff
    for time in ("2026-02-28T08:00:00Z", "2028-02-29T23:59:59Z"):
        assert grammar.check_time(time) == time


def test_what_the_grammar_refuses_is_named() -> None:
    for origin in ("", "x" * 256, "a+b", "a b", "é", "a\n", None):
        assert code(grammar.check_origin, origin) == "ORIGIN_INVALID"
    for staff in ("staff/", "staff/" + "x" * 129, "Staff/a", "staff/a\n", None):
        assert code(grammar.check_staff, staff) == "STAFF_INVALID"
    for time in ("2026-02-29T08:00:00Z", "2026-02-28T08:00:00Z\n", "2026-02-28T08:00:00", None):
        assert code(grammar.check_time, time) == "TIME_INVALID"
    with pytest.raises(FormatError, match=r"^TIME_INVALID: time is not a time"):
        grammar.check_time("")


# -- checkpoints, cosignatures, facts ----------------------------------------------------------------------------------


def test_a_tree_is_empty_or_of_less_than_two_to_the_fifty_three() -> None:
    root = bytes(range(32))
    for size in (1, 9, 10, 2**53 - 1):
        head = Checkpoint("a", size, root)
        assert head.to_text() == f"a\n{size}\n{b64.encode(root)}\n"
        assert checkpoint.parse_text(head.to_text()) == head
    assert checkpoint.parse_text(Checkpoint("a", 0, merkle.EMPTY_ROOT).to_text()).size == 0
    assert code(checkpoint.parse_text, Checkpoint("a", 0, root).to_text()) == "CHECKPOINT_INVALID"
    for size_text in (str(2**53), "9" * 16, "1" + "0" * 16, "01", "-1", "", "1 "):
        assert code(checkpoint.parse_text, f"a\n{size_text}\n{b64.encode(root)}\n") == "SIZE_INVALID"


def test_a_cosignatures_time_has_eight_bytes() -> None:
    assert cosignature.encode(1, b"s") == bytes(7) + b"\x01s"
    assert cosignature.encode(2**63 - 1, b"") == b"\x7f" + b"\xff" * 7
    for time in (0, 2**63 - 1):
        assert cosignature.message("text\n", time) == f"cosignature/v1\ntime {time}\ntext\n".encode()
    for time in (-1, 2**63):
        assert code(cosignature.message, "text\n", time) == "COSIGNATURE_TIME"


@pytest.mark.parametrize("expected", ["", "00" * 32, "\ud800", "é"])
def test_whatever_stands_in_the_log_another_fact_does_not_open_it(expected: str) -> None:
    with pytest.raises(FactError, match="FACT_WRONG"):
        fact.verify_fact(expected, bytes(32), "identity", "name", "a/b", "a/b", "x", 1)
