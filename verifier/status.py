"""The status of every certificate, recomputed from the log, now or as it was at a moment.

A certificate stands on the acts that issued, reinstated and countersigned it. It is under review from the
moment when the key that signed one of them was declared compromised from a log size on at or before that act,
or a key of its issuer at or before its issue, until an issuer has countersigned it after that. What was
countersigned with a compromised key does not count. It is erased once its holder's name on it is destroyed,
marked or not. As it was at a moment means: by what had been recorded by then, with the day judged then.

A status list has a bit for each certificate that is suspended, under review, revoked, superseded or erased.
Expiry sets none.
"""

from dataclasses import dataclass

from verifier.event import Event
from verifier.rules.certificate import Certificate
from verifier.rules.certificates import STATUS_LIST_BITS
from verifier.rules.world import World

_STATES = {
    "certificate.suspended": "suspended",
    "certificate.reinstated": "active",
    "certificate.revoked": "revoked",
    "certificate.superseded": "superseded",
}
_VOUCHED = frozenset({"certificate.reinstated", "certificate.countersigned"})
_WITHDRAWN = frozenset({"suspended", "revoked", "superseded"})


@dataclass(frozen=True, slots=True)
class Compromise:
    """What is said in the log at leaf index `at`: from log size `from_size` on.

    A key is not to be believed.
    """

    at: int
    from_size: int


Vouched = tuple[int, str, bool]
"""An act on which a certificate stands: its leaf index, the key that signed it, and whether it countersigns."""


class Statuses:
    """Follows what bears on statuses, up to a time in the log's spelling (None: all of it).

    `issuers` are the organisations with a status list, in the order of their first status keys.
    """

    STATE = ("_certificates", "_compromises", "_destroyed", "_owners", "_vouched", "issuers")

    def __init__(self, until: str | None = None, world: World | None = None) -> None:
        """`world` has the certificates as the rules keep them; without it they are followed here."""
        self._until = until
        self._world = world
        self._certificates: dict[str, Certificate] = {}
        self._vouched: dict[str, list[Vouched]] = {}
        self._destroyed: set[str] = set()
        self._compromises: dict[str, list[Compromise]] = {}
        self._owners: dict[str, str] = {}
        self.issuers: list[str] = []

    def follow(self, event: Event) -> None:
        """Take an event whose data has its shape."""
        if not event.type.startswith(_ASKED) or (self._until is not None and event.recorded_at > self._until):
            return
        if event.type.startswith("certificate."):
            self._certificate(event)
        elif event.type == "subject_request.data_destroyed":
            if event.data["class"] == "identity":
                self._destroyed.add(event.data["subject"])
        elif event.type == "staff.key_compromised":
            self._compromised(f"key/{event.data['key']}", event)
        elif event.type == "issuer_key.enrolled":
            organisation = self._owners[event.stream] = event.data["organisation"]
            if event.data["purpose"] == "status" and organisation not in self.issuers:
                self.issuers.append(organisation)
        elif event.type == "issuer_key.compromised":
            self._compromised(f"org/{self._owners.get(event.stream)}", event)

    def _certificate(self, event: Event) -> None:
        if event.type in _VOUCHED:
            act = (event.index, event.key, event.type == "certificate.countersigned")
            self._vouched.setdefault(event.stream, []).append(act)
        if self._world is not None:
            kept = self._world.things.get(event.stream)
            if event.type == "certificate.issued" and isinstance(kept, Certificate):
                self._certificates[kept.stream] = kept
            return
        found = self._certificates.get(event.stream)
        if found is None:
            found = self._certificates[event.stream] = Certificate(event.stream)
        data = event.data
        if event.type == "certificate.prepared":
            found.kind, found.org = data["kind"], event.org
        elif event.type == "certificate.issued":
            found.state, found.issued, found.key = "active", event.index, event.key
            found.number, found.zone, found.place = (
                data["number"],
                data["zone"],
                (data["list"], data["index"]),
            )
            found.issued_on, found.valid_until = data["issued_on"], data["valid_until"]
        elif event.type == "certificate.marked_erased":
            found.erased = True
        else:
            found.state = _STATES.get(event.type, found.state)

    def _compromised(self, name: str, event: Event) -> None:
        self._compromises.setdefault(name, []).append(Compromise(event.index, event.data["from_size"]))

    def under_review(self, certificate: Certificate) -> bool:
        """Tell whether a compromise bears on this certificate and nobody has countersigned it since."""
        if not self._compromises:
            return False
        declared = self._bearing_on(f"org/{certificate.org}", certificate.issued)
        declared += self._bearing_on(f"key/{certificate.key}", certificate.issued)
        last = -1
        for at, key, countersigns in self._vouched.get(certificate.stream, ()):
            found = self._bearing_on(f"key/{key}", at)
            declared += found
            if countersigns and not found:
                last = at
        return any(compromise.at > last for compromise in declared)

    def _bearing_on(self, name: str, index: int) -> list[Compromise]:
        return [found for found in self._compromises.get(name, ()) if found.from_size <= index]

    def all(self) -> list[Certificate]:
        """Return the certificates that were issued, in log order."""
        return [found for found in self._certificates.values() if found.is_issued]

    def find(self, certificate: str) -> Certificate | None:
        """Return the certificate with this id, stream or number, if it was issued."""
        found = self._certificates.get(certificate) or self._certificates.get(f"certificate/{certificate}")
        if found is None:
            found = next((other for other in self.all() if other.number == certificate), None)
        return found if found is not None and found.is_issued else None

    def status(self, certificate: Certificate, at: int) -> str:
        """Return a status at a moment (POSIX seconds). Raises ZoneMissingError."""
        erased = certificate.stream in self._destroyed
        return certificate.status(at, under_review=self.under_review(certificate), erased=erased)

    def bits(self) -> dict[tuple[str, int], bytes]:
        """Return each issuer's status lists, (organisation, list) to bytes.

        The first bit the highest of the first.
        """
        lists: dict[tuple[str, int], bytearray] = {}
        for certificate in self.all():
            number, index = certificate.place
            if index >= STATUS_LIST_BITS:
                continue
            bits = lists.setdefault((str(certificate.org), number), bytearray(STATUS_LIST_BITS // 8))
            erased = certificate.erased or certificate.stream in self._destroyed
            if erased or certificate.state in _WITHDRAWN or self.under_review(certificate):
                bits[index >> 3] |= 0x80 >> (index & 7)
        return {place: bytes(bits) for place, bits in lists.items()}


_ASKED = ("certificate.", "subject_request.data_destroyed", "staff.key_compromised", "issuer_key.")
