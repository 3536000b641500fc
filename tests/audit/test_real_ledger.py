"""The ledger prevents, the audit detects, and on what the ledger itself wrote and exported they agree."""

import contextlib
import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from api import demo
from api.composition import open_house
from ledger.domain.roles import Role
from ledger.log.export import Named, export
from tests.audit.auditing import found
from tests.houses import office
from tests.log.witnessing import room_of, village
from verifier import cli, policy, rootfile, times
from verifier.answer import Verdict
from verifier.bundle import Bundle
from verifier.replay import Request, audit

SAMPLE = Path(__file__).resolve().parents[2] / "sample/programme-2026.json"


def test_an_exported_office_stands(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with office(tmp_path / "data") as place:
        org = place.organisation()
        first = place.person((Role.TRAINING_ADMIN, org))
        place.person((Role.TRAINING_ISSUER, org), (Role.AUDITOR, None), same_person_as=first)
        with village(place, tmp_path / "witnesses") as witnesses:
            witnesses.now = int(place.house.clock.now().timestamp())
            room = room_of(place, witnesses)
            room.round()
            room.ask_witnesses()
            root = place.house.folder.root.to_bytes()
            named = Named("a long passphrase", date(2031, 12, 31))
            export(
                room,
                place.house.application,
                place.house.personal,
                tmp_path / "bundle",
                files={"root": lambda: root},
                named=named,
            )
            trusted = witnesses.policy()
        lines = [f"log {witnesses.log_key}"]
        lines += [f"witness w{n} {key.vkey}" for n, key in enumerate(witnesses.keys)]
        (tmp_path / "policy").write_text("\n".join([*lines, "group g 2 w0 w1 w2", "quorum g", ""]))
        (tmp_path / "root").write_bytes(root)
        (tmp_path / "words").write_text("a long passphrase\n")
        now = witnesses.now
    result = audit(Bundle(tmp_path / "bundle"), Request(rootfile.parse(root), trusted, now))
    assert not found(result)
    assert result.outcome == Verdict.STANDS
    with pytest.raises(SystemExit) as stopped:
        cli.main(
            [
                *("bundle", str(tmp_path / "bundle"), "--now", times.to_text(now), "--json"),
                *("--policy", str(tmp_path / "policy"), "--root", str(tmp_path / "root")),
                *("--personal", str(tmp_path / "bundle/personal.jsonl")),
                *("--passphrase-file", str(tmp_path / "words")),
            ]
        )
    assert stopped.value.code == 0
    report = json.loads(capsys.readouterr().out)
    facts = next(item for item in report["checked"] if item["what"].startswith("named facts"))
    assert facts["count"] > 0


@contextlib.contextmanager
def the_demo(folder: Path) -> Iterator[tuple[Path, dict[str, object]]]:
    file = demo.build(folder / "data", SAMPLE, 8000, lambda _done, _total: None)
    yield folder / "data", json.loads(file.read_text())


@pytest.mark.slow
def test_the_demonstration_stands_and_has_the_statuses_of_its_file(tmp_path: Path) -> None:
    with the_demo(tmp_path) as (data, told):
        house = open_house(data)
        try:
            root = house.folder.root
            from ledger.log.room import LogRoom

            room = LogRoom(house.application, house.folder.settings.ledger, data, origin=root.origin)
            room.round()
            export(room, house.application, house.personal, tmp_path / "bundle", files={})
            log_key = room.verifier_keys()[0]
        finally:
            house.close()
        now = times.parse_moment(str(told["now"]))
        trusted = policy.parse(f"log {log_key}\nquorum none\n".encode())
        result = audit(Bundle(tmp_path / "bundle"), Request(root, trusted, now))
        assert [code for code, _, _ in found(result)] == ["NOT_WITNESSED"]
        statuses = result.statuses
        assert statuses is not None
        certificates = told["certificates"]
        assert isinstance(certificates, list)
        for item in certificates:
            certificate = statuses.find(item["number"])
            assert certificate is not None
            assert statuses.status(certificate, now) == item["expected_status"]
