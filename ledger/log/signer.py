"""The log's own key, and the one place where it signs: after the commit, the newest committed tree.

Rules:
- What is signed was read in a transaction of its own, so it is committed; a checkpoint for a tree that never
  was cannot exist.
- Compare and swap: the row is inserted only if the last signed checkpoint is still the one from which this
  tree was seen to grow. Of two servers on one store one signs, the other finds its row.
- The tree's root is computed again from the stored tiles, at the old size and at the new one: a database that
  was altered is not signed over.
- Nothing leaves before the row is committed. The same steps run at start-up; a crash between any two of them
  is healed there.

On PostgreSQL the row's commit waits for a synchronous standby where there is one (``synchronous_commit`` is
on), and with it every event before it, so that nothing is signed that only the primary has.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from keys import files
from keys.errors import Error as KeysError
from ledger.errors import StoreError
from ledger.log import checkpoints
from ledger.log.checkpoints import Signed
from verifier.checkpoint import Checkpoint
from verifier.errors import ProofError
from verifier.merkle import verify_consistency
from verifier.note import LOG_KEY, VKey

if TYPE_CHECKING:
    from ledger.application import LedgerApplication
    from ledger.log.tiles import StoredTiles
    from ledger.store.admission import Sql

KEY_FILE = "log-key"
_SEED_SIZE = 32


class LogKey:
    """The log's Ed25519 key, under the name of its origin."""

    def __init__(self, origin: str, seed: bytes) -> None:
        self._private = Ed25519PrivateKey.from_private_bytes(seed)
        self.vkey = VKey(origin, LOG_KEY, self._private.public_key().public_bytes_raw())

    @classmethod
    def create(cls, path: Path, origin: str) -> LogKey:
        """Make a key in a new file that only its owner can read. Raises FileExistsError or OSError."""
        key = cls(origin, Ed25519PrivateKey.generate().private_bytes_raw())
        files.create(path, key._private.private_bytes_raw())
        return key

    @classmethod
    def load(cls, path: Path, origin: str) -> LogKey:
        """Read the key. Raises StoreError LOG_KEY_MISSING or LOG_KEY_WRONG."""
        hint = "Restore it from its backup; without it nobody will believe this log's next checkpoint."
        try:
            seed = files.read_secret(path, _SEED_SIZE)
        except FileNotFoundError:
            raise StoreError("LOG_KEY_MISSING", f"the log's key {path} is not there", hint) from None
        except KeysError as error:
            raise StoreError("LOG_KEY_WRONG", error.message, error.hint) from None
        if len(seed) != _SEED_SIZE:
            raise StoreError("LOG_KEY_WRONG", f"{path} does not hold a key of {_SEED_SIZE} bytes", hint)
        return cls(origin, seed)

    def require(self, vkey: str) -> None:
        """Refuse with LOG_KEY_WRONG unless this is the key that the log itself names."""
        if str(self.vkey) != vkey:
            raise StoreError(
                "LOG_KEY_WRONG",
                f"the file {KEY_FILE} holds another key than the one this log was founded with or rotated to",
                "Restore the file from its backup, or rotate the log's key.",
            )

    def sign(self, head: Checkpoint) -> str:
        """The signature line, without LF, on a tree head."""
        text = head.to_text()
        return self.vkey.signature(self._private.sign(text.encode())).line().removesuffix("\n")


def sign_newest(
    application: LedgerApplication, tiles: StoredTiles, key: LogKey, published: Checkpoint | None
) -> Signed | None:
    """Sign the newest committed tree unless it is signed already; None for an empty log.

    ``published`` is what the outside knows, read before this call. Returns the newest checkpoint, by whomever
    it was signed. Raises StoreError LOG_ROLLED_BACK or LOG_FORKED when the database no longer holds what was
    signed or published, STORE_DAMAGED when its tiles are not its tree.
    """
    origin = key.vkey.name
    with application.reading() as sql:
        head = committed_head(sql, origin)
        last = checkpoints.newest(sql, origin)
    if published is not None and (last is None or published != last.head):
        check_grown(tiles, published, head, "the published checkpoint")
    if last is not None:
        check_grown(tiles, last.head, head, "the log's own signature")
        if last.head.size == head.size:
            return last
    elif head.size == 0:
        return None
    else:
        check_root(tiles, head)
    signed = Signed(head, key.sign(head))
    with application.recorder.writing() as sql:  # type: ignore[attr-defined]
        now = checkpoints.newest(sql, origin)
        if (now and now.head) != (last and last.head):
            return now  # another server was faster; what is newer than its row is signed in the next round
        checkpoints.insert(sql, signed, last.head.size if last else 0)
    return signed


def committed_head(sql: Sql, origin: str) -> Checkpoint:
    """The newest tree head in this transaction."""
    sql.execute("SELECT size, root FROM log_head WHERE id = 1")
    row = sql.fetchone()
    if row is None:
        raise StoreError("STORE_DAMAGED", "the log's head is missing", "Run `certledger fsck`.")
    return Checkpoint(origin, int(row[0]), bytes(row[1]))


def check_root(tiles: StoredTiles, head: Checkpoint) -> None:
    """Check that the stored tiles and entries lead to the stored root. Raises StoreError STORE_DAMAGED."""
    try:
        if tiles.tree(head.size).root() == head.root:
            return
    except LookupError:
        pass
    raise StoreError(
        "STORE_DAMAGED",
        f"the {head.size} entries and tiles in the database do not lead to the root that was recorded with them",
        "Nothing was signed. Run `certledger fsck`: the database was altered or is damaged.",
    )


def check_grown(tiles: StoredTiles, known: Checkpoint, head: Checkpoint, source: str) -> None:
    """Check that the log at ``head`` grew from the tree that ``source`` knows.

    Raises StoreError LOG_ROLLED_BACK when it is shorter, LOG_FORKED when it is another one, or STORE_DAMAGED.
    """
    if known.size > head.size:
        raise StoreError(
            "LOG_ROLLED_BACK",
            f"{source} knows {known.size} entries of this log, the database holds only {head.size}: "
            "an older database was put in its place, or its last commits were lost",
            "Nothing was signed. Bring the missing entries back with `certledger restore` from the folder log/,"
            " a replica or an auditor's export; if they are lost for good: `certledger succeed`.",
        )
    check_root(tiles, head)
    if known.size == 0:
        return
    try:
        proof = tiles.tree(head.size).consistency_proof(known.size)
        verify_consistency(known.size, head.size, known.root, head.root, proof)
    except (LookupError, ProofError):
        raise StoreError(
            "LOG_FORKED",
            f"{source} knows another history of this log: the first {known.size} entries in the database "
            "are not the ones that were signed before",
            "Nothing was signed. Keep this folder as evidence, restore the newest backup and then the missing"
            " entries with `certledger restore`; if they are lost for good: `certledger succeed`.",
        ) from None
