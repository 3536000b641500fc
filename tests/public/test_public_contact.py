"""Where to report a forgery: given when a ledger is founded, shown on its pages."""

import json
from pathlib import Path

import pytest
from starlette.testclient import TestClient
from typer.testing import CliRunner

from api.app import make_app
from api.commands import app
from api.composition import open_house
from ledger.errors import DomainError

ROOT = Path(__file__).resolve().parents[2]
CONTACT = "+62 21 000 0000, lapor@sertifikat.example.id"


def init(data: Path, monkeypatch: pytest.MonkeyPatch, *contact: str, url: str = "https://a.example") -> None:
    for name in ("WATI", "BUDI"):
        monkeypatch.setenv(f"CERTLEDGER_PASSPHRASE_{name}", f"a long passphrase of {name}")
    where = ["--origin", "a.example/log", "--base-url", url, "--data", str(data)]
    people = ["--custodian", "wati", "--custodian", "budi"]
    rules = ["--rulebook", str(ROOT / "sample" / "rulebook.json")]
    CliRunner().invoke(app, ["init", *where, *people, *rules, *contact], catch_exceptions=False)


def test_the_contact_of_the_folder_is_on_the_page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    init(tmp_path / "data", monkeypatch, "--contact", f"  {CONTACT} ")
    with open_house(tmp_path / "data") as house:
        page = TestClient(make_app(house)).get("/v/0000000000000?lang=en").text
    assert f"Report to: <b>{CONTACT}</b>" in page
    assert "the issuer named on the paper" not in page


def test_without_a_contact_the_page_names_the_issuer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    init(tmp_path / "data", monkeypatch)
    settings = tmp_path / "data" / "certledger.json"
    written = json.loads(settings.read_bytes())
    assert written.pop("contact") is None
    settings.write_text(json.dumps(written))  # as a folder was written before there was such a setting
    with open_house(tmp_path / "data") as house:
        page = TestClient(make_app(house)).get("/v/0000000000000?lang=en").text
    assert "the issuer named on the paper" in page
    assert "Report to:" not in page


@pytest.mark.parametrize("contact", ["", "  ", "x" * 121, "one\nline", "a\x1b[2Jb", "evil \u202e txet"])
def test_a_contact_that_cannot_be_printed_founds_nothing(
    contact: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(DomainError, match="--contact: ") as refused:
        init(tmp_path / "data", monkeypatch, "--contact", contact)
    assert refused.value.code == "VALUE_INVALID"
    assert not (tmp_path / "data").exists()


def test_a_wrong_address_founds_nothing_either(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(DomainError, match="--base-url: "):
        init(tmp_path / "data", monkeypatch, url="a.example")
    assert not (tmp_path / "data").exists()
