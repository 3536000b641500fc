"""The encrypted file of named facts that goes with a bundle to an auditor: `personal.jsonl`.

    certledger/personal/v1 LF
    <RFC 8785 JSON: {"destroy_by":"YYYY-MM-DD","kdf":{…},"nonce":"<base64 of 7 bytes>","origin":…}> LF
    <chunk>…

The key is argon2id (RFC 9106) over the passphrase (Unicode normal form C, UTF-8); `kdf` has `name` argon2id,
`salt` (base64 of 16 bytes), `memory` in KiB, `iterations`, `lanes`. Chunks are AES-256-GCM over 65,536 bytes
of plain text, the last over what is left, with the nonce `nonce || u32be number || last` (1 for the last
chunk, else 0) and the two lines above as associated data: none can be changed, moved, doubled or cut off.

The plain text is lines of RFC 8785 JSON, one fact each: {class, field, salt, stream, subject, value, version}
(`verifier.fact`; the salt in hex). Whoever opens it promises to destroy it by the day it names.

Not done here: keeping that promise, and checking the facts against the log.
"""

import os
import re
import secrets
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any, BinaryIO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

from verifier import b64, jcs
from verifier.errors import Error, FormatError
from verifier.grammar import check_origin

MAGIC = b"certledger/personal/v1\n"
CHUNK_SIZE = 1 << 16
LINE_LIMIT = 1 << 16

_HEADER_LIMIT = 4096
_TAG_SIZE = 16
_SALT_SIZE = 16
_NONCE_SIZE = 7
_CHUNKS_LIMIT = 1 << 32
_PASSPHRASE_LIMIT = 1024
_MEMORY_LIMIT = 1 << 20  # 1 GiB
_COUNT_LIMIT = 16
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


@dataclass(frozen=True, slots=True)
class Header:
    """What stands above the chunks, in clear: until when the file may be kept, and of which log it is."""

    destroy_by: date
    origin: str


@dataclass(frozen=True, slots=True)
class Cost:
    """Parameters of argon2id: memory in KiB, passes, lanes."""

    memory: int = 64 * 1024
    iterations: int = 3
    lanes: int = 1


def write(
    lines: Iterable[bytes],
    put: Callable[[bytes], object],
    passphrase: str,
    header: Header,
    cost: Cost | None = None,
) -> None:
    """Encrypt lines (without LF) and hand the file's bytes to `put`, piece by piece.

    Raises FormatError for a header or a line that has no place in the file.
    """
    cost = cost or Cost()
    salt, prefix = os.urandom(_SALT_SIZE), secrets.token_bytes(_NONCE_SIZE)
    kdf = {
        "iterations": cost.iterations,
        "lanes": cost.lanes,
        "memory": cost.memory,
        "name": "argon2id",
        "salt": b64.encode(salt),
    }
    head = MAGIC + jcs.encode(
        {
            "destroy_by": header.destroy_by.isoformat(),
            "kdf": kdf,
            "nonce": b64.encode(prefix),
            "origin": check_origin(header.origin),
        }
    )
    head += b"\n"
    cipher = AESGCM(_key(passphrase, cost, salt))
    put(head)
    number, pending = 0, b""
    for line in lines:
        if b"\n" in line or len(line) > LINE_LIMIT:
            raise FormatError("PERSONAL_FILE_INVALID", "a fact is one line of limited length")
        pending += line + b"\n"
        while len(pending) > CHUNK_SIZE:
            put(cipher.encrypt(_nonce(prefix, number, last=False), pending[:CHUNK_SIZE], head))
            number, pending = number + 1, pending[CHUNK_SIZE:]
    put(cipher.encrypt(_nonce(prefix, number, last=True), pending, head))


def read(file: BinaryIO, passphrase: str) -> tuple[Header, Iterator[bytes]]:
    """Open the file: what stands above the chunks, and the lines (without LF), decrypted as they are asked for.

    Raises FormatError PERSONAL_FILE_INVALID, here or at the place that is damaged or cut off, or Error
    PASSPHRASE_WRONG.
    """
    head, header, cost, salt, prefix = _read_header(file)
    cipher = AESGCM(_key(passphrase, cost, salt))
    chunks = _chunks(file, cipher, head, prefix)
    return header, _lines(next(chunks), chunks)


