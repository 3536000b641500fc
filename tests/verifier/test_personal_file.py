"""The encrypted file of named facts, made here from its description and read by the verifier, and the other way."""

import io
import json
import re
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

from verifier import b64, personal_file
from verifier.errors import Error, FormatError
from verifier.personal_file import Cost, Header

CHUNK, TAG = 65_536, 16
SALT, NONCE = bytes(range(16)), b"7 bytes"
MAGIC = b"certledger/personal/v1\n"
HEADER = Header(date(2031, 12, 31), "audit.example/log")
CHEAP = Cost(memory=8, iterations=1)
SECRET = "correct horse"

Document = dict[str, Any]


def document() -> Document:
    kdf = {"name": "argon2id", "salt": b64.encode(SALT), "memory": 8, "iterations": 1, "lanes": 1}
    return {"destroy_by": "2031-12-31", "kdf": kdf, "nonce": b64.encode(NONCE), "origin": HEADER.origin}


def text_of(value: Document) -> bytes:
    return json.dumps(value, sort_keys=True, separators=(",", ":")).encode()


def made(plain: bytes, head: bytes | None = None, secret: str = SECRET, cost: Cost = CHEAP) -> bytes:
    """A file as the description says, made without the verifier."""
    head = MAGIC + text_of(document()) + b"\n" if head is None else head
    key = Argon2id(
        salt=SALT, length=32, iterations=cost.iterations, lanes=cost.lanes, memory_cost=cost.memory
    ).derive(secret.encode())
    parts = [plain[at : at + CHUNK] for at in range(0, max(len(plain), 1), CHUNK)]
    sealed = [
        AESGCM(key).encrypt(NONCE + number.to_bytes(4, "big") + bytes([part is parts[-1]]), part, head)
        for number, part in enumerate(parts)
    ]
    return head + b"".join(sealed)


def opened(data: bytes, secret: str = SECRET) -> tuple[Header, list[bytes]]:
    header, lines = personal_file.read(io.BytesIO(data), secret)
    return header, list(lines)


def refused(data: bytes, secret: str = SECRET) -> str:
    with pytest.raises(Error) as error:
        opened(data, secret)
    assert isinstance(error.value, FormatError) == (error.value.code == "PERSONAL_FILE_INVALID")
    return error.value.code


def written(lines: list[bytes], cost: Cost | None = CHEAP) -> bytes:
    out = io.BytesIO()
    personal_file.write(lines, out.write, SECRET, HEADER, cost)
    return out.getvalue()


SIZES = [0, 1, CHUNK - 2, CHUNK - 1, CHUNK]
PLAINS = [
    [],
    [b""],
    [b"one", b"", b"two"],
    *([b"x" * size, b"after"] for size in SIZES),
    *([b"a" * 40_000, b"b" * (size + 25_536 - 3)] for size in (0, 1, 2)),
    [b"z" * 30_000] * 9,
]


@pytest.mark.parametrize("lines", PLAINS)
def test_a_file_by_the_description_is_read(lines: list[bytes]) -> None:
    assert opened(made(b"".join(line + b"\n" for line in lines))) == (HEADER, lines)


@pytest.mark.parametrize("lines", PLAINS)
def test_what_is_written_is_by_the_description(lines: list[bytes]) -> None:
    data = written(lines)
    assert opened(data) == (HEADER, lines)
    plain = b"".join(line + b"\n" for line in lines)
    head = MAGIC + data.split(b"\n")[1] + b"\n"
    told = json.loads(head.split(b"\n")[1])
    assert head == MAGIC + text_of(told) + b"\n"
    assert told.keys() == document().keys()
    assert told["destroy_by"] == "2031-12-31"
    assert told["kdf"] | {"salt": b64.encode(SALT)} == document()["kdf"]
    assert len(b64.decode(told["kdf"]["salt"], 16)) == 16
    assert len(b64.decode(told["nonce"], 7)) == 7
    whole, rest = divmod(max(len(plain), 1) - 1, CHUNK)
    assert len(data) - len(head) == len(plain) + TAG * (whole + 1), rest


