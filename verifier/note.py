"""Signed notes (C2SP signed-note) and their keys in vkey form.

    <text, ending in LF> LF
    — <name> <base64(keyID[4] || signature)> LF      (U+2014; one or more lines)

UTF-8 without control characters but LF. The text ends before the last empty line. A name is not empty and has
neither Unicode spaces nor `+`. A vkey is `<name>+<hex of keyID>+<base64(type || public key)>` with keyID =
SHA-256(name || LF || type || public key)[:4]; types known here are 0x01 (Ed25519 over the text: logs) and
0x04 (`verifier.cosignature`: witnesses). A signature that matches a known key's name and id must hold, or the
whole note is refused; those of unknown keys are skipped.

Base64 is read strictly, yet lines of unknown keys may be added by anyone: the bytes of a note never identify
it.

Not done here: ML-DSA-44 (0x06); a note may carry such lines as those of unknown keys.
"""

import re
from dataclasses import dataclass
from hashlib import sha256

from verifier import b64, ed25519
from verifier.errors import FormatError, PublicKeyError, SignatureError

NOTE_LIMIT = 1 << 18
SIGNATURE_LIMIT = 64
NAME_LIMIT = 255

LOG_KEY = 0x01
WITNESS_KEY = 0x04

_KEY_ID_SIZE = 4
_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f]")
_VKEY = re.compile(r"([^+]+)\+([0-9a-f]{8})\+([A-Za-z0-9+/=]+)")


@dataclass(frozen=True, slots=True)
class NoteSignature:
    """One signature line: who says to have signed (name, 4 bytes of key id) and what."""

    name: str
    key_id: bytes
    data: bytes

    def line(self) -> str:
        """Return the line with its LF."""
        return f"— {self.name} {b64.encode(self.key_id + self.data)}\n"


@dataclass(frozen=True, slots=True)
class Note:
    """A parsed note, of which nothing has been verified. `text` ends in LF."""

    text: str
    signatures: tuple[NoteSignature, ...]

    def to_bytes(self) -> bytes:
        """Return the note's bytes."""
        return f"{self.text}\n{''.join(item.line() for item in self.signatures)}".encode()

    def by(self, key: "VKey") -> list[bytes]:
        """Return the signatures that name this key."""
        return [item.data for item in self.signatures if (item.name, item.key_id) == (key.name, key.key_id)]


class VKey:
    """A note key.

    `name`, `kind` (LOG_KEY or WITNESS_KEY), `key` (a checked Ed25519 key) and `key_id` (4 bytes).
    """

    __slots__ = ("key", "key_id", "kind", "name")

    def __init__(self, name: str, kind: int, public: bytes) -> None:
        """Raise FormatError VKEY_INVALID for a bad name or kind, PublicKeyError for a bad key."""
        if not is_name(name) or kind not in {LOG_KEY, WITNESS_KEY}:
            raise FormatError("VKEY_INVALID", "not the name or the type of an Ed25519 note key")
        self.name = name
        self.kind = kind
        self.key = ed25519.VerifyKey(public)
        self.key_id = sha256(f"{name}\n".encode() + bytes([kind]) + public).digest()[:_KEY_ID_SIZE]

    def __eq__(self, other: object) -> bool:
        return isinstance(other, VKey) and str(self) == str(other)

    def __hash__(self) -> int:
        return hash(str(self))

    def __str__(self) -> str:
        return f"{self.name}+{self.key_id.hex()}+{b64.encode(bytes([self.kind]) + self.key.data)}"

    def signature(self, data: bytes) -> NoteSignature:
        """Return a signature by this key as a line of a note."""
        return NoteSignature(self.name, self.key_id, data)


def parse_vkey(text: str) -> VKey:
    """Read a vkey. Raises FormatError VKEY_INVALID or a PublicKeyError."""
    match = _VKEY.fullmatch(text)
    if not match:
        raise FormatError("VKEY_INVALID", "a verifier key has the form <name>+<8 hex digits>+<base64>")
    try:
        data = b64.decode(match[3], 1 + ed25519.KEY_SIZE)
    except FormatError:
        raise FormatError("VKEY_INVALID", "a verifier key holds a type and 32 bytes of Ed25519") from None
    key = VKey(match[1], data[0], data[1:])
    if key.key_id.hex() != match[2]:
        raise FormatError("VKEY_INVALID", "the verifier key's id does not belong to its name and key")
    return key


def is_name(name: str) -> bool:
    """Tell whether a key may have this name."""
    return (
        0 < len(name) <= NAME_LIMIT
        and "+" not in name
        and not any(character.isspace() or character < " " for character in name)
        and not any("\ud800" <= character <= "\udfff" for character in name)
    )


def parse(data: bytes) -> Note:
    """Read a note without verifying it. Raises FormatError NOTE_TOO_LARGE or NOTE_INVALID."""
    if len(data) > NOTE_LIMIT:
        raise FormatError("NOTE_TOO_LARGE", f"a note has at most {NOTE_LIMIT} bytes")
    try:
        content = data.decode("utf-8")
    except UnicodeDecodeError:
        raise FormatError("NOTE_INVALID", "a note is not UTF-8") from None
    text, blank, lines = content.rpartition("\n\n")
    if _CONTROL.search(content) or not blank or not lines.endswith("\n"):
        raise FormatError("NOTE_INVALID", "a note is lines of text, an empty line and signature lines")
    signatures = lines[:-1].split("\n")
    if len(signatures) > SIGNATURE_LIMIT:
        raise FormatError("NOTE_INVALID", f"a note has at most {SIGNATURE_LIMIT} signatures here")
    return Note(text + "\n", tuple(parse_signature(line) for line in signatures))


def parse_signature(line: str) -> NoteSignature:
    """Read one signature line, without its LF. Raises FormatError NOTE_INVALID."""
    match line.split(" "):
        case ["—", name, encoded] if is_name(name):
            try:
                data = b64.decode(encoded)
            except FormatError:
                data = b""
            if len(data) > _KEY_ID_SIZE:
                return NoteSignature(name, data[:_KEY_ID_SIZE], data[_KEY_ID_SIZE:])
    raise FormatError("NOTE_INVALID", "a line of a note is not a signature")


def verify(note: Note, key: VKey) -> None:
    """Check that this key of kind LOG_KEY signed the note.

    Raises SignatureError NOTE_UNSIGNED when it has no signature there, SIGNATURE_WRONG when one does not
    hold; PublicKeyError KEY_KIND_WRONG for a witness's key.
    """
    if key.kind != LOG_KEY:
        raise PublicKeyError("KEY_KIND_WRONG", "a witness's key does not sign notes directly")
    signatures = note.by(key)
    if not signatures:
        raise SignatureError("NOTE_UNSIGNED", f"the note has no signature by {key.name}")
    for signature in signatures:
        key.key.verify(note.text.encode(), signature)
