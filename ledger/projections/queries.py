"""Look-ups over the projections.

A command's look-ups by set are remembered, so that the transaction that appends it can see whether a set has
grown since.
"""

from __future__ import annotations

from collections.abc import Callable, MutableMapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ledger.projections import review
from ledger.store.mapper import event_of

if TYPE_CHECKING:
    from ledger.domain.event import Event
    from ledger.personal.store import PersonalStore
    from ledger.store.admission import Sql

Reading = Callable[[], AbstractContextManager["Sql"]]

_CERTIFICATE = (
    "SELECT certificate.id, org, state, certificate.kind, prepared, number, issued_on, valid_until, certificate.zone,"
    f" status_list, status_index, issued_index, countersigned_index, erased, {review.UNDER_REVIEW}"
)
_SHOWN = (
    "FROM certificate JOIN log_head ON log_head.id = 1 LEFT JOIN organisation ON organisation.id = org"
    " WHERE certificate.id = ?"
)
_NO_POSITION = 2**62


@dataclass(frozen=True, slots=True)
class CertificateRow:
    """The current state of one certificate. ``prepared`` is the JSON of what is printed on it."""

    id: str
    org: str | None
    state: str
    kind: str
    prepared: str
    number: str | None
    issued_on: str | None
    valid_until: str | None
    zone: str | None
    status_list: int | None
    status_index: int | None
    issued_index: int | None
    countersigned_index: int | None
    erased: int
    under_review: int


@dataclass(frozen=True, slots=True)
class Shown:
    """A certificate with what is shown beside it, all of one moment."""

    row: CertificateRow
    issuer: str | None
    """The public name of its organisation."""
    log_size: int
    witnesses: int
    """How many of those that count have cosigned a tree that holds its issuance."""


@dataclass(frozen=True, slots=True)
class Head:
    """The log's newest committed size and root."""

    size: int
    root: bytes
    recorded_at: str


