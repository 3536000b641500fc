"""`certverify history` and `certverify proof`: one certificate's story, and its place in a witnessed log."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.audit.auditing import LOG, LOG_KEY
from tests.audit.bundling import write_bundle
from tests.audit.scribe import an_id
from tests.audit.test_facts_and_status import issue_index
from tests.audit.village import Village, ordinary
from verifier import cli, merkle, proof, times
from verifier.rules.states import STATES
from verifier.story import SENTENCES


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Village, Path, list[str]]:
    folder = tmp_path_factory.mktemp("story")
    v = ordinary(LOG_KEY)
    write_bundle(folder / "bundle", v.entries, LOG, v.now, links=v.links)
    (folder / "policy").write_bytes(LOG.policy_bytes())
    (folder / "root").write_bytes(v.root.to_bytes())
    trust = [
        "--policy",
        str(folder / "policy"),
        "--root",
        str(folder / "root"),
        "--now",
        times.to_text(v.now),
    ]
    return v, folder, trust


def run(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> tuple[int, str]:
    with pytest.raises(SystemExit) as stopped:
        cli.main(arguments)
    out, err = capsys.readouterr()
    code = stopped.value.code
    assert isinstance(code, int)
    return code, out + err


def story(
    made: tuple[Village, Path, list[str]], name: str, capsys: pytest.CaptureFixture[str]
) -> dict[str, Any]:
    _, folder, trust = made
    code, out = run(
        ["history", name, "--bundle", str(folder / "bundle"), *trust, "--jobs", "1", "--json"], capsys
    )
    assert code == 0
    found: dict[str, Any] = json.loads(out)
    return found


def test_from_agreement_to_last_print(
    made: tuple[Village, Path, list[str]], capsys: pytest.CaptureFixture[str]
) -> None:
    found = story(made, an_id("ana t"), capsys)
    types = [line["type"] for line in found["lines"]]
    assert types[0] == "agreement.drafted"
    assert types[-1] == "print_copy.copy_printed"
    assert found["status"] == "VALID"
    wanted = {
        "programme.proposed",
        "scheme.approved",
        "facility_review.concluded",
        "cohort.planned",
        "learner.registered",
    }
    assert wanted | {"enrolment.completed", "template.approved", "certificate.issued"} <= set(types)
    assert not any("budi" in line["text"] for line in found["lines"])
    assert {line["stream"] for line in found["lines"]}.isdisjoint({f"learner/{an_id('budi')}"})


def test_each_line_is_proven(
    made: tuple[Village, Path, list[str]], capsys: pytest.CaptureFixture[str]
) -> None:
    v, _, _ = made
    import base64

    root = merkle.root(merkle.leaf_hash(entry) for entry in v.entries)
    for line in story(made, an_id("budi c"), capsys)["lines"]:
        path = [base64.b64decode(node) for node in line["proof"]]
        leaf = merkle.leaf_hash(v.entries[line["entry"]])
        merkle.verify_inclusion(line["entry"], len(v.entries), leaf, path, root)


def test_a_certificate_is_found_by_its_number(
    made: tuple[Village, Path, list[str]], capsys: pytest.CaptureFixture[str]
) -> None:
    assert story(made, "00001/C/2031", capsys)["certificate"] == an_id("ana c")


def test_the_revocation_is_in_the_story(
    made: tuple[Village, Path, list[str]], capsys: pytest.CaptureFixture[str]
) -> None:
    _, folder, trust = made
    code, out = run(["history", an_id("budi c"), "--bundle", str(folder / "bundle"), *trust], capsys)
    assert code == 0
    assert "revoked it: ISSUED_IN_ERROR" in out
    assert ": REVOKED" in out


def test_no_such_certificate(
    made: tuple[Village, Path, list[str]], capsys: pytest.CaptureFixture[str]
) -> None:
    _, folder, trust = made
    code, out = run(["history", "nothing", "--bundle", str(folder / "bundle"), *trust], capsys)
    assert code == 2
    assert out.startswith("certverify: CERTIFICATE_UNKNOWN")


def test_sentences_are_of_events_that_exist() -> None:
    assert SENTENCES.keys() <= STATES.keys()


# -- proofs --------------------------------------------------------------------------------------------------------


def a_proof(v: Village, name: str, *, cosigned: int | None = None) -> proof.Proof:
    index = issue_index(v, name)
    leaves = [merkle.leaf_hash(entry) for entry in v.entries]
    signed = LOG.checkpoint(leaves, v.now, cosigned=cosigned)
    return proof.Proof(index, tuple(merkle.inclusion_proof(leaves, index)), signed, v.entries[index])


def check(
    made: tuple[Village, Path, list[str]], data: bytes, capsys: pytest.CaptureFixture[str], *more: str
) -> tuple[int, str]:
    _, folder, trust = made
    (folder / "proof").write_bytes(data)
    return run(["proof", str(folder / "proof"), *trust, *more], capsys)


def test_a_proof_stands(made: tuple[Village, Path, list[str]], capsys: pytest.CaptureFixture[str]) -> None:
    found = a_proof(made[0], "ana c")
    code, out = check(made, found.to_bytes(), capsys)
    assert (code, out.startswith("STANDS")) == (0, True)
    served = {
        "entry": (found.extra or b"").decode(),
        "index": found.index,
        "log": {},
        "proof": found.to_bytes().decode(),
    }
    assert check(made, json.dumps(served).encode(), capsys)[0] == 0


def test_a_proof_with_its_entry_beside_it(
    made: tuple[Village, Path, list[str]], capsys: pytest.CaptureFixture[str]
) -> None:
    v, folder, _ = made
    found = a_proof(v, "ana c")
    bare = proof.Proof(found.index, found.path, found.checkpoint)
    assert check(made, bare.to_bytes(), capsys)[0] == 2
    (folder / "entry").write_bytes(found.extra or b"")
    assert check(made, bare.to_bytes(), capsys, "--entry", str(folder / "entry"))[0] == 0
    (folder / "entry").write_bytes(v.entries[0])
    assert check(made, bare.to_bytes(), capsys, "--entry", str(folder / "entry"))[0] == 1


def test_a_proof_that_too_few_have_witnessed(
    made: tuple[Village, Path, list[str]], capsys: pytest.CaptureFixture[str]
) -> None:
    assert check(made, a_proof(made[0], "ana c", cosigned=1).to_bytes(), capsys)[0] == 2


@pytest.mark.parametrize("old", [b"index ", b"\n\n", b"audit.example"])
def test_a_spoilt_proof(
    made: tuple[Village, Path, list[str]], old: bytes, capsys: pytest.CaptureFixture[str]
) -> None:
    data = a_proof(made[0], "ana c").to_bytes()
    code, out = check(made, data.replace(old, b"x", 1), capsys)
    assert code in {1, 2}
    assert "Traceback" not in out


def test_a_proof_of_another_index(
    made: tuple[Village, Path, list[str]], capsys: pytest.CaptureFixture[str]
) -> None:
    found = a_proof(made[0], "ana c")
    moved = proof.Proof(found.index + 1, found.path, found.checkpoint, found.extra)
    assert check(made, moved.to_bytes(), capsys)[0] == 1
