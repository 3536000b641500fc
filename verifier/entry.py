"""Entries: what the log hashes, the database stores and an export carries.

An entry is `payload LF signature`, both lines RFC 8785 bytes, no LF at the end, at most 65,535 bytes. The
payload is described in `verifier.payload`. The signature line is

    {"key":"<thumbprint>","alg":…,"sig":"<base64>","index":i,"size":n,"path":["<base64>"…]}

with `authenticatorData` and `clientDataJSON` for the webauthn algorithms. One act of one person is one
command: n events, one signature, and n entries at n consecutive indexes of the log. What is signed is

    certledger/command/v1 LF <origin> LF <n> LF <base64 root> LF

where root is the RFC 6962 root over the command's payloads, and `path` is this payload's inclusion path in
that small tree.

A key's possession, in the event that enrols it, is a signature by the new key over

    certledger/enrol/v1 LF <origin> LF staff/<id> LF <thumbprint> LF

Not done here: whether the key was enrolled, for whom, and could sign at that place of the log
(`verifier.replay`).
"""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from verifier import b64, jcs, merkle
from verifier.errors import CommandError, FormatError
from verifier.grammar import check_origin, check_staff
from verifier.payload import Payload, parse_payload, payload_hash
from verifier.publickey import PublicKey, SigParts
from verifier.webauthn import RelyingParty

__all__ = [
    "ENTRY_LIMIT",
    "Entry",
    "Payload",
    "Signature",
    "command_message",
    "enrol_message",
    "parse_entry",
    "parse_payload",
    "parse_signature",
    "payload_hash",
    "seal",
    "split",
    "verify_command",
    "verify_entry",
]

ENTRY_LIMIT = 65535

_THUMBPRINT = re.compile(r"[A-Za-z0-9_-]{43}")
_MEMBERS = frozenset({"key", "alg", "index", "size", "path"})
_PARTS = frozenset({"sig", "authenticatorData", "clientDataJSON"})


# In a command of many events most nodes stand in many paths.
_encoded = lru_cache(maxsize=512)(b64.encode)


@dataclass(frozen=True, slots=True)
class Signature:
    """The second line of an entry.

    `path` are 32-byte hashes from the leaf up; `index` counts within the command, from 0.
    """

    key: str
    alg: str
    sig: bytes
    index: int
    size: int
    path: tuple[bytes, ...]
    authenticator_data: bytes | None = None
    client_data_json: bytes | None = None

    @property
    def parts(self) -> SigParts:
        """What the key is asked to verify."""
        return SigParts(self.key, self.alg, self.sig, self.authenticator_data, self.client_data_json)

    def to_bytes(self) -> bytes:
        """Return the signature line."""
        place = {"index": self.index, "size": self.size, "path": [_encoded(node) for node in self.path]}
        return jcs.encode_checked({"key": self.key, "alg": self.alg, **place, **self.parts.to_json()})


@dataclass(frozen=True, slots=True)
class Entry:
    """A parsed entry with the payload's bytes, which are what is hashed and signed."""

    payload: Payload
    signature: Signature
    payload_bytes: bytes


def parse_signature(data: bytes) -> Signature:
    """Read a signature line.

    Raises FormatError JSON_…, SIGNATURE_MEMBERS, SIGNATURE_SIZE, SIGNATURE_PLACE or BASE64_INVALID.
    """
    value = jcs.decode(data)
    if type(value) is not dict or value.keys() - _PARTS != _MEMBERS:
        raise FormatError("SIGNATURE_MEMBERS", "a signature line has missing or unknown members")
    key, alg, index, size, path = (value[name] for name in ("key", "alg", "index", "size", "path"))
    if type(key) is not str or not _THUMBPRINT.fullmatch(key) or type(alg) is not str:
        raise FormatError("SIGNATURE_MEMBERS", "a signature line names no key or algorithm")
    b64.url_decode(key, 32)
    if type(index) is not int or type(size) is not int or not 0 <= index < size:
        raise FormatError("SIGNATURE_PLACE", "a signature's index lies within its size")
    if type(path) is not list or any(type(node) is not str for node in path):
        raise FormatError("SIGNATURE_PLACE", "a signature's path is a list of hashes")
    nodes = tuple(b64.decode(node, merkle.HASH_SIZE) for node in path)
    if len(nodes) != merkle.inclusion_length(index, size):
        raise FormatError("SIGNATURE_PLACE", "a signature's path has a wrong length")
    parts = SigParts.from_json(key, alg, {name: value[name] for name in _PARTS if name in value})
    return Signature(
        key, alg, parts.sig, index, size, nodes, parts.authenticator_data, parts.client_data_json
    )


def split(entry: bytes) -> tuple[bytes, bytes]:
    """Return an entry's two lines, unparsed. Raises FormatError ENTRY_TOO_LARGE or ENTRY_LINES."""
    if len(entry) > ENTRY_LIMIT:
        raise FormatError(
            "ENTRY_TOO_LARGE", f"an entry has at most {ENTRY_LIMIT} bytes, this one {len(entry)}"
        )
    payload, _, signature = entry.partition(b"\n")
    if not payload or not signature or b"\n" in signature:
        raise FormatError("ENTRY_LINES", "an entry is two lines, without a line end after the second")
    return payload, signature


