"""The root file: what a verifier is told from outside before it reads a log.

    {"keys":[two of {"alg","custody","jwk","staff"}],"origin":…,"webauthn":[{"origin","rp_id"}…]}

in RFC 8785 bytes, nothing else, no line end. `keys` are the two founders' in the order of entries 0 and 1:
two keys of two people; `alg` and `custody` as in `verifier.publickey`, `staff` is `staff/<id>`. `origin`
names the log. `webauthn` lists the pages whose assertions count, and may be empty. Entry 0 holds SHA-256 of
these bytes.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from verifier import jcs
from verifier.errors import FormatError
from verifier.grammar import check_origin, check_staff
from verifier.publickey import CUSTODIES, PublicKey
from verifier.webauthn import RelyingParty

FOUNDERS = 2
RELYING_PARTY_LIMIT = 16


@dataclass(frozen=True, slots=True)
class RootKey:
    """A founder: who (`staff/<id>`), with which key, held how (one of CUSTODIES)."""

    staff: str
    key: PublicKey
    custody: str

    @property
    def id(self) -> str:
        """The founder's id, as events name it."""
        return self.staff.removeprefix("staff/")


@dataclass(frozen=True, slots=True)
class RootFile:
    """The content of a root file. Making one checks it; see `parse` for the errors."""

    origin: str
    keys: tuple[RootKey, ...]
    webauthn: tuple[RelyingParty, ...] = ()

    def __post_init__(self) -> None:
        """Check what the parts cannot check for themselves."""
        check_origin(self.origin)
        for founder in self.keys:
            check_staff(founder.staff)
            if founder.custody not in CUSTODIES:
                raise FormatError("ROOT_FILE_INVALID", f"custody is one of {', '.join(CUSTODIES)}")
        people = {founder.staff for founder in self.keys}
        thumbprints = {founder.key.thumbprint for founder in self.keys}
        if not len(self.keys) == len(people) == len(thumbprints) == FOUNDERS:
            raise FormatError("ROOT_FILE_INVALID", "a root file names two different keys of two people")
        if len(set(self.webauthn)) != len(self.webauthn) or len(self.webauthn) > RELYING_PARTY_LIMIT:
            raise FormatError("ROOT_FILE_INVALID", "the WebAuthn sites repeat or are too many")

    def to_bytes(self) -> bytes:
        """Return the file's bytes."""
        keys = [
            {
                "alg": founder.key.alg,
                "custody": founder.custody,
                "jwk": founder.key.jwk,
                "staff": founder.staff,
            }
            for founder in self.keys
        ]
        sites = [{"origin": site.origin, "rp_id": site.rp_id} for site in self.webauthn]
        return jcs.encode({"keys": keys, "origin": self.origin, "webauthn": sites})

    def digest(self) -> str:
        """Return SHA-256 of the file's bytes, in hex, as entry 0 holds it."""
        return sha256(self.to_bytes()).hexdigest()


def parse(data: bytes) -> RootFile:
    """Read a root file.

    Raises FormatError ROOT_FILE_INVALID, JSON_…, ORIGIN_INVALID, STAFF_INVALID, RELYING_PARTY_INVALID, or a
    PublicKeyError.
    """
    try:
        value = jcs.decode(data)
    except FormatError as error:
        raise FormatError(error.code, f"the root file: {error.message}") from None
    _members(value, {"keys", "origin", "webauthn"})
    keys = []
    for item in _items(value["keys"]):
        _members(item, {"alg", "custody", "jwk", "staff"})
        if type(item["jwk"]) is not dict or type(item["alg"]) is not str:
            raise FormatError("ROOT_FILE_INVALID", "a key of the root file is malformed")
        keys.append(RootKey(item["staff"], PublicKey(item["jwk"], item["alg"]), item["custody"]))
    sites = []
    for item in _items(value["webauthn"]):
        _members(item, {"origin", "rp_id"})
        if type(item["origin"]) is not str or type(item["rp_id"]) is not str:
            raise FormatError("ROOT_FILE_INVALID", "a WebAuthn site of the root file is malformed")
        sites.append(RelyingParty(item["origin"], item["rp_id"]))
    return RootFile(value["origin"], tuple(keys), tuple(sites))


def _members(value: Any, names: set[str]) -> None:
    if type(value) is not dict or value.keys() != names:
        raise FormatError(
            "ROOT_FILE_INVALID", f"the root file needs exactly the members {', '.join(sorted(names))}"
        )


def _items(value: Any) -> Sequence[Any]:
    if type(value) is not list:
        raise FormatError("ROOT_FILE_INVALID", "a member of the root file is not a list")
    return value
