"""What the arguments of `certverify` ask for: the request for an audit, the witness that is started, files' limits."""

import argparse
import io
import json
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from tests.audit.auditing import LOG
from tests.audit.scribe import ORIGIN, Scribe
from verifier import cli, commands_audit, commands_log, personal_file, policy, times
from verifier.audit_result import Audit, Request
from verifier.errors import Error
from verifier.rules.world import Settings

NOW = "2031-03-24T02:00:00Z"
TRUST = ["--policy", "policy", "--root", "root", "--now", NOW]


class StoppedError(Error):
    """Raised in place of the audit, which is none of these tests' business."""

    def __init__(self) -> None:
        super().__init__("STOPPED", "here")


@pytest.fixture
def asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[Request]:
    """A folder with what is trusted; the requests that are made in it."""
    (tmp_path / "policy").write_bytes(LOG.policy_bytes())
    (tmp_path / "root").write_bytes(Scribe().root.to_bytes())
    (tmp_path / "bundle").mkdir()
    (tmp_path / "bundle/checkpoint").write_bytes(b"")
    (tmp_path / "kept").write_bytes(b"what was kept")
    monkeypatch.chdir(tmp_path)
    requests: list[Request] = []

    def audit(_bundle: object, request: Request, progress: Callable[[int, int], None]) -> Audit:
        requests.append(request)
        progress(2, 2)
        raise StoppedError

    monkeypatch.setattr(commands_audit, "audit", audit)
    return requests


def certverify(*arguments: str) -> int:
    with pytest.raises(SystemExit) as stopped:
        cli.main(arguments)
    assert isinstance(stopped.value.code, int)
    return stopped.value.code


def bundle(*arguments: str) -> int:
    return certverify("bundle", "bundle", *TRUST, *arguments)


def error(capsys: pytest.CaptureFixture[str]) -> str:
    """The code of the one line that was written."""
    out, err = capsys.readouterr()
    assert not out
    return err.removeprefix("certverify: ").split(":")[0]


