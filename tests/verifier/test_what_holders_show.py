"""`certverify qr`, `credential` and `pdf`: what the answer is asked from, which files belong together, how it is said."""

import io
import json
import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tests.audit.auditing import LOG
from tests.audit.broken import stage
from tests.audit.scribe import Pen, Scribe, an_id
from tests.audit.village import Village
from verifier import cli, keyfile, merkle, pdf, proof, twoline
from verifier.answer import Answer, Verdict
from verifier.entry import parse_entry
from verifier.keyfile import Custodian
from verifier.publickey import PublicKey

NOW = "2031-03-24T02:00:00+00:00"
LIMIT = 64 << 20
ANSWER = Answer(
    Verdict.DOES_NOT_STAND,
    "A_CODE",
    "It is “so”.",
    {
        "holder_name": "Désirée \x1bFiktif",
        "level": 2,
        "units": [{"title": "Käse"}],
        "until": None,
        "flag": {},
    },
)


def key_file(version: int, signers: list[Pen], custodians: list[Pen]) -> bytes:
    """A file of no keys that names who may sign the next."""
    payload = keyfile.statement(
        version=version,
        origin=Scribe().origin,
        size=9,
        issued_at="2031-03-24T01:00:00Z",
        base_urls=["http://localhost:8000"],
        keys=[],
        custodians=[
            Custodian(f"staff/{an_id(name)}", f"staff/{an_id(name)}", PublicKey(pen.jwk, "ed25519"))
            for name, pen in zip("abc", custodians, strict=False)
        ],
    )
    message = twoline.message(payload, keyfile.FORMAT)
    return keyfile.seal(payload, [pen.sign(message) for pen in signers])