def parse_entry(entry: bytes) -> Entry:
    """Read an entry. Raises FormatError; see `split`, `parse_payload` and `parse_signature`."""
    payload_bytes, signature_bytes = split(entry)
    return Entry(parse_payload(payload_bytes), parse_signature(signature_bytes), payload_bytes)


def command_message(origin: str, payloads: Sequence[bytes]) -> bytes:
    """Return what the signer of a command of these payloads signs. Raises FormatError ORIGIN_INVALID."""
    return _message(origin, len(payloads), merkle.root(map(payload_hash, payloads)))


def enrol_message(origin: str, staff: str, thumbprint: str) -> bytes:
    """Return what a new key signs to prove possession. `staff` is `staff/<id>`. Raises FormatError."""
    if not _THUMBPRINT.fullmatch(thumbprint):
        raise FormatError("THUMBPRINT_INVALID", "a thumbprint is 43 characters of base64url")
    return f"certledger/enrol/v1\n{check_origin(origin)}\n{check_staff(staff)}\n{thumbprint}\n".encode()


def seal(payloads: Sequence[bytes], origin: str, sign: Callable[[bytes], SigParts]) -> list[bytes]:
    """Return the entries of one command over `payloads`, signed once by `sign(message)`.

    The signature is not verified here. Raises CommandError COMMAND_EMPTY or COMMAND_DIFFERS, FormatError
    ENTRY_TOO_LARGE, or what the parsers of payload and signature raise.
    """
    if not payloads:
        raise CommandError("COMMAND_EMPTY", "a command has at least one event")
    _check_act([parse_payload(payload) for payload in payloads])
    entries = assemble(payloads, sign(command_message(origin, payloads)))
    for entry in entries:
        parse_signature(split(entry)[1])
    return entries


def assemble(payloads: Sequence[bytes], parts: SigParts) -> list[bytes]:
    """Return the entries of one command from its payloads, as they were signed, and their signature.

    Nothing is parsed or verified: the caller has made the payloads and checks the signature. Raises
    FormatError ENTRY_TOO_LARGE.
    """
    paths = merkle.inclusion_proofs([payload_hash(payload) for payload in payloads])
    entries = []
    for index, (payload, path) in enumerate(zip(payloads, paths, strict=True)):
        line = Signature(
            parts.key,
            parts.alg,
            parts.sig,
            index,
            len(payloads),
            tuple(path),
            parts.authenticator_data,
            parts.client_data_json,
        ).to_bytes()
        entry = payload + b"\n" + line
        split(entry)
        entries.append(entry)
    return entries


def verify_command(
    entries: Sequence[Entry], origin: str, public_key: PublicKey, relying_parties: Iterable[RelyingParty] = ()
) -> None:
    """Check that these entries are one whole command, in order, signed by this key.

    Raises CommandError PARTIAL_COMMAND (missing, extra, reordered or repeated entries) or COMMAND_DIFFERS
    (events of different acts), or what `PublicKey.verify` raises.
    """
    for position, entry in enumerate(entries):
        if entry.signature.index != position or entry.signature.size != len(entries):
            raise CommandError("PARTIAL_COMMAND", "the entries are not the whole command in its order")
    if not entries:
        raise CommandError("PARTIAL_COMMAND", "a command has at least one entry")
    _check_act([entry.payload for entry in entries])
    first = entries[0].signature
    if any(entry.signature.parts != first.parts for entry in entries):
        raise CommandError("PARTIAL_COMMAND", "the entries carry different signatures")
    leaves = [payload_hash(entry.payload_bytes) for entry in entries]
    for entry, path in zip(entries, merkle.inclusion_proofs(leaves), strict=True):
        if entry.signature.path != tuple(path):
            raise CommandError("PARTIAL_COMMAND", "an entry's path does not lead to the command's root")
    public_key.verify(_message(origin, len(entries), merkle.root(leaves)), first.parts, relying_parties)


def verify_entry(
    entry: Entry, origin: str, public_key: PublicKey, relying_parties: Iterable[RelyingParty] = ()
) -> None:
    """Check that this entry is part of a command that this key signed, without the command's other entries.

    Raises what `PublicKey.verify` raises.
    """
    mine = entry.signature
    root = merkle.root_from_inclusion(mine.index, mine.size, payload_hash(entry.payload_bytes), mine.path)
    public_key.verify(_message(origin, mine.size, root), mine.parts, relying_parties)


def _message(origin: str, size: int, root: bytes) -> bytes:
    return f"certledger/command/v1\n{check_origin(origin)}\n{size}\n{b64.encode(root)}\n".encode()


def _check_act(payloads: Sequence[Payload]) -> None:
    act = payloads[0].act()
    if any(payload.act() != act for payload in payloads):
        raise CommandError(
            "COMMAND_DIFFERS",
            "command, actor, role, org, recorded_at and seen are the same in all events of a command",
        )
