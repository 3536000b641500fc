"""Projections: what the public page and the commands look up, written in the event's own transaction.

Each is a function of the log alone: deleting and deriving them again must come out equal (``rebuild``).
``position`` and the ``…_index`` columns are leaf indexes.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from ledger.domain.aggregates import AGGREGATES

if TYPE_CHECKING:
    from ledger.domain.aggregate import Relation
    from ledger.domain.event import Event
    from ledger.store.admission import Sql

TABLES = (
    """CREATE TABLE IF NOT EXISTS relation (
        kind TEXT NOT NULL, source TEXT NOT NULL, target TEXT NOT NULL, position BIGINT NOT NULL,
        PRIMARY KEY (kind, source, target)){clustered}""",
    """CREATE TABLE IF NOT EXISTS organisation (
        id TEXT PRIMARY KEY, kind TEXT NOT NULL, public_name TEXT, zone TEXT NOT NULL){clustered}""",
    """CREATE TABLE IF NOT EXISTS certificate (
        id TEXT PRIMARY KEY, org TEXT, state TEXT NOT NULL, kind TEXT NOT NULL, prepared TEXT NOT NULL,
        number TEXT, issued_on TEXT, valid_until TEXT, zone TEXT, status_list INTEGER, status_index INTEGER,
        issued_index BIGINT, countersigned_index BIGINT, erased INTEGER NOT NULL){clustered}""",
    """CREATE INDEX IF NOT EXISTS certificate_number ON certificate (number)""",
    """CREATE TABLE IF NOT EXISTS certificate_act (
        certificate TEXT NOT NULL, act TEXT NOT NULL, key TEXT NOT NULL, position BIGINT NOT NULL,
        recorded_at TEXT NOT NULL, PRIMARY KEY (certificate, position)){clustered}""",
    """CREATE TABLE IF NOT EXISTS compromise (
        scope TEXT NOT NULL, name TEXT NOT NULL, from_size BIGINT NOT NULL, position BIGINT NOT NULL,
        recorded_at TEXT NOT NULL, PRIMARY KEY (scope, name, position)){clustered}""",
    """CREATE TABLE IF NOT EXISTS open_request (
        hash TEXT PRIMARY KEY, stream TEXT NOT NULL, type TEXT NOT NULL, position BIGINT NOT NULL){clustered}""",
    """CREATE TABLE IF NOT EXISTS number_series (series TEXT PRIMARY KEY, last INTEGER NOT NULL){clustered}""",
    """CREATE TABLE IF NOT EXISTS destroyed (
        subject TEXT NOT NULL, class TEXT NOT NULL, position BIGINT NOT NULL, recorded_at TEXT NOT NULL,
        PRIMARY KEY (subject, class)){clustered}""",
)
NAMES = (
    "relation",
    "organisation",
    "certificate",
    "certificate_act",
    "compromise",
    "open_request",
    "number_series",
    "destroyed",
)

_LISTINGS: dict[str, tuple[Relation, ...]] = {
    "agreement.drafted.v1": (("org.agreements", "parties", "@id"), ("listed", "=agreement", "@id")),
    "appeal.filed.v1": (("listed", "=appeal", "@id"),),
    "assessment.admitted.v1": (("listed", "=assessment", "@id"),),
    "assessment.assessor_assigned.v1": (("assessor.assessments", "assessor", "@id"),),
    "assessment.assessor_replaced.v1": (("assessor.assessments", "assessor", "@id"),),
    "assessment.reopened.v1": (("listed", "=corrected", "@stream"),),
    "assessment.unit_result_corrected.v1": (("listed", "=corrected", "@stream"),),
    "blank_stock.stock_received.v1": (("listed", "=blank_stock", "@id"),),
    "cohort.planned.v1": (
        ("org.cohorts", "provider", "@id"),
        ("org.cohorts", "site", "@id"),
        ("org.cohorts", "body", "@id"),
        ("listed", "=cohort", "@id"),
    ),
    "enrolment.attendance_corrected.v1": (("listed", "=corrected", "@stream"),),
    "facility_review.started.v1": (
        ("org.reviews", "site", "@id"),
        ("org.reviews", "provider", "@id"),
        ("listed", "=facility_review", "@id"),
    ),
    "impartiality_exception.requested.v1": (("listed", "=impartiality_exception", "@id"),),
    "organisation.registered.v1": (("listed", "=organisation", "@id"),),
    "programme.proposed.v1": (("listed", "=programme", "@id"),),
    "scheme.drafted.v1": (("listed", "=scheme", "@id"),),
    "staff.registration_requested.v1": (("listed", "=staff", "@id"),),
    "staff.role_granted.v1": (("role.holders", "role", "@id"),),
    "subject_request.received.v1": (("listed", "=subject_request", "@id"),),
    "template.drafted.v1": (("listed", "=template", "@id"),),
}
"""What queries go through page by page: of things that are many only those that somebody looks for."""


def _all_relations() -> dict[str, tuple[Relation, ...]]:
    found = dict(_LISTINGS)
    for aggregate in AGGREGATES:
        for event, relations in aggregate.RELATIONS.items():
            topic = f"{aggregate.NAME}.{event}.v1"
            found[topic] = (*relations, *found.get(topic, ()))
    return found


_RELATIONS = _all_relations()
_DRAFTS = frozenset({"scheme.drafted.v1", "template.drafted.v1"})
_STATES = {
    "certificate.suspended.v1": "suspended",
    "certificate.reinstated.v1": "active",
    "certificate.revoked.v1": "revoked",
    "certificate.superseded.v1": "superseded",
}
_VOUCHING = frozenset({"issued", "reinstated", "countersigned"})
"""Acts on which a certificate stands: each is kept with the key that signed it."""


def project(sql: Sql, event: Event, index: int) -> None:
    """Bring the projections up to the event at leaf ``index``."""
    for kind, source, target in _RELATIONS.get(event.type, ()):
        for one in _members(event, source):
            for other in _members(event, target):
                sql.execute(
                    "INSERT INTO relation (kind, source, target, position) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING",
                    (kind, one, other, index),
                )
    _open_request(sql, event, index)
    handler = _HANDLERS.get(event.type.partition(".")[0])
    if handler is not None:
        handler(sql, event, index)


def _members(event: Event, name: str) -> list[str]:
    if name == "@id":
        return [_id(event)]
    if name == "@stream":
        return [event.originator_id]
    if name.startswith("="):
        return [name[1:]]
    value = event.data[name]
    if value is None:
        return []
    return list(value) if isinstance(value, list) else [value]


def _id(event: Event) -> str:
    return event.originator_id.partition("/")[2]


def _open_request(sql: Sql, event: Event, index: int) -> None:
    """A request, or a draft, waits under its payload hash until an event names it; a draft replaces a draft."""
    answered = event.data.get("request")
    if answered is not None:
        sql.execute("DELETE FROM open_request WHERE hash = ?", (answered,))
    if event.type in _DRAFTS:
        sql.execute("DELETE FROM open_request WHERE stream = ?", (event.originator_id,))
    if event.type in _DRAFTS or event.name.endswith("requested"):
        sql.execute(
            "INSERT INTO open_request (hash, stream, type, position) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING",
            (event.hash, event.originator_id, event.type, index),
        )


def _organisation(sql: Sql, event: Event, _index: int) -> None:
    data = event.data
    if event.name == "registered":
        sql.execute(
            "INSERT INTO organisation (id, kind, public_name, zone) VALUES (?, ?, ?, ?)",
            (_id(event), data["kind"], data["public_name"], data["zone"]),
        )
    elif event.name == "renamed":
        sql.execute("UPDATE organisation SET public_name = ? WHERE id = ?", (data["public_name"], _id(event)))


def _certificate(sql: Sql, event: Event, index: int) -> None:
    data, certificate = event.data, _id(event)
    if event.name in _VOUCHING:
        sql.execute(
            "INSERT INTO certificate_act (certificate, act, key, position, recorded_at) VALUES (?, ?, ?, ?, ?)",
            (certificate, event.name, _signing_key(event), index, event.recorded_at),
        )
    if event.name == "prepared":
        sql.execute(
            "INSERT INTO certificate (id, org, state, kind, prepared, erased) VALUES (?, ?, 'prepared', ?, ?, 0)",
            (certificate, event.org, data["kind"], json.dumps(data, sort_keys=True, ensure_ascii=False)),
        )
    elif event.name == "issued":
        sql.execute(
            "UPDATE certificate SET state = 'active', number = ?, issued_on = ?, valid_until = ?, zone = ?,"
            " status_list = ?, status_index = ?, issued_index = ? WHERE id = ?",
            (
                data["number"],
                data["issued_on"],
                data["valid_until"],
                data["zone"],
                data["list"],
                data["index"],
                index,
                certificate,
            ),
        )
        if data["seq"] is not None:
            sql.execute(
                "INSERT INTO number_series (series, last) VALUES (?, ?)"
                " ON CONFLICT (series) DO UPDATE SET last = excluded.last",
                (data["series"], data["seq"]),
            )
    elif event.name == "countersigned":
        sql.execute("UPDATE certificate SET countersigned_index = ? WHERE id = ?", (index, certificate))
    elif event.name == "marked_erased":
        _destroyed(sql, event.originator_id, "identity", event, index)
    elif event.type in _STATES:
        sql.execute("UPDATE certificate SET state = ? WHERE id = ?", (_STATES[event.type], certificate))


def _staff(sql: Sql, event: Event, index: int) -> None:
    if event.name == "key_compromised":
        _compromise(sql, "key", event.data["key"], event, index)


def _issuer_key(sql: Sql, event: Event, index: int) -> None:
    if event.name == "compromised":
        sql.execute(
            "SELECT target FROM relation WHERE kind = 'issuer_key.organisation' AND source = ?", (_id(event),)
        )
        for (organisation,) in sql.fetchall():
            _compromise(sql, "organisation", organisation, event, index)


def _compromise(sql: Sql, scope: str, name: str, event: Event, index: int) -> None:
    # One row a declaration: a second one from the same size on asks for countersignatures anew.
    sql.execute(
        "INSERT INTO compromise (scope, name, from_size, position, recorded_at) VALUES (?, ?, ?, ?, ?)"
        " ON CONFLICT DO NOTHING",
        (scope, name, event.data["from_size"], index, event.recorded_at),
    )


def _subject_request(sql: Sql, event: Event, index: int) -> None:
    if event.name == "data_destroyed":
        _destroyed(sql, event.data["subject"], event.data["class"], event, index)


def _destroyed(sql: Sql, subject: str, class_: str, event: Event, index: int) -> None:
    # The position is of the last destruction, the time of the first.
    sql.execute(
        "INSERT INTO destroyed (subject, class, position, recorded_at) VALUES (?, ?, ?, ?)"
        " ON CONFLICT (subject, class) DO UPDATE SET position = excluded.position",
        (subject, class_, index, event.recorded_at),
    )
    aggregate, _, certificate = subject.partition("/")
    if (aggregate, class_) == ("certificate", "identity"):
        sql.execute("UPDATE certificate SET erased = 1 WHERE id = ?", (certificate,))


def _signing_key(event: Event) -> str:
    """The thumbprint of the key that signed the event's command, from the entry's second line."""
    if event.entry is None:
        msg = f"{event.type} of {event.originator_id} is not signed"
        raise TypeError(msg)
    thumbprint: str = json.loads(event.entry[event.entry.index(b"\n") + 1 :])["key"]
    return thumbprint


_HANDLERS = {
    "organisation": _organisation,
    "certificate": _certificate,
    "staff": _staff,
    "issuer_key": _issuer_key,
    "subject_request": _subject_request,
}
