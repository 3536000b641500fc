"""The documents over HTTP, and the two commands that check them from files."""

from __future__ import annotations

import argparse
import io
import json
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from api.credentials import credential_routes
from api.public.limit import MissLimiter
from tests.holder.shop import Shop, changed
from verifier import code, commands_holder
from verifier.errors import Error


def test_a_credential_has_the_headers_of_its_page(shop: Shop) -> None:
    answer = shop.client.get(f"/v/{shop.with_status('VALID')['code']}/credential.json")
    assert answer.headers["content-type"] == "application/vc"
    assert answer.headers["cache-control"] == "no-store"
    assert "noindex" in answer.headers["x-robots-tag"]
    assert "access-control-allow-origin" not in answer.headers


@pytest.mark.parametrize(
    ("accept", "media_type"),
    [
        ("*/*", "application/vc"),
        ("application/ld+json, application/json", "application/json"),  # Digital Bazaar's libraries
        ("application/json;q=0.5, application/vc", "application/vc"),
        ("text/html, */*;q=0.8", "application/vc"),
        ("", "application/vc"),
    ],
)
def test_who_takes_json_only_gets_it_by_that_name(
    shop: Shop, good: bytes, accept: str, media_type: str
) -> None:
    code_of = shop.with_status("VALID", kind="COMPETENCE")["code"]
    answer = shop.client.get(f"/v/{code_of}/credential.json", headers={"accept": accept})
    assert (answer.headers["content-type"], answer.content) == (media_type, good)
    assert "Accept" in answer.headers["vary"]
    answer = shop.client.get("/status/1", headers={"accept": accept})
    assert (answer.status_code, answer.headers["content-type"]) == (200, media_type)


def test_a_code_is_read_as_it_is_typed(shop: Shop, good: bytes) -> None:
    typed = code.display(shop.with_status("VALID", kind="COMPETENCE")["code"]).lower()
    assert shop.credential(typed) == good


def test_a_mistyped_code_is_told_and_an_unknown_one_is_not_found(shop: Shop) -> None:
    own = shop.with_status("VALID")["code"]
    wrong = own[:-1] + ("0" if own[-1] != "0" else "1")
    answer = shop.client.get(f"/v/{wrong}/credential.json")
    assert (answer.status_code, answer.json()["code"]) == (400, "CODE_CHECK_WRONG")
    answer = shop.client.get(f"/v/{code.make(5)}/credential.json")
    assert (answer.status_code, answer.json()["code"]) == (404, "NOT_FOUND")


def test_misses_run_out_and_hits_do_not(shop: Shop) -> None:
    limiter = MissLimiter(burst=2, refill_s=1000)
    client = TestClient(Starlette(routes=list(credential_routes(shop.house, limiter))))
    unknown, known = (
        f"/v/{code.make(5)}/credential.json",
        f"/v/{shop.with_status('VALID')['code']}/credential.json",
    )
    assert [client.get(unknown).status_code for _ in range(3)] == [404, 404, 429]
    assert client.get("/v/0/credential.json").status_code == 429
    assert client.get(known).status_code == 200
    assert client.get(unknown).headers["retry-after"]


def test_a_did_document_names_its_issuer_and_no_other_has_one(shop: Shop, good: bytes) -> None:
    issuer = json.loads(good)["issuer"]["id"]
    assert issuer.startswith("did:web:localhost%3A8000:i:")
    answer = shop.client.get(f"/i/{issuer.rpartition(':')[2]}/did.json")
    assert answer.headers["content-type"] == "application/did+json"
    assert answer.json()["id"] == issuer
    issuers = {
        json.loads(shop.credential(entry["code"]))["issuer"]["id"].rpartition(":")[2]
        for entry in _standing(shop)
    }
    for organisation in shop.house.keyring.organisations():
        found = shop.client.get(f"/i/{organisation}/did.json").status_code
        assert found == (200 if organisation in issuers else 404)
    assert shop.client.get("/i/nobody/did.json").status_code == 404


def _standing(shop: Shop) -> list[dict[str, Any]]:
    return [entry for entry in shop.demo["certificates"] if entry["expected_status"] == "VALID"]


