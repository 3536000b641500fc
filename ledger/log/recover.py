"""Bringing lost entries back: from the published folder, another server's, or an auditor's export.

Rules:
- A source is believed as far as its checkpoint reaches, which this log has signed; its tree must have grown
  from the database's and from every other checkpoint that is known here. Nothing else in it counts.
- Entries are appended byte for byte, with all that their commands wrote beside them but the clients'
  idempotency keys. One transaction; it is kept only if it ends at the source's root.
- Entries that are in the database and not in the source's history are never removed: that is for people.

Not done here: the personal store. What the entries say was destroyed is destroyed again when the ledger is
next opened.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from eventsourcing.persistence import PersistenceError, StoredEvent

from ledger.errors import StoreError
from ledger.log import checkpoints
from ledger.log.checkpoints import Signed
from ledger.log.claims import ProvenanceTag, follow
from ledger.log.publisher import CHECKPOINT
from ledger.log.signer import committed_head
from ledger.store.admission import append
from ledger.store.mapper import event_of
from verifier import checkpoint, cosignature, note
from verifier.entry import parse_entry
from verifier.errors import Error as VerifierError
from verifier.errors import ProofError
from verifier.merkle import verify_consistency
from verifier.tile import ENTRIES, WIDTH, Tile, TileTree, parse_bundle

if TYPE_CHECKING:
    from ledger.application import LedgerApplication
    from ledger.log.room import LogRoom
    from ledger.store.admission import Sql
    from verifier.checkpoint import Checkpoint
    from verifier.note import VKey
    from verifier.policy import Policy

Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Recovered:
    """How many entries were appended, how many the log has now, and the largest size that a checkpoint here knows.

    When ``known`` is above ``size``, entries are still missing; look for another source.
    """

    appended: int
    size: int
    known: int


class Source:
    """A folder with a checkpoint, hash tiles and entry bundles, as published or exported."""

    def __init__(self, folder: Path, signed: note.Note, key: VKey) -> None:
        """Raise a VerifierError unless the log with this key signed it."""
        self.folder = folder
        self.signed = signed
        self.key = key
        self.head = checkpoint.verify(signed, key)

    def prove(self, old: int) -> list[bytes]:
        """The consistency proof from ``old`` entries. Raises OSError or VerifierError."""
        return TileTree(self.head.size, self._read).consistency_proof(old)

    def entries(self, start: int) -> Iterator[bytes]:
        """The entries from leaf index ``start`` on. Raises OSError or VerifierError."""
        for number in range(start // WIDTH, -(-self.head.size // WIDTH)):
            tile = Tile(ENTRIES, number, min(WIDTH, self.head.size - number * WIDTH))
            yield from parse_bundle(tile, self._read(tile))[max(0, start - number * WIDTH) :]

    def _read(self, tile: Tile) -> bytes:
        return (self.folder / tile.path()).read_bytes()


def recover(
    room: LogRoom,
    application: LedgerApplication,
    folder: Path,
    tag: ProvenanceTag,
    progress: Progress = lambda _done, _total: None,
) -> Recovered:
    """Append what the folder has and the database has not.

    Raises StoreError SOURCE_UNREADABLE, SOURCE_OTHER_LOG or LOG_FORKED; then nothing was appended.
    """
    source = _open(room, folder)
    known = room.known_checkpoints()
    with application.reading() as sql:
        head = committed_head(sql, room.origin)
    _check_history(source, {"the database": head, **known})
    appended = 0
    if source.head.size > head.size:
        try:
            with application.recorder.writing() as sql:  # type: ignore[attr-defined]
                appended = _append(sql, source, head, tag, progress)
                _keep_checkpoint(sql, source, room.policy)
        except (OSError, VerifierError, PersistenceError, LookupError, TypeError, ValueError) as error:
            raise _unreadable(folder, str(error)) from None
    size = head.size + appended
    return Recovered(appended, size, max(size, *(each.size for each in known.values()), source.head.size))


def recoverable(room: LogRoom, application: LedgerApplication, folder: Path) -> int:
    """How many entries the folder has and the database has not; 0 also where it is unreadable or of another history."""
    with application.reading() as sql:
        head = committed_head(sql, room.origin)
    try:
        source = _open(room, folder)
        _check_history(source, {"the database": head})
        return sum(1 for _ in source.entries(head.size))
    except (StoreError, OSError, VerifierError):
        return 0


def _open(room: LogRoom, folder: Path) -> Source:
    try:
        data = (folder / CHECKPOINT).read_bytes()
        signed = note.parse(data)
        for key in room.verifier_keys():
            if signed.by(key):
                return Source(folder, signed, key)
    except OSError as error:
        raise _unreadable(folder, f"{error.filename}: {error.strerror}") from None
    except VerifierError as error:
        raise _unreadable(folder, error.message) from None
    raise StoreError(
        "SOURCE_OTHER_LOG",
        f"the checkpoint in {folder} is not signed by this log",
        "Name a folder of this very log: its own log/, another server's, or an export.",
    )


def _check_history(source: Source, known: dict[str, Checkpoint]) -> None:
    """Every checkpoint that is known here must lie in the source's history, or after it."""
    for name, head in known.items():
        if not 0 < head.size <= source.head.size:
            continue
        try:
            proof = source.prove(head.size)
            verify_consistency(head.size, source.head.size, head.root, source.head.root, proof)
        except ProofError:
            raise StoreError(
                "LOG_FORKED",
                f"the first {head.size} entries of {name} are not those of the source",
                "One of them is another history, or the source is a damaged copy: try another one. If entries were"
                " recorded on an older database that had been put in place of the right one, restore the newest"
                " backup from before that, and then run this again.",
            ) from None
        except (OSError, VerifierError) as error:
            raise _unreadable(source.folder, str(error)) from None


