"""An organisation's issuer keys: who they are and from when to when by the log, and the private side to sign with.

Which key signs a certificate's token or credential follows from the log alone (organisation, purpose, kind,
leaf index), so that a reprint comes to the same key and, Ed25519 being deterministic, to the same bytes.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ledger.domain.issuer_key import IssuerKey

if TYPE_CHECKING:
    from keys.issuer import IssuerVault
    from keys.signer import SoftwareSigner
    from ledger.domain.event import Event
    from ledger.projections.queries import Queries

_PAGE = 500


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


@dataclass(frozen=True, slots=True)
class Keyring:
    """The issuer keys of a ledger, over its log and the vault of private keys."""

    queries: Queries
    vault: IssuerVault

    def of(self, organisation: str) -> list[EnrolledKey]:
        """All keys that were ever enrolled for the organisation, in the order of enrolment."""
        found = (
            _enrolled(key, self.queries.history(f"{IssuerKey.NAME}/{key}"))
            for key in self.queries.related("organisation.issuer_keys", organisation)
        )
        return [key for key in found if key is not None]

    def all(self) -> Iterator[EnrolledKey]:
        """Those of all organisations, in the order in which the organisations were registered."""
        for organisation in self.organisations():
            yield from self.of(organisation)

    def organisations(self) -> Iterator[str]:
        """All organisations, in the order of registration."""
        after: int | None = None
        while True:
            page = self.queries.page("listed", "organisation", after=after, limit=_PAGE, newest_first=False)
            if not page:
                return
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
        return self.at(organisation, purpose, self.queries.head().size, kind)

    def signer(self, key: EnrolledKey) -> SoftwareSigner:
        """Its private side. Raises keys.errors.Error."""
        return self.vault.signer(key.thumbprint)


def _enrolled(key: str, history: Iterable[tuple[int, Event]]) -> EnrolledKey | None:
    data: Mapping[str, Any] | None = None
    enrolled_index, ended_index, compromised_from = 0, None, None
    for index, event in history:
        if event.name == "enrolled":
            data, enrolled_index = event.data, index
        elif event.name in {"retired", "compromised"}:
            ended_index = index if ended_index is None else ended_index
            if event.name == "compromised":
                compromised_from = event.data["from_size"]
    if data is None:
        return None
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
