"""The personal store: facts about people, outside the log, one sealed row for each subject and class.

Rules:

- A command's facts are stored durably before its events (`put`) and count once those are in the log
  (`settle`). Until then they are pending: nobody sees them. What a crash leaves over, `sweep` settles or
  removes, by what the log says.
- A row holds the canonical JSON list of all facts of one subject and class, sealed under that pair's own key.
- Destroying a class destroys the data key first and then the row: whatever copy of the row lingers, in the
  file or in a backup of it, opens no more. The row's bytes are looked for in the file and removed, and so are
  the index rows that lead to the subject. Older states of the row may linger, sealed under the destroyed
  key, until `compact`.
- Safe for threads, and for several processes on the same files. Locks are taken on this file first, then on
  the key file.

Not done here: checking facts against their commitments (`verifier.fact`), and deciding who may read or
destroy (the commands do).
"""

import re
import sqlite3
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from keys.datakeys import DataKeys
from ledger.errors import StoreError
from ledger.personal.database import open_database, seconds, tag
from ledger.personal.fact import CLASSES, Fact, FactLike
from ledger.personal.index import Index, LinkLike, SubjectTag
from ledger.personal.preparations import Preparations
from ledger.personal.rows import IS_ALIVE, Kept, Place, Rows
from verifier import grammar, jcs
from verifier.errors import FormatError
from verifier.fact import SALT_SIZE

_NAME = re.compile("(?:[a-z][a-z_]{0,63}/)?" + grammar.ID)
_BY_CODE = f"""SELECT certificate, sealed, (SELECT group_concat(command) FROM pending_row
    WHERE pending_row.subject = fact_row.subject AND pending_row.class = fact_row.class)
    FROM certificate_code LEFT JOIN fact_row
    ON fact_row.subject = 'certificate/' || certificate AND fact_row.class = ? AND {IS_ALIVE}
    WHERE tag = ?"""  # noqa: S608 - our own text
_FIELD = re.compile(r"[A-Za-z0-9_.]{1,64}")


@dataclass(frozen=True, slots=True)
class Swept:
    """What a sweep did: commands settled, commands whose facts were removed."""

    settled: int
    removed: int


