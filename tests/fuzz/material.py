"""What the fuzzers start from: one of everything that a demonstration publishes, as files in a folder.

A folder, so that a fuzzer in a process of its own loads the verifier and nothing else.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from api.composition import House

T = TypeVar("T")
_EACH = 3
"""So many credentials, papers and proofs are enough; the fuzzer makes the rest."""


@dataclass(frozen=True, slots=True)
class Material:
    """The folder and what is in it."""

    folder: Path

    def one(self, name: str) -> bytes:
        """The only file of this name."""
        return (self.folder / name).read_bytes()

    def all(self, kind: str) -> list[bytes]:
        """All files of a kind."""
        return [path.read_bytes() for path in sorted((self.folder / kind).iterdir())]

    @property
    def now(self) -> datetime:
        """The moment at which all of it holds."""
        return datetime.fromisoformat(self.one("now").decode())


def collect(house: House, demo: dict[str, Any], folder: Path) -> Material:
    """Write what ``house`` publishes into ``folder``."""
    now = house.clock.now()
    chosen = [each for each in demo["certificates"] if each["expected_status"] == "VALID"][:_EACH]
    chosen += [each for each in demo["certificates"] if each["expected_status"] in {"REVOKED", "SUSPENDED"}]
    ids = [_there(house.personal.index.certificate_of(each["code"])) for each in chosen]
    places = [_there(_there(house.queries.certificate(each)).issued_index) for each in ids]
    _write(
        folder,
        now=[now.isoformat().encode()],
        root=[house.folder.root.to_bytes()],
        policy=[Path(demo["policy"]).read_bytes()],
        trust=[Path(demo["trust"]).read_bytes()],
        keys=[house.key_files.newest()],
        withdrawn=[house.lists.withdrawn(now)],
        checkpoint=[house.room.publisher.published()],
    )
    _write_many(folder / "status", (house.lists.status_list(number, now) for number in (1, 2)))
    _write_many(folder / "credential", (house.credentials.of(each) for each in ids))
    _write_many(folder / "qr", (each["url"].encode() for each in chosen))
    _write_many(folder / "entry", house.room.tiles.entries(0, 40))
    _write_many(folder / "proof", (_there(house.room.proofs.proof(place)).to_bytes() for place in places))
    _write_many(folder / "proven", (house.room.proofs.entry(place) for place in places))
    _write_many(folder / "pdf", (Path(each["pdf"]).read_bytes() for each in chosen))
    return Material(folder)


def _write(folder: Path, **files: Iterable[bytes | None]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name, (content,) in files.items():
        (folder / name).write_bytes(_there(content))


def _write_many(folder: Path, files: Iterable[bytes | None]) -> None:
    folder.mkdir()
    for number, content in enumerate(files):
        (folder / f"{number:03}").write_bytes(_there(content))


def _there(found: T | None) -> T:
    """A demonstration has all of this."""
    assert found is not None
    return found
