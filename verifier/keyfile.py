"""The key file: which keys issue, as two key custodians say. What a scanner without a network pins.

A statement in two lines (`verifier.twoline`). Payload:

    {"base_urls":[…],"custodians":[{"alg","jwk","person","staff"}…],"format":"certledger/key-file/v1",
     "issued_at":"<time>","keys":[…],"origin":"<log>","size":n,"version":n}

`keys` are all issuer keys that the log of that size has ever enrolled, each

    {"alg","compromised_from","from","issuer","jwk","kid","kind","organisation","purpose","to","zone"}

`from` and `to` are leaf indexes: the key may sign what lies between them in the log, `to` being null while it
is in use. From log size `compromised_from` on nothing it signed is to be believed, unless null. `kid` (one
byte) and `kind` belong to token keys and are null elsewhere; several keys may share a byte. `issuer` is the
public name, `zone` says where the issuer's days begin. `base_urls` are the addresses that its QR codes may
have; the first is the one in use.

Signatures: `[{"alg","key","sig"…},{…}]` by two custodians who are two people. At first they are the root
file's two; each verified file names those who may sign the next (`custodians`), so that custodians change
without a new root. Two keys of one `person` count once.

The act that matters is the enrolment in the log; this file repeats it where no log is at hand. It does not
expire: how old it is, is for the reader to judge, and a list of withdrawn certificates says what changed.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from verifier import did, jcs, twoline
from verifier.errors import FormatError, SignatureError
from verifier.grammar import ID, check_origin, check_staff, check_time
from verifier.publickey import PublicKey, SigParts
from verifier.rootfile import RootFile
from verifier.webauthn import RelyingParty

FORMAT = "certledger/key-file/v1"
FILE_LIMIT = 4 << 20
PURPOSES = ("credential", "token", "status", "pdf")
KINDS = ("TRAINING", "COMPETENCE", "UNIT_STATEMENT")
SIGNERS = 2

_MEMBERS = frozenset({"base_urls", "custodians", "issued_at", "keys", "origin", "size", "version"})
_KEY_MEMBERS = frozenset(
    {
        "alg",
        "compromised_from",
        "from",
        "issuer",
        "jwk",
        "kid",
        "kind",
        "organisation",
        "purpose",
        "to",
        "zone",
    }
)
_CUSTODIAN_MEMBERS = frozenset({"alg", "jwk", "person", "staff"})
_ID = re.compile(ID)
_URL_LIMIT, _TEXT_LIMIT, _COUNT_LIMIT = 300, 200, 10_000
_BYTE = 255


@dataclass(frozen=True, slots=True)
class Custodian:
    """Who may sign a key file. `person` is the same for all accounts of one human."""

    staff: str
    person: str
    key: PublicKey


@dataclass(frozen=True, slots=True)
class IssuerKey:
    """One issuer key and its window in the log (see the module)."""

    organisation: str
    issuer: str
    zone: str
    purpose: str
    kind: str | None
    kid: int | None
    key: PublicKey
    valid_from: int
    valid_to: int | None
    compromised_from: int | None

    def holds_at(self, index: int) -> bool:
        """Whether what this key signed for the entry at leaf `index` counts."""
        return (
            self.valid_from < index
            and (self.valid_to is None or index < self.valid_to)
            and (self.compromised_from is None or index < self.compromised_from)
        )


@dataclass(frozen=True, slots=True)
class KeyFile:
    """A verified key file."""

    version: int
    origin: str
    size: int
    issued_at: str
    base_urls: tuple[str, ...]
    keys: tuple[IssuerKey, ...]
    custodians: tuple[Custodian, ...]

    def token_keys(self, kid: int) -> list[IssuerKey]:
        """Return the token keys of this key id, newest first."""
        found = [key for key in self.keys if key.purpose == "token" and key.kid == kid]
        return sorted(found, key=lambda key: -key.valid_from)

    def method(self, name: str, purpose: str) -> IssuerKey | None:
        """Return the key that a verification method (`<did>#<thumbprint>`) of this purpose names, or None."""
        for key in self.keys:
            if key.purpose == purpose and any(
                name == did.method_id(did.did_web(url, key.organisation), key.key.thumbprint)
                for url in self.base_urls
            ):
                return key
        return None

    def status_key(self, organisation: str, thumbprint: str) -> IssuerKey | None:
        """Return an organisation's status key that is in use, or None."""
        for key in self.keys:
            if (key.organisation, key.purpose, key.key.thumbprint) == (organisation, "status", thumbprint):
                return key if key.valid_to is None and key.compromised_from is None else None
        return None


@dataclass(frozen=True, slots=True)
class Trust:
    """Who is believed about issuer keys: for one log, from a root file or from an earlier key file."""

    origin: str
    custodians: tuple[Custodian, ...]
    sites: tuple[RelyingParty, ...]
    version: int = 0

    @classmethod
    def of_root(cls, root: RootFile) -> "Trust":
        """Trust the two founders."""
        founders = tuple(Custodian(founder.staff, founder.staff, founder.key) for founder in root.keys)
        return cls(root.origin, founders, root.webauthn)

    def after(self, file: KeyFile) -> "Trust":
        """Trust those whom a verified file names."""
        return Trust(self.origin, file.custodians, self.sites, file.version)


def statement(
    *,
    version: int,
    origin: str,
    size: int,
    issued_at: str,
    base_urls: Sequence[str],
    keys: Sequence[IssuerKey],
    custodians: Sequence[Custodian],
) -> bytes:
    """Return the payload that the custodians sign (`twoline.message` with FORMAT)."""
    content = {
        "format": FORMAT,
        "version": version,
        "origin": origin,
        "size": size,
        "issued_at": issued_at,
        "base_urls": list(base_urls),
        "keys": [_key_to_json(key) for key in keys],
        "custodians": [
            {"alg": one.key.alg, "jwk": one.key.jwk, "person": one.person, "staff": one.staff}
            for one in custodians
        ],
    }
    return jcs.encode(content)


