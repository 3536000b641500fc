"""The lists that say what no longer stands: a status list for each issuer, and the one for use offline.

`verifier.statuslist` and `verifier.withdrawn` have the formats. Each issuer's own status key signs; an issuer
without one has neither list. Lists are numbered 1, 2, … in the order in which issuers had their first status
key enrolled, so that a number never changes.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from ledger.domain.event import to_time
from ledger.issuing.republished import VALID_FOR, Republished
from verifier import dataintegrity, did, jcs, statuslist, twoline, withdrawn

if TYPE_CHECKING:
    from ledger.issuing.digests import TokenDigests
    from ledger.issuing.keyring import EnrolledKey, Keyring
    from ledger.issuing.standing import Standing
    from ledger.projections.queries import Queries


@dataclass(slots=True)
class Lists:
    """The lists of one ledger."""

    base_url: str
    origin: str
    queries: Queries
    keyring: Keyring
    standing: Standing
    digests: TokenDigests
    _withdrawn: Republished = field(init=False)
    _status: dict[int, Republished] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        """Prepare the list of withdrawn tokens."""
        self._withdrawn = Republished(self._size, self._make_withdrawn)

    def withdrawn(self, now: datetime) -> bytes:
        """All issuers' withdrawn tokens, signed."""
        return self._withdrawn.at(now)

    def status_list(self, number: int, now: datetime) -> bytes | None:
        """The status list of this number as a signed credential (RFC 8785 bytes), None when there is none."""
        if number not in self._status:
            organisation = self._issuers().get(number)
            if organisation is None:
                return None
            self._status[number] = Republished(
                self._size, lambda moment: self._make_status(number, organisation, moment)
            )
        return self._status[number].at(now)

    def number(self, organisation: str) -> int | None:
        """The number of an issuer's status list, None for one that never had a status key."""
        return next((number for number, each in self._issuers().items() if each == organisation), None)

    def url(self, number: int) -> str:
        """A status list's address."""
        return f"{self.base_url}/status/{number}"

    def _issuers(self) -> dict[int, str]:
        keys = sorted(
            (key for key in self.keyring.all() if key.purpose == "status"), key=lambda key: key.enrolled_index
        )
        return dict(enumerate(dict.fromkeys(key.organisation for key in keys), start=1))

    def _size(self) -> int:
        return self.queries.head().size

    def _make_status(self, number: int, organisation: str, now: datetime) -> bytes:
        bits = bytearray(statuslist.LEAST_BITS // 8)
        for fallen in self.standing.fallen(organisation):
            bits[fallen.status_index >> 3] |= 0x80 >> (fallen.status_index & 7)
        issuer = did.did_web(self.base_url, organisation)
        moment = to_time(now)
        document = statuslist.document(
            url=self.url(number),
            issuer=issuer,
            valid_from=moment,
            valid_until=to_time(now + VALID_FOR),
            bits=bytes(bits),
        )
        key = self._status_key(organisation)
        signer = self.keyring.signer(key)
        signed = dataintegrity.sign(
            document,
            method=did.method_id(issuer, key.thumbprint),
            created=moment,
            sign_bytes=lambda message: signer.sign(message).sig,
        )
        return jcs.encode(signed)

    def _make_withdrawn(self, now: datetime) -> bytes:
        size = self._size()
        parts = []
        for organisation in self._issuers().values():
            key = self.keyring.current(organisation, "status")
            if key is None:
                continue  # it cannot speak; of its certificates nothing is known offline
            fallen = [each.certificate for each in self.standing.fallen(organisation)]
            payload = withdrawn.statement(
                organisation=organisation,
                origin=self.origin,
                size=size,
                issued_at=to_time(now),
                valid_until=to_time(now + VALID_FOR),
                digests=self.digests.of(fallen),
            )
            signature = self.keyring.signer(key).sign(twoline.message(payload, withdrawn.FORMAT))
            parts.append(withdrawn.seal(payload, signature))
        return b"\n".join(parts)

    def _status_key(self, organisation: str) -> EnrolledKey:
        """The key in use, or else the last one: then readers see a list that nobody in office signed."""
        current = self.keyring.current(organisation, "status")
        return current or [key for key in self.keyring.of(organisation) if key.purpose == "status"][-1]
