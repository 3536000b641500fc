"""Colours and a progress bar for people at a terminal, and neither where nobody looks."""

import io

import pytest

from verifier import terminal


class Screen(io.StringIO):
    """A terminal that remembers."""

    def isatty(self) -> bool:
        return True


@pytest.fixture(autouse=True)
def _plain_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TERM", "xterm")


@pytest.mark.parametrize(
    ("style", "number"),
    [("good", 32), ("wrong", 31), ("unknown", 33), ("lost", 36), ("note", 36), ("bold", 1), ("dim", 2)],
)
def test_a_terminal_gets_colours_of_ecma_48(style: str, number: int) -> None:
    assert terminal.style_of(Screen())(style, "text") == f"\x1b[{number}mtext\x1b[0m"


def test_what_has_no_colour_stays_as_it_is() -> None:
    assert terminal.style_of(Screen())("other", "text") == "text"


def test_no_colours_in_a_file_nor_where_they_are_not_wanted(monkeypatch: pytest.MonkeyPatch) -> None:
    assert terminal.style_of(io.StringIO())("good", "text") == "text"
    monkeypatch.setenv("TERM", "dumb")
    assert terminal.style_of(Screen())("good", "text") == "text"
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("NO_COLOR", "1")
    assert terminal.style_of(Screen())("good", "text") == "text"


def test_a_file_gets_no_bar() -> None:
    file = io.StringIO()
    terminal.progress("verifying", file)(1, 2)
    assert not file.getvalue()


def test_the_bar_goes_to_standard_error(monkeypatch: pytest.MonkeyPatch) -> None:
    screen = Screen()
    monkeypatch.setattr("sys.stderr", screen)
    terminal.progress("verifying")(1, 1)
    assert "verifying" in screen.getvalue()


def test_the_bar_grows_is_not_drawn_too_often_and_goes_away(monkeypatch: pytest.MonkeyPatch) -> None:
    time = [50.0]
    monkeypatch.setattr("time.monotonic", lambda: time[0])
    screen = Screen()
    show = terminal.progress("verifying", screen)
    drawn = []
    for at, done in ((60.0, 500), (60.05, 501), (60.1, 750), (60.11, 2000)):
        time[0] = at
        screen.seek(0)
        screen.truncate()
        show(done, 2000)
        drawn.append(screen.getvalue())
    quarter, too_soon, more, last = drawn
    assert quarter == "\r\x1b[Kverifying " + "█" * 8 + "░" * 24 + " 500 of 2,000 30 s left"
    assert too_soon == ""
    assert more == "\r\x1b[Kverifying " + "█" * 12 + "░" * 20 + " 750 of 2,000 17 s left"
    assert last == "\r\x1b[Kverifying " + "█" * 32 + " 2,000 of 2,000 \r\x1b[K"


def test_a_bar_of_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    screen = Screen()
    terminal.progress("verifying", screen)(0, 0)
    assert screen.getvalue() == "\r\x1b[Kverifying " + "░" * 32 + " 0 of 0 \r\x1b[K"


def test_a_bar_of_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is done at once has a whole bar, and no time that is left."""
    monkeypatch.setattr("time.monotonic", lambda: 50.0)
    screen = Screen()
    terminal.progress("verifying", screen)(1, 1)
    assert screen.getvalue() == "\r\x1b[Kverifying " + "█" * 32 + " 1 of 1 \r\x1b[K"


def test_the_bar_waits_a_tenth_of_a_second_and_is_seen_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    class Seen(Screen):
        seen = ""

        def flush(self) -> None:
            self.seen = self.getvalue()

    time = [0.0]
    monkeypatch.setattr("time.monotonic", lambda: time[0])
    screen = Seen()
    show = terminal.progress("verifying", screen)
    time[0] = 0.0999
    show(0, 2000)
    assert screen.seen == ""
    time[0] = 0.1
    show(0, 2000)
    assert screen.seen == "\r\x1b[Kverifying " + "░" * 32 + " 0 of 2,000 "
    time[0] = 0.5
    show(500, 2000)
    assert screen.seen.endswith("500 of 2,000 2 s left")
