"""A signed list that is made anew when the log has grown, and once an hour so that it never gets stale.

A list that took long to make is not made again at once: for twenty times as long as it took, ten seconds at
most, the last one is given out. So no reader can keep the server busy, and a small ledger's lists are never
behind.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

RENEWED_AFTER = timedelta(hours=1)
VALID_FOR = timedelta(hours=24)

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
            began = time.monotonic()
            data = self._make(now)
            ended = time.monotonic()
            rest = min((ended - began) * _REST_FACTOR, _REST_LIMIT_S)
            self._made = _Made(data, size, now, ended + rest)
            return data