class Queries:
    """Reads the projections; ``related`` collects what a command looked up by set."""

    def __init__(self, reading: Reading, related: MutableMapping[tuple[str, str], int] | None = None) -> None:
        self._reading = reading
        self._related = related

    def tracking(self, related: MutableMapping[tuple[str, str], int]) -> Queries:
        """The same look-ups, remembered in ``related``."""
        return Queries(self._reading, related)

    def _one(self, statement: str, *parameters: Any) -> tuple[Any, ...] | None:
        with self._reading() as sql:
            sql.execute(statement, parameters)
            return sql.fetchone()

    def _all(self, statement: str, *parameters: Any) -> list[tuple[Any, ...]]:
        with self._reading() as sql:
            sql.execute(statement, parameters)
            return sql.fetchall()

    def head(self) -> Head:
        """The newest committed tree head."""
        row = self._one("SELECT size, root, recorded_at FROM log_head WHERE id = 1")
        if row is None:
            msg = "the store has no head"
            raise LookupError(msg)
        return Head(int(row[0]), bytes(row[1]), str(row[2]))

    def related(self, kind: str, source: str) -> list[str]:
        """What is related to ``source``, in the order of recording."""
        rows = self._all(
            "SELECT target FROM relation WHERE kind = ? AND source = ? ORDER BY position", kind, source
        )
        if self._related is not None:
            self._related[kind, source] = len(rows)
        return [str(target) for (target,) in rows]

    def page(
        self, kind: str, source: str, *, after: int | None, limit: int, newest_first: bool = True
    ) -> list[tuple[str, int]]:
        """(target, position) of what is related to ``source``, beyond the position ``after``.

        For queries: nothing is remembered for an append.
        """
        order, beyond = ("DESC", "<") if newest_first else ("ASC", ">")
        start = (_NO_POSITION if newest_first else -1) if after is None else after
        rows = self._all(
            f"SELECT target, position FROM relation WHERE kind = ? AND source = ? AND position {beyond} ?"  # noqa: S608
            f" ORDER BY position {order} LIMIT ?",
            kind,
            source,
            start,
            limit,
        )
        return [(str(target), int(position)) for target, position in rows]

    def open_requests(self, *, after: int | None, limit: int) -> list[tuple[tuple[str, str, str], int]]:
        """((payload hash, stream, event type), position) of requests that no event has named, oldest first."""
        rows = self._all(
            "SELECT hash, stream, type, position FROM open_request WHERE position > ? ORDER BY position LIMIT ?",
            -1 if after is None else after,
            limit,
        )
        return [((str(row[0]), str(row[1]), str(row[2])), int(row[3])) for row in rows]

    def history(self, stream: str) -> list[tuple[int, Event]]:
        """(leaf index, event) of one stream, in order."""
        rows = self._all(
            "SELECT {id}, state FROM stored_events WHERE originator_id = ? ORDER BY originator_version",
            stream,
        )
        return [(int(number) - 1, event_of(bytes(state))) for number, state in rows]

    def is_claimed(self, kind: str, key: str) -> bool:
        """Whether the unique row exists."""
        return self._one("SELECT 1 FROM unique_row WHERE kind = ? AND key = ?", kind, key) is not None

    def claimed(self, kind: str, keys: Sequence[str]) -> set[str]:
        """Those of ``keys`` whose unique row exists."""
        marks = ", ".join("?" * len(keys))
        rows = self._all(f"SELECT key FROM unique_row WHERE kind = ? AND key IN ({marks})", kind, *keys)  # noqa: S608
        return {str(key) for (key,) in rows}

    def destroyed(self, subject: str, class_: str, by: str = review.NOW) -> bool:
        """Whether the log says that this subject's data of this class was destroyed, or did so ``by`` a time."""
        statement = "SELECT 1 FROM destroyed WHERE subject = ? AND class = ? AND recorded_at <= ?"
        return self._one(statement, subject, class_, by) is not None

    def all_destroyed(self) -> list[tuple[str, str, int]]:
        """Every (subject, class, leaf index) of what was destroyed."""
        rows = self._all("SELECT subject, class, position FROM destroyed")
        return [(str(subject), str(class_), int(position)) for subject, class_, position in rows]

    def last_seq(self, series: str) -> int:
        """The last place given in a number series, 0 before the first."""
        row = self._one("SELECT last FROM number_series WHERE series = ?", series)
        return int(row[0]) if row else 0

    def command(self, command: str) -> tuple[int, int] | None:
        """(first leaf index, number of events) of a recorded command."""
        row = self._one("SELECT first_index, events FROM command WHERE command = ?", command)
        return (int(row[0]), int(row[1])) if row else None

    def recorded(self, command: str) -> tuple[str, int, int, bytes | None] | None:
        """(actor, first leaf index, number of events, encrypted reply) of a recorded command."""
        row = self._one("SELECT actor, first_index, events, reply FROM command WHERE command = ?", command)
        if row is None:
            return None
        return str(row[0]), int(row[1]), int(row[2]), None if row[3] is None else bytes(row[3])

    def reply(self, idempotency_tag: bytes) -> tuple[str, bytes, bytes] | None:
        """(command, body tag, encrypted reply) of a used idempotency key."""
        row = self._one(
            "SELECT command, body_tag, reply FROM command WHERE idempotency_tag = ?", idempotency_tag
        )
        return (str(row[0]), bytes(row[1]), bytes(row[2])) if row else None

    def organisation(self, organisation: str) -> tuple[str, str | None, str] | None:
        """(kind, public name, zone)."""
        row = self._one("SELECT kind, public_name, zone FROM organisation WHERE id = ?", organisation)
        return (row[0], row[1], row[2]) if row else None

    def private_names(self, personal: PersonalStore) -> tuple[str, ...]:
        """The names of organisations that must never be public."""
        rows = self._all("SELECT id FROM organisation WHERE public_name IS NULL")
        names = (
            personal.value(f"organisation/{organisation}", "custody", "name") for (organisation,) in rows
        )
        return tuple(str(name) for name in names if name)

    def certificate(self, certificate: str) -> CertificateRow | None:
        """One certificate with its review, or None."""
        return self._certificate(" WHERE id = ?", certificate)

    def shown(self, certificate: str, witnesses: Sequence[str]) -> Shown | None:
        """What the public page shows of a certificate; ``witnesses`` are those that count, by vkey."""
        marks = ", ".join("?" * len(witnesses)) or "NULL"
        counted = f"(SELECT count(*) FROM witness WHERE witness IN ({marks}) AND witness.size > issued_index)"  # noqa: S608
        statement = f"{_CERTIFICATE}, public_name, log_head.size, {counted} {_SHOWN}"
        row = self._one(statement, *review.until(review.NOW), *witnesses, certificate)
        return None if row is None else Shown(CertificateRow(*row[:-3]), *row[-3:])

    def certificate_by_number(self, number: str) -> CertificateRow | None:
        """The certificate with this number."""
        return self._certificate(" WHERE number = ?", number)

    def certificate_numbered(self, number: str) -> str | None:
        """The id of the certificate with this number."""
        row = self._one("SELECT id FROM certificate WHERE number = ?", number)
        return str(row[0]) if row else None

    def certificates(self) -> list[str]:
        """All certificates by id (no order of issue)."""
        return [str(certificate) for (certificate,) in self._all("SELECT id FROM certificate ORDER BY id")]

    def under_review(self, certificate: str, by: str) -> bool:
        """Whether a certificate was under review by what had been recorded until ``by``, a time as the log spells it."""
        row = self._one(
            f"SELECT {review.UNDER_REVIEW} FROM certificate WHERE id = ?",  # noqa: S608
            *review.until(by),
            certificate,
        )
        return row is not None and bool(row[0])

    def _certificate(self, condition: str, parameter: str) -> CertificateRow | None:
        row = self._one(_CERTIFICATE + " FROM certificate" + condition, *review.until(review.NOW), parameter)
        return None if row is None else CertificateRow(*row)
