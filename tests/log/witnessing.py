"""Witnesses for tests: in this process, reached by name instead of by network, and easy to break."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

from ledger.log.room import LogRoom
from ledger.log.witnesses import Reply, local
from tests.houses import Office
from verifier import policy
from verifier.note import parse_vkey
from verifier.policy import Policy
from verifier.witness_key import WitnessKey
from verifier.witness_server import Witness


class Village:
    """Three witnesses of one log; quorum two. ``down`` are out of reach, ``asked`` counts the questions."""

    def __init__(self, folder: Path, log_key: str, now: int = 1_930_000_000) -> None:
        folder.mkdir(exist_ok=True)
        self.now = now
        self.keys = [WitnessKey.generate(f"w{number}.example") for number in range(3)]
        logs = {parse_vkey(log_key).name: [parse_vkey(log_key)]}
        self.witnesses = {
            f"https://w{number}.example": Witness(key, logs, folder / f"state{number}", lambda: self.now)
            for number, key in enumerate(self.keys)
        }
        self.down: set[int] = set()
        self.asked: list[str] = []
        self.log_key = log_key

    def policy(self, quorum: int = 2) -> Policy:
        lines = [f"log {self.log_key}"]
        lines += [f"witness w{n} {key.vkey} https://w{n}.example" for n, key in enumerate(self.keys)]
        lines += [f"group g {quorum} w0 w1 w2", "quorum g", ""]
        return policy.parse("\n".join(lines).encode())

    def send(self, url: str, body: bytes) -> Reply:
        self.asked.append(url)
        if int(url[9]) in self.down:
            raise OSError("connection refused")
        return local(self.witnesses)(url, body)

    def close(self) -> None:
        for witness in self.witnesses.values():
            witness.close()


@contextlib.contextmanager
def village(place: Office, folder: Path) -> Iterator[Village]:
    found = Village(folder, str(room_of(place).key.vkey))
    try:
        yield found
    finally:
        found.close()


def room_of(place: Office, found: Village | None = None, *, anchor: Path | None = None) -> LogRoom:
    """A log room over a house, as a process that has just started."""
    house = place.house
    return LogRoom(
        house.application,
        house.folder.settings.ledger,
        house.folder.path,
        origin=house.folder.root.origin,
        policy=found.policy() if found else None,
        anchor=anchor,
        send=found.send if found else lambda _url, _body: Reply(500, "", b""),
    )
