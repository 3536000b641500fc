"""Unique rows derived from events: what a command claimed or gave back, for entries that come without one.

Recovery appends entries as they were signed; no command decides them again, and yet the next command must
find every row as it would have been. One row cannot be derived from the log alone: which decision a
certificate was issued on is a keyed tag of its provenance. It comes from the personal store; once the
provenance is erased it is gone, and with it the way back from that certificate.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from ledger.domain.enrolment import COMPLETED, Enrolment
from ledger.store.mapper import event_of

if TYPE_CHECKING:
    from ledger.domain.event import Event
    from ledger.personal.store import PersonalStore
    from ledger.personal.tags import Tags
    from ledger.store.admission import Sql

Row = tuple[str, str]
"""Kind and key."""

ProvenanceTag = Callable[[str], str | None]
"""The tag of what a certificate, by id, was issued on; None when nothing says it any more."""


def provenance_tags(personal: PersonalStore, tags: Tags) -> ProvenanceTag:
    """Tags from the provenance that the personal store still has, pending ones included."""

    def tag(certificate: str) -> str | None:
        links = personal.value(f"certificate/{certificate}", "provenance", "provenance", include_pending=True)
        if not isinstance(links, Mapping):
            return None
        origin = links.get("decision", links.get("enrolment"))
        return origin and tags.provenance(links["kind"], origin, links.get("replaces"))

    return tag


def follow(sql: Sql, event: Event, tag: ProvenanceTag) -> None:
    """Give back and claim what the command of this event did; rows that are there already stay."""
    before = _enrolment(sql, event) if event.type.startswith("enrolment.") else None
    for row in _released(event, before):
        sql.execute("DELETE FROM unique_row WHERE kind = ? AND key = ?", row)
    for row in _claimed(event, before, tag):
        sql.execute("INSERT INTO unique_row (kind, key) VALUES (?, ?) ON CONFLICT DO NOTHING", row)


def _enrolment(sql: Sql, event: Event) -> Enrolment:
    """The enrolment as it was before the event."""
    sql.execute(
        "SELECT state FROM stored_events WHERE originator_id = ? AND originator_version < ? ORDER BY originator_version",
        (event.originator_id, event.originator_version),
    )
    earlier = (event_of(bytes(state)) for (state,) in sql.fetchall())
    return Enrolment.project(None, earlier) or Enrolment(event.originator_id.partition("/")[2])


def _released(event: Event, before: Enrolment | None) -> list[Row]:
    leaves = event.type in {"enrolment.rejected.v1", "enrolment.moved.v1"} or (
        event.type == "enrolment.closed.v1" and event.data["reason"] != COMPLETED
    )
    if before is None or not leaves:
        return []
    return _place(before.learner, before.cohort, before.seat)


def _claimed(event: Event, before: Enrolment | None, tag: ProvenanceTag) -> list[Row]:
    if before is not None:
        return _claimed_place(event, before)
    data = event.data
    match event.type:
        case "certificate.issued.v1":
            return _issued(event, data, tag)
        case "assessment.admitted.v1":
            after = data["previous"] or data["enrolment"]
            return [("attempt", after)] if after else []
        case "appeal.filed.v1":
            return [("appeal", data["decision"])]
        case "staff.enrolment_requested.v1" | "staff.key_rotated.v1" | "issuer_key.enrolment_requested.v1":
            return [("key", data["thumbprint"])]
        case "blank_stock.stock_received.v1":
            return [("blank", serial) for serial in data["serials"]]
        case "print_copy.copy_printed.v1":
            return [("copy", f"{data['certificate']}/{data['copy']}")]
    return []


def _claimed_place(event: Event, before: Enrolment) -> list[Row]:
    data = event.data
    match event.name:
        case "applied":
            return _place(data["learner"], data["cohort"], None)
        case "confirmed":
            return [("seat", f"{before.cohort}/{data['seat']}")]
        case "moved":
            return _place(before.learner, data["to"], data["seat"])
        case "resumed":
            return _place(before.learner, data["cohort"], data["seat"])
    return []


def _place(learner: str, cohort: str, seat: int | None) -> list[Row]:
    seats = [] if seat is None else [("seat", f"{cohort}/{seat}")]
    return [("enrolment", f"{learner}/{cohort}"), *seats]


def _issued(event: Event, data: Mapping[str, Any], tag: ProvenanceTag) -> list[Row]:
    rows = [("number", data["number"]), ("status_index", f"{event.org}/{data['list']}/{data['index']}")]
    decision = tag(event.originator_id.partition("/")[2])
    return rows if decision is None else [*rows, ("decision", decision)]
