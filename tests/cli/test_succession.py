"""When entries are lost for good: the old ledger ends, says so, and a new one continues it."""

from __future__ import annotations

import io
import json
import shutil
import sys
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from api.commands import run
from api.composition import House, open_house
from ledger.commands.custody import RequestSuccession
from ledger.commands.staff import RequestStaffRegistration
from ledger.deciding import Signatory
from ledger.domain.roles import Role
from ledger.errors import DomainError, StoreError
from ledger.log.checkpoints import Signed
from ledger.log.publisher import CHECKPOINT
from tests.cli.lost_office import NEXT, LostOffice, build
from tests.cli.signing_office import PEOPLE
from verifier.checkpoint import Checkpoint

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


def entries(data: Path) -> int:
    with open_house(data, as_it_is=True) as house:
        return house.queries.head().size


def checkpoint_root(lost: LostOffice) -> str:
    with open_house(lost.data, as_it_is=True) as house:
        return max(house.room.known_checkpoints().values(), key=lambda head: head.size).root.hex()


def give(house: House, name: str, command: Any) -> None:
    account = house.accounts.get(name)
    signer = house.keystore.unlock(account.key, PEOPLE[name])
    house.ledger.give(
        Signatory(account.staff, Role.KEY_CUSTODIAN, None), signer, command, idempotency_key=uuid.uuid4().hex
    )
