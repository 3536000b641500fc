"""A data folder that cannot be used is said so in one clear line, with exit code 2, and nothing is half done.

As root no permission bites, so a read-only place is a file system mounted read-only in a mount namespace of
the test's own (skipped where that is not allowed), a file where the folder should be, or /proc, where nobody
makes folders. A full disk is a file system of half a megabyte there, and a limit on the size of files.
"""

from __future__ import annotations

import fcntl
import json
import resource
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from api import cli
from ledger import folder as folders
from tests.houses import PASSPHRASES, RULES, office

ROOT = Path(__file__).resolve().parents[2]
OPENING = ("fsck", "rebuild", "serve")
SITE = {"kind": "assessment_site", "name": "TUK", "public_name": "TUK Contoh", "zone": "Asia/Jakarta"}
REGISTER = {"by": "one", "command": "RegisterOrganisation", "args": SITE}


@dataclass(frozen=True, slots=True)
class Told:
    """What a command answered."""

    code: int
    out: str
    err: str


Run = Callable[..., Told]


@pytest.fixture(scope="module")
def ledger(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A founded ledger's folder; copied before it is spoilt."""
    folder = tmp_path_factory.mktemp("ledger") / "data"
    with office(folder) as place:
        place.organisation()
    return folder


@pytest.fixture
def folder(ledger: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(ledger, tmp_path / "data"))


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """The command line in this process: what would be a traceback leaves it as an exception."""

    def command(*arguments: object, debug: bool = True) -> Told:
        monkeypatch.setattr(sys, "argv", ["certledger", *map(str, arguments)])
        monkeypatch.setenv("CERTLEDGER_DEBUG", "1" if debug else "")
        with pytest.raises(SystemExit) as left:
            cli.main()
        told = capsys.readouterr()
        return Told(int(left.value.code or 0), told.out, told.err)

    return command


def process(*arguments: object, before: Callable[[], None] | None = None, wrap: tuple[str, ...] = ()) -> Told:
    """The command line as people run it."""
    command = [*wrap, sys.executable, "-m", "api.cli", *map(str, arguments)]
    done = subprocess.run(
        command, capture_output=True, text=True, cwd=ROOT, check=False, preexec_fn=before, timeout=120
    )
    return Told(done.returncode, done.stdout, done.stderr)


def refused(told: Told, code: str) -> str:
    """The message: one line on standard error with the code, perhaps one that says what to do, and no more."""
    lines = told.err.splitlines()
    assert (told.code, told.out) == (2, ""), told
    assert 1 <= len(lines) <= 2, told
    assert lines[0].startswith(f"{code}: "), told
    return lines[0]


def refused_both(run: Run, code: str, *arguments: object) -> str:
    """As ``refused``, and the same as JSON."""
    message = refused(run(*arguments), code)
    as_json = run(*arguments, "--json")
    assert (as_json.code, as_json.err) == (2, "")
    error = json.loads(as_json.out)["error"]
    assert f"{error['code']}: {error['message']}" == message
    return message


def held(folder: Path, how: int) -> Iterator[None]:
    with (folder / folders.LOCK).open("ab") as lock:
        fcntl.flock(lock, how)
        yield


@pytest.fixture
def shared(folder: Path) -> Iterator[None]:
    """Another process has the folder open."""
    yield from held(folder, fcntl.LOCK_SH)


@pytest.fixture
def kept(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Another process has the folder for itself, and goes on having it."""
    monkeypatch.setattr(folders, "WAIT_S", 0.2)
    yield from held(folder, fcntl.LOCK_EX)


@pytest.fixture(autouse=True)
def _passphrases(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, passphrase in zip(("ONE", "TWO"), PASSPHRASES, strict=True):
        monkeypatch.setenv(f"CERTLEDGER_PASSPHRASE_{name}", passphrase)


# -- in use, not empty, unknown --------------------------------------------------------------------------------


@pytest.mark.usefixtures("shared")
def test_a_folder_that_others_have_open_is_shared_but_not_given_alone(folder: Path, run: Run) -> None:
    assert str(folder) in refused_both(run, "FOLDER_IN_USE", "rebuild", "--data", folder)
    assert run("fsck", "--data", folder).code == 0


@pytest.mark.usefixtures("kept")
def test_a_folder_that_another_has_alone(folder: Path, run: Run) -> None:
    for command in OPENING:
        refused(run(command, "--data", folder), "FOLDER_IN_USE")
    refused_both(run, "FOLDER_IN_USE", "fsck", "--data", folder)


def test_two_demonstrations_in_one_place(tmp_path: Path, run: Run) -> None:
    target = tmp_path / "demo"
    with folders.holding_empty(target):
        refused_both(run, "FOLDER_IN_USE", "demo", "--data", target, "--no-serve")
    assert [each.name for each in tmp_path.iterdir()] == ["demo"]


def test_a_folder_with_something_in_it_is_left_as_it_is(tmp_path: Path, run: Run) -> None:
    (tmp_path / "letter.txt").write_text("dear")
    message = refused_both(run, "FOLDER_NOT_EMPTY", "demo", "--data", tmp_path, "--no-serve")
    assert "letter.txt" in message
    refused_both(run, "FOLDER_NOT_EMPTY", *init(tmp_path.parent / "rules.json", tmp_path))
    assert (tmp_path / "letter.txt").read_text() == "dear"
    assert {each.name for each in tmp_path.iterdir()} <= {"letter.txt", folders.LOCK}


def init(rules: Path, data: Path) -> list[object]:
    rules.write_text(RULES.model_dump_json())
    where = ["--base-url", "http://localhost:8000", "--origin", "ledger.example/log"]
    return ["init", "--rulebook", rules, *where, "--custodian", "one", "--custodian", "two", "--data", data]


@pytest.mark.parametrize("command", OPENING)
def test_a_folder_without_a_ledger(command: str, tmp_path: Path, run: Run) -> None:
    assert "init" in run(command, "--data", tmp_path / "nowhere").err
    refused(run(command, "--data", tmp_path), "FOLDER_UNKNOWN")
    assert list(tmp_path.iterdir()) == []


def test_the_real_process_says_it_too(tmp_path: Path) -> None:
    refused(process("fsck", "--data", tmp_path), "FOLDER_UNKNOWN")
    told = process("fsck", "--data", tmp_path, "--json")
    assert (told.code, told.err, json.loads(told.out)["error"]["code"]) == (2, "", "FOLDER_UNKNOWN")


# -- read-only -------------------------------------------------------------------------------------------------


def test_a_file_where_the_folder_should_be(tmp_path: Path, run: Run) -> None:
    (tmp_path / "data").write_text("")
    refused_both(run, "FOLDER_UNWRITABLE", "demo", "--data", tmp_path / "data", "--no-serve")
    refused_both(run, "FOLDER_UNWRITABLE", *init(tmp_path / "rules.json", tmp_path / "data"))
    refused(run("fsck", "--data", tmp_path / "data"), "FOLDER_UNKNOWN")


def test_a_place_where_nobody_makes_folders(tmp_path: Path, run: Run) -> None:
    refused_both(run, "FOLDER_UNWRITABLE", "demo", "--data", "/proc/certledger", "--no-serve")
    refused_both(run, "FOLDER_UNWRITABLE", *init(tmp_path / "rules.json", Path("/proc/certledger")))


def mounted(script: str, *arguments: object) -> tuple[str, ...]:
    """A shell that mounts something for itself alone, then runs the command that follows as ``"$@"``."""
    probe = subprocess.run(["unshare", "-m", "true"], capture_output=True, check=False)
    if probe.returncode:
        pytest.skip("mount namespaces are not allowed here")
    return ("unshare", "-m", "sh", "-ec", script + '\nexec "$@"', "sh", *map(str, arguments))


def test_a_ledger_on_a_file_system_that_is_read_only(folder: Path) -> None:
    wrap = mounted(f'mount --bind "{folder}" "{folder}"; mount -o remount,bind,ro "{folder}"')
    for command in ("fsck", "serve"):
        assert "Read-only" in refused(process(command, "--data", folder, wrap=wrap), "FOLDER_UNWRITABLE")


def test_a_demonstration_on_a_file_system_that_is_read_only_or_is_the_folder_itself(tmp_path: Path) -> None:
    (tmp_path / "disk").mkdir()
    mount = f'mount -t tmpfs none "{tmp_path}/disk"'
    demo = ("demo", "--no-serve", "--data")
    read_only = mounted(f'{mount}; mount -o remount,ro "{tmp_path}/disk"')
    refused(process(*demo, tmp_path / "disk" / "data", wrap=read_only), "FOLDER_UNWRITABLE")
    message = refused(process(*demo, tmp_path / "disk", wrap=mounted(mount)), "FOLDER_UNWRITABLE")
    assert "mounted" in message


# -- full ------------------------------------------------------------------------------------------------------


def test_a_demonstration_on_a_disk_that_is_full(tmp_path: Path) -> None:
    """The folder holds no demo.json; the shell looks before its file system goes."""
    (tmp_path / "disk").mkdir()
    script = (
        f'mount -t tmpfs -o size=512k none "{tmp_path}/disk"\n'
        f'"$@" && exit 9 || code=$?\n'
        f'test ! -e "{tmp_path}/disk/data/demo.json" || exit 8\n'
        f"exit $code\n"
    )
    told = process("demo", "--no-serve", "--data", tmp_path / "disk" / "data", wrap=mounted(script))
    code = told.err.split(":")[0]
    assert code in {"STORE_FAILED", "SYSTEM", "FOLDER_UNWRITABLE"}
    assert "full" in refused(told, code) or "space" in refused(told, code)


def test_a_command_on_a_disk_that_is_full_is_recorded_whole_or_not_at_all(
    folder: Path, tmp_path: Path
) -> None:
    """Files may not grow beyond what they are: commands go on until one does not fit."""
    many = tmp_path / "many.jsonl"
    many.write_text("\n".join(json.dumps(REGISTER) for _ in range(400)))
    passphrases = tmp_path / "passphrases.json"
    passphrases.write_text(json.dumps({"one": PASSPHRASES[0]}))
    limit = max(each.stat().st_size for each in folder.iterdir()) + 100_000
    given = ("run", many, "--data", folder, "--passphrases", passphrases)
    told = process(*given, before=lambda: limited(limit))
    refused(told, told.err.split(":")[0])
    assert told.err.split(":")[0] in {"STORE_FAILED", "SYSTEM"}
    sound = process("fsck", "--data", folder, "--json")
    half = json.loads(sound.out)
    assert (sound.code, half["finding"]) == (0, None)
    again = process(*given, "--json")
    assert again.code == 0, again
    whole = json.loads(process("fsck", "--data", folder, "--json").out)
    assert whole["finding"] is None
    assert half["entries"] < whole["entries"]
    assert len({each["result"]["organisation"] for each in json.loads(again.out)}) == 400
    assert whole["entries"] == json.loads(process("rebuild", "--data", folder, "--json").out)["events"]


def limited(size: int) -> None:
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))


# -- damaged, or of a newer version ----------------------------------------------------------------------------


def spoilt(name: str, data: bytes | None) -> Callable[[Path], None]:
    def spoil(folder: Path) -> None:
        if data is None:
            (folder / name).unlink()
        else:
            (folder / name).write_bytes(data)

    return spoil


def changed(**members: Any) -> Callable[[Path], None]:
    def change(folder: Path) -> None:
        path = folder / folders.SETTINGS
        path.write_text(json.dumps(json.loads(path.read_bytes()) | members))

    return change


@pytest.mark.parametrize(
    ("spoil", "names"),
    [
        (spoilt("certledger.json", b'{"format": 1, "led'), "certledger.json"),
        (spoilt("certledger.json", b"[]"), "certledger.json"),
        (spoilt("certledger.json", b"\xff\xfe"), "certledger.json"),
        (changed(base_url="ftp://x"), "base_url"),
        (changed(colour="red"), "colour"),
        (changed(ledger=None), "ledger"),
        (spoilt("rulebook.json", b"{"), "rulebook.json"),
        (spoilt("rulebook.json", b"{}"), "rulebook.json"),
        (spoilt("rulebook.json", None), "rulebook.json"),
        (spoilt("root", b"nothing\n"), "root"),
        (spoilt("root", None), "root"),
        (spoilt("personal.db", None), "personal.db"),
        (spoilt("datakeys.db", None), "datakeys.db"),
        (spoilt("master.key", None), "master.key"),
    ],
)
def test_damaged_settings(spoil: Callable[[Path], None], names: str, folder: Path, run: Run) -> None:
    spoil(folder)
    assert names in refused_both(run, "FOLDER_DAMAGED", "fsck", "--data", folder)


def test_a_log_that_is_not_there_is_not_begun_anew(folder: Path, run: Run) -> None:
    (folder / "events.db").unlink()
    for command in ("fsck", "serve"):
        assert "events.db" in refused(run(command, "--data", folder), "FOLDER_DAMAGED")
    assert not (folder / "events.db").exists()
    refused(run("rebuild", "--data", folder), "STORE_DAMAGED")


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("events.db", "STORE_FAILED"),
        ("personal.db", "STORE_FAILED"),
        ("datakeys.db", "STORE_FAILED"),
        ("master.key", "DATAKEYS_MASTER_WRONG"),
    ],
)
def test_files_that_are_something_else(name: str, code: str, folder: Path, run: Run) -> None:
    (folder / name).write_bytes(b"x" * 32 if name == "master.key" else b"no database at all" * 500)
    refused_both(run, code, "fsck", "--data", folder)


def test_a_folder_of_a_newer_version(folder: Path, run: Run) -> None:
    changed(format=folders.FORMAT + 1, wings=2)(folder)
    message = refused_both(run, "FOLDER_NEWER", "fsck", "--data", folder)
    assert str(folders.FORMAT + 1) in message


@pytest.mark.parametrize(
    ("name", "statement", "code"),
    [
        ("events.db", "UPDATE meta SET value = '99' WHERE name = 'schema'", "SCHEMA_NEWER"),
        ("events.db", "UPDATE meta SET value = '0' WHERE name = 'schema'", "SCHEMA_OLDER"),
        ("personal.db", "PRAGMA user_version = 99", "STORE_VERSION"),
        ("datakeys.db", "PRAGMA user_version = 99", "STORE_VERSION"),
    ],
)
def test_databases_of_another_version(name: str, statement: str, code: str, folder: Path, run: Run) -> None:
    with closing(sqlite3.connect(folder / name)) as connection, connection:
        connection.execute(statement)
    for command in OPENING:
        refused(run(command, "--data", folder), code)
    refused_both(run, code, "fsck", "--data", folder)


def test_what_nobody_foresaw_is_one_line_too(folder: Path, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("api.log_commands.open_house", lambda *_, **__: 1 / 0)
    assert "ZeroDivisionError" in refused(run("fsck", "--data", folder, debug=False), "INTERNAL")
    with pytest.raises(ZeroDivisionError):
        run("fsck", "--data", folder)


def test_a_file_of_passphrases_that_is_none(folder: Path, tmp_path: Path, run: Run) -> None:
    commands, passphrases = tmp_path / "commands.json", tmp_path / "passphrases.json"
    commands.write_text(json.dumps({"commands": [REGISTER]}))
    for content in ("{", "[]", '{"one": 1}'):
        passphrases.write_text(content)
        given = ("run", commands, "--data", folder, "--passphrases", passphrases)
        assert "passphrases.json" in refused_both(run, "VALUE_INVALID", *given)


def test_a_rulebook_that_is_none(tmp_path: Path, run: Run) -> None:
    for content in ("{", "{}"):
        arguments = init(tmp_path / "rules.json", tmp_path / "data")
        (tmp_path / "rules.json").write_text(content)
        assert "rules.json" in refused_both(run, "VALUE_INVALID", *arguments)
    assert not (tmp_path / "data").exists()
