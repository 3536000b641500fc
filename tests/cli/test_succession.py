"""When entries are lost for good: the old ledger ends, says so, and a new one continues it."""

from __future__ import annotations

import io
import json
import re
import shutil
import sys
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from api import demo_witnesses
from api.app import make_app
from api.auditing import restore_entries
from api.commands import run
from api.composition import House, open_house
from ledger.commands.custody import RequestSuccession, SucceedLedger
from ledger.commands.staff import RequestStaffRegistration
from ledger.deciding import Signatory
from ledger.domain.roles import Role
from ledger.errors import DomainError, StoreError
from ledger.log.checkpoints import Signed
from ledger.log.publisher import CHECKPOINT
from tests.cli.lost_office import NEXT, LostOffice, build
from tests.cli.signing_office import PEOPLE
from tests.houses import office
from verifier import jcs
from verifier.checkpoint import Checkpoint
from verifier.cli import main as verify
from verifier.entry import seal
from verifier.tile import ENTRIES, Tile, encode_bundle, parse_bundle

RULEBOOK = Path(__file__).resolve().parents[2] / "sample" / "rulebook.json"
TWO = ("--by", "one", "--by", "two")
Command = Callable[..., Any]


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> LostOffice:
    return build(tmp_path_factory.mktemp("lost") / "data")


@pytest.fixture
def lost(built: LostOffice, tmp_path: Path) -> LostOffice:
    return built.copy(tmp_path / "data")


