"""Papers made before their certificate was witnessed are made again afterwards, also when that fails at first."""

import json
import shutil
from pathlib import Path

import pytest

from api.composition import open_house
from ledger.errors import Error
from ledger.issuing.finishing import Finishing


def test_what_cannot_be_made_again_now_is_made_later(
    built_demo: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = tmp_path / "data"
    shutil.copytree(built_demo, data)
    papers = [each for each in json.loads((data / "demo.json").read_text())["certificates"] if each["pdf"]]
    with open_house(data) as house:
        press = house.press
        waiting = []
        for each in papers[:3]:
            certificate = house.personal.index.certificate_of(each["code"])
            assert certificate is not None
            waiting.append((certificate, 1, house.clock.now()))
            press.path(certificate, 1).write_bytes(b"not proven yet")
        monkeypatch.setattr(press, "_unproven", list(waiting))
        paper = press.paper

        def fails_at_the_second(certificate: str, copy: int, **options: object) -> bytes:
            if certificate == waiting[1][0]:
                raise Error("SEAL_FAILED", "the token was pulled out")
            return paper(certificate, copy, **options)  # type: ignore[arg-type]

        monkeypatch.setattr(press, "paper", fails_at_the_second)
        with pytest.raises(Error, match="SEAL_FAILED"):
            press.prove()
        monkeypatch.setattr(press, "paper", paper)
        press.prove()
        for certificate, copy, _ in waiting:
            assert press.path(certificate, copy).read_bytes().startswith(b"%PDF")
        assert press._unproven == []


def test_nothing_is_made_again_before_witnesses_have_seen_it_or_once_it_is_gone(
    built_demo: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = tmp_path / "data"
    shutil.copytree(built_demo, data)
    papers = [each for each in json.loads((data / "demo.json").read_text())["certificates"] if each["pdf"]]
    with open_house(data) as house:
        press = house.press
        one, gone = (house.personal.index.certificate_of(each["code"]) or "" for each in papers[:2])
        waiting = [(certificate, 1, house.clock.now()) for certificate in (one, gone)]
        press.path(one, 1).write_bytes(b"not proven yet")
        press.path(gone, 1).unlink()
        monkeypatch.setattr(press, "_unproven", list(waiting))
        with monkeypatch.context() as patch:
            patch.setattr(Finishing, "is_proven", lambda _self, _certificate: False)
            press.prove()
        assert press.path(one, 1).read_bytes() == b"not proven yet"
        assert press._unproven == waiting[:1]
        press.prove()
        assert press.path(one, 1).read_bytes().startswith(b"%PDF")
        assert not press.path(gone, 1).exists()