def test_no_two_files_have_a_salt_or_nonce_in_common() -> None:
    one, other = (json.loads(written([b"x"]).split(b"\n")[1]) for _ in range(2))
    assert one["nonce"] != other["nonce"]
    assert one["kdf"]["salt"] != other["kdf"]["salt"]


def test_a_passphrase_costs_64_mib_three_times_unless_told_otherwise() -> None:
    kdf = json.loads(written([b"x"], None).split(b"\n")[1])["kdf"]
    assert {name: kdf[name] for name in ("memory", "iterations", "lanes")} == {
        "memory": 65_536,
        "iterations": 3,
        "lanes": 1,
    }


@pytest.mark.parametrize("line", [b"two\nlines", b"\n", b"x" * (CHUNK + 1)])
def test_what_is_no_line_is_not_written(line: bytes) -> None:
    with pytest.raises(FormatError) as error:
        written([line])
    assert error.value.code == "PERSONAL_FILE_INVALID"


def test_a_log_without_a_name_gets_no_file() -> None:
    with pytest.raises(FormatError):
        personal_file.write([], lambda _data: None, SECRET, Header(date(2031, 1, 1), "no name"), CHEAP)


# -- the header --------------------------------------------------------------------------------------------------


def of_kdf(**change: Any) -> Callable[[Document], Document]:
    return lambda value: value | {"kdf": value["kdf"] | change}


def of(**change: Any) -> Callable[[Document], Document]:
    return lambda value: value | change


def without(name: str) -> Callable[[Document], Document]:
    return lambda value: {key: each for key, each in value.items() if key != name}


ODD: dict[str, Callable[[Document], Document]] = {
    "another member": of(more=1),
    "another member of the key derivation": of_kdf(more=1),
    "no such day": of(destroy_by="2031-02-30"),
    "a day without dashes": of(destroy_by="20311231"),
    "a day with an hour": of(destroy_by="2031-12-31T00"),
    "a day that is a number": of(destroy_by=20311231),
    "a nonce too short": of(nonce=b64.encode(b"6 byte")),
    "a nonce that is a number": of(nonce=7),
    "no name of a log": of(origin="two words"),
    "a name that is a list": of(origin=["a"]),
    "no derivation": of(kdf="argon2id"),
    "another derivation": of_kdf(name="argon2d"),
    "a salt too long": of_kdf(salt=b64.encode(bytes(17))),
    "a salt that is a number": of_kdf(salt=1),
    "no pass": of_kdf(iterations=0),
    "too many passes": of_kdf(iterations=17),
    "passes as text": of_kdf(iterations="1"),
    "passes that are true": of_kdf(iterations=True),
    "no lane": of_kdf(lanes=0),
    "too many lanes": of_kdf(lanes=17, memory=1024),
    "lanes as text": of_kdf(lanes="1"),
    "lanes that are true": of_kdf(lanes=True),
    "less than 8 KiB a lane": of_kdf(lanes=2, memory=15),
    "more than a GiB": of_kdf(memory=(1 << 20) + 1),
    "memory as text": of_kdf(memory="8"),
    **{f"without {name}": without(name) for name in ("destroy_by", "kdf", "nonce", "origin")},
}


@pytest.mark.parametrize("change", ODD.values(), ids=ODD.keys())
def test_a_header_of_another_form_is_refused(change: Callable[[Document], Document]) -> None:
    head = MAGIC + text_of(change(document())) + b"\n"
    with pytest.raises(FormatError) as error:
        opened(made(b"x\n", head))
    assert error.value.code in {"PERSONAL_FILE_INVALID", "BASE64_INVALID", "ORIGIN_INVALID"}


@pytest.mark.parametrize(
    "cost",
    [
        Cost(8, 1, 1),
        Cost(8, 16, 1),
        Cost(128, 1, 16),
        Cost(16, 1, 2),
        Cost(17, 2, 2),
    ],
)
def test_parameters_up_to_their_limits_are_used(cost: Cost) -> None:
    change = of_kdf(memory=cost.memory, iterations=cost.iterations, lanes=cost.lanes)
    head = MAGIC + text_of(change(document())) + b"\n"
    assert opened(made(b"x\n", head, cost=cost)) == (HEADER, [b"x"])
    assert written([b"x"], cost).split(b"\n")[1].count(b'"memory":%d,' % cost.memory) == 1


