"""The end of a ledger that has lost entries for good: what is lost, and how its last act tells it.

Rules:
- A loss is shown by a checkpoint that this log signed and that its database does not hold. A witness says in its
  answer how many entries it has seen, but not their root; its checkpoint has to be brought then.
- Entries that are left count while the database is shorter than that checkpoint. Where it holds another history,
  nobody can say which of its entries are the log's, and none counts.
- Nothing here signs. The tree that is left is another one than witnesses know, and stays without a signature.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ledger.errors import StoreError
from ledger.log import checkpoints
from ledger.log.signer import check_grown, committed_head
from ledger.log.witnesses import UNREACHABLE
from ledger.store.mapper import event_of
from verifier.tile import encode_bundle

if TYPE_CHECKING:
    from ledger.application import LedgerApplication
    from ledger.log.room import LogRoom
    from ledger.log.tiles import StoredTiles
    from verifier.checkpoint import Checkpoint


@dataclass(frozen=True, slots=True)
class Succession:
    """With what a ledger has ended: the origin that continues it, the size and root (hex) it had, how much is left."""

    origin: str
    size: int
    root: str
    restored: int

    def names(self, head: Checkpoint) -> bool:
        """Whether this is the lost tree head, or one of a size that is lost as well."""
        if head.size == self.size:
            return head.root.hex() == self.root
        return self.restored < head.size < self.size


@dataclass(frozen=True, slots=True)
class Loss:
    """The largest tree head that ``source`` knows and the database does not hold.

    ``restored`` of its entries are left; ``silent`` are the witnesses that did not say what they know.
    """

    last: Checkpoint
    source: str
    restored: int
    silent: tuple[str, ...]


def succession_of(application: LedgerApplication, ledger_id: str) -> Succession | None:
    """With what the ledger has ended, None while it goes on."""
    with application.reading() as sql:
        sql.execute(
            "SELECT state FROM stored_events WHERE originator_id = ? ORDER BY originator_version DESC LIMIT 1",
            (f"ledger/{ledger_id}",),
        )
        row = sql.fetchone()
    event = event_of(bytes(row[0])) if row else None
    if event is None or event.name != "succeeded":
        return None
    data = event.data
    return Succession(data["origin"], data["size"], data["root"], data["restored"])


def last_words(application: LedgerApplication, ledger_id: str) -> bytes:
    """The request and the act that ended the ledger, as they were signed: an entry bundle of two."""
    with application.reading() as sql:
        sql.execute(
            "SELECT state FROM stored_events WHERE originator_id = ? ORDER BY originator_version",
            (f"ledger/{ledger_id}",),
        )
        entries = [bytes(state) for (state,) in sql.fetchall()]
    request = event_of(entries[-1]).data["request"]
    asked = next(entry for entry in entries if event_of(entry).hash == request)
    return encode_bundle([asked, entries[-1]])


def find_loss(room: LogRoom, application: LedgerApplication, brought: Iterable[Path] = ()) -> Loss:
    """Find what this log is known to have had and its database has not.

    ``brought`` are files with checkpoints from elsewhere. Raises StoreError NOTHING_LOST, CHECKPOINT_NEEDED,
    CHECKPOINT_UNREADABLE or STORE_DAMAGED.
    """
    known = room.known_checkpoints()
    for path in brought:
        found = room.publisher.read(path)
        if found is None:
            raise StoreError(
                "CHECKPOINT_UNREADABLE", f"there is no file {path}", "Name one with --checkpoint."
            )
        known[str(path)] = found
    with application.reading() as sql:
        head = committed_head(sql, room.origin)
        signed = checkpoints.newest(sql, room.origin)
    lost = {source: each for source, each in known.items() if not _holds(room.tiles, head, each, source)}
    answers = room.witnesses.ask(signed, everyone=True) if room.witnesses and signed else []
    seen = max((answer for answer in answers if answer.alarm), key=lambda answer: answer.size, default=None)
    if seen is not None and all(each.size < seen.size for each in lost.values()):
        raise StoreError(
            "CHECKPOINT_NEEDED",
            f"the witness {seen.witness} has seen {seen.size} entries of this log, and nothing here says which",
            "Ask that witness, an auditor or the holder of a proof for a checkpoint of that size, and name the file"
            " with --checkpoint.",
        )
    if not lost:
        raise StoreError(
            "NOTHING_LOST",
            f"every checkpoint that is known of this log is in its {head.size} entries",
            "A ledger ends only after a loss. Its key is replaced with RequestLogKeyRotation and RotateLogKey; for"
            " another ledger beside it use `certledger init` without --succeeds.",
        )
    source, last = max(lost.items(), key=lambda item: item[1].size)
    return Loss(
        last=last,
        source=source,
        restored=head.size if head.size < last.size else 0,
        silent=tuple(answer.witness for answer in answers if answer.outcome == UNREACHABLE),
    )


def _holds(tiles: StoredTiles, head: Checkpoint, known: Checkpoint, source: str) -> bool:
    try:
        check_grown(tiles, known, head, source)
    except StoreError as error:
        if error.code not in {"LOG_ROLLED_BACK", "LOG_FORKED"}:
            raise
        return False
    return True