@pytest.fixture
def certledger(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Command:
    """``certledger … --json``: what it says, its exit code being the one expected."""
    for name, passphrase in PEOPLE.items():
        monkeypatch.setenv(f"CERTLEDGER_PASSPHRASE_{name.upper()}", passphrase)

    def command(*arguments: object, code: int = 0) -> Any:
        monkeypatch.setattr(sys, "argv", ["certledger", *map(str, arguments), "--json"])
        with pytest.raises(SystemExit) as exited:
            run()
        said = capsys.readouterr()
        assert int(exited.value.code or 0) == code, said
        return json.loads(said.out)

    return command


def refused(certledger: Command, *arguments: object) -> tuple[str, str]:
    """Code and message of what ``certledger`` could not do."""
    told = certledger(*arguments, code=2)["error"]
    return told["code"], told["message"]


def test_a_lost_ledger_is_not_opened_and_nothing_brings_it_back(
    lost: LostOffice, certledger: Command
) -> None:
    assert refused(certledger, "keys", "list", "--data", lost.data)[0] == "LOG_ROLLED_BACK"
    assert refused(certledger, "restore", lost.data / "log", "--data", lost.data)[0] == "SOURCE_UNREADABLE"


def test_two_custodians_end_it_and_nothing_more_is_signed(lost: LostOffice, certledger: Command) -> None:
    published = (lost.data / "log" / CHECKPOINT).read_bytes()
    done = certledger("succeed", "--origin", NEXT, *TWO, "--yes", "--data", lost.data)
    assert (done["successor"], done["size"], done["restored"]) == (NEXT, lost.size, lost.left)
    with open_house(lost.data) as house:
        assert house.queries.head().size == lost.left + 2
        house.room.check()
        house.room.start()
        assert house.room.round() is None
        assert house.room.ask_witnesses(everyone=True) == []
    assert (lost.data / "log" / CHECKPOINT).read_bytes() == published
    with open_house(lost.data) as house:
        assert (
            max(head.size for source, head in house.room.known_checkpoints().items() if "own" in source)
            == lost.left
        )


def test_where_nothing_is_lost_nothing_ends(lost: LostOffice, certledger: Command) -> None:
    (lost.data / "log" / CHECKPOINT).unlink()
    shutil.rmtree(lost.data / "witnesses")
    (lost.data / "policy").unlink()
    code, message = refused(certledger, "succeed", "--origin", NEXT, *TWO, "--yes", "--data", lost.data)
    assert (code, str(lost.left) in message) == ("NOTHING_LOST", True)


def test_a_witness_alone_says_how_many_but_not_which(lost: LostOffice, certledger: Command) -> None:
    """A whole folder came back from a backup: what it had is known to the witnesses only."""
    published = lost.data / "log" / CHECKPOINT
    brought = published.rename(lost.data.with_name("from-a-witness"))
    ending = ("succeed", "--origin", NEXT, *TWO, "--yes", "--data", lost.data)
    code, message = refused(certledger, *ending)
    assert (code, str(lost.size) in message) == ("CHECKPOINT_NEEDED", True)
    other = lost.data.with_name("other")
    other.write_bytes(brought.read_bytes().replace(b"log", b"fog", 1))
    assert refused(certledger, *ending, "--checkpoint", other)[0] == "CHECKPOINT_UNREADABLE"
    done = certledger(*ending, "--checkpoint", brought)
    assert (done["size"], done["restored"]) == (lost.size, lost.left)


def test_another_history_of_the_same_length_counts_for_nothing(lost: LostOffice, certledger: Command) -> None:
    with open_house(lost.data, as_it_is=True) as house:
        for _ in range(lost.size - lost.left):
            give(house, "one", RequestStaffRegistration(name="Pegawai Rekaan"))
    assert refused(certledger, "keys", "list", "--data", lost.data)[0] == "LOG_FORKED"
    done = certledger("succeed", "--origin", NEXT, *TWO, "--yes", "--data", lost.data)
    assert (done["size"], done["restored"]) == (lost.size, 0)
    with open_house(lost.data) as house:
        house.room.check()


@pytest.mark.parametrize("by", [("--by", "one"), ("--by", "one", "--by", "one"), (*TWO, "--by", "printer")])
def test_it_takes_two(lost: LostOffice, certledger: Command, by: tuple[str, ...]) -> None:
    ending = ("succeed", "--origin", NEXT, *by, "--yes", "--data", lost.data)
    assert refused(certledger, *ending)[0] == "VALUE_INVALID"
    assert entries(lost.data) == lost.left


def test_only_custodians_end_it_and_not_under_its_own_name(lost: LostOffice, certledger: Command) -> None:
    rest = ("--yes", "--data", lost.data)
    assert (
        refused(certledger, "succeed", "--origin", NEXT, "--by", "one", "--by", "issuer", *rest)[0]
        == "ROLE_FORBIDDEN"
    )
    assert refused(certledger, "succeed", "--origin", "ledger.example/log", *TWO, *rest)[0] == "VALUE_INVALID"
    assert entries(lost.data) == lost.left


def test_it_is_asked_about_and_not_of_nobody(
    lost: LostOffice,
    built: LostOffice,
    certledger: Command,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    ending = ("succeed", "--origin", NEXT, *TWO, "--data", lost.data)
    monkeypatch.setattr(sys, "stdin", io.StringIO("y\n"))
    assert refused(certledger, *ending)[0] == "VALUE_INVALID"
    shutil.copytree(built.data.with_name("tile"), lost.data / "log" / "tile")
    monkeypatch.setattr(sys, "stdin", Terminal("n\n"))
    monkeypatch.setattr(sys, "argv", ["certledger", *map(str, ending)])
    with pytest.raises(SystemExit) as exited:
        run()
    asked = capsys.readouterr().err
    assert exited.value.code == 1
    assert f"still has {lost.size - lost.left} of them" in asked
    assert "certledger restore" in asked
    assert entries(lost.data) == lost.left
    monkeypatch.setattr(sys, "stdin", Terminal("y\n"))
    assert certledger(*ending)["restored"] == lost.left


class Terminal(io.StringIO):
    """Somebody who answers."""

    def isatty(self) -> bool:
        return True


def test_what_was_cut_off_between_the_two_is_finished(lost: LostOffice, certledger: Command) -> None:
    published = checkpoint_root(lost)
    half = RequestSuccession(origin=NEXT, size=lost.size, root=published, restored=lost.left)
    with open_house(lost.data, as_it_is=True) as house:
        give(house, "one", half)
    done = certledger("succeed", "--origin", NEXT, *TWO, "--yes", "--data", lost.data)
    assert done["restored"] == lost.left


def test_after_the_end_nobody_acts(lost: LostOffice, certledger: Command) -> None:
    ending = ("succeed", "--origin", NEXT, *TWO, "--yes", "--data", lost.data)
    certledger(*ending)
    code, message = refused(certledger, *ending)
    assert (code, NEXT in message) == ("LEDGER_NOT_OPEN", True)
    with open_house(lost.data) as house, pytest.raises(DomainError) as late:
        give(house, "one", RequestStaffRegistration(name="Pegawai Rekaan"))
    assert (late.value.code, NEXT in late.value.message) == ("LEDGER_NOT_OPEN", True)


def test_what_nobody_named_at_the_end_still_stops_it(
    lost: LostOffice, certledger: Command, tmp_path: Path
) -> None:
    """The succession excuses what it names, and nothing that is larger or other."""
    checkpoint = lost.data / "log" / CHECKPOINT
    certledger("succeed", "--origin", NEXT, *TWO, "--yes", "--data", lost.data)
    with open_house(lost.data) as house:
        key = house.room.key
    for head in (
        Checkpoint("ledger.example/log", lost.size + 1, b"r" * 32),
        Checkpoint("ledger.example/log", lost.size, b"r" * 32),
        Checkpoint("ledger.example/log", lost.left, b"r" * 32),
    ):
        checkpoint.write_bytes(Signed(head, key.sign(head)).to_bytes())
        with pytest.raises(StoreError, match=r"LOG_ROLLED_BACK|LOG_FORKED"):
            open_house(lost.data)


def init(lost: LostOffice, origin: str = NEXT) -> tuple[object, ...]:
    """The arguments that found the new ledger."""
    new = lost.data.with_name("new")
    told = ("--origin", origin, "--base-url", "https://next.example", "--succeeds", lost.data, "--data", new)
    return "init", "--rulebook", RULEBOOK, *told, "--custodian", "one", "--custodian", "two"


def test_a_ledger_is_continued_by_the_one_that_it_names_only(lost: LostOffice, certledger: Command) -> None:
    assert refused(certledger, *init(lost)) == ("SUCCESSION_DIFFERS", "ledger.example/log has not ended")
    certledger("succeed", "--origin", NEXT, *TWO, "--yes", "--data", lost.data)
    code, message = refused(certledger, *init(lost, "ledger.example/log3"))
    assert (code, NEXT in message) == ("SUCCESSION_DIFFERS", True)
    assert not lost.data.with_name("new").exists()
    certledger(*init(lost))
    with open_house(lost.data.with_name("new")) as house:
        told = json.loads(house.room.proofs.entry(0).partition(b"\n")[0])["data"]["predecessor"]
    assert told == {
        "origin": "ledger.example/log",
        "size": lost.size,
        "root": checkpoint_root(lost),
        "restored": lost.left,
    }


def test_without_a_predecessor_entry_0_has_the_members_that_it_always_had(tmp_path: Path) -> None:
    with office(tmp_path / "data") as place:
        data = json.loads(place.house.room.proofs.entry(0).partition(b"\n")[0])["data"]
    assert data.keys() == {"origin", "root_file", "clock", "log_key", "custodian"}


def test_an_audit_of_the_new_one_names_the_old_one(
    lost: LostOffice, certledger: Command, certverify: Command, tmp_path: Path
) -> None:
    certledger("succeed", "--origin", NEXT, *TWO, "--yes", "--data", lost.data)
    certledger(*init(lost))
    new, bundle = lost.data.with_name("new"), tmp_path / "bundle"
    demo_witnesses.set_up(new, NEXT)
    certledger("export", bundle, "--data", new)
    code, said = certverify(bundle, new)
    assert (code, said["verdict"]) == (0, "STANDS")
    assert said["examined"]["predecessor"]["origin"] == "ledger.example/log"
    _, text = certverify(bundle, new, as_json=False)
    words = " ".join(text.split())
    assert f"It continues ledger.example/log, of which {lost.left} of {lost.size} entries were left" in words
    page = (tmp_path / "page.html").read_text()
    assert "It continues ledger.example/log" in page


def test_an_audit_of_the_old_one_never_says_that_it_stands(
    lost: LostOffice, certledger: Command, certverify: Command, tmp_path: Path
) -> None:
    """Within the day in which its last checkpoint was witnessed it would: what is left is whole and genuine."""
    certledger("succeed", "--origin", NEXT, *TWO, "--yes", "--data", lost.data)
    bundle = tmp_path / "bundle"
    certledger("export", bundle, "--data", lost.data)
    code, said = certverify(bundle, lost.data)
    assert (code, said["verdict"], said["findings"]["wrong"]) == (2, "UNKNOWN", [])
    (found,) = said["findings"]["unknown"]
    place = found["places"][0]["found"]
    assert (found["code"], str(lost.size) in place, str(lost.left) in place, NEXT in place) == (
        "LOG_ENDED",
        True,
        True,
        True,
    )
    assert not (bundle / "withdrawn").exists()
    assert not (bundle / "status").exists()
    assert (bundle / "keys").exists()


def test_who_says_that_a_log_has_ended_must_be_its_custodians(
    lost: LostOffice, certledger: Command, certverify: Command, tmp_path: Path
) -> None:
    certledger("succeed", "--origin", NEXT, *TWO, "--yes", "--data", lost.data)
    bundle = tmp_path / "bundle"
    certledger("export", bundle, "--data", lost.data)
    acts = (bundle / "succession").read_bytes()
    asked, done = parse_bundle(Tile(ENTRIES, 0, 2), acts)
    with open_house(lost.data) as house:
        alone, unfit = (signed_by(house, name, done) for name in ("one", "issuer"))
        other = signed_by(house, "two", done, origin="ledger.example/log9")
    for pair in (
        [asked, alone],
        [asked, unfit],
        [asked, other],
        [asked, re.sub(rb'"sig":"(.)', lambda sig: b'"sig":"B' if sig[1] == b"A" else b'"sig":"A', done)],
        [asked, asked],
        [done, done],
        [asked, done.replace(NEXT.encode(), b"ledger.example/log9", 1)],
        [asked.replace(NEXT.encode(), b"ledger.example/log9", 1), done],
        [done, asked],
    ):
        (bundle / "succession").write_bytes(encode_bundle(pair))
        _, said = certverify(bundle, lost.data)
        assert [each["code"] for each in said["findings"]["wrong"]] == ["SUCCESSION_WRONG"]
    (bundle / "succession").write_bytes(acts[:-1])
    assert certverify(bundle, lost.data)[0] == 1


def signed_by(house: House, name: str, entry: bytes, **said: Any) -> bytes:
    """The same act by another person, or saying something else, and well signed."""
    account = house.accounts.get(name)
    signer = house.keystore.unlock(account.key, PEOPLE[name])
    payload = json.loads(entry.partition(b"\n")[0]) | {"actor": f"staff/{account.staff}"}
    payload["data"] |= said
    (signed,) = seal([jcs.encode(payload)], "ledger.example/log", signer.sign)
    return signed


@pytest.fixture
def ended(lost: LostOffice, certledger: Command) -> Iterator[TestClient]:
    """The pages of the old ledger, as `serve` gives them after its end."""
    certledger("succeed", "--origin", NEXT, *TWO, "--yes", "--data", lost.data)
    with open_house(lost.data) as house:
        house.room.check()
        house.room.start()
        yield TestClient(make_app(house))


def test_its_pages_are_never_green_and_say_why(lost: LostOffice, ended: TestClient) -> None:
    told = {code: ended.get(f"/v/{code}.json").json() for code in (lost.valid, lost.suspended, lost.unknown)}
    assert {each["status"] for each in told.values()} == {"CANNOT_CHECK"}
    assert [each["ended"]["last_known_status"] for each in told.values()] == ["VALID", "SUSPENDED", None]
    assert {each["ended"]["successor"] for each in told.values()} == {NEXT}
    assert ended.get(f"/v/{lost.replaced}.json").json()["status"] == "REPLACED"
    for code in (*told, lost.replaced):
        for language in ("id", "en"):
            page = ended.get(f"/v/{code}?lang={language}").text
            assert NEXT in page
            assert 'class="status VALID' not in page
            assert "Contohwati" not in page
    typed = {"number": told[lost.valid]["number"], "name": "Ani Contohwati"}
    answer = ended.post("/check", data=typed, headers={"accept": "application/json"}).json()
    assert (answer["status"], answer["ended"]["last_known_status"]) == ("CANNOT_CHECK", "VALID")


def test_what_it_gives_to_programs_runs_out(lost: LostOffice, ended: TestClient) -> None:
    assert ended.get("/withdrawn").content == b""
    assert (ended.get("/status/1").status_code, ended.get("/status/1").json()["code"]) == (
        410,
        "LEDGER_ENDED",
    )
    assert ended.get("/keys").status_code == 200
    for code in (lost.valid, lost.unknown):
        answer = ended.get(f"/v/{code}/credential.json")
        assert (answer.status_code, answer.json()["code"]) == (404, "CANNOT_CHECK")
    assert ended.get(f"/v/{lost.unknown}/proof").json()["code"] == "CANNOT_CHECK"
    assert NEXT in ended.get("/scan").text


def test_over_http_every_command_is_refused(lost: LostOffice, ended: TestClient) -> None:
    signed_in = ended.post("/api/session", json={"username": "one", "passphrase": PEOPLE["one"]}).json()
    told = ended.post(
        "/api/commands/RequestStaffRegistration",
        json={"name": "Pegawai Rekaan"},
        headers={"authorization": f"Bearer {signed_in['token']}", "idempotency-key": "a-fresh-key"},
    ).json()
    assert (told["code"], NEXT in told["detail"]) == ("LEDGER_NOT_OPEN", True)


def test_a_server_that_runs_meanwhile_notices_the_end(lost: LostOffice, built: LostOffice) -> None:
    """Custodians may end a ledger by a file of commands too, beside a server."""
    shutil.copytree(built.data.with_name("tile"), lost.data / "log" / "tile")
    with open_house(lost.data, as_it_is=True) as house:
        restore_entries(house, house.room, lost.data / "log")
    with open_house(lost.data) as house:
        client = TestClient(make_app(house))
        house.room.round()
        assert client.get(f"/v/{lost.unknown}.json").json()["status"] == "VALID"
        signed = house.room.known_checkpoints()
        named = RequestSuccession(origin=NEXT, size=lost.size + 9, root="0" * 64, restored=lost.size)
        request = give(house, "one", named)["request"]
        give(house, "two", SucceedLedger(request=request))
        assert house.room.round() is None
        assert house.room.known_checkpoints() == signed
        assert client.get(f"/v/{lost.unknown}.json").json()["status"] == "CANNOT_CHECK"


def test_pages_of_the_new_one_name_the_old_one(lost: LostOffice, certledger: Command) -> None:
    certledger("succeed", "--origin", NEXT, *TWO, "--yes", "--data", lost.data)
    certledger(*init(lost))
    with open_house(lost.data.with_name("new")) as house:
        page = TestClient(make_app(house)).get("/?lang=en").text
    assert "This register continues the register ledger.example/log, which lost records, from " in page


@pytest.fixture
def certverify(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Command:
    """``certverify bundle`` of a data folder's export, at the ledger's own time: exit code, and what it says."""

    def command(bundle: Path, data: Path, *, as_json: bool = True) -> tuple[int, Any]:
        with open_house(data, as_it_is=True) as house:
            now = house.clock.now()
        given = [str(bundle), "--policy", str(data / "policy"), "--root", str(data / "root"), "--jobs", "1"]
        given += [
            "--now",
            now.isoformat(),
            "--html",
            str(tmp_path / "page.html"),
            *(["--json"] if as_json else []),
        ]
        with pytest.raises(SystemExit) as exited:
            verify(["bundle", *given])
        said = capsys.readouterr().out
        return int(exited.value.code or 0), json.loads(said) if as_json else said

    return command


def entries(data: Path) -> int:
    with open_house(data, as_it_is=True) as house:
        return house.queries.head().size


def checkpoint_root(lost: LostOffice) -> str:
    with open_house(lost.data, as_it_is=True) as house:
        return max(house.room.known_checkpoints().values(), key=lambda head: head.size).root.hex()


def give(house: House, name: str, command: Any) -> dict[str, Any]:
    account = house.accounts.get(name)
    signer = house.keystore.unlock(account.key, PEOPLE[name])
    who = Signatory(account.staff, Role.KEY_CUSTODIAN, None)
    return dict(house.ledger.give(who, signer, command, idempotency_key=uuid.uuid4().hex).result)