def test_a_gib_is_asked_for_and_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    def derive(**parameters: Any) -> None:
        raise MemoryError(parameters["memory_cost"], parameters["length"])

    monkeypatch.setattr(personal_file, "Argon2id", derive)
    with pytest.raises(MemoryError, match=re.escape("(1048576, 32)")):
        opened(MAGIC + text_of(of_kdf(memory=1 << 20)(document())) + b"\n")


def test_above_the_chunks_stand_two_whole_lines() -> None:
    good = made(b"x\n")
    assert refused(good[1:]) == "PERSONAL_FILE_INVALID"
    assert refused(good.replace(b"v1", b"v2", 1)) == "PERSONAL_FILE_INVALID"
    assert refused(MAGIC + text_of(document())) == "PERSONAL_FILE_INVALID"
    assert refused(b"") == "PERSONAL_FILE_INVALID"
    longest = 4096 - len(text_of(of(origin="x")(document())))
    head = MAGIC + text_of(of(origin="x" * longest)(document())) + b"\n"
    with pytest.raises(FormatError):
        opened(head)


# -- the chunks --------------------------------------------------------------------------------------------------

THREE = b"".join(b"%06d" % number + b"." * 993 + b"\n" for number in range(150))


def chunks(data: bytes) -> tuple[bytes, list[bytes]]:
    at = data.index(b"\n", len(MAGIC)) + 1
    size = CHUNK + TAG
    return data[:at], [data[place : place + size] for place in range(at, len(data), size)]


@pytest.mark.parametrize("order", [(0, 1), (0, 2), (0, 2, 1), (0, 1, 1, 2), (0, 1, 2, 2), (0, 0, 1, 2)])
def test_chunks_that_are_cut_moved_or_doubled_are_noticed(order: tuple[int, ...]) -> None:
    head, parts = chunks(made(THREE))
    assert len(parts) == 3
    assert opened(head + b"".join(parts))[1] == THREE.split(b"\n")[:-1]
    assert refused(head + b"".join(parts[number] for number in order)) == "PERSONAL_FILE_INVALID"


def test_a_chunk_that_is_altered_is_noticed_there() -> None:
    head, (first, second, last) = chunks(made(THREE))
    changed = second[:9] + bytes([second[9] ^ 1]) + second[10:]
    _header, lines = personal_file.read(io.BytesIO(head + first + changed + last), SECRET)
    assert next(lines) == THREE.split(b"\n")[0]
    with pytest.raises(FormatError) as error:
        list(lines)
    assert error.value.code == "PERSONAL_FILE_INVALID"


def test_what_does_not_open_at_all() -> None:
    data = made(b"x\n")
    assert refused(data, "another") == "PASSPHRASE_WRONG"
    assert refused(data, "\ud800") == "PASSPHRASE_WRONG"
    assert refused(data[:-1]) == "PASSPHRASE_WRONG"
    head, parts = chunks(data)
    assert refused(head) == "PASSPHRASE_WRONG"
    assert refused(head.replace(b"2031", b"2032") + parts[0]) == "PASSPHRASE_WRONG"


def test_lines_have_an_end_and_a_limit() -> None:
    assert refused(made(b"one\ntwo")) == "PERSONAL_FILE_INVALID"
    assert opened(made(b"y" * CHUNK + b"\n"))[1] == [b"y" * CHUNK]
    assert refused(made(b"y" * (CHUNK * 2 + 1) + b"\n")) == "PERSONAL_FILE_INVALID"


def test_a_passphrase_is_the_same_however_its_letters_are_composed() -> None:
    data = made(b"x\n", secret="caf\u00e9")
    assert opened(data, "cafe\u0301")[1] == [b"x"]
    assert opened(made(b"x\n", secret="p" * 1024), "p" * 1024 + "q")[1] == [b"x"]
    assert refused(made(b"x\n", secret="p" * 1024), "p" * 1023) == "PASSPHRASE_WRONG"