class PersonalStore:
    """The store in the file `path`, with its keys in `datakeys`.

    `index`, `idempotency` and `preparations` are in the same file. Any method may raise StoreError STORE_BUSY
    (another process held the file for 10 seconds), STORE_FAILED or PERSONAL_DAMAGED, or
    keys.errors.DataKeyError.
    """

    def __init__(self, path: Path, datakeys: DataKeys) -> None:
        self._database = open_database(path)
        self._datakeys = datakeys
        self._rows = Rows(datakeys)
        self._command_key = datakeys.service("pending-command")
        self.index = Index(self._database, datakeys)
        self.preparations = Preparations(self._database, datakeys)

    def never_wait(self) -> None:
        """From now on let STORE_BUSY come at once: for who reads where nobody may wait."""
        self._database.never_wait()

    def close(self) -> None:
        """Close the file (not the keys')."""
        self._database.close()

    # -- writing -----------------------------------------------------------------------------------------

    def put(
        self,
        facts: Sequence[FactLike],
        *,
        pending: str,
        now: datetime,
        niks: Mapping[str, str] | None = None,
        codes: Mapping[str, str] | None = None,
        links: Sequence[LinkLike] = (),
        tags: Sequence[SubjectTag] = (),
    ) -> None:
        """Store all that the command `pending` knows about people, durably, before its events are appended.

        `niks` maps NIK to learner, `codes` canonical code to certificate. To put the same again changes
        nothing; to put something else for the same command raises StoreError PENDING_DIFFERS: `discard` the
        command first, when it is certain that it did not happen. Raises ConflictError for a NIK that
        another learner has, StoreError CODE_TAKEN, FACT_INVALID or FACTS_TOO_LARGE; nothing is stored then.
        """
        checked = [_checked(fact) for fact in facts]
        by_place: defaultdict[Place, list[Kept]] = defaultdict(list)
        for fact in checked:
            by_place[fact.subject, fact.class_].append(Kept(fact, pending))
        digest = self._digest(checked, niks or {}, codes or {}, links, tags)
        with self._database.writing() as connection:
            query = "SELECT digest FROM pending_command WHERE command = ?"
            known = connection.execute(query, (pending,)).fetchone()
            if known is not None:
                if known[0] != digest:
                    hint = "Discard the command before it is decided anew."
                    raise StoreError(
                        "PENDING_DIFFERS", f"other facts are pending for command {pending}", hint
                    )
                return
            row = (pending, digest, seconds(now))
            connection.execute("INSERT INTO pending_command VALUES (?, ?, ?)", row)
            for place in by_place:
                self._rows.finish_dying(connection, place)
            loaded = {place: self._rows.load(connection, place) for place in by_place}
            self._rows.ensure_keys(by_place)
            for place, new in by_place.items():
                kept = loaded[place]
                if any(each.command == pending for each in kept):
                    continue  # settled already
                self._rows.save(connection, place, [*kept, *new])
                connection.execute("INSERT INTO pending_row VALUES (?, ?, ?)", (*place, pending))
            self.index.claim_niks(connection, niks or {}, pending)
            self.index.add_codes(connection, codes or {}, pending)
            self.index.add_links(connection, links, pending)
            self.index.add_tags(connection, tags, pending)

    def settle(self, command: str) -> None:
        """Let a command's facts count: its events are in the log.

        To settle twice, or a command without facts, changes nothing.
        """
        with self._database.writing() as connection:
            _forget_pending(connection, command)
            self.index.settle(connection, command)

    def discard(self, command: str) -> None:
        """Remove a command's pending facts.

        The caller is certain that its events are not, and will never be, in the log.
        """
        emptied: list[Place] = []
        with self._database.writing() as connection:
            query = "SELECT subject, class FROM pending_row WHERE command = ?"
            for place in connection.execute(query, (command,)).fetchall():
                if self._datakeys.get(*place) is None:
                    continue  # nothing is readable there, and `places_without_key` tells of it
                kept = [each for each in self._rows.load(connection, place) if each.command != command]
                if kept:
                    self._rows.save(connection, place, kept)
                else:
                    self._rows.remove(connection, place)
                    emptied.append(place)
            _forget_pending(connection, command)
            self.index.discard(connection, command)
        # Keys go only when the rows are gone for certain, and nobody has put anything there since.
        for place in emptied:
            with self._database.writing() as connection:
                self._rows.drop_unused_key(connection, place)

    def sweep(self, is_committed: Callable[[str], bool], older_than: datetime) -> Swept:
        """Settle what is pending and committed; discard what is not and was put before `older_than`.

        `is_committed` says of a command whether its events are in the log. `older_than` lies further back
        than any preparation may live, so that no such command can still be on its way.
        """
        with self._database.reading() as connection:
            waiting = connection.execute("SELECT command, put_at FROM pending_command").fetchall()
        settled = removed = 0
        for command, put_at in waiting:
            if is_committed(command):
                self.settle(command)
                settled += 1
            elif put_at < seconds(older_than):
                self.discard(command)
                removed += 1
        return Swept(settled, removed)

    def destroyed_at(self, subject: str, class_: str) -> int:
        """Return the position in the log up to which this class was last destroyed; -1 when never here.

        A restored backup forgets, so that what the log says is done again on it.
        """
        with self._database.reading() as connection:
            query = "SELECT position FROM destruction WHERE subject = ? AND class = ?"
            row = connection.execute(query, _place(subject, class_)).fetchone()
        return row[0] if row else -1

    def destroy(self, subject: str, class_: str, *, position: int) -> None:
        """Destroy all facts of this class about the subject, pending ones too, for ever.

        `position` is the leaf index of the event that says so. To do it again changes nothing.

        Raises keys.errors.DataKeyError DATAKEYS_NOT_ERASED or StoreError PERSONAL_NOT_ERASED when bytes of
        key or row could not be removed from their file.
        """
        place = _place(subject, class_)
        with self._database.writing() as connection:
            sealed = self._rows.mark_dying(connection, place)
        with self._database.writing() as connection:
            self._rows.destroy(connection, place)
            connection.execute("DELETE FROM pending_row WHERE subject = ? AND class = ?", place)
            self.index.forget(connection, *place)
            connection.execute(
                "INSERT INTO destruction VALUES (?, ?, ?)"
                " ON CONFLICT DO UPDATE SET position = max(position, excluded.position)",
                (*place, position),
            )
        if sealed is not None and not self._database.purge(sealed):
            hint = f"Stop the servers and run VACUUM on {self._database.path.name}."
            raise StoreError("PERSONAL_NOT_ERASED", "a destroyed row is still in the file", hint)

    def compact(self) -> None:
        """Write both files anew, so that nothing lingers inside their pages.

        Locks them while it runs: for the night.
        """
        self._database.compact()
        self._datakeys.compact()

    # -- reading -----------------------------------------------------------------------------------------

    def get(self, subject: str, class_: str, *, include_pending: bool = False) -> list[Fact]:
        """Return the facts of this class about the subject, in the order in which they were put.

        There are none when they were destroyed.
        """
        place = _place(subject, class_)
        waiting: set[str] = set()
        with self._database.reading() as connection:
            kept = self._rows.load(connection, place)
            if kept and not include_pending:
                query = "SELECT command FROM pending_row WHERE subject = ? AND class = ?"
                waiting = {row[0] for row in connection.execute(query, place).fetchall()}
        return [each.fact for each in kept if each.command not in waiting]

    def value(self, subject: str, class_: str, field: str, *, include_pending: bool = False) -> Any | None:
        """Return the newest value of a field, or None.

        The newest is the highest version in the stream whose fact was put last.
        """
        return _newest(self.get(subject, class_, include_pending=include_pending), field)

    def by_code(self, code: str, class_: str, field: str) -> tuple[str, Any | None] | None:
        """Return the id of the certificate with this canonical code and the `value` of a field about it.

        Both are read at one moment. None when there is no such code.
        """
        with self._database.reading() as connection:
            row = connection.execute(_BY_CODE, (class_, self.index.code_tag(code))).fetchone()
            if row is None:
                return None
            certificate, sealed, waiting = row
            if sealed is None:
                return certificate, None
            kept = self._rows.opened((f"certificate/{certificate}", class_), sealed)
        return certificate, _newest(
            [each.fact for each in kept if each.command not in (waiting or "")], field
        )

    def places(self) -> Iterator[Place]:
        """Give subject and class of every row, for export and for checks."""
        with self._database.reading() as connection:
            found: list[Place] = connection.execute("SELECT subject, class FROM fact_row").fetchall()
        yield from found

    def places_without_key(self) -> list[Place]:
        """Return subject and class of the rows whose data key is gone.

        A crash in the middle of a destruction leaves one (destroy it again); others say that the key file is
        not this store's.
        """
        return [place for place in self.places() if self._datakeys.get(*place) is None]

    def _digest(
        self,
        facts: Sequence[Fact],
        niks: Mapping[str, str],
        codes: Mapping[str, str],
        links: Sequence[LinkLike],
        tags: Sequence[SubjectTag],
    ) -> bytes:
        """Return a tag of all that a command puts: a NIK must not be found by trying values against it."""
        content = [
            [fact.to_json() for fact in facts],
            dict(niks),
            dict(codes),
            [[link.certificate, link.kind, link.target] for link in links],
            [[each.subject, each.kind, each.value] for each in tags],
        ]
        return tag(self._command_key, jcs.encode(content).decode())


