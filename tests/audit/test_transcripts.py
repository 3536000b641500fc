"""What `certverify bundle`, `history` and `proof` say at a terminal's prompt is what tests/audit/transcripts keep."""

from pathlib import Path

import pytest

from tests.audit import transcripts

KEPT = [
    pytest.param(file.stem, command, id=f"{file.stem}-{number}")
    for file in sorted(transcripts.FOLDER.glob("*.txt"))
    for number, command in enumerate(transcripts.commands(file.read_text(encoding="utf-8")), 1)
]


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("scene")
    transcripts.scene(folder)
    return folder


@pytest.mark.parametrize(("name", "command"), KEPT)
def test_it_says_what_is_kept(name: str, command: str, place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(place)
    monkeypatch.setenv("COLUMNS", transcripts.WIDTH)
    kept = (transcripts.FOLDER / f"{name}.txt").read_text(encoding="utf-8")
    said = transcripts.run(command)
    assert f"\n{said}\n" in f"\n{kept}\n"


def test_there_are_transcripts() -> None:
    assert {case.values[0] for case in KEPT} == {"bundle", "help", "history", "mistakes", "proof"}
