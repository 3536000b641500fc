"""Where the command line has passphrases from: a file, the environment, or a person at the terminal."""

from __future__ import annotations

import getpass
import json
import os
import sys
from pathlib import Path

from ledger.errors import DomainError


def read_passphrases(path: Path | None) -> dict[str, str]:
    """A file of passphrases by account, {} without one; VALUE_INVALID for a file that is something else."""
    try:
        known = json.loads(path.read_bytes()) if path else {}
    except ValueError as error:
        raise DomainError("VALUE_INVALID", f"{path} is no JSON file: {error}") from None
    if not isinstance(known, dict) or not all(isinstance(each, str) for each in known.values()):
        raise DomainError("VALUE_INVALID", f"{path} is not one JSON object {{account: passphrase}}")
    return known


def passphrase_of(account: str, *, confirm: bool = False) -> str:
    """From the environment (CERTLEDGER_PASSPHRASE_<ACCOUNT>), or asked for on the terminal."""
    name = "CERTLEDGER_PASSPHRASE_" + "".join(each if each.isalnum() else "_" for each in account).upper()
    given = os.environ.get(name)
    if given is not None:
        return given
    if not sys.stdin.isatty():
        raise DomainError(
            "KEY_LOCKED", f"the passphrase of {account} is needed", f"Set {name}, or use a terminal."
        )
    typed = getpass.getpass(f"Passphrase of {account}: ")
    if confirm and getpass.getpass("Once more: ") != typed:
        raise DomainError("PASSPHRASE_WRONG", "the two passphrases differ", "Try again.")
    return typed
