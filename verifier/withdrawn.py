"""The list of withdrawn certificates: which tokens no longer stand, as each issuer says. For use offline.

One statement in two lines (`verifier.twoline`) for each issuing organisation, the lines joined with LF.
Payload:

    {"format":"certledger/withdrawn/v1","issued_at":"<time>","organisation":"<id>","origin":"<log>","size":n,
     "tokens":"<base64>","valid_until":"<time>"}

`tokens` is the concatenation of the first 8 bytes of SHA-256 of each token that no longer stands (revoked,
replaced, suspended, under review, or erased), sorted ascending, no two the same. A certificate that only
expired is not in it: its token says so. `size` is the log's size that it was made from. The signature,
`{"alg","key","sig"}`, is by the organisation's status key, so that an issuer speaks for its own only.

After `valid_until` nothing can be said of a token that is not in it.
"""

from bisect import bisect_left
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

from verifier import b64, jcs, twoline
from verifier.errors import FormatError, SignatureError
from verifier.grammar import check_origin, check_time
from verifier.keyfile import KeyFile
from verifier.publickey import SigParts
from verifier.token import DIGEST_SIZE

FORMAT = "certledger/withdrawn/v1"
LIST_LIMIT = 64 << 20

_MEMBERS = frozenset({"issued_at", "organisation", "origin", "size", "tokens", "valid_until"})


@dataclass(frozen=True, slots=True)
class WithdrawnList:
    """One organisation's verified list. `tokens` are the sorted digests, one after another."""

    organisation: str
    size: int
    issued_at: datetime
    valid_until: datetime
    tokens: bytes

    def __contains__(self, digest: bytes) -> bool:
        count = len(self.tokens) // DIGEST_SIZE
        at = bisect_left(range(count), digest, key=self._digest)
        return self._digest(at) == digest  # past the end there is none

    def is_fresh(self, now: datetime) -> bool:
        """Whether it still says what stands at `now` (aware)."""
        return now <= self.valid_until

    def _digest(self, number: int) -> bytes:
        return self.tokens[number * DIGEST_SIZE : (number + 1) * DIGEST_SIZE]


def statement(
    *, organisation: str, origin: str, size: int, issued_at: str, valid_until: str, digests: Iterable[bytes]
) -> bytes:
    """Return the payload that the organisation's status key signs (`twoline.message` with FORMAT)."""
    return jcs.encode(
        {
            "format": FORMAT,
            "issued_at": issued_at,
            "organisation": organisation,
            "origin": origin,
            "size": size,
            "tokens": b64.encode(b"".join(sorted(set(digests)))),
            "valid_until": valid_until,
        }
    )


def seal(payload: bytes, signature: SigParts) -> bytes:
    """Return the two lines of one organisation."""
    return twoline.join(payload, {"alg": signature.alg, "key": signature.key, **signature.to_json()})


def parse(data: bytes, keys: KeyFile) -> dict[str, WithdrawnList]:
    """Read and verify all lists; returns them by organisation.

    Every one must hold. Raises FormatError STATEMENT_INVALID, WITHDRAWN_INVALID, JSON_… or BASE64_INVALID,
    SignatureError WITHDRAWN_UNTRUSTED or SIGNATURE_….
    """
    if len(data) > LIST_LIMIT:
        raise _invalid("it is too large")
    lines = data.split(b"\n") if data else []
    if len(lines) % 2:
        raise _invalid("each list has two lines")
    found = {}
    for payload, signature in zip(lines[::2], lines[1::2], strict=True):
        one = _parse_one(payload + b"\n" + signature, keys)
        if one.organisation in found:
            raise _invalid("an organisation has two lists")
        found[one.organisation] = one
    return found


def _parse_one(data: bytes, keys: KeyFile) -> WithdrawnList:
    payload, value, signature = twoline.split(data, FORMAT, _MEMBERS, LIST_LIMIT)
    if check_origin(value["origin"]) != keys.origin:
        raise SignatureError("WITHDRAWN_UNTRUSTED", "the list of withdrawn certificates is another log's")
    if type(signature) is not dict or signature.keys() != {"alg", "key", "sig"}:
        raise _invalid("its signature is malformed")
    if any(
        type(member) is not str for member in (*signature.values(), value["organisation"], value["tokens"])
    ):
        raise _invalid("a member is no text")
    if type(value["size"]) is not int or value["size"] < 0:
        raise _invalid("its size is none")
    key = keys.status_key(value["organisation"], signature["key"])
    if key is None:
        raise SignatureError(
            "WITHDRAWN_UNTRUSTED",
            "the list of withdrawn certificates is signed with no status key in use of its issuer",
            "Fetch the newest key file.",
        )
    parts = SigParts.from_json(signature["key"], signature["alg"], {"sig": signature["sig"]})
    key.key.verify(twoline.message(payload, FORMAT), parts)
    tokens = b64.decode(value["tokens"])
    digests = [tokens[at : at + DIGEST_SIZE] for at in range(0, len(tokens), DIGEST_SIZE)]
    if len(tokens) % DIGEST_SIZE or any(one >= other for one, other in pairwise(digests)):
        raise _invalid("its tokens are not sorted")
    return WithdrawnList(
        value["organisation"],
        value["size"],
        datetime.fromisoformat(check_time(value["issued_at"], "issued_at")),
        datetime.fromisoformat(check_time(value["valid_until"], "valid_until")),
        tokens,
    )


def _invalid(why: str) -> FormatError:
    return FormatError("WITHDRAWN_INVALID", f"the list of withdrawn certificates is malformed: {why}")
