"""A signed list that is made anew when the log has grown, and once an hour so that it never gets stale.

A list that costs little is never behind. One that took more than a twentieth of a second of this thread's time
rests for twenty times as long as it took, ten seconds at most, so that making it takes 5 % of a processor and
no more, however fast the log grows.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

RENEWED_AFTER = timedelta(hours=1)
VALID_FOR = timedelta(hours=24)

_CHEAP_S = 0.05
_REST_FACTOR = 20.0
_REST_LIMIT_S = 10.0


@dataclass(frozen=True, slots=True)
class _Made:
    data: bytes
    size: int
    at: datetime
    rest_until: float


class Republished:
    """Gives ``make(now)``'s bytes; ``size`` gives the log's size. Safe for threads."""

    def __init__(self, size: Callable[[], int], make: Callable[[datetime], bytes]) -> None:
        self._size = size
        self._make = make
        self._lock = threading.Lock()
        self._made: _Made | None = None

    def at(self, now: datetime) -> bytes:
        """The list as it is given out at ``now``."""
        with self._lock:
            size, made = self._size(), self._made
            if (
                made is not None
                and made.at <= now < made.at + RENEWED_AFTER
                and (made.size == size or time.monotonic() < made.rest_until)
            ):
                return made.data
            began = time.thread_time()
            data = self._make(now)
            cost = time.thread_time() - began
            rest = 0.0 if cost < _CHEAP_S else min(cost * _REST_FACTOR, _REST_LIMIT_S)
            self._made = _Made(data, size, now, time.monotonic() + rest)
            return data
