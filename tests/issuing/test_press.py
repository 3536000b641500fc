"""The press of a server: pages set by another process are the same, and one that cannot be set stops nothing."""

import json
import logging
import multiprocessing
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from api.composition import House, open_house
from ledger.documents import Documents
from ledger.domain.event import Event
from ledger.issuing import compositors
from tests.issuing.test_compositors import ENDLESS


@pytest.fixture
def house(built_demo: Path, tmp_path: Path) -> Iterator[House]:
    shutil.copytree(built_demo, tmp_path / "data")
    with open_house(tmp_path / "data") as opened:
        yield opened


def printed(house: House) -> tuple[str, Event]:
    """A certificate that stands, and its first copy's event."""
    demo = json.loads((house.folder.path / "demo.json").read_text())
    code = next(each["code"] for each in demo["certificates"] if each["expected_status"] == "VALID")
    certificate = house.personal.index.certificate_of(code)
    assert certificate is not None
    copy = house.queries.related("certificate.copies", certificate)[0]
    ((_, event), *_) = house.queries.history(f"print_copy/{copy}")
    return certificate, event


def page(path: Path) -> bytes:
    """What was set, without the seal after it: its signature is another one each time."""
    return path.read_bytes().partition(b"%%EOF")[0]


def test_a_paper_is_the_same_wherever_its_page_is_set(house: House) -> None:
    certificate, event = printed(house)
    path = house.press.path(certificate, 1)
    path.unlink()
    house.press.follow(event, 0)
    here = page(path)
    path.unlink()
    with house.press.set_elsewhere():
        house.press.follow(event, 0)
        assert len(multiprocessing.active_children()) == 1
    assert page(path) == here
    assert multiprocessing.active_children() == []
    path.unlink()
    house.press.follow(event, 0)  # here again
    assert page(path) == here


def test_a_page_that_does_not_end_is_told_and_left(
    house: House, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    certificate, event = printed(house)
    path = house.press.path(certificate, 1)
    path.unlink()
    with house.press.set_elsewhere():
        with monkeypatch.context() as patch, caplog.at_level(logging.ERROR):
            patch.setattr(compositors, "PAGE_LIMIT_S", 1.0)
            patch.setattr(Documents, "get", lambda _self, _hash: ENDLESS)
            house.press.follow(event, 0)  # raises nothing: it would be tried again before every later command
        assert not path.exists()
        assert f"copy 1 of {certificate} was not made: PAGE_INTERRUPTED" in caplog.text
        house.press.follow(event, 0)
    assert path.read_bytes().startswith(b"%PDF")