def test_a_request_without_options(asked: list[Request], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.cpu_count", lambda: 7)
    assert bundle() == 2
    (request,) = asked
    assert request == Request(
        root=Scribe().root,
        policy=policy.parse(LOG.policy_bytes()),
        now=times.parse_moment(NOW),
        max_age=86_400,
        moment=None,
        settings=Settings(),
        jobs=7,
        since=None,
        named=None,
    )


def test_a_machine_that_does_not_know_its_cores_has_one(
    asked: list[Request], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("os.cpu_count", lambda: None)
    bundle()
    assert asked[0].jobs == 1


@pytest.mark.parametrize(
    ("arguments", "member", "value"),
    [
        (("--max-age", "36h"), "max_age", 129_600),
        (("--at", "2031-03-01T08:00:00+08:00"), "moment", times.parse_moment("2031-03-01T00:00:00Z")),
        (("--since", "kept"), "since", b"what was kept"),
        (("--jobs", "1"), "jobs", 1),
        (("--jobs", "256"), "jobs", 256),
    ],
)
def test_an_option_is_asked_for(
    asked: list[Request], arguments: tuple[str, ...], member: str, value: object
) -> None:
    bundle(*arguments)
    assert getattr(asked[0], member) == value


def test_a_story_is_told_of_the_present(asked: list[Request]) -> None:
    """`history` has neither --at nor --since."""
    assert certverify("history", "a", "--bundle", "bundle", *TRUST, "--jobs", "3") == 2
    assert (asked[0].moment, asked[0].since, asked[0].jobs) == (None, None, 3)
    for option in (("--at", NOW), ("--since", "kept")):
        assert certverify("history", "a", "--bundle", "bundle", *TRUST, *option) == 2
    assert len(asked) == 1


@pytest.mark.parametrize("jobs", ["0", "257", "-1", "1.5", "two", "", "²", "\u0661"])
def test_no_such_number_of_processes(
    asked: list[Request], jobs: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert bundle(f"--jobs={jobs}") == 2
    assert "from 1 to 256" in capsys.readouterr().err
    assert not asked


def test_the_bar_says_what_goes_on(asked: list[Request], monkeypatch: pytest.MonkeyPatch) -> None:
    class Screen(io.StringIO):
        def isatty(self) -> bool:
            return True

    screen = Screen()
    monkeypatch.setattr("sys.stderr", screen)
    bundle()
    assert "\x1b[Kverifying █" in screen.getvalue()


# -- settings ------------------------------------------------------------------------------------------------------

MOST = 100_000


@pytest.mark.parametrize(
    ("given", "settings"),
    [
        ({}, Settings()),
        ({"backdate_days": 0}, Settings(backdate_days=0)),
        ({"backdate_days": MOST}, Settings(backdate_days=MOST)),
        ({"holidays": []}, Settings(holidays=frozenset())),
        (
            {"holidays": ["2031-03-20", "2031-12-25"]},
            Settings(holidays=frozenset({"2031-03-20", "2031-12-25"})),
        ),
        ({"holidays": None}, Settings()),
        (
            {
                "teaching_lookback_months": 1,
                "appeal_working_days": 2,
                "request_due_hours": 3,
                "backdate_days": 4,
                "holidays": ["2031-01-01"],
            },
            Settings(
                teaching_lookback_months=1,
                appeal_working_days=2,
                request_due_hours=3,
                backdate_days=4,
                holidays=frozenset({"2031-01-01"}),
            ),
        ),
    ],
)
def test_settings_of_an_institution(asked: list[Request], given: object, settings: Settings) -> None:
    Path("settings").write_text(
        json.dumps(given, sort_keys=True, separators=(",", ":")) + "\n", encoding="utf-8"
    )
    bundle("--settings", "settings")
    assert asked[0].settings == settings


@pytest.mark.parametrize(
    "given",
    [
        '["backdate_days"]',
        '{"backdate_weeks":1}',
        '{"backdate_days":-1}',
        '{"backdate_days":100001}',
        '{"backdate_days":true}',
        '{"backdate_days":"1"}',
        '{"backdate_days":null}',
        '{"holidays":"2031-01-01"}',
        '{"holidays":{"2031-01-01":1}}',
        '{"holidays":["2031-02-30"]}',
        '{"holidays":["2031-01-01","soon"]}',
        '{"backdate_days":"1","holidays":["2031-01-01"]}',
    ],
)
def test_what_is_no_setting(asked: list[Request], given: str, capsys: pytest.CaptureFixture[str]) -> None:
    Path("settings").write_text(given, encoding="utf-8")
    assert bundle("--settings", "settings") == 2
    assert error(capsys) == "SETTINGS_INVALID"
    assert not asked


# -- named facts -----------------------------------------------------------------------------------------------------


def personal(origin: str = ORIGIN, passphrase: str = "correct horse") -> None:
    with Path("personal.jsonl").open("wb") as file:
        header = personal_file.Header(date(2031, 12, 31), origin)
        personal_file.write([b"one", b"two"], file.write, passphrase, header, personal_file.Cost(8, 1, 1))


@pytest.mark.parametrize("end", [b"", b"\n", b"\r\n"])
def test_named_facts_are_read_as_often_as_they_are_asked_for(asked: list[Request], end: bytes) -> None:
    personal(passphrase="correct horse X")
    Path("passphrase").write_bytes(b"correct horse X" + end)
    bundle("--personal", "personal.jsonl", "--passphrase-file", "passphrase")
    assert asked[0].named is not None
    assert list(asked[0].named()) == list(asked[0].named()) == [b"one", b"two"]


def test_a_passphrase_that_is_no_text_opens_nothing(asked: list[Request]) -> None:
    personal()
    Path("passphrase").write_bytes(b"correct \xff horse")
    bundle("--personal", "personal.jsonl", "--passphrase-file", "passphrase")
    assert asked[0].named is not None
    with pytest.raises(Error) as error:
        list(asked[0].named())
    assert error.value.code == "PASSPHRASE_WRONG"


def test_named_facts_of_another_log(asked: list[Request]) -> None:
    personal("other.example/log")
    Path("passphrase").write_bytes(b"correct horse")
    bundle("--personal", "personal.jsonl", "--passphrase-file", "passphrase")
    assert asked[0].named is not None
    with pytest.raises(Error) as error:
        list(asked[0].named())
    assert error.value.code == "PERSONAL_FILE_OTHER"


def test_somebody_at_a_terminal_is_asked_for_the_passphrase(
    asked: list[Request], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    personal()
    questions: list[str] = []

    def ask(question: str) -> str:
        questions.append(question)
        return "correct horse"

    monkeypatch.setattr("getpass.getpass", ask)
    monkeypatch.setattr("sys.stdin", argparse.Namespace(isatty=lambda: True))
    bundle("--personal", "personal.jsonl")
    assert questions == ["Passphrase of the personal facts: "]
    assert asked[0].named is not None
    assert list(asked[0].named()) == [b"one", b"two"]
    capsys.readouterr()
    monkeypatch.setattr("sys.stdin", argparse.Namespace(isatty=lambda: False))
    assert bundle("--personal", "personal.jsonl") == 2
    assert error(capsys) == "PASSPHRASE_MISSING"


# -- files and the witness ------------------------------------------------------------------------------------------


def test_a_small_file_has_a_mebibyte_at_most(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_bytes(b"x" * (1 << 20))
    assert len(commands_audit.read_file(file)) == 1 << 20
    file.write_bytes(b"x" * ((1 << 20) + 1))
    with pytest.raises(Error) as error:
        commands_audit.read_file(file)
    assert error.value.code == "FILE_TOO_LARGE"
    with pytest.raises(Error) as error:
        commands_audit.read_file(tmp_path / "absent")
    assert error.value.code == "FILE_UNREADABLE"


def test_now_is_this_machines_clock_unless_it_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("time.time", lambda: 1_900_000_000.9)
    assert commands_audit.now_of(argparse.Namespace(now=None)) == 1_900_000_000


@pytest.fixture
def served(monkeypatch: pytest.MonkeyPatch) -> list[tuple[Any, ...]]:
    """What a witness was asked to serve with."""
    kept: list[tuple[Any, ...]] = []

    def run_witness(*files: Path, announce: Callable[[str], None], **options: Any) -> None:
        kept.append((*files, options))
        announce("listening")

    monkeypatch.setattr("verifier.witness_server.run_witness", run_witness)
    return kept


def test_a_witness_as_it_is_and_as_it_may_be(
    served: list[tuple[Any, ...]], capsys: pytest.CaptureFixture[str]
) -> None:
    files = ["--key", "key", "--state", "state"]
    assert certverify("witness", *files) == 0
    assert capsys.readouterr().out == "listening\n"
    more = ["--name", "w.example", "--log", "one", "--log", "two", "--policy", "policy"]
    more += ["--host", "::1", "--port", "0", "--prefix", "/w"]
    assert certverify("witness", *files, *more) == 0
    usual: dict[str, Any] = {
        "name": None,
        "logs": [],
        "policy_file": None,
        "host": "127.0.0.1",
        "port": 8765,
        "prefix": "",
    }
    asked = {"name": "w.example", "logs": ["one", "two"], "policy_file": Path("policy")}
    asked |= {"host": "::1", "port": 0, "prefix": "/w"}
    assert served == [(Path("key"), Path("state"), usual), (Path("key"), Path("state"), asked)]


@pytest.mark.parametrize(
    ("port", "allowed"), [("65535", True), ("65536", False), ("-1", False), ("²", False), ("٣", False)]
)
def test_ports(port: str, allowed: bool, served: list[tuple[Any, ...]]) -> None:
    code = certverify("witness", "--key", "key", "--state", "state", f"--port={port}")
    assert (code == 0) == bool(served) == allowed


def test_a_line_of_the_witness_is_seen_at_once(
    served: list[tuple[Any, ...]], monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = io.BytesIO()
    monkeypatch.setattr("sys.stdout", io.TextIOWrapper(kept, encoding="utf-8"))
    commands_log.run_witness(
        argparse.Namespace(key="k", state="s", log=[], policy=None, name=None, host="", port=0, prefix="")
    )
    assert kept.getvalue() == b"listening\n"
