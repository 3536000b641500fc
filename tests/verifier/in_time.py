"""A limit for what would otherwise wait for ever when it is broken."""

import contextlib
import signal
from collections.abc import Iterator

import pytest


@contextlib.contextmanager
def within(seconds: float) -> Iterator[None]:
    """Let a test fail that takes longer, and what it leaves to be done after it too."""

    def late(*_: object) -> None:
        pytest.fail(f"not done within {seconds} s")

    before = signal.signal(signal.SIGALRM, late)
    left = signal.setitimer(signal.ITIMER_REAL, seconds, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, *left)
        signal.signal(signal.SIGALRM, before)
