"""Whatever a bundle is: one clear line or a report, exit code 1 or 2, never a traceback, never a false yes."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.audit.auditing import LOG, LOG_KEY
from tests.audit.broken import ordinary
from tests.audit.bundling import write_bundle
from verifier import cli, times

Spoil = Callable[[Path], Path | None]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[str]]:
    folder = tmp_path_factory.mktemp("made")
    v = ordinary(LOG_KEY)
    write_bundle(folder / "bundle", v.entries, LOG, v.now, links=v.links)
    (folder / "policy").write_bytes(LOG.policy_bytes())
    (folder / "root").write_bytes(v.root.to_bytes())
    options = [
        "--policy",
        str(folder / "policy"),
        "--root",
        str(folder / "root"),
        "--now",
        times.to_text(v.now),
        "--jobs",
        "1",
    ]
    return folder, options


def run(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> tuple[int, str, str]:
    with pytest.raises(SystemExit) as stopped:
        cli.main(arguments)
    out, err = capsys.readouterr()
    assert "Traceback" not in out + err
    code = stopped.value.code
    assert isinstance(code, int)
    return code, out, err


def a_file(folder: Path) -> Path:
    return folder / "checkpoint"


def nothing_there(folder: Path) -> Path:
    return folder / "not there"


def empty(folder: Path) -> Path:
    (folder / "empty").mkdir()
    return folder / "empty"


def without_checkpoint(folder: Path) -> None:
    (folder / "checkpoint").unlink()


def without_entries(folder: Path) -> None:
    (folder / "tile/entries/000").unlink()


def without_a_tile(folder: Path) -> None:
    (folder / "tile/0/000").unlink()


def half_copied(folder: Path) -> None:
    path = folder / "tile/entries/000"
    path.write_bytes(path.read_bytes()[:5000])


def one_byte_more(folder: Path) -> None:
    path = folder / "tile/entries/000"
    path.write_bytes(path.read_bytes() + b"\0")


def a_tile_of_the_wrong_size(folder: Path) -> None:
    path = folder / "tile/0/000"
    path.write_bytes(path.read_bytes()[:-1])


def a_huge_tile(folder: Path) -> None:
    with (folder / "tile/0/000").open("wb") as file:
        file.truncate(1 << 40)


def a_huge_bundle(folder: Path) -> None:
    with (folder / "tile/entries/000").open("wb") as file:
        file.truncate(1 << 40)


def a_huge_checkpoint(folder: Path) -> None:
    with (folder / "checkpoint").open("wb") as file:
        file.truncate(1 << 40)


def a_link_out(folder: Path) -> None:
    path = folder / "tile/entries/000"
    path.rename(folder.parent / "outside")
    path.symlink_to(folder.parent / "outside")


def a_folder_that_leads_out(folder: Path) -> None:
    (folder / "tile").rename(folder.parent / "tiles outside")
    (folder / "tile").symlink_to(folder.parent / "tiles outside")


def a_folder_for_a_file(folder: Path) -> None:
    (folder / "tile/entries/000").unlink()
    (folder / "tile/entries/000").mkdir()


def a_pipe(folder: Path) -> None:
    (folder / "checkpoint").unlink()
    os.mkfifo(folder / "checkpoint")


def no_text_in_the_checkpoint(folder: Path) -> None:
    (folder / "checkpoint").write_bytes(b"\xff\xfe\x00")


def a_sentence_in_the_checkpoint(folder: Path) -> None:
    (folder / "checkpoint").write_text("All is well.\n")


def no_links(folder: Path) -> None:
    (folder / "links.jsonl").unlink()


def a_link_line_without_end(folder: Path) -> None:
    path = folder / "links.jsonl"
    path.write_bytes(path.read_bytes()[:-1])


def links_that_are_noise(folder: Path) -> None:
    (folder / "links.jsonl").write_bytes(b"\x00\xff\n" * 5)


def a_link_line_without_limit(folder: Path) -> None:
    with (folder / "links.jsonl").open("wb") as file:
        file.truncate(1 << 34)


def links_that_lead_out(folder: Path) -> None:
    (folder / "links.jsonl").unlink()
    (folder / "links.jsonl").symlink_to("/etc/passwd")


SPOILS = [
    value
    for value in list(globals().values())
    if callable(value) and getattr(value, "__annotations__", {}).keys() == {"folder", "return"}
]


@pytest.mark.parametrize("spoil", SPOILS, ids=lambda spoil: spoil.__name__)
def test_a_spoilt_bundle(
    spoil: Spoil, made: tuple[Path, list[str]], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    import shutil

    source, options = made
    folder = tmp_path / "bundle"
    shutil.copytree(source / "bundle", folder)
    target = spoil(folder) or folder
    code, out, err = run(["bundle", str(target), *options], capsys)
    assert code in {1, 2}
    assert not out.startswith("THE HISTORY STANDS")
    assert (out + err).strip()
    code_json, out_json, _ = run(["bundle", str(target), *options, "--json"], capsys)
    assert code_json == code
    assert out_json.count("\n") == 1


def test_the_sound_one_stands(made: tuple[Path, list[str]], capsys: pytest.CaptureFixture[str]) -> None:
    source, options = made
    code, out, _ = run(["bundle", str(source / "bundle"), *options], capsys)
    assert code == 0
    assert out.startswith("THE HISTORY STANDS.")


@pytest.mark.parametrize("option", ["--policy", "--root", "--since", "--personal", "--settings"])
@pytest.mark.parametrize("content", [None, b"", b"\xff\x00", b"{}", b"[" * 100_000, b"log x\n"])
def test_spoilt_arguments(
    option: str,
    content: bytes | None,
    made: tuple[Path, list[str]],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    source, options = made
    file = tmp_path / "file"
    if content is not None:
        file.write_bytes(content)
    (tmp_path / "words").write_text("words")
    given = [*options, option, str(file), "--passphrase-file", str(tmp_path / "words")]
    if (option, content) == ("--settings", b"{}"):
        assert run(["bundle", str(source / "bundle"), *given], capsys)[0] == 0
        return
    code, out, err = run(["bundle", str(source / "bundle"), *given], capsys)
    assert code == 2
    assert not out
    assert err.startswith("certverify: ")


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["nonsense"],
        ["bundle"],
        ["bundle", "x", "--max-age", "old"],
        ["bundle", "x", "--now", "now"],
        ["bundle", "x", "--jobs", "0"],
        ["bundle", "x\0y"],
        ["history", "x"],
        ["proof"],
        ["witness"],
    ],
    ids=" ".join,
)
def test_spoilt_command_lines(
    arguments: list[str], made: tuple[Path, list[str]], capsys: pytest.CaptureFixture[str]
) -> None:
    given = [*arguments, *made[1]] if arguments[:2] == ["bundle", "x\0y"] else arguments
    assert run(given, capsys)[0] == 2
