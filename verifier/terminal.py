"""What a person at a terminal sees beside the answer: a progress bar, and colours where they are wanted.

Both are left out where the stream is no terminal, and colours where NO_COLOR is set (no-color.org).
"""

import os
import sys
import time
from collections.abc import Callable
from typing import TextIO

from verifier.report import Style, plain

_COLOURS = {"good": "32", "wrong": "31", "unknown": "33", "lost": "36", "note": "36", "bold": "1", "dim": "2"}
_CELLS = 32
_EVERY_S = 0.1


def style_of(stream: TextIO) -> Style:
    """Return how to colour what goes to a stream."""
    if not stream.isatty() or os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb":
        return plain

    def coloured(style: str, text: str) -> str:
        return f"\x1b[{_COLOURS[style]}m{text}\x1b[0m" if style in _COLOURS else text

    return coloured


def progress(what: str, stream: TextIO | None = None) -> Callable[[int, int], None]:
    """Return a function that shows (done, total) as a bar on standard error, at most ten times a second."""
    out = sys.stderr if stream is None else stream
    if not out.isatty():
        return lambda _done, _total: None
    begun = last = time.monotonic()

    def show(done: int, total: int) -> None:
        nonlocal last
        now = time.monotonic()
        if done < total and now - last < _EVERY_S:
            return
        last = now
        full = _CELLS * done // max(total, 1)
        rate = done / max(now - begun, 0.001)
        left = f"{(total - done) / rate:.0f} s left" if done and done < total else ""
        bar = "█" * full + "░" * (_CELLS - full)
        out.write(f"\r\x1b[K{what} {bar} {done:,} of {total:,} {left}")
        if done >= total:
            out.write("\r\x1b[K")
        out.flush()

    return show
