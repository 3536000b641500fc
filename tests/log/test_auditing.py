"""``certledger export`` and ``restore`` as their users meet them."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from api.auditing import (
    export_bundle,
    open_room,
    restore_entries,
    told_export,
    told_recovery,
)
from keys.errors import UnlockError
from ledger.errors import StoreError
from ledger.log.export import Named
from ledger.log.policies import POLICY, read_policy
from tests.houses import Office
from tests.log.long import lengthen
from tests.log.snapshot import put, take
from tests.log.witnessing import village

LOCAL = {
    "policy": b"log ledger.example/log+00000000+AAAA\nquorum none\n",
    "nonsense": b"\x00",
    "empty": b"",
}


def test_export_asks_the_witnesses_first_and_restore_brings_it_all_back(here: Office, tmp_path: Path) -> None:
    house = here.house
    with village(here, tmp_path / "w") as found:
        policy = found.policy()
        lines = [f"log {found.log_key}"]
        lines += [f"witness {name} {party.key} {party.url}" for name, party in policy.witnesses.items()]
        (house.folder.path / POLICY).write_text("\n".join([*lines, "group g 2 w0 w1 w2", "quorum g", ""]))
        room = open_room(house, anchor=tmp_path / "anchor", send=found.send)
        older = take(house.application)
        lengthen(here, 400)
        done = export_bundle(here.house, room, tmp_path / "out", files={"keys": lambda: b"k"})
        assert done.witnessed
        assert told_export(done, tmp_path / "out") == f"{tmp_path / 'out'}: 402 entries, 0 links."
        assert sorted(path.name for path in (tmp_path / "out").iterdir()) == [
            "checkpoint", "keys", "links.jsonl", "policy", "root", "tile"
        ]  # fmt: skip
        put(house.application, older)
        with pytest.raises(StoreError, match="LOG_ROLLED_BACK"):
            open_room(house, anchor=tmp_path / "anchor", send=found.send).check()
        with pytest.raises(StoreError, match="LOG_ROLLED_BACK"):
            export_bundle(here.house, room, tmp_path / "again")
        seen: list[tuple[int, int]] = []
        back = restore_entries(here.house, room, tmp_path / "out", progress=lambda *step: seen.append(step))
        assert seen[-1] == (400, 400)
        assert (
            told_recovery(back)
            == "400 entries were brought back; the log has 402, and nothing signed here is missing."
        )
        open_room(house, anchor=tmp_path / "anchor", send=found.send).check()


def test_what_is_missing_is_told(here: Office, tmp_path: Path) -> None:
    room = open_room(here.house)
    export_bundle(here.house, room, tmp_path / "out")
    older = take(here.house.application)
    lengthen(here, 3)
    room.round()
    put(here.house.application, older)
    assert "5 are known" in told_recovery(
        restore_entries(here.house, open_room(here.house), tmp_path / "out")
    )


def test_an_unwitnessed_export_says_so(here: Office, tmp_path: Path) -> None:
    told = told_export(export_bundle(here.house, open_room(here.house), tmp_path / "out"), tmp_path / "out")
    assert "0 cosignatures" in told
    assert "not that it is the only one" in told


def test_a_weak_passphrase_is_refused_before_anything_is_written(here: Office, tmp_path: Path) -> None:
    with pytest.raises(UnlockError, match="12"):
        export_bundle(
            here.house, open_room(here.house), tmp_path / "out", named=Named("short", date(2031, 1, 1))
        )
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("content", LOCAL.values(), ids=list(LOCAL))
def test_a_policy_that_cannot_be_read_is_refused(tmp_path: Path, content: bytes) -> None:
    assert read_policy(tmp_path / POLICY) is None
    (tmp_path / POLICY).write_bytes(content)
    with pytest.raises(StoreError, match="POLICY_INVALID"):
        read_policy(tmp_path / POLICY)
