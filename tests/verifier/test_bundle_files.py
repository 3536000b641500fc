"""A bundle's folder as it may come: what is no bundle, files of every odd kind, and limits on both sides."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from verifier import tile
from verifier.bundle import LINE_LIMIT, Bundle, BundleError
from verifier.errors import FormatError
from verifier.tile import Tile


def refused(folder: Path) -> BundleError:
    with pytest.raises(BundleError) as error:
        Bundle(folder)
    return error.value


@pytest.fixture
def bundle(tmp_path: Path) -> Iterator[Bundle]:
    (tmp_path / "checkpoint").write_bytes(b"a checkpoint")
    made = Bundle(tmp_path)
    yield made
    made.close()


def fails(code: str, *doing: object) -> BundleError:
    call, *arguments = doing
    with pytest.raises(BundleError) as error:
        list(call(*arguments))  # type: ignore[operator]
    assert error.value.code == code
    return error.value


# -- the folder --------------------------------------------------------------------------------------------------------


def test_what_is_no_bundle(tmp_path: Path) -> None:
    absent, file, empty, other = (tmp_path / name for name in ("absent", "file", "empty", "other"))
    file.write_bytes(b"x")
    empty.mkdir()
    other.mkdir()
    (other / "notes").write_bytes(b"x")
    assert (
        str(refused(absent)) == f"BUNDLE_MISSING: {absent} is not there (Name the folder that was exported.)"
    )
    assert (
        str(refused(file))
        == f"BUNDLE_NOT_FOLDER: {file} is not a folder (Name the folder that was exported.)"
    )
    assert str(refused(empty)) == f"BUNDLE_EMPTY: {empty} is empty"
    assert refused(other).code == "BUNDLE_FILE_MISSING"
    assert refused(other).hint == "Copy the whole folder again."


def test_a_folder_that_cannot_be_looked_into(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def scandir(_folder: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("os.scandir", scandir)
    assert str(refused(tmp_path)) == f"BUNDLE_UNREADABLE: {tmp_path} cannot be read: Permission denied"
    monkeypatch.setattr("os.scandir", lambda _folder: (_ for _ in ()).throw(ValueError("embedded null")))
    assert refused(tmp_path).code == "BUNDLE_UNREADABLE"


def test_a_name_that_no_file_can_have(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def is_dir(_path: Path) -> bool:
        raise ValueError("embedded null byte")

    monkeypatch.setattr(Path, "is_dir", is_dir)
    assert refused(tmp_path).message == f"{tmp_path} cannot be read: the name cannot be used"


def test_other_files_are_named_in_order(bundle: Bundle) -> None:
    parts = [
        "tile",
        "links.jsonl",
        "policy",
        "root",
        "keys",
        "status",
        "withdrawn",
        "personal.jsonl",
        "succession",
    ]
    for name in [*parts, *"hgfedcba"]:
        (bundle.path / name).write_bytes(b"")
    assert Bundle(bundle.path).others == [*"abcdefgh"]
    assert bundle.others == []


def test_it_has_what_is_there_of_whatever_kind(bundle: Bundle) -> None:
    (bundle.path / "loose").symlink_to("nothing")
    (bundle.path / "folder").mkdir()
    assert [bundle.has(name) for name in ("checkpoint", "loose", "folder", "nothing")] == [True] * 3 + [False]


# -- files ------------------------------------------------------------------------------------------------------------


def test_a_file_is_read_up_to_its_limit(bundle: Bundle) -> None:
    (bundle.path / "keys").write_bytes(b"12345")
    assert bundle.read("keys", 5) == b"12345"
    assert bundle.checkpoint() == b"a checkpoint"
    fails("BUNDLE_FILE_TOO_LARGE", bundle.read, "keys", 4)
    assert "4 bytes" in fails("BUNDLE_FILE_TOO_LARGE", bundle.read, "keys", 4).message
    assert fails("BUNDLE_FILE_MISSING", bundle.read, "root", 5).message == "root is missing"
    (bundle.path / "tile").write_bytes(b"a file where a folder should be")
    fails("BUNDLE_FILE_SPECIAL", bundle.read, "tile/0", 5)


@pytest.mark.parametrize("name", ["link", "linked/file", "folder", "pipe"])
def test_what_leads_out_of_the_bundle_or_is_no_ordinary_file(
    name: str, bundle: Bundle, tmp_path: Path
) -> None:
    (bundle.path / "real").mkdir()
    (bundle.path / "real/file").write_bytes(b"x\n")
    (bundle.path / "link").symlink_to("real/file")
    (bundle.path / "linked").symlink_to("real")
    (bundle.path / "folder").mkdir()
    os.mkfifo(bundle.path / "pipe")
    fails("BUNDLE_FILE_SPECIAL", bundle.read, name, 5)
    fails("BUNDLE_FILE_SPECIAL", bundle.lines, name)
    fails("BUNDLE_FILE_SPECIAL", bundle.line_at, name, 0)
    assert bundle.read("real/file", 5) == b"x\n"


@pytest.mark.parametrize("way", ["open", "lstat"])
def test_a_file_that_cannot_be_opened(way: str, bundle: Bundle, monkeypatch: pytest.MonkeyPatch) -> None:
    (bundle.path / "keys").write_bytes(b"x\n")

    def fail(_path: Path, *_arguments: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, way, fail)
    for doing in ((bundle.read, "keys", 5), (bundle.lines, "keys"), (bundle.line_at, "keys", 0)):
        assert fails("BUNDLE_UNREADABLE", *doing).message == "keys cannot be read: Permission denied"


def test_tiles_have_their_sizes(bundle: Bundle) -> None:
    whole, part = Tile(0, 0, tile.WIDTH), Tile(0, 1, 2)
    for wanted, data in ((whole, bytes(32 * 256)), (part, bytes(64))):
        path = bundle.path / wanted.path()
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
        assert bundle.tile(wanted) == data
        path.write_bytes(data[:-1])
        with pytest.raises(FormatError) as error:
            bundle.tile(wanted)
        assert error.value.code == "TILE_SIZE"
    (bundle.path / whole.path()).write_bytes(bytes(32 * 256 + 1))
    fails("BUNDLE_FILE_TOO_LARGE", bundle.tile, whole)
    entries = Tile(tile.ENTRIES, 0, 1)
    path = bundle.path / entries.path()
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"anything")
    assert bundle.tile(entries) == b"anything"


# -- lines ------------------------------------------------------------------------------------------------------------


def test_lines_and_their_places(bundle: Bundle) -> None:
    (bundle.path / "links.jsonl").write_bytes(b"one\n\nthree\n")
    assert list(bundle.lines("links.jsonl")) == [(0, b"one"), (4, b""), (5, b"three")]
    assert [bundle.line_at("links.jsonl", at) for at in (5, 0, 4, 0)] == [b"three", b"one", b"", b"one"]
    (bundle.path / "other").write_bytes(b"another\n")
    assert bundle.line_at("other", 0) == b"another"
    assert bundle.line_at("links.jsonl", 5) == b"three"
    bundle.close()
    bundle.close()
    assert bundle.line_at("links.jsonl", 0) == b"one"


def test_a_line_has_its_end_and_a_limit(bundle: Bundle) -> None:
    file = bundle.path / "links.jsonl"
    longest = b"x" * LINE_LIMIT
    file.write_bytes(longest + b"\n" + longest + b"\n")
    assert list(bundle.lines("links.jsonl")) == [(0, longest), (LINE_LIMIT + 1, longest)]
    assert bundle.line_at("links.jsonl", LINE_LIMIT + 1) == longest
    file.write_bytes(longest + b"xxx\n")
    fails("BUNDLE_LINES", bundle.lines, "links.jsonl")
    assert len(bundle.line_at("links.jsonl", 0)) == LINE_LIMIT + 1
    file.write_bytes(b"one\ntwo")
    fails("BUNDLE_LINES", bundle.lines, "links.jsonl")
    file.write_bytes(b"")
    assert list(bundle.lines("links.jsonl")) == []
