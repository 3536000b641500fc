"""Which certificates of an issuer no longer stand, whatever the day: what status lists and withdrawn lists say.

Suspended, revoked, replaced, erased, or under review after a key was compromised. Expiry is not among it:
credential and token say their last day themselves.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ledger.projections import review

if TYPE_CHECKING:
    from ledger.store.admission import Sql

_FALLEN = (
    "SELECT id, status_list, status_index FROM certificate WHERE org = ? AND issued_index IS NOT NULL"  # noqa: S608
    f" AND (erased = 1 OR state IN ('suspended', 'revoked', 'superseded') OR {review.UNDER_REVIEW})"
)


@dataclass(frozen=True, slots=True)
class Fallen:
    """A certificate that does not stand, and its place in the issuer's status lists."""

    certificate: str
    status_list: int
    status_index: int


@dataclass(frozen=True, slots=True)
class Standing:
    """Reads the projections; ``reading`` gives a cursor."""

    reading: Callable[[], AbstractContextManager[Sql]]

    def fallen(self, organisation: str) -> list[Fallen]:
        """Those of one issuer."""
        with self.reading() as sql:
            sql.execute(_FALLEN, (organisation, *review.until(review.NOW)))
            return [Fallen(str(row[0]), int(row[1]), int(row[2])) for row in sql.fetchall()]
