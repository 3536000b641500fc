"""`certverify` as a program: its commands, its exit codes, what it says when it cannot answer."""

import argparse
import io
import json
import os
import sys
from datetime import UTC, datetime
from pathlib import Path
from types import ModuleType

import pytest

from verifier import cli
from verifier.errors import Error

# As the contract of the project names them.
COMMANDS = ["bundle", "history", "proof", "witness", "credential", "qr", "pdf"]


def ended(*arguments: str) -> int:
    with pytest.raises(SystemExit) as stopped:
        cli.main(arguments)
    assert isinstance(stopped.value.code, int)
    return stopped.value.code


@pytest.fixture
def command(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """A command `proof` that does what the test gives it to do, instead of the real one."""
    module = ModuleType("verifier.commands_of_a_test")
    monkeypatch.setitem(sys.modules, module.__name__, module)
    monkeypatch.setitem(cli.COMMANDS, "proof", ("commands_of_a_test", "do what a test says"))
    monkeypatch.setattr(module, "add_proof_arguments", lambda _parser: None, raising=False)
    return module


def raising(error: BaseException) -> object:
    def run(args: argparse.Namespace) -> int:
        raise error

    return run


def test_the_commands_are_those_of_the_contract(capsys: pytest.CaptureFixture[str]) -> None:
    assert list(cli.COMMANDS) == COMMANDS
    assert ended("--help") == 0
    said = capsys.readouterr().out
    assert said.startswith("usage: certverify ")
    assert [
        line.split()[0] for line in said.splitlines() if line.split()[:1] and line.split()[0] in COMMANDS
    ] == COMMANDS


@pytest.mark.parametrize("name", COMMANDS)
def test_each_command_has_a_page_of_help(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert ended(name, "--help") == 0
    said = capsys.readouterr().out
    assert said.startswith(f"usage: certverify {name} ")
    about = cli.COMMANDS[name][1]
    assert f"{about[0].upper()}{about[1:]}." in " ".join(said.split())
    assert "--json" in said
    assert "--now TIME" in said


def test_without_a_command_or_with_half_a_word(capsys: pytest.CaptureFixture[str]) -> None:
    assert ended() == 2
    assert "COMMAND" in capsys.readouterr().err
    assert ended("bundl") == 2
    assert ended("--hel") == 2
    capsys.readouterr()
    assert ended("qr", "text", "--roo", "x", "--key", "y") == 2
    assert "required: --root, --keys" in capsys.readouterr().err


@pytest.mark.parametrize("code", [0, 1, 2])
def test_the_answer_is_the_exit_code(command: ModuleType, code: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(command, "run_proof", lambda _args: code, raising=False)
    assert ended("proof") == code


def test_arguments_come_from_the_program_where_none_are_given(
    command: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(command, "run_proof", lambda args: int(args.json), raising=False)
    monkeypatch.setattr("sys.argv", ["certverify", "proof", "--json"])
    with pytest.raises(SystemExit) as stopped:
        cli.main()
    assert stopped.value.code == 1


def test_now_is_a_moment_with_its_zone(command: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[datetime | None] = []

    def run(args: argparse.Namespace) -> int:
        seen.append(args.now)
        return 0

    monkeypatch.setattr(command, "run_proof", run, raising=False)
    assert ended("proof", "--now", "2026-11-23T12:00:00+08:00") == 0
    assert seen[0] == datetime(2026, 11, 23, 4, tzinfo=UTC)
    assert ended("proof") == 0
    assert seen[1] is None


@pytest.mark.parametrize("now", ["2026-11-23T12:00:00", "2026-11-23", "yesterday", ""])
def test_a_moment_without_zone_is_no_moment(now: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert ended("proof", "x", "--policy", "p", "--root", "r", "--now", now) == 2
    assert "2026-11-23T12:00:00+08:00" in capsys.readouterr().err


def test_an_error_is_one_line_for_people(
    command: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    error = Error("SOME_CODE", "it is \x1b[2J wrong", "Do this.")
    monkeypatch.setattr(command, "run_proof", raising(error), raising=False)
    assert ended("proof") == 2
    out, err = capsys.readouterr()
    assert (out, err) == ("", "certverify: SOME_CODE: it is �[2J wrong (Do this.)\n")
    monkeypatch.setattr(command, "run_proof", raising(Error("SOME_CODE", "wrong")), raising=False)
    assert ended("proof") == 2
    assert capsys.readouterr().err == "certverify: SOME_CODE: wrong\n"


def test_an_error_is_one_document_for_programs(
    command: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(command, "run_proof", raising(Error("SOME_CODE", "“so”", "Do this.")), raising=False)
    assert ended("proof", "--json") == 2
    out, err = capsys.readouterr()
    assert json.loads(out) == {"error": {"code": "SOME_CODE", "message": "“so”", "hint": "Do this."}}
    assert "“so”" in out
    assert not err


def test_a_file_that_cannot_be_used(
    command: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(
        command, "run_proof", raising(FileNotFoundError(2, "No such file", "x.txt")), raising=False
    )
    assert ended("proof") == 2
    assert capsys.readouterr().err == "certverify: FILE_UNUSABLE: x.txt: No such file\n"
    monkeypatch.setattr(command, "run_proof", raising(OSError("the disk is gone")), raising=False)
    assert ended("proof", "--json") == 2
    assert json.loads(capsys.readouterr().out)["error"] == {
        "code": "FILE_UNUSABLE",
        "message": "the disk is gone",
        "hint": None,
    }


def test_stopped_by_hand(
    command: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(command, "run_proof", raising(KeyboardInterrupt()), raising=False)
    assert ended("proof", "--json") == 2
    out, err = capsys.readouterr()
    assert not out
    assert err.startswith("certverify: INTERRUPTED: ")


def test_a_reader_that_has_seen_enough(
    command: ModuleType, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Nothing more can be written to it, and that is no fault; the answer was not read to its end."""

    def run(args: argparse.Namespace) -> int:
        raise BrokenPipeError(32, "Broken pipe")

    monkeypatch.setattr(command, "run_proof", run, raising=False)
    with (tmp_path / "out").open("w") as stream:
        monkeypatch.setattr("sys.stdout", stream)
        assert ended("proof") == 2
        os.write(stream.fileno(), b"lost")  # goes nowhere, and does not fail
    assert not (tmp_path / "out").read_bytes()


def test_a_terminal_of_few_letters_breaks_nothing(
    command: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = io.BytesIO()
    monkeypatch.setattr("sys.stdout", io.TextIOWrapper(kept, encoding="ascii"))
    monkeypatch.setattr(command, "run_proof", lambda _args: sys.stdout.write("…") and 0, raising=False)
    assert ended("proof") == 0
    assert kept.getvalue() == b"\\u2026"


def test_only_the_chosen_command_is_loaded(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    loaded: list[str] = []

    def load(name: str) -> ModuleType:
        loaded.append(name)
        return argparse

    monkeypatch.setattr("importlib.import_module", load)
    with pytest.raises(AttributeError):
        cli.main(["pdf", "qr"])
    assert loaded == ["verifier.commands_pdf"]


def test_a_foreign_package_is_told_before_anything_is_parsed(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("verifier.house.check_house", raising_house)
    assert ended("--help") == 2
    assert capsys.readouterr().err.startswith("certverify: HOUSE_FOREIGN: ")


def raising_house() -> None:
    raise Error("HOUSE_FOREIGN", "somebody else's package")


def test_a_file_that_fails_before_anything_is_parsed(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail() -> None:
        raise OSError("the disk is gone")

    monkeypatch.setattr("verifier.house.check_house", fail)
    assert ended("proof", "--json") == 2
    assert capsys.readouterr().err == "certverify: FILE_UNUSABLE: the disk is gone\n"


def test_an_error_is_told_to_a_terminal_of_few_letters(
    command: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = io.BytesIO()
    monkeypatch.setattr("sys.stderr", io.TextIOWrapper(kept, encoding="ascii", errors="strict"))
    monkeypatch.setattr(command, "run_proof", raising(Error("SOME_CODE", "so…")), raising=False)
    assert ended("proof") == 2
    sys.stderr.flush()
    assert kept.getvalue() == b"certverify: SOME_CODE: so\\u2026\n"