def seal(payload: bytes, signatures: Sequence[SigParts]) -> bytes:
    """Return the file's bytes."""
    return twoline.join(
        payload, [{"alg": each.alg, "key": each.key, **each.to_json()} for each in signatures]
    )


def parse(data: bytes, trust: Trust) -> KeyFile:
    """Read and verify a key file.

    Raises FormatError STATEMENT_INVALID, KEY_FILE_INVALID or JSON_…, a PublicKeyError, SignatureError
    KEY_FILE_UNTRUSTED when it is another log's, older than what is trusted, or not signed by two custodians.
    """
    payload, value, signatures = twoline.split(data, FORMAT, _MEMBERS, FILE_LIMIT)
    file = _read(value)
    if file.origin != trust.origin:
        raise _untrusted(f"it is about the log {file.origin}")
    if file.version < trust.version:
        raise _untrusted("it is older than the one that is known already")
    _check_signatures(payload, signatures, trust)
    return file


def _check_signatures(payload: bytes, signatures: Any, trust: Trust) -> None:
    if type(signatures) is not list or len(signatures) != SIGNERS:
        raise _untrusted("two custodians sign it")
    people = set()
    for item in signatures:
        if type(item) is not dict or type(item.get("key")) is not str or type(item.get("alg")) is not str:
            raise _untrusted("a signature is malformed")
        signer = next((one for one in trust.custodians if one.key.thumbprint == item["key"]), None)
        if signer is None:
            raise _untrusted("somebody signed it who is no custodian")
        rest = {name: member for name, member in item.items() if name not in {"alg", "key"}}
        parts = SigParts.from_json(item["key"], item["alg"], rest)
        signer.key.verify(twoline.message(payload, FORMAT), parts, trust.sites)
        people.add(signer.person)
    if len(people) != SIGNERS:
        raise _untrusted("both signatures are of one person")


def _read(value: Mapping[str, Any]) -> KeyFile:
    urls = value["base_urls"]
    if type(urls) is not list or not urls or any(type(url) is not str for url in urls):
        raise _invalid("it names no address")
    if any(not 0 < len(url) <= _URL_LIMIT for url in urls):
        raise _invalid("an address is too long")
    return KeyFile(
        version=_number(value["version"], 1),
        origin=check_origin(value["origin"]),
        size=_number(value["size"], 0),
        issued_at=check_time(value["issued_at"], "issued_at"),
        base_urls=tuple(urls),
        keys=tuple(_read_key(item) for item in _items(value["keys"], _KEY_MEMBERS)),
        custodians=tuple(
            Custodian(check_staff(item["staff"]), check_staff(item["person"]), _public(item))
            for item in _items(value["custodians"], _CUSTODIAN_MEMBERS)
        ),
    )


def _read_key(item: Mapping[str, Any]) -> IssuerKey:
    is_token = item["purpose"] == "token"
    texts = (item["organisation"], item["issuer"], item["zone"])
    if item["purpose"] not in PURPOSES or any(
        type(text) is not str or not 0 < len(text) <= _TEXT_LIMIT for text in texts
    ):
        raise _invalid("a key's purpose or owner is malformed")
    if not _ID.fullmatch(item["organisation"]):
        raise _invalid("an organisation's id is malformed")
    if is_token != (item["kind"] in KINDS) or is_token == (item["kid"] is None):
        raise _invalid("a token key, and no other, has a kid and a kind")
    if is_token and _number(item["kid"], 0) > _BYTE:
        raise _invalid("a kid is one byte")
    return IssuerKey(
        organisation=item["organisation"],
        issuer=item["issuer"],
        zone=item["zone"],
        purpose=item["purpose"],
        kind=item["kind"],
        kid=item["kid"],
        key=_public(item),
        valid_from=_number(item["from"], 0),
        valid_to=None if item["to"] is None else _number(item["to"], 0),
        compromised_from=None if item["compromised_from"] is None else _number(item["compromised_from"], 0),
    )


def _key_to_json(key: IssuerKey) -> dict[str, Any]:
    return {
        "alg": key.key.alg,
        "compromised_from": key.compromised_from,
        "from": key.valid_from,
        "issuer": key.issuer,
        "jwk": key.key.jwk,
        "kid": key.kid,
        "kind": key.kind,
        "organisation": key.organisation,
        "purpose": key.purpose,
        "to": key.valid_to,
        "zone": key.zone,
    }


def _public(item: Mapping[str, Any]) -> PublicKey:
    if type(item["jwk"]) is not dict:
        raise _invalid("a key is malformed")
    return PublicKey(item["jwk"], item["alg"])


def _items(value: Any, members: frozenset[str]) -> list[dict[str, Any]]:
    if type(value) is not list or len(value) > _COUNT_LIMIT:
        raise _invalid("a member is not a list, or too long")
    for item in value:
        if type(item) is not dict or item.keys() != members:
            raise _invalid(f"an item needs exactly the members {', '.join(sorted(members))}")
    return value


def _number(value: Any, least: int) -> int:
    if type(value) is not int or value < least:
        raise _invalid("a number is none, or too small")
    return value


def _invalid(why: str) -> FormatError:
    return FormatError("KEY_FILE_INVALID", f"the key file is malformed: {why}")


def _untrusted(why: str) -> SignatureError:
    return SignatureError(
        "KEY_FILE_UNTRUSTED",
        f"the key file is not to be believed: {why}",
        "Fetch /keys again, or compare the root file with the one that you were given.",
    )
