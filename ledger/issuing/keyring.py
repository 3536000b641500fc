"""An organisation's issuer keys: who they are and from when to when by the log, and the private side to sign with.

Which key signs a certificate's token or credential follows from the log alone (organisation, purpose, kind,
leaf index), so that a reprint comes to the same key and, Ed25519 being deterministic, to the same bytes.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING, Any

from ledger.store.mapper import event_of

if TYPE_CHECKING:
    from keys.issuer import IssuerVault
    from keys.signer import SoftwareSigner
    from ledger.domain.event import Event
    from ledger.projections.queries import Queries, Reading

_PAGE = 500
_STREAMS = (
    " FROM relation r JOIN stored_events e ON e.originator_id = 'issuer_key/' || r.source"
    " WHERE r.kind = 'issuer_key.organisation'"
)
_MARK = "SELECT COUNT(*), COALESCE(MAX(e.{id}), 0)" + _STREAMS
_EVENTS = "SELECT e.{id}, e.state" + _STREAMS + " ORDER BY r.position, e.originator_version"


@dataclass(frozen=True, slots=True)
class EnrolledKey:
    """One issuer key as the log has it.

    ``enrolled_index`` is the leaf index of its enrolment, ``ended_index`` that of its retirement or of the
    declaration that it is compromised, whichever came first; ``compromised_from`` is a log size.
    """

    id: str
    organisation: str
    purpose: str
    alg: str
    jwk: Mapping[str, str]
    thumbprint: str
    kid: int | None
    kind: str | None
    enrolled_index: int
    ended_index: int | None
    compromised_from: int | None

    def may_sign_at(self, index: int) -> bool:
        """Whether it was in use when the entry at leaf ``index`` was recorded."""
        return self.enrolled_index < index and (self.ended_index is None or index < self.ended_index)


class Keyring:
    """The issuer keys of a ledger, over its log (``reading`` gives a cursor) and the vault of private keys.

    They are read anew only when one of their streams has grown. Safe for threads.
    """

    def __init__(self, reading: Reading, queries: Queries, vault: IssuerVault) -> None:
        self.vault = vault
        self._reading = reading
        self._queries = queries
        self._known: tuple[tuple[int, int], tuple[EnrolledKey, ...]] = ((0, 0), ())

    def all(self) -> tuple[EnrolledKey, ...]:
        """All keys that were ever enrolled, in the order of enrolment."""
        known = self._known  # replaced as a whole, so that threads see one state or the other
        with self._reading() as sql:
            sql.execute(_MARK)
            count, newest = sql.fetchone() or (0, 0)
            mark = (int(count), int(newest))
            if mark == known[0]:
                return known[1]
            sql.execute(_EVENTS)
            rows = [(int(number) - 1, event_of(bytes(state))) for number, state in sql.fetchall()]
        histories = groupby(rows, key=lambda row: row[1].originator_id)
        keys = tuple(_enrolled(stream.partition("/")[2], history) for stream, history in histories)
        self._known = (mark, keys)
        return keys

    def of(self, organisation: str) -> list[EnrolledKey]:
        """Those of one organisation, in the order of enrolment."""
        return [key for key in self.all() if key.organisation == organisation]

    def organisations(self) -> Iterator[str]:
        """All organisations, in the order of registration."""
        after: int | None = None
        while page := self._queries.page(
            "listed", "organisation", after=after, limit=_PAGE, newest_first=False
        ):
            yield from (organisation for organisation, _ in page)
            after = page[-1][1]

    def at(self, organisation: str, purpose: str, index: int, kind: str | None = None) -> EnrolledKey | None:
        """The organisation's newest key of this purpose (and kind) that was in use at leaf ``index``, or None."""
        found = [
            key
            for key in self.of(organisation)
            if (key.purpose, key.kind) == (purpose, kind) and key.may_sign_at(index)
        ]
        return found[-1] if found else None

    def current(self, organisation: str, purpose: str, kind: str | None = None) -> EnrolledKey | None:
        """The organisation's newest key of this purpose (and kind) that is in use now, or None."""
        return self.at(organisation, purpose, self._queries.head().size, kind)

    def signer(self, key: EnrolledKey) -> SoftwareSigner:
        """Its private side. Raises keys.errors.Error."""
        return self.vault.signer(key.thumbprint)


def _enrolled(key: str, history: Iterable[tuple[int, Event]]) -> EnrolledKey:
    data: Mapping[str, Any] = {}
    enrolled_index, ended_index, compromised_from = 0, None, None
    for index, event in history:
        if event.name == "enrolled":
            data, enrolled_index = event.data, index
        elif event.name in {"retired", "compromised"}:
            ended_index = index if ended_index is None else ended_index
            if event.name == "compromised":
                compromised_from = event.data["from_size"]
    return EnrolledKey(
        id=key,
        organisation=data["organisation"],
        purpose=data["purpose"],
        alg=data["alg"],
        jwk=data["jwk"],
        thumbprint=data["thumbprint"],
        kid=data["kid"],
        kind=data["kind"],
        enrolled_index=enrolled_index,
        ended_index=ended_index,
        compromised_from=compromised_from,
    )
