"""Assertions of an authenticator (WebAuthn Level 3, section 7.2) as signatures over a message.

The challenge is SHA-256 of the message. What is signed is `authenticatorData || SHA-256(clientDataJSON)`.
Checked here, with the numbers of the steps in section 7.2 left to its text: `type` is webauthn.get;
`challenge` is ours; `origin` and the hash of the RP id belong to one allowed pair; not cross-origin
(`crossOrigin` false or left out, which means the same, and no `topOrigin`); user present and user verified;
backup state only where backup is eligible.

Not done here: the signature itself (`verifier.publickey`), the signature counter (it says nothing in a log
that anyone may replay), extensions (present or not, they change nothing).
"""

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from verifier import b64
from verifier.errors import FormatError, SignatureError

CLIENT_DATA_LIMIT = 4096
AUTHENTICATOR_DATA_LIMIT = 1024

_FIXED_SIZE = 37  # rpIdHash[32] || flags[1] || signCount[4]
_USER_PRESENT, _USER_VERIFIED, _BACKUP_ELIGIBLE, _BACKUP_STATE = 0x01, 0x04, 0x08, 0x10
_ATTESTED_DATA, _EXTENSIONS = 0x40, 0x80

_RP_ID = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)(?:\.[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)*")
_WEB_ORIGIN = re.compile(r"(https?)://([a-z0-9.-]{1,253})(?::[1-9][0-9]{0,4})?")


@dataclass(frozen=True, slots=True)
class RelyingParty:
    """One page's origin (`https://host[:port]`; http for localhost only) with the RP id of its assertions."""

    origin: str
    rp_id: str

    def __post_init__(self) -> None:
        """Raise FormatError RELYING_PARTY_INVALID unless the RP id is the origin's host or a parent of it."""
        match = _WEB_ORIGIN.fullmatch(self.origin)
        host = match[2] if match else ""
        secure = match is not None and (match[1] == "https" or host == "localhost")
        if not secure or not _RP_ID.fullmatch(self.rp_id) or not f".{host}".endswith(f".{self.rp_id}"):
            raise FormatError("RELYING_PARTY_INVALID", "a WebAuthn origin and its RP id do not fit")


def signed_bytes(
    message: bytes,
    authenticator_data: bytes,
    client_data_json: bytes,
    relying_parties: Iterable[RelyingParty],
) -> bytes:
    """Check an assertion over `message` and return the bytes that its signature covers.

    Raises SignatureError with WEBAUTHN_MALFORMED, _TYPE, _CHALLENGE, _CROSS_ORIGIN, _RELYING_PARTY,
    _NOT_VERIFIED or _FLAGS.
    """
    client = _client_data(client_data_json)
    if client.get("type") != "webauthn.get":
        raise SignatureError("WEBAUTHN_TYPE", "the client data is not of an assertion")
    if client.get("challenge") != b64.url_encode(sha256(message).digest()):
        raise SignatureError("WEBAUTHN_CHALLENGE", "the assertion is over another message")
    if client.get("crossOrigin", False) is not False or "topOrigin" in client:
        raise SignatureError("WEBAUTHN_CROSS_ORIGIN", "the assertion was made in a frame of another origin")
    if not _FIXED_SIZE <= len(authenticator_data) <= AUTHENTICATOR_DATA_LIMIT:
        raise SignatureError("WEBAUTHN_MALFORMED", "the authenticator data has a wrong length")
    rp_id_hash, flags = authenticator_data[:32], authenticator_data[32]
    if not any(
        party.origin == client.get("origin") and sha256(party.rp_id.encode()).digest() == rp_id_hash
        for party in relying_parties
    ):
        raise SignatureError("WEBAUTHN_RELYING_PARTY", "the assertion was made for another site")
    if not flags & _USER_PRESENT or not flags & _USER_VERIFIED:
        raise SignatureError("WEBAUTHN_NOT_VERIFIED", "the authenticator did not verify its user")
    backup_contradicts = flags & _BACKUP_STATE and not flags & _BACKUP_ELIGIBLE
    extended = len(authenticator_data) > _FIXED_SIZE
    if backup_contradicts or flags & _ATTESTED_DATA or extended != bool(flags & _EXTENSIONS):
        raise SignatureError("WEBAUTHN_FLAGS", "the authenticator data contradicts itself")
    return authenticator_data + sha256(client_data_json).digest()


def _client_data(data: bytes) -> dict[str, Any]:
    """Parse client data, which a browser writes and which is therefore not canonical JSON."""
    if len(data) <= CLIENT_DATA_LIMIT:
        try:
            value = json.loads(data.decode("utf-8"), object_pairs_hook=_unique)
        except (ValueError, RecursionError):
            value = None
        if type(value) is dict:
            return value
    raise SignatureError("WEBAUTHN_MALFORMED", "the client data is not a JSON object")


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise ValueError("duplicate member")
    return members
