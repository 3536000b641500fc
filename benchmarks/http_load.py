"""A light HTTP/1.1 client for load: few keep-alive connections, GET only, answers that have a Content-Length.

It must cost less than the server that it measures, so it parses no more of an answer than status and length.
"""

from __future__ import annotations

import asyncio
import itertools
import os
import time
from collections import Counter, deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

PHONE = (
    "Host: localhost\r\n"
    "User-Agent: Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/124.0.0.0 Mobile"
    " Safari/537.36\r\n"
    "Accept: text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8\r\n"
    "Accept-Encoding: gzip, deflate, br\r\n"
    "Accept-Language: id-ID,id;q=0.9,en;q=0.8\r\n"
)
"""What a cheap phone's browser sends."""
TICK = os.sysconf("SC_CLK_TCK")


def get(path: str) -> bytes:
    """The bytes of a phone's request."""
    return f"GET {path} HTTP/1.1\r\n{PHONE}\r\n".encode()


def cpu_seconds(pid: int) -> float:
    """Processor time of a process with all its threads until now, in steps of 10 ms (Linux)."""
    values = Path(f"/proc/{pid}/stat").read_text("ascii").rpartition(")")[2].split()
    return (int(values[11]) + int(values[12])) / TICK


class _Connection(asyncio.Protocol):
    """One connection; ``done`` is called with the HTTP status of each answer, or 0 when the connection ended."""

    def __init__(self, done: Callable[[_Connection, int], None]) -> None:
        self._done = done
        self._got = b""
        self._missing = -1
        self._transport: Any = None
        self.due = 0.0

    def connection_made(self, transport: Any) -> None:
        self._transport = transport

    def send(self, request: bytes, due: float) -> None:
        self.due, self._got, self._missing = due, b"", -1
        self._transport.write(request)

    def data_received(self, data: bytes) -> None:
        self._got += data
        if self._missing < 0:
            end = self._got.find(b"\r\n\r\n")
            if end < 0:
                return
            _, _, rest = self._got[:end].lower().partition(b"\r\ncontent-length:")
            self._missing = end + 4 + int(rest.partition(b"\r\n")[0])
        if len(self._got) >= self._missing:
            self._done(self, int(self._got[9:12]))

    def connection_lost(self, _: Exception | None) -> None:
        self._done(self, 0)

    def close(self) -> None:
        self._done = lambda *_: None
        self._transport.close()


@dataclass(slots=True)
class Answers:
    """Answers by HTTP status (0: a connection was lost, and no more was asked), and how long they took."""

    statuses: Counter[int] = field(default_factory=Counter)
    waits: list[float] = field(default_factory=list)
    """Seconds from when each request was due."""
    took: float = 0.0
    """Seconds for all of them."""

    def percentile(self, share: float) -> float:
        """The wait in milliseconds that this share of the requests did not exceed."""
        return 1000 * sorted(self.waits)[min(len(self.waits) - 1, int(len(self.waits) * share))]


async def closed(port: int, requests: Sequence[bytes], count: int, connections: int) -> Answers:
    """``count`` requests, each connection sending its next one as soon as it has its answer."""
    answers, finished, coming = Answers(), asyncio.Event(), itertools.cycle(requests)
    left, clock = count, time.perf_counter

    def done(connection: _Connection, status: int) -> None:
        nonlocal left
        answers.statuses[status] += 1
        answers.waits.append(clock() - connection.due)
        left -= 1
        if left >= connections and status:
            connection.send(next(coming), clock())
        elif left <= 0 or not status:
            finished.set()

    opened = [await _connect(port, done) for _ in range(connections)]
    begun = clock()
    for connection in opened:
        connection.send(next(coming), clock())
    await finished.wait()
    answers.took = clock() - begun
    for connection in opened:
        connection.close()
    return answers


async def opened(
    port: int, requests: Sequence[bytes], rate: float, seconds: float, connections: int
) -> Answers:
    """``rate`` requests a second on a schedule that waits for no answer.

    A wait begins when the request was due, whether or not the client or the server was ready for it then.
    """
    answers, idle, waiting = Answers(), deque[_Connection](), deque[tuple[bytes, float]]()
    coming, clock = itertools.cycle(requests), time.perf_counter
    count, finished = int(rate * seconds), asyncio.Event()

    def done(connection: _Connection, status: int) -> None:
        answers.statuses[status] += 1
        answers.waits.append(clock() - connection.due)
        if waiting and status:
            connection.send(*waiting.popleft())
        elif status:
            idle.append(connection)
        if len(answers.waits) >= count or not status:
            finished.set()

    idle += [await _connect(port, done) for _ in range(connections)]
    everyone = list(idle)
    begun = clock()
    for number in range(count):
        if finished.is_set():
            break
        due = begun + number / rate
        if (early := due - clock()) > 0:
            await asyncio.sleep(early)
        if idle:
            idle.popleft().send(next(coming), due)  # in turn: a server closes what is not used
        else:
            waiting.append((next(coming), due))
    await finished.wait()
    answers.took = clock() - begun
    for connection in everyone:
        connection.close()
    return answers


async def _connect(port: int, done: Callable[[_Connection, int], None]) -> _Connection:
    loop = asyncio.get_running_loop()
    _, connection = await loop.create_connection(lambda: _Connection(done), "127.0.0.1", port)
    return connection
