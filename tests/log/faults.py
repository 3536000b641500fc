"""Running a scenario in a process of its own in which one system call fails, or is the last.

The child is a fork that waits until ``strace`` has hold of it; ``inject`` then makes the n-th call of a kind
fail with an error, or kills the child there. What the child says through its pipe before that was said.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

CALLS = ("write", "pwrite64", "fsync", "fdatasync", "rename", "link", "unlink", "ftruncate")
KINDS = ("signal=KILL", "error=EIO", "error=ENOSPC")

Say = Callable[[object], None]
Scenario = Callable[[Say], None]


@dataclass(frozen=True, slots=True)
class Fault:
    """The ``number``-th ``call`` of the child ends as ``kind`` says."""

    call: str
    number: int
    kind: str


def possible() -> bool:
    """Whether this machine lets us do it."""
    return shutil.which("strace") is not None and sys.platform == "linux"


def run(scenario: Scenario, fault: Fault | None, trace: Path | None = None) -> list[Any]:
    """Run the scenario and return what it said. Without a fault ``trace`` gets a line for each call."""
    if fault is None:
        options = ["-e", f"trace={','.join(CALLS)}", "-o", str(trace or os.devnull)]
    else:
        inject = f"inject={fault.call}:{fault.kind}:when={fault.number}"
        options = ["-e", f"trace={fault.call}", "-e", inject, "-o", os.devnull]
    go_read, go_write = os.pipe()
    say_read, say_write = os.pipe()
    child = os.fork()
    if child == 0:
        _be_the_child(scenario, go_read, say_write)
    os.close(go_read)
    os.close(say_write)
    with subprocess.Popen(
        ["strace", "-f", "-p", str(child), *options], stderr=subprocess.PIPE, text=True
    ) as tracer:
        assert tracer.stderr is not None
        line = tracer.stderr.readline()
        assert "attached" in line, line
        os.write(go_write, b"x")
        os.close(go_write)
        with os.fdopen(say_read) as said:
            lines = said.read().splitlines()
        os.waitpid(child, 0)
    return [json.loads(line) for line in lines]


def _be_the_child(scenario: Scenario, go: int, say: int) -> None:
    status = 70
    try:
        signal.alarm(120)
        os.read(go, 1)

        def tell(what: object) -> None:
            os.write(say, json.dumps(what).encode() + b"\n")

        scenario(tell)
        status = 0
    finally:
        os._exit(status)


def faults(scenario: Scenario, trace: Path) -> Iterator[Fault]:
    """Every place of the scenario where something can go wrong, in every way."""
    run(scenario, None, trace)
    counts = Counter(re.findall(r"^(?:\d+ +)?(\w+)\(", trace.read_text(), re.MULTILINE))
    for call in CALLS:
        for number in range(1, counts[call] + 1):
            for kind in KINDS:
                yield Fault(call, number, kind)