def test_what_fails_behind_it_is_no_answer_about_the_certificate(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: Any) -> None:
        raise RuntimeError("the database is gone")

    monkeypatch.setattr(type(shop.house.queries), "certificate", broken)
    monkeypatch.setattr(type(shop.house.queries), "head", broken)
    for path in (f"/v/{shop.with_status('VALID')['code']}/credential.json", "/withdrawn", "/status/1"):
        answer = shop.client.get(path)
        assert (answer.status_code, answer.json()["code"]) == (503, "CANNOT_CHECK"), path


# -- certverify qr | credential ----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def desk(shop: Shop, good: bytes, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A laptop with the files that somebody saved."""
    folder = tmp_path_factory.mktemp("desk")
    for name, data in {
        "keys": shop.fetch("/keys"),
        "withdrawn": shop.fetch("/withdrawn"),
        "credential.json": good,
        "status.json": shop.status_bytes(good),
        "root": Path(shop.demo["root"]).read_bytes(),
    }.items():
        (folder / name).write_bytes(data)
    return folder


def run(
    command: str, desk: Path, arguments: list[str], shop: Shop, *, json_: bool = True, **options: Any
) -> int:
    parser = argparse.ArgumentParser()
    adds = {"qr": commands_holder.add_qr_arguments, "credential": commands_holder.add_credential_arguments}
    runs = {"qr": commands_holder.run_qr, "credential": commands_holder.run_credential}
    adds[command](parser)
    args = parser.parse_args([*arguments, "--root", str(desk / "root"), "--keys", str(desk / "keys")])
    args.json, args.now = json_, options.pop("now", shop.now)
    return runs[command](args)


def test_qr_by_files(shop: Shop, desk: Path, capsys: pytest.CaptureFixture[str]) -> None:
    listed = ["--withdrawn", str(desk / "withdrawn")]
    valid, revoked = shop.with_status("VALID"), shop.with_status("REVOKED")
    assert run("qr", desk, [valid["url"], *listed], shop) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["verdict"], told["code"]) == ("STANDS", "STANDS")
    assert run("qr", desk, [revoked["url"], *listed], shop) == 1
    assert run("qr", desk, [valid["url"]], shop) == 2
    assert run("qr", desk, [valid["url"], *listed], shop, now=shop.now + timedelta(days=2)) == 2
    assert run("qr", desk, [valid["url"] + "1", *listed], shop) == 1
    capsys.readouterr()
    assert run("qr", desk, [valid["url"], *listed], shop, json_=False) == 0
    assert capsys.readouterr().out.startswith("STANDS: Genuine")


def test_qr_from_standard_input(shop: Shop, desk: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO(shop.with_status("VALID")["url"] + "\n"))
    assert run("qr", desk, ["-", "--withdrawn", str(desk / "withdrawn")], shop) == 0


def test_credential_by_files(shop: Shop, good: bytes, desk: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file, status = str(desk / "credential.json"), ["--status", str(desk / "status.json")]
    assert run("credential", desk, [file, *status], shop) == 0
    assert json.loads(capsys.readouterr().out)["facts"]["holder"]
    assert run("credential", desk, [file], shop) == 2
    (desk / "changed.json").write_bytes(changed(good, (("name",), "Dokter Gigi")))
    assert run("credential", desk, [str(desk / "changed.json"), *status], shop) == 1
    capsys.readouterr()
    assert run("credential", desk, [file, *status], shop, json_=False) == 0
    assert "holder: " in capsys.readouterr().out


def test_files_that_are_no_evidence_are_told_and_are_no_answer(shop: Shop, desk: Path) -> None:
    url = shop.with_status("VALID")["url"]
    (desk / "bad").write_bytes(b"{}")
    for arguments in (
        [url, "--withdrawn", str(desk / "missing")],
        [url, "--withdrawn", str(desk / "bad")],
        [url, "--withdrawn", str(desk)],
    ):
        with pytest.raises(Error):
            run("qr", desk, arguments, shop)
    for arguments in (["--status", str(desk / "bad")], ["--entry", str(desk / "bad")]):
        with pytest.raises(Error):
            run("credential", desk, [str(desk / "credential.json"), *arguments], shop)


def test_a_name_cannot_move_the_terminals_cursor() -> None:
    assert commands_holder._printable("a\x1b[2Jb\u202e") == "a\ufffd[2Jb\ufffd"