def _append(sql: Sql, source: Source, head: Checkpoint, tag: ProvenanceTag, progress: Progress) -> int:
    if committed_head(sql, head.origin) != head:
        raise StoreError(
            "FOLDER_IN_USE", "the log has grown meanwhile", "Stop the servers and run this again."
        )
    size = head.size
    pending: list[bytes] = []
    for entry in source.entries(head.size):
        pending.append(entry)
        if len(pending) == parse_entry(pending[0]).signature.size:
            _append_command(sql, pending, tag)
            size += len(pending)
            pending = []
            progress(size - head.size, source.head.size - head.size)
    now = committed_head(sql, head.origin)
    if pending or now != source.head:
        raise StoreError(
            "SOURCE_UNREADABLE",
            f"the entries of the source make a log of {now.size} entries with another root than its checkpoint",
            "The copy is damaged or was altered; nothing was appended. Take another one.",
        )
    return size - head.size


def _append_command(sql: Sql, entries: list[bytes], tag: ProvenanceTag) -> None:
    events = [event_of(entry) for entry in entries]
    stored = [
        StoredEvent(each.originator_id, each.originator_version, each.type, entry)
        for each, entry in zip(events, entries, strict=True)
    ]
    append(sql, stored, events, command=events[0].command, actor=events[0].actor)
    for event in events:
        follow(sql, event, tag)


def _keep_checkpoint(sql: Sql, source: Source, policy: Policy | None) -> None:
    """What was signed and witnessed stays so: the source's checkpoint becomes this database's."""
    own = source.key.signature(source.signed.by(source.key)[0])
    signed = Signed(source.head, own.line().removesuffix("\n"))
    checkpoints.keep(sql, signed)
    for party in policy.witnesses.values() if policy else ():
        for line in source.signed.signatures:
            if (line.name, line.key_id) == (party.key.name, party.key.key_id):
                given = note.Note(source.signed.text, (line,))
                at = cosignature.verify(given, party.key)
                checkpoints.cosign(sql, signed, party.key, line.line().removesuffix("\n"), at)


def _unreadable(folder: Path, why: str) -> StoreError:
    return StoreError(
        "SOURCE_UNREADABLE",
        f"the entries in {folder} cannot be read: {why}",
        "Nothing was appended. Take another copy: log/ of another server, or an auditor's export.",
    )
