"""``certledger keys``: from an office without keys to certificates that ``certverify`` says stand, and past rotations."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    pkcs12,
)

from api.commands import run
from ledger.commands.custody import RetireIssuerKey
from ledger.deciding import Signatory
from ledger.domain.roles import Role
from ledger.errors import Error
from tests.cli.signing_office import FORM, HOLDERS, PEOPLE, SigningOffice, build
from tests.issuing.papers import words
from tests.sealing.seals import Party, party, pdfsig
from tests.sealing.tokens import LABEL, PIN, load, make_token
from verifier import keyfile, rootfile
from verifier.cli import main as certverify
from verifier.keyfile import Trust

ROOT = Path(__file__).resolve().parents[2]
TWO = ("--custodian", "one", "--custodian", "two")
Command = Callable[..., Any]

needs_pdfsig = pytest.mark.skipif(shutil.which("pdfsig") is None, reason="pdfsig is missing (poppler-utils)")


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> SigningOffice:
    return build(tmp_path_factory.mktemp("office") / "data")


@pytest.fixture
def office(built: SigningOffice, tmp_path: Path) -> SigningOffice:
    return built.copy(tmp_path / "data")


@pytest.fixture
def keys(
    office: SigningOffice, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Command:
    """``certledger keys … --json``: what it says, its exit code being the one expected."""
    for name, passphrase in PEOPLE.items():
        monkeypatch.setenv(f"CERTLEDGER_PASSPHRASE_{name.upper()}", passphrase)

    def command(*arguments: object, code: int = 0) -> Any:
        given = ["certledger", "keys", *map(str, arguments), "--data", str(office.data), "--json"]
        monkeypatch.setattr(sys, "argv", given)
        with pytest.raises(SystemExit) as exited:
            run()
        said = capsys.readouterr()
        assert int(exited.value.code or 0) == code, said
        return json.loads(said.out)

    return command


def stands(capsys: pytest.CaptureFixture[str], *arguments: object) -> str:
    """What ``certverify`` answers, if by its exit code the certificate stands."""
    with pytest.raises(SystemExit) as exited:
        certverify([*map(str, arguments), "--json"])
    said = json.loads(capsys.readouterr().out)
    assert exited.value.code == 0, said
    return str(said["code"])


def check_all(
    capsys: pytest.CaptureFixture[str],
    office: SigningOffice,
    papers: dict[str, Any],
    fetched: Path,
    trust: Path,
) -> None:
    """The three ways in which an employer checks a certificate, with what is published now."""
    against = office.published(fetched)
    withdrawn, status = ("--withdrawn", fetched / "withdrawn"), ("--status", fetched / "status")
    assert stands(capsys, "qr", papers["qr"], *withdrawn, *against) == "STANDS"
    assert stands(capsys, "credential", papers["credential"], *status, *against) == "STANDS"
    policy = ("--trust", trust, "--policy", office.data / "policy")
    assert stands(capsys, "pdf", papers["pdf"], *policy, *withdrawn, *status, *against) == "STANDS"


def certify(office: SigningOffice, keys: Command, root: Party, to: Path) -> Path:
    """An authority's answer to the request for the provider's PDF key, and the root above it."""
    to.mkdir(exist_ok=True)
    asked = to / "blk.csr"
    asked.unlink(missing_ok=True)
    keys("request", office.provider, "--out", asked)
    request = x509.load_pem_x509_csr(asked.read_bytes())
    assert request.is_signature_valid
    answer = party("BLK Contoh", issuer=root, of=request.public_key()).certificate
    chain = to / "chain.pem"
    chain.write_bytes(b"".join(each.public_bytes(Encoding.PEM) for each in (answer, root.certificate)))
    return chain


@pytest.fixture(scope="module")
def authority() -> Party:
    return party("Authority", ca=True)


@pytest.fixture
def trust(authority: Party, tmp_path: Path) -> Path:
    file = tmp_path / "trust.pem"
    file.write_bytes(authority.certificate.public_bytes(Encoding.PEM))
    return file


def of(report: dict[str, Any], organisation: str) -> dict[str, Any]:
    return next(each for each in report["organisations"] if each["organisation"] == organisation)


def in_use(report: dict[str, Any], organisation: str) -> dict[str, str]:
    """The ids of the keys in use, by purpose."""
    return {
        key["purpose"]: key["issuer_key"]
        for key in of(report, organisation)["keys"]
        if key["state"] == "in use"
    }


# -- the whole way -----------------------------------------------------------------------------------------


@needs_pdfsig
def test_from_no_keys_to_certificates_that_stand_before_and_after_every_key_was_replaced(
    office: SigningOffice,
    keys: Command,
    authority: Party,
    trust: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    report = keys("list", code=1)
    assert [len(of(report, each)["missing"]) for each in (office.provider, office.body)] == [4, 5]
    assert any("no key file is signed" in each for each in report["to_do"])

    made = keys("enrol", *TWO)
    assert (len(made["enrolled"]), made["key_file"]["version"]) == (4 + 4 + 5, 1)
    report = keys("list")
    assert (report["to_do"], of(report, office.provider)["seal"]) == ([], None)

    keys("seal", office.provider, "--chain", certify(office, keys, authority, tmp_path / "ca"))
    seal = of(keys("list"), office.provider)["seal"]
    assert (seal["profile"], seal["certificate"]) == ("B-B", "CN=BLK Contoh")

    first = office.papers(office.issue(0), tmp_path / "first")
    assert HOLDERS[0] in words(first["pdf"].read_bytes())
    assert "Signature is Valid" in pdfsig(first["pdf"])
    check_all(capsys, office, first, tmp_path / "then", trust)

    for version, purpose in enumerate(("token", "credential", "status", "pdf"), start=2):
        old = in_use(keys("list"), office.provider)[purpose]
        done = keys("rotate", old, *TWO)
        assert [each["purpose"] for each in done["enrolled"]] == [purpose]
        assert done["key_file"]["version"] == version
    assert of(keys("list", code=1), office.provider)["seal"]["error"]["code"] == "SEAL_KEY_INVALID"
    keys("seal", office.provider, "--chain", certify(office, keys, authority, tmp_path / "ca"))

    second = office.papers(office.issue(1), tmp_path / "second")
    check_all(capsys, office, first, tmp_path / "now", trust)
    check_all(capsys, office, second, tmp_path / "now", trust)
    check_all(
        capsys, office, office.papers(first["certificate"], tmp_path / "reprint"), tmp_path / "now", trust
    )


def test_no_certificate_falls_between_two_token_keys(office: SigningOffice, keys: Command) -> None:
    keys("enrol", "--organisation", office.provider, *TWO)
    with office.open() as house:
        began = house.queries.head().size
    for _ in range(3):
        keys("rotate", in_use(keys("list", code=1), office.provider)["token"], *TWO)
    with office.open() as house:
        indexes = range(began, house.queries.head().size + 1)
        assert all(house.keyring.at(office.provider, "token", index, "TRAINING") for index in indexes)


def test_the_versions_of_the_key_file_lead_from_the_root_to_the_newest(
    office: SigningOffice, keys: Command
) -> None:
    keys("enrol", *TWO)
    for version in (2, 3):
        assert keys("sign", *TWO)["key_file"]["version"] == version
    trust = Trust.of_root(rootfile.parse((office.data / "root").read_bytes()))
    for version in (1, 2, 3):
        file = keyfile.parse((office.data / "keyfiles" / str(version)).read_bytes(), trust)
        assert file.version == version
        trust = trust.after(file)


def test_an_old_key_file_is_told(office: SigningOffice, keys: Command) -> None:
    keys("enrol", *TWO)
    settings = json.loads((office.data / "certledger.json").read_bytes())
    for now, expected in (("2031-04-08", 0), ("2031-04-12", 1)):
        changed = {**settings, "now": f"{now}T00:00:00+00:00"}
        (office.data / "certledger.json").write_text(json.dumps(changed))
        to_do = keys("list", code=expected)["to_do"]
        assert any("older than 30 days" in each for each in to_do) == bool(expected)


def test_a_key_file_is_told_that_says_less_than_the_log(office: SigningOffice, keys: Command) -> None:
    keys("enrol", *TWO)
    with office.open() as house:
        custodian = house.accounts.get("one")
        house.ledger.give(
            Signatory(custodian.staff, Role.KEY_CUSTODIAN, None),
            house.keystore.unlock(custodian.key, PEOPLE["one"]),
            RetireIssuerKey(issuer_key=house.keyring.all()[0].id),
            idempotency_key="retire",
        )
    report = keys("list", code=1)
    assert any("older than the keys" in each for each in report["to_do"])
    keys("enrol", *TWO)
    assert keys("list")["to_do"] == []


# -- seals with keys of the office's own ---------------------------------------------------------------------


def settings(office: SigningOffice, seal: dict[str, Any]) -> None:
    (office.data / "seals.json").write_text(json.dumps({"seals": {office.provider: seal}}))


def saved_pkcs12(root: Party, path: Path, passphrase: str) -> Party:
    made = party("BLK Contoh", issuer=root)
    key: Any = made.key
    path.touch(mode=0o600)
    path.write_bytes(
        pkcs12.serialize_key_and_certificates(
            b"seal", key, made.certificate, made.above, BestAvailableEncryption(passphrase.encode())
        )
    )
    return made


@needs_pdfsig
def test_a_key_from_a_pkcs12_file_is_enrolled_and_seals(
    office: SigningOffice,
    keys: Command,
    authority: Party,
    trust: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    saved_pkcs12(authority, office.data / "seal.p12", "rahasia")
    settings(office, {"key": "file", "path": "seal.p12", "passphrase": {"env": "SEAL"}})
    assert of(keys("list", code=1), office.provider)["seal"]["error"]["code"] == "SEAL_SECRET_MISSING"
    monkeypatch.setenv("SEAL", "salah")
    assert of(keys("list", code=1), office.provider)["seal"]["error"]["code"] == "SEAL_FILE_INVALID"
    monkeypatch.setenv("SEAL", "rahasia")
    assert of(keys("list", code=1), office.provider)["seal"]["error"]["code"] == "SEAL_KEY_NOT_ENROLLED"
    keys("enrol", *TWO)
    assert keys("list")["to_do"] == []

    papers = office.papers(office.issue(0), tmp_path / "papers")
    said = pdfsig(papers["pdf"])
    assert ("Signature is Valid" in said, "BLK Contoh" in said) == (True, True)
    check_all(capsys, office, papers, tmp_path / "fetched", trust)
    refused = keys("request", office.provider, "--out", tmp_path / "none.csr", code=2)
    assert "not the ledger's" in refused["error"]["message"]


def test_a_seal_that_cannot_be_made_leaves_no_paper_without_one(
    office: SigningOffice, keys: Command, authority: Party, tmp_path: Path
) -> None:
    keys("enrol", *TWO)
    certificate = office.issue(0)
    saved_pkcs12(authority, office.data / "seal.p12", "rahasia")
    (office.data / "pin").touch(mode=0o600)
    (office.data / "pin").write_text("rahasia\n")
    settings(office, {"key": "file", "path": "seal.p12", "passphrase": {"file": "pin"}})
    with pytest.raises(Error, match="SEAL_KEY_NOT_ENROLLED"):
        office.papers(certificate, tmp_path / "papers")
    keys("rotate", in_use(keys("list", code=1), office.provider)["pdf"], *TWO)
    assert "Signature is Valid" in pdfsig(office.papers(certificate, tmp_path / "papers")["pdf"])


@needs_pdfsig
def test_a_key_in_a_token_is_enrolled_and_seals(
    office: SigningOffice,
    authority: Party,
    trust: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    module = make_token(tmp_path, monkeypatch)
    load(module, party("BLK Contoh", issuer=authority), tmp_path)
    (office.data / "above.pem").write_bytes(authority.certificate.public_bytes(Encoding.PEM))
    token = {"key": "token", "module": str(module), "token": LABEL, "label": "seal"}
    settings(office, {**token, "pin": {"env": "PIN"}, "above": "above.pem"})
    # In processes of their own: a PKCS#11 library reads its settings once.
    enrolled = json.loads(apart(office, "keys", "enrol", *TWO, "--json"))
    assert len(enrolled["enrolled"]) == 4 + 4 + 5
    seal = of(json.loads(apart(office, "keys", "list", "--json")), office.provider)["seal"]
    assert seal["certificate"] == "CN=BLK Contoh"

    certificate = office.issue(0)
    with office.open() as house:
        number = house.issued.get(certificate).number
        papers: dict[str, Any] = {
            "qr": house.press.url(certificate),
            "credential": tmp_path / "credential.json",
        }
        papers["credential"].write_bytes(house.credentials.of(certificate))
    out = tmp_path / "printed"
    apart(office, "print", out, number, "--by", "printer", "--first-form", FORM)
    shutil.unpack_archive(out / "certificates.zip", out / "unpacked")
    (papers["pdf"],) = (out / "unpacked").iterdir()
    assert "Signature is Valid" in pdfsig(papers["pdf"])
    check_all(capsys, office, papers, tmp_path / "fetched", trust)


def apart(office: SigningOffice, *arguments: object) -> str:
    secrets = {f"CERTLEDGER_PASSPHRASE_{name.upper()}": passphrase for name, passphrase in PEOPLE.items()}
    done = subprocess.run(
        [sys.executable, "-m", "api.cli", *map(str, arguments), "--data", str(office.data)],
        cwd=ROOT,
        env={**os.environ, **secrets, "PIN": PIN},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


# -- what is refused -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (("enrol", "--custodian", "one"), "VALUE_INVALID"),
        (("enrol", "--custodian", "one", "--custodian", "one"), "VALUE_INVALID"),
        (("enrol", "--custodian", "one", "--custodian", "nobody"), "UNKNOWN_ID"),
        (("enrol", "--custodian", "one", "--custodian", "admin"), "KEY_FILE_UNTRUSTED"),
        (("enrol", "--organisation", "nobody", *TWO), "UNKNOWN_ID"),
        (("rotate", "nothing", *TWO), "UNKNOWN_ID"),
        (("sign", "--custodian", "admin", "--custodian", "two"), "KEY_FILE_UNTRUSTED"),
        (("request", "nobody", "--out", "none.csr"), "UNKNOWN_ID"),
    ],
)
def test_what_is_refused_leaves_nothing_behind(
    office: SigningOffice, keys: Command, arguments: tuple[str, ...], expected: str
) -> None:
    size = size_of(office)
    assert keys(*arguments, code=2)["error"]["code"] == expected
    assert size_of(office) == size
    assert not (office.data / "keyfiles").exists()


def size_of(office: SigningOffice) -> int:
    with office.open() as house:
        return house.queries.head().size


def test_a_wrong_passphrase_and_a_key_that_was_replaced(
    office: SigningOffice, keys: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    keys("enrol", *TWO)
    old = in_use(keys("list"), office.provider)["status"]
    keys("rotate", old, *TWO)
    size = size_of(office)
    assert keys("rotate", old, *TWO, code=2)["error"]["code"] == "ISSUER_KEY_STATE_INVALID"
    monkeypatch.setenv("CERTLEDGER_PASSPHRASE_TWO", "another passphrase")
    assert keys("sign", *TWO, code=2)["error"]["code"] == "PASSPHRASE_WRONG"
    assert size_of(office) == size


def test_a_chain_is_installed_only_when_it_fits(
    office: SigningOffice, keys: Command, authority: Party, tmp_path: Path
) -> None:
    keys("enrol", *TWO)
    chain = certify(office, keys, authority, tmp_path / "ca")
    refused = keys("seal", office.body, "--chain", chain, code=2)
    assert refused["error"]["code"] == "SEAL_KEY_INVALID"
    asked = x509.load_pem_x509_csr((tmp_path / "ca" / "blk.csr").read_bytes())
    over = party("BLK Contoh", issuer=authority, of=asked.public_key(), ends=datetime(2031, 3, 1, tzinfo=UTC))
    chain.write_bytes(over.certificate.public_bytes(Encoding.PEM))
    refused = keys("seal", office.provider, "--chain", chain, code=2)
    assert refused["error"]["code"] == "SEAL_CERTIFICATE_NOT_VALID"
    chain.write_bytes(b"no certificate")
    assert keys("seal", office.provider, "--chain", chain, code=2)["error"]["code"] == "SEAL_FILE_INVALID"
    assert not (office.data / "seals.json").exists()


def test_a_certificate_that_ends_soon_is_told(
    office: SigningOffice, keys: Command, authority: Party, tmp_path: Path
) -> None:
    keys("enrol", *TWO)
    chain = certify(office, keys, authority, tmp_path / "ca")
    asked = x509.load_pem_x509_csr((tmp_path / "ca" / "blk.csr").read_bytes())
    for day, told in ((1, True), (20, False)):
        ends = datetime(2031, 4, day, tzinfo=UTC)
        answer = party("BLK Contoh", issuer=authority, of=asked.public_key(), ends=ends).certificate
        chain.write_bytes(answer.public_bytes(Encoding.PEM))
        keys("seal", office.provider, "--chain", chain)
        to_do = keys("list", code=int(told))["to_do"]
        assert any("can seal until 2031-04-01" in each for each in to_do) == told


def test_the_request_names_the_organisation_and_never_replaces_a_file(
    office: SigningOffice, keys: Command, tmp_path: Path
) -> None:
    keys("enrol", *TWO)
    asked = tmp_path / "lsp.csr"
    keys("request", office.body, "--out", asked)
    request = x509.load_pem_x509_csr(asked.read_bytes())
    assert request.subject.rfc4514_string() == "CN=LSP Contoh,O=LSP Contoh"
    assert request.extensions.get_extension_for_class(x509.KeyUsage).value.content_commitment
    assert "there already" in keys("request", office.body, "--out", asked, code=2)["error"]["message"]
    assert x509.load_pem_x509_csr(asked.read_bytes()) == request


def test_people_read_the_same(
    office: SigningOffice, keys: Command, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    keys("enrol", *TWO)
    report = keys("list")
    monkeypatch.setattr(sys, "argv", ["certledger", "keys", "list", "--data", str(office.data)])
    with pytest.raises(SystemExit) as exited:
        run()
    said = capsys.readouterr().out
    assert not exited.value.code
    assert report["log_key"] in said
    assert all(key["issuer_key"] in said for each in report["organisations"] for key in each["keys"])
    assert "seals no PDFs" in said
