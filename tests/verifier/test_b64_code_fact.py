"""Base64, certificate codes and commitments: one spelling each, and mistakes are found."""

import base64
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from verifier import b64, code, fact
from verifier.errors import CodeError, FactError, FormatError

BITS = st.integers(0, 2**60 - 1)
SALT = bytes(range(32))


@given(st.binary(max_size=100))
def test_base64_agrees_with_the_standard_library(data: bytes) -> None:
    assert b64.encode(data) == base64.b64encode(data).decode()
    assert b64.decode(b64.encode(data), len(data)) == data
    assert b64.url_encode(data) == base64.urlsafe_b64encode(data).decode().rstrip("=")
    assert b64.url_decode(b64.url_encode(data), len(data)) == data


@pytest.mark.parametrize(
    "text",
    [
        "QQ",
        "QQ=",
        "QR==",
        "QQ==\n",
        " QQ==",
        "Q Q==",
        "QQ==QQ==",
        "QQ===",
        "-_==",
        "Q!==",
        "=",
        "é",
        "\ud800",
    ],
)
def test_standard_base64_refusals(text: str) -> None:
    with pytest.raises(FormatError, match="BASE64_INVALID"):
        b64.decode(text)


@pytest.mark.parametrize("text", ["QQ==", "QR", "Q", "+/", "QQ\n", "QQ QQ", "é", "\ud800"])
def test_url_base64_refusals(text: str) -> None:
    with pytest.raises(FormatError, match="BASE64_INVALID"):
        b64.url_decode(text)


def test_base64_of_another_length() -> None:
    with pytest.raises(FormatError, match="BASE64_INVALID"):
        b64.decode("QUE=", 3)


@given(BITS, st.booleans())
def test_code_round_trip(bits: int, lower: bool) -> None:
    made = code.make(bits)
    assert len(made) == 13
    assert set(made) <= set("0123456789ABCDEFGHJKMNPQRSTVWXYZ")
    shown = code.display(made)
    assert [len(part) for part in shown.split("-")] == [4, 4, 5]
    assert code.normalise(shown.lower() if lower else shown) == made
    mistaken = made.replace("0", "o").replace("1", "l")
    assert code.normalise(mistaken) == made
    assert code.normalise(made.replace("0", "O").replace("1", "I")) == made


@given(BITS, st.integers(0, 12), st.sampled_from("0123456789ABCDEFGHJKMNPQRSTVWXYZ"))
def test_each_single_error_is_found(bits: int, position: int, letter: str) -> None:
    made = code.make(bits)
    if made[position] != letter:
        with pytest.raises(CodeError, match="CODE_CHECK_WRONG"):
            code.normalise(made[:position] + letter + made[position + 1 :])


def test_code_layout_and_check_character() -> None:
    # Computed by hand: 60 bits big-endian; for ...1 the doubled last digit is 2, so the check is 30.
    assert code.make(0) == "0000000000000"
    assert code.make(1) == "000000000001Y"
    assert code.make(1 << 55) == "100000000000Z"
    # 16 doubled is 32, in base 32 the digits 1 and 0: their sum 1 needs 31.
    assert code.make(16) == "00000000000GZ"


def test_neighbours_swapped_are_found_but_for_one_pair() -> None:
    alphabet = code.ALPHABET
    missed = set()
    for a in alphabet:
        for b in alphabet:
            made = code.make(alphabet.index(a) << 5 | alphabet.index(b))
            swapped = made[:10] + made[11] + made[10] + made[12]
            try:
                if swapped != made:
                    code.normalise(swapped)
                    missed.add(a + b)
            except CodeError:
                pass
    assert missed == {"0Z", "Z0"}


@pytest.mark.parametrize(
    "text",
    [
        "",
        "000000000000",
        "00000000000000",
        "U000000000000",
        "000000000000é",
        "\u0131000000000000",
        "0" * 13 + " " * 60,
    ],
)
def test_not_a_code(text: str) -> None:
    with pytest.raises(CodeError, match="CODE_MALFORMED"):
        code.normalise(text)


@pytest.mark.parametrize("bits", [-1, 2**60])
def test_code_bits(bits: int) -> None:
    with pytest.raises(CodeError, match="CODE_MALFORMED"):
        code.make(bits)


def test_commitment_bytes() -> None:
    found = fact.commitment(SALT, "identity", "name", "certificate/c1", "certificate/c1", "Ayu Contoh", 2)
    written = (
        b"certledger/fact/v1\n" + SALT + b'{"class":"identity","field":"name","stream":"certificate/c1",'
        b'"subject":"certificate/c1","value":"Ayu Contoh","version":2}'
    )
    assert found == sha256(written).hexdigest()
    fact.verify_fact(found, SALT, "identity", "name", "certificate/c1", "certificate/c1", "Ayu Contoh", 2)


@pytest.mark.parametrize("position", range(7))
def test_every_part_of_a_fact_is_bound(position: int) -> None:
    parts: list[object] = [SALT, "identity", "name", "certificate/c1", "learner/l1", "Ayu Contoh", 2]
    found = fact.commitment(*parts)  # type: ignore[arg-type]
    parts[position] = [bytes(32), "contact", "title", "certificate/c2", "learner/l2", "Ayu Fiktif", 3][
        position
    ]
    with pytest.raises(FactError, match="FACT_WRONG"):
        fact.verify_fact(found, *parts)  # type: ignore[arg-type]


@pytest.mark.parametrize("length", [0, 31, 33])
def test_salt_length(length: int) -> None:
    with pytest.raises(FactError, match="FACT_SALT_INVALID"):
        fact.commitment(bytes(length), "identity", "name", "a/b", "a/b", "x", 1)