def _read_header(file: BinaryIO) -> tuple[bytes, Header, Cost, bytes, bytes]:
    if file.readline(len(MAGIC)) != MAGIC:
        raise FormatError("PERSONAL_FILE_INVALID", "not a file of personal facts, or one of a newer version")
    line = file.readline(_HEADER_LIMIT)
    value = jcs.decode(line.removesuffix(b"\n"))
    match value:
        case {
            "destroy_by": str(day),
            "kdf": dict(kdf),
            "nonce": str(nonce),
            "origin": str(origin),
            **others,
        } if not others and line.endswith(b"\n") and _DAY.fullmatch(day):
            cost, salt = _read_kdf(kdf)
            try:
                header = Header(date.fromisoformat(day), check_origin(origin))
            except ValueError:
                raise FormatError("PERSONAL_FILE_INVALID", "the day of destruction is no day") from None
            return MAGIC + line, header, cost, salt, b64.decode(nonce, _NONCE_SIZE)
    raise FormatError("PERSONAL_FILE_INVALID", "the header of the personal facts is malformed")


def _read_kdf(value: dict[str, Any]) -> tuple[Cost, bytes]:
    """Read the parameters, capped: a planted file must not exhaust the memory."""
    match value:
        case {
            "name": "argon2id",
            "salt": str(salt),
            "memory": int(memory),
            "iterations": int(iterations),
            "lanes": int(lanes),
            **others,
        } if (
            not others
            and 1 <= iterations <= _COUNT_LIMIT
            and 1 <= lanes <= _COUNT_LIMIT
            and 8 * lanes <= memory <= _MEMORY_LIMIT
            and not any(type(number) is bool for number in (iterations, lanes))
        ):
            return Cost(memory, iterations, lanes), b64.decode(salt, _SALT_SIZE)
    raise FormatError("PERSONAL_FILE_INVALID", "the key derivation is not argon2id with sane parameters")


def _chunks(file: BinaryIO, cipher: AESGCM, head: bytes, prefix: bytes) -> Iterator[bytes]:
    data = file.read(CHUNK_SIZE + _TAG_SIZE)
    for number in range(_CHUNKS_LIMIT):
        following = file.read(CHUNK_SIZE + _TAG_SIZE)
        try:
            yield cipher.decrypt(_nonce(prefix, number, last=not following), data, head)
        except (InvalidTag, ValueError):
            if number == 0:
                raise Error(
                    "PASSPHRASE_WRONG",
                    "the passphrase does not open the personal facts, or the file is damaged",
                    "Ask whoever exported the file; the passphrase travels another way than the bundle.",
                ) from None
            raise FormatError(
                "PERSONAL_FILE_INVALID", "the personal facts were altered or cut short"
            ) from None
        if not following:
            return
        data = following


def _lines(first: bytes, chunks: Iterator[bytes]) -> Iterator[bytes]:
    rest = first
    while True:
        *whole, rest = rest.split(b"\n")
        yield from whole
        if len(rest) > LINE_LIMIT:
            raise FormatError("PERSONAL_FILE_INVALID", "a line of the personal facts is too long")
        try:
            rest += next(chunks)
        except StopIteration:
            break
    if rest:
        raise FormatError("PERSONAL_FILE_INVALID", "the last line of the personal facts has no end")


def _key(passphrase: str, cost: Cost, salt: bytes) -> bytes:
    try:
        secret = unicodedata.normalize("NFC", passphrase[:_PASSPHRASE_LIMIT]).encode()
    except UnicodeEncodeError:
        raise Error("PASSPHRASE_WRONG", "the passphrase is not text") from None
    kdf = Argon2id(
        salt=salt, length=32, iterations=cost.iterations, lanes=cost.lanes, memory_cost=cost.memory
    )
    return kdf.derive(secret)


def _nonce(prefix: bytes, number: int, *, last: bool) -> bytes:
    return prefix + number.to_bytes(4, "big") + bytes([last])