@pytest.fixture(autouse=True)
def _place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A root file, three key files of which each is signed by those whom the one before names, and a certificate."""
    monkeypatch.chdir(tmp_path)
    first, second, third = Scribe().founders, [Pen("three"), Pen("four")], [Pen("five"), Pen("six")]
    Path("root").write_bytes(Scribe().root.to_bytes())
    Path("keys-1").write_bytes(key_file(1, first, second))
    Path("keys-2").write_bytes(key_file(2, second, third))
    Path("keys-3").write_bytes(key_file(3, third, third))
    Path("policy").write_bytes(LOG.policy_bytes())
    Path("file").write_bytes(b"what a holder shows")


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[tuple[Any, ...]]:
    """What the three checks were asked; each gives the same answer."""
    kept: list[tuple[Any, ...]] = []

    def check(*arguments: Any) -> Answer:
        kept.append(arguments)
        return ANSWER

    for module in ("qr", "credential", "pdf"):
        monkeypatch.setattr(f"verifier.{module}.check", check)
    for module in ("withdrawn", "statuslist"):
        monkeypatch.setattr(f"verifier.{module}.parse", lambda data, keys, m=module: (m, data, keys.version))
    monkeypatch.setattr("verifier.pdf_seal.parse_roots", lambda data: ("roots", data))
    return kept


def certverify(arguments: str) -> int:
    with pytest.raises(SystemExit) as stopped:
        cli.main([*arguments.split(), "--now", NOW])
    assert isinstance(stopped.value.code, int)
    return stopped.value.code


def code(capsys: pytest.CaptureFixture[str]) -> str:
    out, err = capsys.readouterr()
    assert not out
    return err.removeprefix("certverify: ").split(":")[0]


# -- keys ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("keys", "version"),
    [(("keys-1",), 1), (("keys-1", "keys-2"), 2), (("keys-1", "keys-2", "keys-3"), 3)],
)
def test_key_files_follow_one_another(
    keys: tuple[str, ...], version: int, asked: list[tuple[Any, ...]]
) -> None:
    given = " ".join(f"--keys {name}" for name in keys)
    assert certverify(f"qr text --root root {given}") == 1
    text, file, listed, now = asked[0]
    assert (text, file.version, listed, now) == ("text", version, None, datetime(2031, 3, 24, 2, tzinfo=UTC))


@pytest.mark.parametrize(
    "keys",
    [
        ("keys-2",),
        ("keys-3", "keys-1"),
        ("keys-2", "keys-1"),
        ("keys-1", "keys-3"),
        ("keys-1", "keys-1", "keys-3"),
        ("keys-1", "keys-2", "keys-1"),
    ],
)
def test_a_key_file_that_does_not_follow_is_not_believed(
    keys: tuple[str, ...], asked: list[tuple[Any, ...]], capsys: pytest.CaptureFixture[str]
) -> None:
    given = " ".join(f"--keys {name}" for name in keys)
    assert certverify(f"qr text --root root {given}") == 2
    assert code(capsys) == "KEY_FILE_UNTRUSTED"
    assert not asked


# -- qr and credential -----------------------------------------------------------------------------------------------


def test_a_qr_with_the_list_of_the_withdrawn(
    asked: list[tuple[Any, ...]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("  what a scanner read\n" + "x" * 5000))
    certverify("qr - --root root --keys keys-1 --withdrawn file")
    text, _file, listed, _now = asked[0]
    assert text == "what a scanner read\n" + "x" * (4096 - 22)
    assert listed == ("withdrawn", b"what a holder shows", 1)


def test_the_clock_of_this_machine_where_no_time_is_said(asked: list[tuple[Any, ...]]) -> None:
    before = datetime.now(UTC)
    with pytest.raises(SystemExit):
        cli.main(["qr", "text", "--root", "root", "--keys", "keys-1"])
    assert before <= asked[0][3] <= datetime.now(UTC)


def proven(v: Village, index: int) -> None:
    leaves = [merkle.leaf_hash(entry) for entry in v.entries]
    made = proof.Proof(
        index, tuple(merkle.inclusion_proof(leaves, index)), LOG.checkpoint(leaves, v.now), None
    )
    Path("entry").write_bytes(v.entries[index])
    Path("proof").write_bytes(made.to_bytes())


def test_a_credential_with_all_that_may_go_with_it(
    asked: list[tuple[Any, ...]], capsys: pytest.CaptureFixture[str]
) -> None:
    trust = "--root root --keys keys-1"
    certverify(f"credential file {trust}")
    v = stage("staffed")
    proven(v, 5)
    more = "--entry entry --proof proof --policy policy"
    certverify(f"credential file {trust} --status file {more}")
    (data, keys, status, _now, issuance), (_, _, listed, _, issued) = asked
    assert (data, keys.version, status, issuance) == (b"what a holder shows", 1, None, None)
    assert listed == ("statuslist", b"what a holder shows", 1)
    assert (issued.index, issued.payload) == (5, parse_entry(v.entries[5]).payload)
    capsys.readouterr()
    Path("entry").write_bytes(v.entries[6])
    assert certverify(f"credential file {trust} {more}") == 2
    assert code(capsys) == "PROOF_WRONG"
    assert len(asked) == 2


@pytest.mark.parametrize("left_out", range(3))
@pytest.mark.parametrize("given", [1, 2])
def test_the_three_files_of_an_issue_belong_together(
    left_out: int, given: int, asked: list[tuple[Any, ...]], capsys: pytest.CaptureFixture[str]
) -> None:
    names = ["entry", "proof", "policy"]
    rest = [name for name in names if name != names[left_out]] if given == 2 else [names[left_out]]
    more = " ".join(f"--{name} file" for name in rest)
    assert certverify(f"credential file --root root --keys keys-1 {more}") == 2
    assert code(capsys) == "ARGUMENTS_INCOMPLETE"
    assert not asked


# -- pdf --------------------------------------------------------------------------------------------------------------


def test_a_pdf_against_what_is_given(asked: list[tuple[Any, ...]]) -> None:
    certverify("pdf file --trust policy")
    trust = "--trust policy --root root --keys keys-1"
    certverify(f"pdf file {trust} --policy policy")
    certverify(f"pdf file {trust} --status file")
    certverify(f"pdf file {trust} --withdrawn file")
    against = [each[1] for each in asked]
    assert {each[0] for each in asked} == {b"what a holder shows"}
    assert {each.roots for each in against} == {("roots", LOG.policy_bytes())}
    assert against[0] == pdf.Against(against[0].roots, None, None, None, None)
    assert [None if each.keys is None else each.keys.version for each in against] == [None, 1, 1, 1]
    assert [each.policy is not None for each in against] == [False, True, False, False]
    assert [each.status for each in against] == [None, None, ("statuslist", b"what a holder shows", 1), None]
    assert [each.withdrawn for each in against] == [None] * 3 + [("withdrawn", b"what a holder shows", 1)]


@pytest.mark.parametrize(
    "given",
    ["--root root", "--keys keys-1", "--status file", "--withdrawn file", "--root root --status file"],
)
def test_what_a_pdf_cannot_be_checked_with_alone(
    given: str, asked: list[tuple[Any, ...]], capsys: pytest.CaptureFixture[str]
) -> None:
    assert certverify(f"pdf file --trust policy {given}") == 2
    assert code(capsys) == "ARGUMENTS_INCOMPLETE"
    assert not asked


# -- files and words ---------------------------------------------------------------------------------------------------


def test_a_file_has_64_mebibytes_at_most(
    asked: list[tuple[Any, ...]], capsys: pytest.CaptureFixture[str]
) -> None:
    os.truncate("file", LIMIT)
    assert certverify("credential file --root root --keys keys-1") == 1
    assert len(asked[0][0]) == LIMIT
    capsys.readouterr()
    os.truncate("file", LIMIT + 1)
    assert certverify("credential file --root root --keys keys-1") == 2
    assert code(capsys) == "FILE_TOO_LARGE"
    assert certverify("credential absent --root root --keys keys-1") == 2
    assert code(capsys) == "FILE_UNREADABLE"


def test_an_answer_is_said_to_people(
    asked: list[tuple[Any, ...]], capsys: pytest.CaptureFixture[str]
) -> None:
    assert certverify("qr text --root root --keys keys-1") == 1
    assert capsys.readouterr().out == (
        "DOES NOT STAND: It is “so”. [A_CODE]\n"
        "  holder name: Désirée �Fiktif\n"
        "  level: 2\n"
        '  units: [{"title": "Käse"}]\n'
        "  flag: {}\n"
    )


def test_an_answer_is_said_to_programs(
    asked: list[tuple[Any, ...]], capsys: pytest.CaptureFixture[str]
) -> None:
    assert certverify("qr text --root root --keys keys-1 --json") == 1
    out = capsys.readouterr().out
    assert "“so”" in out
    assert out.endswith("}\n")
    assert json.loads(out) == {
        "verdict": "DOES_NOT_STAND",
        "code": "A_CODE",
        "message": "It is “so”.",
        "facts": ANSWER.facts,
    }


@pytest.mark.parametrize("verdict", Verdict)
def test_the_exit_code_is_the_verdict(verdict: Verdict, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("verifier.qr.check", lambda *_given: Answer(verdict, "A_CODE", "So."))
    assert certverify("qr text --root root --keys keys-1") == int(verdict)