def _newest(found: Sequence[Fact], field: str) -> Any | None:
    facts = [fact for fact in found if fact.field == field]
    if not facts:
        return None
    stream = facts[-1].stream
    return max((fact for fact in facts if fact.stream == stream), key=lambda fact: fact.version).value


def _place(subject: str, class_: str) -> Place:
    if class_ not in CLASSES or not _NAME.fullmatch(subject):
        raise StoreError(
            "FACT_INVALID", f"no place for facts of class {class_[:32]!r} about {subject[:64]!r}"
        )
    return subject, class_


def _checked(fact: FactLike) -> Fact:
    _place(fact.subject, fact.class_)
    if (
        not _NAME.fullmatch(fact.stream)
        or not _FIELD.fullmatch(fact.field)
        or not 1 <= fact.version <= jcs.INT_LIMIT
        or len(fact.salt) != SALT_SIZE
    ):
        raise StoreError("FACT_INVALID", "a fact's stream, field, version or salt is malformed")
    try:
        jcs.encode(fact.value)
    except FormatError as error:
        raise StoreError("FACT_INVALID", f"the value of {fact.field}: {error.message}") from None
    return Fact.of(fact)


def _forget_pending(connection: sqlite3.Connection, command: str) -> None:
    connection.execute("DELETE FROM pending_row WHERE command = ?", (command,))
    connection.execute("DELETE FROM pending_command WHERE command = ?", (command,))
