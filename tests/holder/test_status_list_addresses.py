"""Where a status list is found, at the edges of what is an address, and lists that others squeezed."""

from __future__ import annotations

import gzip
from random import Random

import pytest

from tests.holder.test_status_list_rules import SUBJECT, listed, told
from tests.sealing.issuer import Issuer
from verifier import b64, statuslist


@pytest.mark.parametrize(
    "address",
    ["http://a/status/1", "https://a/status/1", "https://a.b-c:8000/status/12", "http://[::1]:8000/status/1",
     f"https://{'a' * 250}/status/1", "https://a/status/999999999", "https://0/status/9"],
)  # fmt: skip
def test_an_address_of_a_status_list(issuer: Issuer, address: str) -> None:
    data = listed(issuer, (("id",), address), ((SUBJECT, "id"), f"{address}#list"))
    assert statuslist.parse(data, issuer.key_file()).url == address


@pytest.mark.parametrize(
    "address",
    ["https:///status/1", f"https://{'a' * 251}/status/1", "https://a/status/1000000000", "https://a/status/0",
     "https://a/status/1a", "https://a/status/1\u0661", "https://a^b/status/1", "https://a_b/status/1", "https://A/status/1",
     "https://a\\b/status/1", "https://a@b/status/1", "ftp://a/status/1", "httpss://a/status/1", "https://a/status/1/",
     "https://a/status/1\n", " https://a/status/1"],
)  # fmt: skip
def test_no_address_of_a_status_list(issuer: Issuer, address: str) -> None:
    data = listed(issuer, (("id",), address), ((SUBJECT, "id"), f"{address}#list"))
    assert told(data, issuer.key_file()) == "SHAPE_WRONG"


@pytest.mark.parametrize("level", [0, 1, 6, 9])
def test_a_list_is_read_however_it_was_squeezed(level: int) -> None:
    """RFC 1951: what is repeated may lie 32 KiB back."""
    once = Random(1).randbytes(30_000)
    squeezed = gzip.compress(once * 2, level, mtime=0)
    assert level < 6 or len(squeezed) < 31_000
    assert statuslist.decode("u" + b64.url_encode(squeezed)) == once * 2
