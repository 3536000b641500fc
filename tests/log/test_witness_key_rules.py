"""The witness's key: its one spelling, the state that belongs to it, and how both are put on the disk."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.log.test_witness_server import STATE
from verifier import b64, jcs, witness_key
from verifier.errors import Error, FormatError
from verifier.witness_key import WitnessKey, load_or_make, parse_key

SEED = bytes.fromhex(f"0{'fbefbe' * 11}"[:64])
"""Of which the base64 is full of plus signs."""


def key_file(*, name: str = "w", key_id: str | None = None, kind: int = 4, seed: bytes = SEED) -> bytes:
    shown = WitnessKey("w", seed[:32].ljust(32, b"\0")).vkey.key_id.hex() if key_id is None else key_id
    return f"PRIVATE+KEY+{name}+{shown}+{b64.encode(bytes([kind]) + seed)}\n".encode()


def test_a_seed_of_any_spelling_is_read() -> None:
    assert key_file().count(b"+") > 9
    assert parse_key(key_file()).to_bytes() == key_file() == WitnessKey("w", SEED).to_bytes()
    assert parse_key(key_file().removesuffix(b"\n")).vkey.name == "w"


OTHER_KEY_FILES = [
        b"", b"\xff", key_file() + b"\n", b"x" + key_file(), key_file().lower(), key_file(kind=1), key_file(kind=3),
        key_file(key_id="00000000"), key_file(key_id=""), key_file(name="v"), key_file(name=""), key_file(name="a b"),
        key_file(seed=SEED[1:]), key_file(seed=SEED + b"\0"), b"PRIVATE+KEY+w", b"PRIVATE+KEY+w+00000000",
        key_file().replace(b"w+", b"\xff+"), key_file()[:-3] + b"\xff\n", key_file(kind=1, key_id="00000000"),
]  # fmt: skip


@pytest.mark.parametrize("data", OTHER_KEY_FILES, ids=range(len(OTHER_KEY_FILES)))
def test_no_other_key_file_is_read(data: bytes) -> None:
    with pytest.raises(FormatError, match="WITNESS_KEY_INVALID: not the key file of a witness"):
        parse_key(data)


def made(tmp_path: Path, name: str | None = "w") -> WitnessKey:
    return load_or_make(tmp_path / "key", tmp_path / "state", name)


def test_a_key_is_loaded_under_its_own_name_or_none(tmp_path: Path) -> None:
    key = made(tmp_path)
    for name in ("w", None):
        assert made(tmp_path, name).vkey == key.vkey
    with pytest.raises(Error, match=r"WITNESS_KEY_INVALID: the key in .* is that of w"):
        made(tmp_path, "v")
    assert (tmp_path / "key").stat().st_mode & 0o777 == 0o600
    assert (tmp_path / "state").read_bytes() == b"{}"


def test_a_key_is_made_only_beside_a_state_that_is_empty(tmp_path: Path) -> None:
    (tmp_path / "state").write_bytes(b"{}")
    with pytest.raises(Error, match="WITNESS_KEY_MISSING"):
        made(tmp_path, None)
    assert made(tmp_path).vkey.name == "w"
    (tmp_path / "key").unlink()
    (tmp_path / "state").write_bytes(jcs.encode(STATE))
    with pytest.raises(Error, match="WITNESS_KEY_MISSING"):
        made(tmp_path)


def test_a_key_behind_a_link_is_not_followed(tmp_path: Path) -> None:
    made(tmp_path)
    (tmp_path / "key").rename(tmp_path / "elsewhere")
    (tmp_path / "key").symlink_to("elsewhere")
    with pytest.raises(OSError, match="symbolic"):
        made(tmp_path)


def test_a_file_is_replaced_when_the_new_one_is_on_the_disk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, seen, real = tmp_path / "file", list[tuple[str, bytes]](), os.fsync
    path.write_bytes(b"old")
    opened = len([*Path("/proc/self/fd").iterdir()])

    def fsync(handle: int) -> None:
        (there,) = [each.name for each in tmp_path.iterdir() if each.name != "file"] or [""]
        seen.append(
            (there, b"" if Path(f"/proc/self/fd/{handle}").is_dir() else (tmp_path / there).read_bytes())
        )
        assert path.read_bytes() == (b"old" if there else b"new")
        real(handle)

    monkeypatch.setattr(os, "fsync", fsync)
    witness_key.replace_file(path, b"new")
    (temporary, content), folder = seen
    assert (content, folder) == (b"new", ("", b""))
    assert len(temporary) == len(".file.0123456789abcdef.tmp")
    assert (temporary[:6], temporary[-4:]) == (".file.", ".tmp")
    assert path.stat().st_mode & 0o777 == 0o600
    assert len([*Path("/proc/self/fd").iterdir()]) == opened


@pytest.mark.parametrize("call", ["fsync", "open"])
def test_a_disk_that_is_full_leaves_the_old_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, call: str
) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"old")

    def full(*_: object) -> None:
        raise OSError("no space")

    monkeypatch.setattr(os, call, full)
    with pytest.raises(OSError, match="no space"):
        witness_key.replace_file(path, b"new")
    monkeypatch.undo()
    assert [(each.name, each.read_bytes()) for each in tmp_path.iterdir()] == [("file", b"old")]
