"""Bundles for tests, written here and not by the ledger's export: any entries, any log key, any witnesses."""

import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from verifier import cosignature, merkle, note, tile
from verifier.checkpoint import Checkpoint
from verifier.policy import Policy, parse


class NoteKey:
    """A log's or a witness's private key, from a seed so that runs repeat."""

    def __init__(self, name: str, kind: int, seed: int) -> None:
        self.private = Ed25519PrivateKey.from_private_bytes(bytes([seed]) * 32)
        self.key = note.VKey(name, kind, self.private.public_key().public_bytes_raw())

    def sign(self, text: str, time: int = 0) -> note.NoteSignature:
        if self.key.kind == note.LOG_KEY:
            return self.key.signature(self.private.sign(text.encode()))
        signed = self.private.sign(cosignature.message(text, time))
        return self.key.signature(cosignature.encode(time, signed))


@dataclass
class Log:
    """The log's side of a bundle: its key, its witnesses, and the policy that trusts them."""

    origin: str
    key: NoteKey
    witnesses: list[NoteKey] = field(default_factory=list)
    quorum: int = 2

    @classmethod
    def named(cls, origin: str, seed: int = 1, witnesses: int = 3) -> "Log":
        found = [NoteKey(f"w{number}.example", note.WITNESS_KEY, 100 + number) for number in range(witnesses)]
        return cls(origin, NoteKey(origin, note.LOG_KEY, seed), found)

    def policy_bytes(self) -> bytes:
        lines = [f"log {self.key.key}"]
        names = [f"w{number}" for number in range(len(self.witnesses))]
        lines += [
            f"witness {name} {witness.key}" for name, witness in zip(names, self.witnesses, strict=True)
        ]
        if names:
            lines += [f"group all-of-them {self.quorum} {' '.join(names)}", "quorum all-of-them"]
        else:
            lines += ["quorum none"]
        return ("\n".join(lines) + "\n").encode()

    def policy(self) -> Policy:
        return parse(self.policy_bytes())

    def checkpoint(self, leaves: Iterable[bytes], time: int, *, cosigned: int | None = None) -> bytes:
        found = list(leaves)
        text = Checkpoint(self.origin, len(found), merkle.root(found)).to_text()
        by = self.witnesses[: self.quorum if cosigned is None else cosigned]
        return note.Note(text, (self.key.sign(text), *(one.sign(text, time) for one in by))).to_bytes()


def write_bundle(
    folder: Path,
    entries: Sequence[bytes],
    log: Log,
    time: int,
    *,
    links: Iterable[bytes] | None = (),
    cosigned: int | None = None,
) -> Path:
    """Write a bundle of these entries, whatever they are; `time` is when the witnesses cosign."""
    leaves = [merkle.leaf_hash(entry) for entry in entries]
    builder = tile.TileBuilder()
    made = [one for leaf in leaves for one in builder.append(leaf)] + builder.partial_tiles()
    for wanted in tile.bundles(len(entries)):
        part = entries[wanted.index * tile.WIDTH : wanted.index * tile.WIDTH + wanted.width]
        made.append((wanted, tile.encode_bundle(part)))
    for wanted, data in made:
        path = folder / wanted.path()
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    folder.mkdir(parents=True, exist_ok=True)
    if links is not None:
        (folder / "links.jsonl").write_bytes(b"".join(line + b"\n" for line in links))
    (folder / "checkpoint").write_bytes(log.checkpoint(leaves, time, cosigned=cosigned))
    return folder


def stored_entries(database: Path) -> list[bytes]:
    """All entries of a data folder's SQLite file, in log order."""
    with sqlite3.connect(f"file:{database}?mode=ro", uri=True) as connection:
        rows = connection.execute("SELECT state FROM stored_events ORDER BY rowid").fetchall()
    return [bytes(state) for (state,) in rows]
