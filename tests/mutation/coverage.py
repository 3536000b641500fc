"""Which test runs which line of the verifier, and what each test costs.

Lines that a fixture of a module or of the session runs count for every test that asks for it, and so does its
time: a test that is run alone has to pay for it.
"""

import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import FrameType
from typing import Any

import pytest

Line = tuple[str, int]


class Recorder:
    """A pytest plugin. `lines` and `seconds` are filled in by test, `failed` names what failed unchanged."""

    def __init__(self, folder: Path, prepare: Callable[[], None]) -> None:
        self.lines: dict[str, set[Line]] = {}
        self.seconds: dict[str, float] = {}
        self.failed: list[str] = []
        self.imported: set[Line] = set()
        self._fixtures: dict[Any, tuple[set[Line], float]] = {}
        self._prepare = prepare
        self._prefix = f"{folder}/"
        self._seen: set[Line] = set()

    def _trace(self, frame: FrameType, _event: str, _arg: object) -> Any:
        name = frame.f_code.co_filename
        if not name.startswith(self._prefix):
            return None
        seen = self._seen

        def local(inner: FrameType, event: str, _arg: object) -> Any:
            if event == "line":
                seen.add((name, inner.f_lineno))
            return local

        return local

    def pytest_collection(self) -> None:
        sys.settrace(self._trace)

    def pytest_collection_finish(self) -> None:
        sys.settrace(None)
        self.imported = self._seen
        self._prepare()

    @pytest.hookimpl(wrapper=True)
    def pytest_fixture_setup(self, fixturedef: Any) -> Iterator[None]:
        if fixturedef.scope == "function":
            return (yield)
        before, begun = self._seen, time.process_time()
        self._seen = set()
        try:
            return (yield)
        finally:
            self._fixtures[fixturedef] = self._seen, time.process_time() - begun
            self._seen = before

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Iterator[None]:
        self._seen, begun, known = set(), time.process_time(), set(self._fixtures)
        threading.settrace(self._trace)
        sys.settrace(self._trace)
        try:
            return (yield)
        finally:
            sys.settrace(None)
            threading.settrace(None)
            took = time.process_time() - begun
            lines = self._seen
            used = {each for defs in item._fixtureinfo.name2fixturedefs.values() for each in defs}  # type: ignore[attr-defined]
            for each in used & self._fixtures.keys():
                lines |= self._fixtures[each][0]
                took += self._fixtures[each][1] if each in known else 0
            self.lines[item.nodeid], self.seconds[item.nodeid] = lines, took

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.failed:
            self.failed.append(report.nodeid)

    def to_json(self) -> dict[str, Any]:
        """What was recorded, to be stored: by file and line the numbers of the tests that pass it."""
        tests = list(self.lines)
        lines: dict[str, dict[int, list[int]]] = {}
        for number, test in enumerate(tests):
            for name, line in self.lines[test]:
                lines.setdefault(name, {}).setdefault(line, []).append(number)
        seconds = [self.seconds[test] for test in tests]
        return {"tests": tests, "seconds": seconds, "imported": sorted(self.imported), "lines": lines}
