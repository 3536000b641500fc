"""The policy in a data folder, and the log room that works by it."""

from __future__ import annotations

from pathlib import Path

from ledger.application import LedgerApplication
from ledger.errors import StoreError
from ledger.folder import DataFolder
from ledger.log.room import LogRoom
from ledger.log.witnesses import Send, post
from verifier import policy
from verifier.errors import Error as VerifierError
from verifier.policy import Policy

POLICY = "policy"


def read_policy(path: Path) -> Policy | None:
    """The policy, or None where there is none. Raises StoreError POLICY_INVALID."""
    try:
        return policy.parse(path.read_bytes())
    except FileNotFoundError:
        return None
    except VerifierError as error:
        hint = "Correct it; every line is explained at c2sp.org/tlog-policy."
        raise StoreError("POLICY_INVALID", f"{path}: {error.message}", hint) from None


def room_of(
    folder: DataFolder, application: LedgerApplication, *, anchor: Path | None = None, send: Send = post
) -> LogRoom:
    """The log room of a data folder, under the policy in it if there is one.

    ``anchor`` is a file outside the folder; ``send`` reaches the witnesses. Raises StoreError POLICY_INVALID.
    """
    return LogRoom(
        application,
        folder.settings.ledger,
        folder.path,
        origin=folder.root.origin,
        policy=read_policy(folder.path / POLICY),
        anchor=anchor,
        send=send,
    )
