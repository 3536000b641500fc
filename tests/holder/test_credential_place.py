"""Which entry of the log a credential's own is, and which key could sign there."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from tests.holder.test_credential_rules import GOOD, NOT, placed, signed_anew, told, with_key
from tests.sealing.issuer import NAME, Issuer
from verifier.answer import Answer


@pytest.mark.parametrize(
    ("entry", "code"),
    [
        ({}, "STANDS"),
        ({"type": "certificate.reissued.v1"}, "ENTRY_WRONG"),
        ({"org": "blk"}, "ENTRY_WRONG"),
        ({"org": None}, "ENTRY_WRONG"),
        ({"recorded_at": "2026-03-13T02:00:01Z"}, "ENTRY_WRONG"),
        ({"data": {"number": "2"}}, "ENTRY_WRONG"),
        ({"data": {"index": 78}}, "ENTRY_WRONG"),
        ({"data": {"index": None}}, "ENTRY_WRONG"),
        ({"data": {"valid_until": None}}, "ENTRY_WRONG"),
    ],
)
def test_the_entry_is_its_own(issuer: Issuer, entry: dict[str, Any], code: str) -> None:
    assert told(issuer, issuance=placed(issuer, **entry)).code == code


def test_an_entry_without_an_end_is_of_a_credential_without_one(issuer: Issuer) -> None:
    endless = replace(GOOD, valid_until=None)
    assert told(issuer, endless, issuance=placed(issuer)).code == "ENTRY_WRONG"
    assert told(issuer, endless, issuance=placed(issuer, data={"valid_until": None})).code == "STANDS"


@pytest.mark.parametrize(
    ("index", "again", "code"),
    [
        (5, None, "KEY_NOT_VALID"), (6, None, "STANDS"), (8, None, "STANDS"), (9, None, "KEY_NOT_VALID"),
        (2, 6, "STANDS"), (2, 5, "KEY_NOT_VALID"), (6, 9, "KEY_NOT_VALID"), (6, 0, "KEY_NOT_VALID"),
    ],
)  # fmt: skip
def test_its_key_was_valid_where_it_was_signed_last(
    issuer: Issuer, index: int, again: int | None, code: str
) -> None:
    for window in ({"valid_to": 9}, {"compromised_from": 9}):
        keys = with_key(issuer, valid_from=5, **window)
        answer = told(issuer, keys=keys, issuance=placed(issuer, index, again))
        assert answer.code == code
        if code == "KEY_NOT_VALID":
            assert f"at entry {index if again is None else again} of" in answer.message


def test_only_a_key_for_credentials_of_its_issuer_signs(issuer: Issuer) -> None:
    assert told(issuer, keys=with_key(issuer, purpose="status")).code == "KEY_UNKNOWN"
    assert told(issuer, keys=with_key(issuer, organisation="blk")).code == "KEY_UNKNOWN"

    def usurp(document: dict[str, Any]) -> None:
        document["issuer"]["id"] = document["issuer"]["id"].replace(":lsp", ":blk")

    answer = told(issuer, data=signed_anew(issuer, usurp))
    assert answer == Answer(
        NOT, "ISSUER_WRONG", f"It names {NAME} as its issuer, but another organisation signed it."
    )
