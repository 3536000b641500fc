"""The demonstration's three witnesses: stand-ins for partners' machines, on the demonstration's own clock.

In earnest a partner institution runs `certverify witness` on a machine of its own. Here the three run inside
the server, so that a demonstration needs no second process; they prove nothing, and the policy file says so.
"""

from __future__ import annotations

import threading
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from keys import files
from ledger.log.signer import KEY_FILE, LogKey
from ledger.log.witnesses import Reply, local
from verifier.errors import Error as VerifierError
from verifier.witness_key import WitnessKey, parse_key
from verifier.witness_server import Witness

if TYPE_CHECKING:
    from ledger.clock import Clock

FOLDER = "witnesses"
NAMES = ("training-centre", "certification-body", "ministry")
QUORUM = 2
KEY_LIMIT = 1024
_POLICY = """\
# Whom a verifier of this demonstration trusts. Its witnesses run inside the demonstration itself, so they stand
# for independent ones without being any: never use such a policy in earnest.
"""


def set_up(folder: Path, origin: str) -> None:
    """Make the witnesses' keys and the policy that names them."""
    home = folder / FOLDER
    home.mkdir(mode=0o700)
    lines = [f"log {LogKey.load(folder / KEY_FILE, origin).vkey}"]
    for name in NAMES:
        key = WitnessKey.generate(f"localhost/demo/{name}")
        files.create(home / f"{name}.key", key.to_bytes())
        lines.append(f"witness {name} {key.vkey} {_url(name)}")
    lines += [f"group partners {QUORUM} {' '.join(NAMES)}", "quorum partners"]
    (folder / "policy").write_text(_POLICY + "\n".join(lines) + "\n", encoding="ascii")


def are_here(folder: Path) -> bool:
    """Whether this folder is a demonstration with witnesses of its own."""
    return (folder / FOLDER).is_dir()


class DemoWitnesses:
    """Reaches them (a `Send` of the log's room). They are opened when first asked, and closed with the ledger."""

    def __init__(self, folder: Path, origin: str, clock: Clock) -> None:
        self._folder = folder
        self._origin = origin
        self._clock = clock
        self._witnesses: dict[str, Witness] = {}
        self._opening = threading.Lock()  # all are asked at the same time

    def __call__(self, url: str, body: bytes) -> Reply:
        """Ask one. Raises OSError when another process of the demonstration has them."""
        with self._opening:
            if not self._witnesses:
                try:
                    self._open()
                except VerifierError as error:
                    self.close()
                    raise OSError(error.message) from None
        return local(self._witnesses)(url, body)

    def _open(self) -> None:
        home = self._folder / FOLDER
        log = LogKey.load(self._folder / KEY_FILE, self._origin).vkey
        for name in NAMES:
            key = parse_key(files.read_secret(home / f"{name}.key", KEY_LIMIT))
            state = home / f"{name}.state"
            self._witnesses[_url(name)] = Witness(
                key, {self._origin: [log]}, state, partial(_seconds, self._clock)
            )

    def close(self) -> None:
        """Give their state files back."""
        for witness in self._witnesses.values():
            witness.close()
        self._witnesses.clear()


def _url(name: str) -> str:
    return f"http://localhost/witness/{name}"


def _seconds(clock: Clock) -> int:
    return int(clock.now().timestamp())
