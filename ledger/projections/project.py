"""Projections: what the public page and the commands look up, written in the event's own transaction.

Each is a function of the log alone: deleting and deriving them again must come out equal (``rebuild``).
``position`` and the ``…_index`` columns are leaf indexes.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from ledger.domain.aggregates import AGGREGATES

if TYPE_CHECKING:
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
        signing_key TEXT, issued_index BIGINT, countersigned_index BIGINT, erased INTEGER NOT NULL){clustered}""",
    """CREATE INDEX IF NOT EXISTS certificate_number ON certificate (number)""",
    """CREATE TABLE IF NOT EXISTS compromise (
        scope TEXT NOT NULL, name TEXT NOT NULL, from_size BIGINT NOT NULL, position BIGINT NOT NULL,
        PRIMARY KEY (scope, name, from_size)){clustered}""",
    """CREATE TABLE IF NOT EXISTS number_series (series TEXT PRIMARY KEY, last INTEGER NOT NULL){clustered}""",
    """CREATE TABLE IF NOT EXISTS destroyed (
        subject TEXT NOT NULL, class TEXT NOT NULL, position BIGINT NOT NULL, PRIMARY KEY (subject, class)){clustered}""",
)
NAMES = ("relation", "organisation", "certificate", "compromise", "number_series", "destroyed")

_RELATIONS = {
    f"{aggregate.NAME}.{event}.v1": relations
    for aggregate in AGGREGATES
    for event, relations in aggregate.RELATIONS.items()
}
_STATES = {
    "certificate.suspended.v1": "suspended",
    "certificate.reinstated.v1": "active",
    "certificate.revoked.v1": "revoked",
    "certificate.superseded.v1": "superseded",
}


def project(sql: Sql, event: Event, index: int) -> None:
    """Bring the projections up to the event at leaf ``index``."""
    for kind, source, target in _RELATIONS.get(event.type, ()):
        for one in _members(event, source):
            for other in _members(event, target):
                sql.execute(
                    "INSERT INTO relation (kind, source, target, position) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING",
                    (kind, one, other, index),
                )
    handler = _HANDLERS.get(event.type.partition(".")[0])
    if handler is not None:
        handler(sql, event, index)


def _members(event: Event, name: str) -> list[str]:
    if name == "@id":
        return [_id(event)]
    value = event.data[name]
    if value is None:
        return []
    return list(value) if isinstance(value, list) else [value]


def _id(event: Event) -> str:
    return event.originator_id.partition("/")[2]


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
    if event.name == "prepared":
        sql.execute(
            "INSERT INTO certificate (id, org, state, kind, prepared, erased) VALUES (?, ?, 'prepared', ?, ?, 0)",
            (certificate, event.org, data["kind"], json.dumps(data, sort_keys=True, ensure_ascii=False)),
        )
    elif event.name == "issued":
        sql.execute(
            "UPDATE certificate SET state = 'active', number = ?, issued_on = ?, valid_until = ?, zone = ?,"
            " status_list = ?, status_index = ?, signing_key = ?, issued_index = ? WHERE id = ?",
            (
                data["number"],
                data["issued_on"],
                data["valid_until"],
                data["zone"],
                data["list"],
                data["index"],
                signing_key(event),
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
        sql.execute("UPDATE certificate SET erased = 1 WHERE id = ?", (certificate,))
    elif event.type in _STATES:
        sql.execute("UPDATE certificate SET state = ? WHERE id = ?", (_STATES[event.type], certificate))


def _staff(sql: Sql, event: Event, index: int) -> None:
    if event.name == "key_compromised":
        _compromise(sql, "key", event.data["key"], event.data["from_size"], index)


def _issuer_key(sql: Sql, event: Event, index: int) -> None:
    if event.name == "compromised":
        sql.execute(
            "SELECT target FROM relation WHERE kind = 'issuer_key.organisation' AND source = ?", (_id(event),)
        )
        for (organisation,) in sql.fetchall():
            _compromise(sql, "organisation", organisation, event.data["from_size"], index)


def _compromise(sql: Sql, scope: str, name: str, from_size: int, index: int) -> None:
    sql.execute(
        "INSERT INTO compromise (scope, name, from_size, position) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING",
        (scope, name, from_size, index),
    )


def _subject_request(sql: Sql, event: Event, index: int) -> None:
    if event.name == "data_destroyed":
        sql.execute(
            "INSERT INTO destroyed (subject, class, position) VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
            (event.data["subject"], event.data["class"], index),
        )


def signing_key(event: Event) -> str:
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
