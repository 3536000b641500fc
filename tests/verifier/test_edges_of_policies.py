"""Policies, notes and proofs at their edges: how many lines, which bytes, and what stands where a line should end."""

from __future__ import annotations

import pytest

from tests.verifier.test_edges_of_proofs import HEADER, NOTE, code, file
from tests.verifier.test_note import HEAD, LOG, Signer, policy_text, signed
from verifier import note, policy
from verifier.errors import FormatError


def refused(data: bytes) -> str:
    with pytest.raises(FormatError) as caught:
        policy.parse(data)
    assert caught.value.code == "POLICY_INVALID"
    return caught.value.message


# -- policies ----------------------------------------------------------------------------------------------------------


def logs(count: int) -> list[str]:
    return [f"log {Signer('l', note.LOG_KEY, number).key}" for number in range(count)]


def witnesses(count: int) -> list[str]:
    return [f"witness w{number} {Signer('w', note.WITNESS_KEY, 99 + number).key}" for number in range(count)]


def groups(count: int) -> list[str]:
    return [
        *witnesses(1),
        "group g0 any w0",
        *(f"group g{number} any g{number - 1}" for number in range(1, count)),
    ]


@pytest.mark.parametrize("lines", [logs, witnesses, groups])
def test_a_policy_has_64_lines_of_each_kind(lines: object) -> None:
    assert callable(lines)
    found = policy.parse("\n".join([*lines(64), "quorum none", ""]).encode())
    assert 64 in {len(found.logs), len(found.witnesses), len(found.groups)}
    message = refused("\n".join([*lines(65), "quorum none", ""]).encode())
    assert message.endswith("not a line of the format, repeated or one too many")


def test_a_policy_of_65536_bytes() -> None:
    whole = policy_text("quorum w0")
    comment = b"#" * ((1 << 16) - len(whole) - 1) + b"\n"
    assert policy.parse(whole + comment).quorum == "w0"
    assert "too large" in refused(whole + b"#" + comment)


@pytest.mark.parametrize("byte", [0x00, 0x01, 0x08, 0x0B, 0x0C, 0x0D, 0x0E, 0x1F, 0x7F])
@pytest.mark.parametrize("where", [b"# %b\n", b"#\n%b\n", b"%b#\n"])
def test_a_control_character_is_none_of_a_policy_not_even_in_a_comment(byte: int, where: bytes) -> None:
    for data in (
        policy_text("quorum none") + where % bytes([byte]),
        where % bytes([byte]) + policy_text("quorum none"),
    ):
        assert "control characters" in refused(data)


@pytest.mark.parametrize("byte", [0x09, 0x0A, 0x20, 0x21, 0x7E, 0x80, 0x85, 0xA0, 0xFF])
def test_other_bytes_may_stand_in_a_comment(byte: int) -> None:
    assert policy.parse(policy_text("quorum none") + b"#" + bytes([byte]) + b"\n").quorum is None


@pytest.mark.parametrize(
    ("count", "wanted"), [("any", 1), ("all", 3), ("1", 1), ("3", 3), ("0", 0), ("4", 0), ("-1", 0)]
)
def test_a_group_wants_some_of_its_members(count: str, wanted: int) -> None:
    data = policy_text(f"group g {count} w0 w1 w2", "quorum g")
    if wanted:
        assert policy.parse(data).groups["g"].threshold == wanted
    else:
        assert refused(data) == "line 5 of the policy: a group wants all, any or a number of its members"


@pytest.mark.parametrize("count", ["all", "any", "0", "1"])
def test_a_group_has_members(count: str) -> None:
    refused(policy_text(f"group g {count}", "quorum none"))


# -- notes and proofs --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("end", ["", "x", " ", "=", "\n\n"])
def test_a_note_ends_with_its_last_line(end: str) -> None:
    whole = signed(LOG.sign(HEAD.to_text()))
    assert whole.endswith(b"\n")
    assert note.parse(whole).to_bytes() == whole
    with pytest.raises(FormatError, match="NOTE_INVALID"):
        note.parse(whole[:-1] + end.encode())


def test_what_a_proof_adds_is_told_even_where_more_is_missing() -> None:
    assert code(file(HEADER, "extra e")) == "BASE64_INVALID"
    assert code(file(HEADER, "extra eA==")) == "PROOF_INVALID"
    assert code(HEADER.encode() + b"\n\n" + NOTE) == "PROOF_INVALID"
