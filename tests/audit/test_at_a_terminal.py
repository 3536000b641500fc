"""What `certverify` adds for people: colours on a terminal, and a page where one is asked for."""

import contextlib
import io
import json
import re
from pathlib import Path

import pytest

from tests.audit import transcripts
from verifier import cli, report_page

OPTIONS = "--policy policy --root root --now 2031-03-24T02:00:00Z --jobs 1"
COLOURED = re.compile("\x1b\\[(\\d+)m(.*?)\x1b\\[0m")
TONES = {"sound": "32", "faulty": "31", "no-links": "33"}
HEADLINES = {
    "sound": "THE HISTORY STANDS.",
    "faulty": "THE HISTORY DOES NOT STAND.",
    "no-links": "WHETHER THE HISTORY STANDS CANNOT BE SAID FROM THIS BUNDLE.",
}

FOUND = {
    "sound": [("36", "NAMES_NOT_GIVEN")],
    "faulty": [
        ("31", "ROLE_FORBIDDEN"),
        ("31", "SESSION_NOT_SCHEDULED"),
        ("33", "NO_LINKS"),
        ("36", "NAMES_NOT_GIVEN"),
    ],
    "no-links": [("33", "NO_LINKS"), ("36", "NAMES_NOT_GIVEN")],
}


class Screen(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("scene")
    transcripts.scene(folder)
    return folder


@pytest.fixture(autouse=True)
def _in_the_scene(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(place)
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TERM", "xterm")


def on_screen(arguments: str) -> list[tuple[str, str]]:
    """What is coloured on a terminal: the colour's number and the text."""
    screen = Screen()
    with contextlib.redirect_stdout(screen), pytest.raises(SystemExit):
        cli.main(arguments.split())
    return COLOURED.findall(screen.getvalue())


@pytest.mark.parametrize("bundle", TONES)
def test_a_story_begins_in_the_colour_of_its_verdict(bundle: str) -> None:
    first, *dim = on_screen(f"history 00001/C/2031 --bundle {bundle} {OPTIONS}")
    assert first == (TONES[bundle], HEADLINES[bundle])
    assert len(dim) >= 4
    assert all(
        re.fullmatch(r" {4}\w+/\S+, entry \d+, in the signed tree by \d hashes", text) for _, text in dim
    )
    assert {number for number, _ in dim} == {"2"}


@pytest.mark.parametrize("bundle", TONES)
def test_a_report_has_bold_titles_and_findings_in_their_kinds_colour(bundle: str) -> None:
    first, *others = on_screen(f"bundle {bundle} {OPTIONS}")
    assert first == (TONES[bundle], HEADLINES[bundle])
    titles = [text for number, text in others if number == "1"]
    assert titles[:2] == ["What was examined", "What was checked"]
    assert titles[-2:] == ["Who acted", "Certificates"]
    codes = [each for each in others if each[0] != "1"]
    assert codes == FOUND[bundle]


def test_a_page_is_written_where_one_is_asked_for(
    capsys: pytest.CaptureFixture[str],
) -> None:
    names = "--personal personal.jsonl --passphrase-file passphrase"
    with pytest.raises(SystemExit):
        cli.main(f"bundle sound {OPTIONS} {names} --html page.html --json".split())
    page = Path("page.html").read_bytes().decode("utf-8")
    out = capsys.readouterr().out
    assert "Désirée" in out
    data = json.loads(out)
    assert page == report_page.to_html(data)
    assert "Désirée \N{REPLACEMENT CHARACTER}Fiktif" in page


def test_a_story_for_programs_has_names_in_their_own_letters(capsys: pytest.CaptureFixture[str]) -> None:
    names = "--personal personal.jsonl --passphrase-file passphrase"
    with pytest.raises(SystemExit):
        cli.main(f"history 00001/T/2031 --bundle sound {OPTIONS} {names} --json".split())
    out = capsys.readouterr().out
    assert "Désirée" in out
    assert json.loads(out)["linked"] is True


@pytest.mark.parametrize(
    ("bundle", "kept"), [("sound", True), ("no-links", True), ("faulty", False), ("no-tile", False)]
)
def test_a_state_is_kept_of_what_does_not_fail(
    bundle: str, kept: bool, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    state = tmp_path / "state"
    with pytest.raises(SystemExit):
        cli.main([*f"bundle {bundle} {OPTIONS} --keep".split(), str(state)])
    assert state.exists() == kept
    if kept:
        capsys.readouterr()
        with pytest.raises(SystemExit):
            cli.main([*f"bundle {bundle} {OPTIONS} --since".split(), str(state)])
        assert "The first 180 entries were trusted already" in capsys.readouterr().out
