"""Logs written entry by entry, past the ledger: signed with the tests' own keys, right or wrong as a test asks.

Everything repeats: keys, ids and salts come from names. Time stands still unless a test moves it.
"""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from verifier import b64, fact, jcs, merkle, publickey, times
from verifier.entry import Payload, enrol_message, payload_hash, seal
from verifier.publickey import PublicKey, SigParts
from verifier.rootfile import RootFile, RootKey

ORIGIN = "audit.example/log"
START = "2031-03-03T01:00:00Z"


def an_id(name: str) -> str:
    """A random-looking id for a name."""
    return str(uuid.UUID(bytes=sha256(f"id {name}".encode()).digest()[:16], version=4))


def a_hash(name: str) -> str:
    return sha256(name.encode()).hexdigest()


def a_fact(name: str = "something") -> dict[str, str]:
    """A commitment that nobody opens."""
    return {"commitment": a_hash(f"fact {name}")}


class Pen:
    """A private key that signs commands and proves possession."""

    def __init__(self, name: str) -> None:
        self.private = Ed25519PrivateKey.from_private_bytes(sha256(f"key {name}".encode()).digest())
        x = b64.url_encode(self.private.public_key().public_bytes_raw())
        self.jwk = {"crv": "Ed25519", "kty": "OKP", "x": x}
        self.thumbprint = publickey.thumbprint(self.jwk)

    def __deepcopy__(self, _memo: object) -> "Pen":
        return self

    def sign(self, message: bytes) -> SigParts:
        return SigParts(self.thumbprint, "ed25519", self.private.sign(message))

    def enrolment(self, staff: str, origin: str = ORIGIN) -> dict[str, Any]:
        message = enrol_message(origin, f"staff/{staff}", self.thumbprint)
        return {
            "thumbprint": self.thumbprint,
            "jwk": self.jwk,
            "alg": "ed25519",
            "custody": "server-held",
            "possession": self.sign(message).to_json(),
        }


@dataclass(frozen=True)
class Said:
    """An event to be written: stream, type without version, data; `at` when it happened (default: now)."""

    stream: str
    type: str
    data: dict[str, Any] = field(default_factory=dict)
    at: str | None = None


class Scribe:
    """Writes a log. `now` is the time of recording; `entries` is what has been written."""

    def __init__(self, origin: str = ORIGIN) -> None:
        self.origin = origin
        self.now = times.parse_moment(START)
        self.entries: list[bytes] = []
        self.pens: dict[str, Pen] = {}
        self.links: list[bytes] = []
        self._tips: dict[str, tuple[int, bytes]] = {}
        self._tree = merkle.CompactRange()
        self._roots = [merkle.EMPTY_ROOT]
        self._commands = 0
        self.founders = [Pen("one"), Pen("two")]
        self.pens |= {"one": self.founders[0], "two": self.founders[1]}
        keys = [
            RootKey(f"staff/{an_id(name)}", PublicKey(pen.jwk, "ed25519"), "server-held")
            for name, pen in zip(("one", "two"), self.founders, strict=True)
        ]
        self.root = RootFile(origin, (keys[0], keys[1]))

    # -- time ----------------------------------------------------------------------------------------------

    def set_day(self, day: str, hour: int = 1) -> None:
        """Go on at this hour (UTC) of a day."""
        self.now = times.parse_moment(f"{day}T{hour:02}:00:00Z")

    def wait(self, *, hours: int = 0, days: int = 0) -> None:
        self.now += 3600 * hours + 86400 * days

    @property
    def time(self) -> str:
        return times.to_text(self.now)

    # -- writing -------------------------------------------------------------------------------------------

    def tip(self, stream: str) -> str | None:
        version, tip = self._tips.get(stream, (0, b""))
        return tip.hex() if version else None

    def act(
        self, who: str, role: str, org: str | None, *said: Said, pen: Pen | None = None, **changes: Any
    ) -> list[str]:
        """One signed command; returns the payload hashes. `changes` are members of the payloads to be otherwise."""
        self._commands += 1
        seen = changes.pop("seen_size", len(self.entries))
        root = changes.pop("seen_root", self._roots[seen] if seen < len(self._roots) else b"\x01" * 32)
        common: dict[str, Any] = {
            "recorded_at": self.time,
            "actor": f"staff/{an_id(who)}",
            "role": role,
            "org": org,
            "command": an_id(f"command {self._commands}"),
            "seen_size": seen,
            "seen_root": root,
        }
        payloads, hashes = [], []
        for each in said:
            version, tip = self._tips.get(each.stream, (0, b""))
            members = {
                "type": f"{each.type}.v1",
                "stream": each.stream,
                "version": version + 1,
                "prev": tip.hex() if version else None,
                "occurred_at": each.at or self.time,
                "data": each.data,
                **common,
                **changes,
            }
            data = Payload(**members).to_bytes()
            self._tips[each.stream] = (version + 1, payload_hash(data))
            payloads.append(data)
            hashes.append(payload_hash(data).hex())
        signer = pen or self.pens[who]
        self.append(seal(payloads, self.origin, signer.sign))
        return hashes

    def append(self, entries: Iterable[bytes]) -> None:
        """Write entries, whatever they are."""
        for entry in entries:
            self.entries.append(entry)
            self._tree.append(merkle.leaf_hash(entry))
            self._roots.append(self._tree.root())

    def link(self, certificate: str, version: int, value: dict[str, str]) -> dict[str, str]:
        """A provenance fact: the commitment for the event; the line goes along with the bundle."""
        stream, salt = f"certificate/{certificate}", sha256(f"salt {certificate}".encode()).digest()
        committed = fact.commitment(salt, "provenance", "provenance", stream, stream, value, version)
        line = {
            "class": "provenance",
            "field": "provenance",
            "salt": salt.hex(),
            "stream": stream,
            "subject": stream,
            "value": value,
            "version": version,
        }
        self.links.append(jcs.encode(line))
        return {"commitment": committed}
