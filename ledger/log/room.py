"""The log's keeper: checks at start, then signs, publishes and asks the witnesses for as long as it runs.

Order, always: compare with every outside copy that can be reached; sign the newest committed tree; publish;
ask the witnesses; publish what they gave. Start and run are the same steps, so that a crash anywhere is
healed by the next start. Recording does not depend on any of it: what goes wrong here is told by `trouble`,
and tried again. Once the ledger has ended (`ledger.log.succession`) nothing is signed, published or shown to
witnesses any more.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from keys.errors import Error as KeysError
from ledger.errors import Error, StoreError
from ledger.log import checkpoints
from ledger.log.checkpoints import Signed, Witnessed
from ledger.log.proofs import Proofs
from ledger.log.publisher import CHECKPOINT, Publisher
from ledger.log.signer import KEY_FILE, LogKey, check_grown, committed_head, sign_newest
from ledger.log.succession import Succession, succession_of
from ledger.log.tiles import StoredTiles
from ledger.log.witnesses import LARGER, Answer, Send, Witnesses, post
from ledger.store.mapper import event_of
from verifier.note import VKey, parse_vkey

if TYPE_CHECKING:
    from ledger.application import LedgerApplication
    from verifier.checkpoint import Checkpoint
    from verifier.policy import Policy

_log = logging.getLogger(__name__)

INTERVAL_S = 0.2
SHARE = 4
"""Publishing rests for at least INTERVAL_S, and for SHARE times as long as it took: appending goes first."""
POLL_S = 1.0
REFRESH_S = 3600.0
FOLDER = "log"


class LogRoom:
    """One ledger's log. ``folder`` is the data folder, ``anchor`` a file outside it that the operator keeps."""

    def __init__(
        self,
        application: LedgerApplication,
        ledger_id: str,
        folder: Path,
        *,
        origin: str,
        policy: Policy | None = None,
        anchor: Path | None = None,
        send: Send = post,
    ) -> None:
        self._application = application
        self._ledger_id = ledger_id
        self._folder = folder
        self._anchor = anchor
        self.origin = origin
        self.policy = policy
        self.tiles = StoredTiles(application.reading)
        self.proofs = Proofs(application.reading, self.tiles, origin, policy)
        self.witnessed = Witnessed(application.reading, policy)
        self.witnesses = Witnesses(application, self.tiles, policy, send) if policy else None
        self._troubles: dict[str, Error] = {}
        self._made: tuple[list[str], LogKey, Publisher] | None = None
        self._wake = threading.Event()
        self._told = threading.Event()
        self._stop = threading.Event()
        self._threads: list[threading.Thread] = []
        self._refreshed = time.monotonic()
        self.on_witnessed: Callable[[], None] = lambda: None
        self.succession: Succession | None = None
        """With what the ledger ended, as it was last looked at (``ended``)."""

    # -- start -----------------------------------------------------------------------------------------

    def check(self, *, ask_witnesses: bool = True) -> None:
        """Refuse to go on when anybody knows another history than the database.

        Compared are the checkpoint signed last, the published one, the anchor, and what the witnesses say;
        witnesses out of reach say nothing. A ledger that has ended may be known as it was.
        Raises StoreError LOG_ROLLED_BACK, LOG_FORKED, STORE_DAMAGED, CHECKPOINT_UNREADABLE, LOG_KEY_MISSING or
        LOG_KEY_WRONG.
        """
        # Copies are read before the database: it may grow meanwhile, they never know more than it.
        known = self.known_checkpoints()
        with self._application.reading() as sql:
            head = committed_head(sql, self.origin)
            last = checkpoints.newest(sql, self.origin)
        ended = self.ended()
        for source, found in known.items():
            if ended is None or not ended.names(found):
                check_grown(self.tiles, found, head, source)
        if ask_witnesses and self.witnesses is not None:
            # The one signed last is asked about first: a witness that has seen more says so, and nothing new
            # was signed before.
            signed = last or self._sign()
            if signed is not None:
                self._heed(self.witnesses.ask(signed, everyone=True))

    def ended(self) -> Succession | None:
        """With what the ledger has ended by now; None while it goes on."""
        if self.succession is None:
            self.succession = succession_of(self._application, self._ledger_id)
        return self.succession

    def known_checkpoints(self) -> dict[str, Checkpoint]:
        """What is known here of the log beside its entries, by where: signed last, published, anchored."""
        with self._application.reading() as sql:
            last = checkpoints.newest(sql, self.origin)
        files = {f"the published checkpoint {self.checkpoint_file}": self.checkpoint_file}
        if self._anchor is not None:
            files[f"the anchor {self._anchor}"] = self._anchor
        found = {source: self.publisher.read(path) for source, path in files.items()}
        found["the log's own signature"] = last.head if last else None
        return {source: head for source, head in found.items() if head is not None}

    def verifier_keys(self) -> list[VKey]:
        """The log's keys, old ones included."""
        return self.publisher.keys

    @property
    def trouble(self) -> Error | None:
        """What keeps the log from being published, or contradicts it; None when all is well."""
        return next(iter(self._troubles.values()), None)

    @property
    def checkpoint_file(self) -> Path:
        """Where the published checkpoint is."""
        return self._folder / FOLDER / CHECKPOINT

    @property
    def key(self) -> LogKey:
        """The key that the log names now. Raises StoreError LOG_KEY_MISSING or LOG_KEY_WRONG."""
        return self._tools()[0]

    @property
    def publisher(self) -> Publisher:
        """Writes the published files; raises as ``key``."""
        return self._tools()[1]

    def _tools(self) -> tuple[LogKey, Publisher]:
        """The signing key and the publisher, made anew when the log has named another key."""
        names = log_keys(self._application, self._ledger_id)
        if self._made is None or self._made[0] != names:
            key = LogKey.load(self._folder / KEY_FILE, self.origin)
            if names:
                key.require(names[-1])
            # A database that has lost everything names no key; then the key's file says what was signed here.
            keys = [parse_vkey(name) for name in names] or [key.vkey]
            publisher = Publisher(self._folder / FOLDER, self.tiles, keys, anchor=self._anchor)
            self._made = (names, key, publisher)
        return self._made[1:]

    # -- rounds ----------------------------------------------------------------------------------------

    def round(self) -> Signed | None:
        """Sign and publish the newest committed tree; None for a log that is empty or has ended.

        Raises StoreError or OSError.
        """
        signed = self._sign()
        if signed is not None:
            self.publisher.publish(signed)
        return signed

    def _sign(self) -> Signed | None:
        if self.ended():
            return None  # the tree is not the one that was witnessed
        key, publisher = self._tools()
        return sign_newest(self._application, self.tiles, key, publisher.read(self.checkpoint_file))

    def ask_witnesses(self, *, everyone: bool = False) -> list[Answer]:
        """Show the newest checkpoint to the witnesses and publish it with what they gave.

        Raises StoreError LOG_ROLLED_BACK or LOG_FORKED when one knows another history.
        """
        if self.witnesses is None or self.ended():
            return []
        with self._application.reading() as sql:
            signed = checkpoints.newest(sql, self.origin)
        if signed is None:
            return []
        answers = self.witnesses.ask(signed, everyone=everyone)
        with self._application.reading() as sql:
            newest = checkpoints.newest(sql, self.origin)
        if newest is not None:
            self.publisher.publish(newest)
        self._heed(answers)
        self.on_witnessed()
        return answers

    def _heed(self, answers: list[Answer]) -> None:
        lost = range(self.succession.restored + 1, self.succession.size + 1) if self.succession else ()
        for answer in answers:
            if answer.alarm and answer.size not in lost:
                raise StoreError(
                    "LOG_ROLLED_BACK" if answer.outcome == LARGER else "LOG_FORKED",
                    f"the witness {answer.witness} knows another history of this log: {answer.message}",
                    "Bring missing entries back with `certledger restore` from the folder log/, a replica or an"
                    " auditor's export; if they are lost for good: `certledger succeed`. Only if the other witnesses"
                    " and auditors hold that this one is wrong, take it out of the policy.",
                )

    # -- running ---------------------------------------------------------------------------------------

    def notify(self, *_committed: object) -> None:
        """Something was committed (a hook for after the commit)."""
        self._wake.set()

    def start(self) -> None:
        """Go on signing, publishing and asking in the background until ``close``."""
        if self.ended():
            return
        self.publisher.complete()
        for work in (self._keep_published, self._keep_witnessed):
            thread = threading.Thread(target=work, name=work.__name__, daemon=True)
            self._threads.append(thread)
            thread.start()

    def close(self) -> None:
        """Stop; what was committed until now is signed and published first."""
        if not self._threads:
            return
        self._stop.set()
        self._wake.set()
        self._told.set()
        for thread in self._threads:
            thread.join(timeout=10)
        self._threads.clear()
        self._attempt("publishing", self.round)

    def _keep_published(self) -> None:
        while not self._stop.is_set():
            self._wake.clear()
            begun = time.monotonic()
            if self._attempt("publishing", self.round):
                self._told.set()
            self._stop.wait(max(INTERVAL_S, SHARE * (time.monotonic() - begun)))
            self._wake.wait(POLL_S)

    def _keep_witnessed(self) -> None:
        while not self._stop.is_set():
            self._told.clear()
            self._attempt("witnesses", self._ask_when_due)
            self._stop.wait(INTERVAL_S)
            self._told.wait(POLL_S)

    def _ask_when_due(self) -> None:
        with self._application.reading() as sql:
            signed = checkpoints.newest(sql, self.origin)
        due = time.monotonic() - self._refreshed > REFRESH_S
        if signed is not None and (due or self._lacking(signed)):
            self.ask_witnesses(everyone=due)
            self._refreshed = time.monotonic() if due else self._refreshed

    def _lacking(self, signed: Signed) -> bool:
        given = {key for key, _ in signed.cosignatures}
        parties = self.policy.witnesses.values() if self.policy else ()
        return any(party.url is not None and str(party.key) not in given for party in parties)

    def _attempt(self, job: str, work: Callable[[], object]) -> bool:
        try:
            work()
        except (Error, KeysError) as error:
            trouble = StoreError(error.code, error.message, error.hint)
        except Exception as error:  # noqa: BLE001 - whatever it is, the keeper has to be there for the next round
            trouble = StoreError("PUBLISHING_FAILED", f"the log cannot be published: {error}")
        else:
            self._troubles.pop(job, None)
            return True
        if str(self._troubles.get(job)) != str(trouble):
            _log.error("%s: %s %s", trouble.code, trouble.message, trouble.hint or "")
        self._troubles[job] = trouble
        return False


def log_keys(application: LedgerApplication, ledger_id: str) -> list[str]:
    """The log's verifier keys in the order in which the log names them; the last one signs now."""
    with application.reading() as sql:
        sql.execute(
            "SELECT state FROM stored_events WHERE originator_id = ? ORDER BY originator_version",
            (f"ledger/{ledger_id}",),
        )
        events = [event_of(bytes(state)) for (state,) in sql.fetchall()]
    return [event.data["log_key"] for event in events if event.name in {"founded", "log_key_rotated"}]
