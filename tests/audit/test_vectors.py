"""The vectors in tests/vectors: this verifier gives each case's answer, and the files are those that are made."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.audit import make_vectors
from tests.audit.make_vectors import VECTORS
from verifier import cli, fact, policy, proof, rootfile, times
from verifier.bundle import Bundle, BundleError
from verifier.commands_log import answer_proof
from verifier.entry import parse_entry, verify_entry
from verifier.errors import Error
from verifier.publickey import PublicKey
from verifier.replay import Request, audit

CASES = sorted(VECTORS.glob("*/case.json"))


@pytest.mark.parametrize("path", CASES, ids=[path.parent.name for path in CASES])
def test_vector(path: Path) -> None:
    folder, case = path.parent, json.loads(path.read_text(encoding="utf-8"))
    fails = folder.name.endswith("_fail")
    answer = globals()[f"check_{case['check']}"](folder, case)
    assert answer == (not fails)


def check_bundle(folder: Path, case: dict[str, Any]) -> bool:
    root = rootfile.parse((folder / "root").read_bytes())
    trusted = policy.parse((folder / "policy").read_bytes())
    request = Request(root, trusted, times.parse_moment(case["now"]))
    if not (folder / "bundle/checkpoint").exists():
        with pytest.raises(BundleError, match=case["code"]):
            Bundle(folder / "bundle")
        return False
    result = audit(Bundle(folder / "bundle"), request)
    assert int(result.outcome) == case["exit"]
    told = [(item.code, item.index) for item in result.findings]
    if case["code"] is not None:
        assert case["code"] in {code for code, _ in told}
    if case["entry"] is not None:
        places = [index for code, index in told if code == case["code"] and index is not None]
        assert places
        assert min(places) >= case["entry"]
    return bool(case["exit"] == 0)


def check_entry(folder: Path, case: dict[str, Any]) -> bool:
    def verified() -> None:
        entry = parse_entry((folder / "entry").read_bytes())
        verify_entry(entry, case["origin"], PublicKey(case["jwk"], case["alg"]))

    if case["valid"]:
        verified()
        return True
    with pytest.raises(Error, match=case["code"]):
        verified()
    return False


def check_proof(folder: Path, case: dict[str, Any]) -> bool:
    parsed = proof.parse((folder / "proof").read_bytes())
    trusted = policy.parse((folder / "policy").read_bytes())
    found = answer_proof(parsed.extra or b"", parsed, trusted, times.parse_moment(case["now"]))
    assert (int(found.verdict), found.code) == (case["exit"], case["code"])
    return bool(case["exit"] == 0)


def check_fact(_folder: Path, case: dict[str, Any]) -> bool:
    said = case["fact"]
    members = (said["class"], said["field"], said["stream"], said["subject"], said["value"], said["version"])
    try:
        fact.verify_fact(case["commitment"], bytes.fromhex(said["salt"]), *members)
    except Error:
        return False
    return True


def test_there_are_enough() -> None:
    assert len(CASES) >= 60
    assert sum(path.parent.name.endswith("_fail") for path in CASES) >= 40


def test_the_command_line_gives_the_same_answers(capsys: pytest.CaptureFixture[str]) -> None:
    for name in ("bundle-certified", "bundle-link-missing_fail", "bundle-word-changed_fail"):
        folder = VECTORS / name
        case = json.loads((folder / "case.json").read_text(encoding="utf-8"))
        given = ["--policy", str(folder / "policy"), "--root", str(folder / "root"), "--now", case["now"]]
        with pytest.raises(SystemExit) as stopped:
            cli.main(["bundle", str(folder / "bundle"), *given])
        assert stopped.value.code == case["exit"]
    capsys.readouterr()


def test_they_are_what_is_made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(make_vectors, "VECTORS", tmp_path)
    make_vectors.write_all()
    made = {path.relative_to(tmp_path): path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    kept = {path.relative_to(VECTORS): path.read_bytes() for path in VECTORS.rglob("*") if path.is_file()}
    kept.pop(Path("README.md"))
    assert made == kept
