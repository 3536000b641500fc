"""Status lists: which of an issuer's certificates are suspended, as a credential of the issuer.

W3C Bitstring Status List 1.0, secured like a certificate's credential (`verifier.dataintegrity`): exactly

    {"@context":["https://www.w3.org/ns/credentials/v2"],
     "credentialSubject":{"encodedList","id":"<id>#list","statusPurpose":"suspension","type":"BitstringStatusList"},
     "id":"<base_url>/status/<n>","issuer":"did:web:…","proof":[…,…],
     "type":["VerifiableCredential","BitstringStatusListCredential"],"validFrom","validUntil"}

`encodedList` is `u` and the base64url of the gzipped bits, the first bit being the highest of the first byte;
at least 131,072 bits, so that an index does not stand out. A set bit means suspended, revoked, replaced, under
review or erased: the certificate does not stand, and the list does not say why.
"""

import re
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from verifier import b64, dataintegrity, shape
from verifier.errors import FormatError, SignatureError
from verifier.grammar import check_time
from verifier.jsonld import CREDENTIALS
from verifier.keyfile import KeyFile
from verifier.shape import Text

LEAST_BITS = 131_072
PURPOSE = "suspension"

_LIMIT = 4 << 20
_BYTES_LIMIT = 1 << 20
_GZIP = 31  # zlib's window bits for a gzip wrapper
_URL = re.compile(r"https?://[a-z0-9.:\[\]-]{1,250}/status/[1-9][0-9]{0,8}")
_TIME = Text(20)
_SHAPE = {
    "@context": [CREDENTIALS],
    "id": _URL,
    "type": ["VerifiableCredential", "BitstringStatusListCredential"],
    "issuer": Text(400),
    "validFrom": _TIME,
    "validUntil": _TIME,
    "credentialSubject": {
        "id": Text(300),
        "type": "BitstringStatusList",
        "statusPurpose": PURPOSE,
        "encodedList": Text(_LIMIT),
    },
}


@dataclass(frozen=True, slots=True)
class StatusList:
    """A verified list."""

    url: str
    issuer: str
    valid_from: datetime
    valid_until: datetime
    bits: bytes

    def is_set(self, index: int) -> bool | None:
        """Whether the bit is set; None beyond the list's end."""
        if not 0 <= index < 8 * len(self.bits):
            return None
        return bool(self.bits[index >> 3] >> (7 - (index & 7)) & 1)

    def is_fresh(self, now: datetime) -> bool:
        """Whether the list says what stands at `now` (aware)."""
        return now <= self.valid_until


def document(*, url: str, issuer: str, valid_from: str, valid_until: str, bits: bytes) -> dict[str, Any]:
    """Return the credential before it is signed."""
    return {
        "@context": [CREDENTIALS],
        "id": url,
        "type": ["VerifiableCredential", "BitstringStatusListCredential"],
        "issuer": issuer,
        "validFrom": valid_from,
        "validUntil": valid_until,
        "credentialSubject": {
            "id": f"{url}#list",
            "type": "BitstringStatusList",
            "statusPurpose": PURPOSE,
            "encodedList": encode(bits),
        },
    }


def parse(data: bytes, keys: KeyFile) -> StatusList:
    """Read and verify a status list.

    Raises FormatError SHAPE_WRONG, STATUS_LIST_INVALID, PROOFS_INVALID, JSON_…; SignatureError
    STATUS_LIST_UNTRUSTED or SIGNATURE_WRONG; what `verifier.jsonld` raises.
    """
    proofs = dataintegrity.split(shape.parse_object(data, _LIMIT))
    value: Mapping[str, Any] = proofs.document
    shape.check(value, _SHAPE)
    if value["credentialSubject"]["id"] != f"{value['id']}#list":
        raise _invalid("its subject is another list")
    key = keys.method(proofs.method, "status")
    if key is None or key.valid_to is not None or key.compromised_from is not None:
        raise _untrusted("it is signed with no status key in use")
    if proofs.method.partition("#")[0] != value["issuer"]:
        raise _untrusted("another issuer signed it")
    proofs.verify(key.key)
    return StatusList(
        value["id"],
        value["issuer"],
        datetime.fromisoformat(check_time(value["validFrom"], "validFrom")),
        datetime.fromisoformat(check_time(value["validUntil"], "validUntil")),
        decode(value["credentialSubject"]["encodedList"]),
    )


def encode(bits: bytes) -> str:
    """Return `encodedList` for these bytes of bits; the same bits give the same text."""
    squeezer = zlib.compressobj(9, zlib.DEFLATED, _GZIP)
    return "u" + b64.url_encode(squeezer.compress(bits) + squeezer.flush())


def decode(text: str) -> bytes:
    """Return the bytes of an `encodedList`. Raises FormatError STATUS_LIST_INVALID."""
    try:
        opener = zlib.decompressobj(_GZIP)
        bits = opener.decompress(b64.url_decode(text.removeprefix("u")), _BYTES_LIMIT + 1)
    except (FormatError, zlib.error):
        raise _invalid("its bits cannot be read") from None
    if not text.startswith("u") or not opener.eof or opener.unused_data:
        raise _invalid("its bits cannot be read")
    if not LEAST_BITS // 8 <= len(bits) <= _BYTES_LIMIT:
        raise _invalid(f"it has not {LEAST_BITS} bits or more")
    return bits


def _invalid(why: str) -> FormatError:
    return FormatError("STATUS_LIST_INVALID", f"the status list is malformed: {why}")


def _untrusted(why: str) -> SignatureError:
    return SignatureError(
        "STATUS_LIST_UNTRUSTED", f"the status list is not to be believed: {why}", "Fetch the newest key file."
    )
