"""Mutation testing of `verifier/`: break it in one place, run the tests that pass there, and see whether one fails.

    python -m tests.mutation.run [--state FOLDER] [--jobs N] [--again] [--only PATH…] [--page FILE]

Why a program of our own, and not mutmut or cosmic-ray: mutmut 3 changes nothing at the level of a module or a
class and nothing in a decorated function, which is where this verifier's tables, patterns, limits and rules are;
cosmic-ray starts pytest anew for every change, which is a day's work here. Both change the texts for people too.

How it goes. A parent collects the tests once and forks for every change. Where the change is inside a function,
the child puts the changed code into the function object that everybody has imported. Where it is at the level of
a module or class, or ran at import, the child runs the changed module again in its place, if the tests bear that of
the unchanged module; else the child is forked from a process that has imported nothing of ours. It then runs the
tests that pass through the changed statement, up to a limit of seconds: those first that stand in a file named after
the module, then those that know the function's rare lines. It stops at the first that fails.

A change is killed when a test fails, or when a test takes ten times as long as before. Everything else survives:
what no test passes through, what only changes speed, and what changes nothing at all. Nothing is left out of the
count for being equivalent. Not run: tests that start another Python, need PostgreSQL or a browser, or take long.

Results are kept by the text of the change and not by its line, so that a later run goes on where one has ended;
`--again` runs what has survived so far.
"""

import argparse
import gc
import json
import os
import shutil
import signal
import sys
import tempfile
import time
import traceback
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path
from types import FunctionType
from typing import Any

import hypothesis
import pytest
from _pytest.runner import runtestprotocol  # what pytest's own loop calls for each test

from tests.mutation.change import (
    Changed,
    change_functions,
    changed_code,
    functions_by_file,
    reload_changed,
)
from tests.mutation.coverage import Recorder
from tests.mutation.known import Known
from tests.mutation.page import page
from tests.mutation.places import FOLDER, Place, places
from tests.mutation.pool import CONTROL, FAILED, NOT_MADE, Pool, Tell, begin

NEAR = ("tests/verifier", "tests/audit")
FAR = (
    "tests/holder", "tests/log/test_witness_server.py", "tests/log/test_witness_rules.py",
    "tests/log/test_witness_key_rules.py", "tests/log/test_auditing.py",
    "tests/log/test_asking_witnesses.py", "tests/sealing/test_pdf_check.py", "tests/sealing/test_pdf_seal_check.py",
    "tests/sealing/test_pdf_dignity.py", "tests/sealing/test_pdf_parts.py", "tests/sealing/test_pdf_steps.py",
    "tests/sealing/test_pdf_seal_rules.py", "tests/sealing/test_pdf_seal_time.py",
    "tests/sealing/test_pdf_seal_owner.py", "tests/sealing/test_pdf_steps_page.py",
    "tests/sealing/test_pdf_files_and_page.py",
)  # fmt: skip
OPTIONS = ["-q", "-s", "-k", "not postgres", "-p", "no:cacheprovider", "-p", "no:schemathesis"]
OPTIONS += [
    "-W",
    "ignore::pytest.PytestAssertRewriteWarning",
]  # hypothesis is imported here, before its plugin
OPTIONS += ["--ignore=tests/audit/test_tampering.py"]  # large
OPTIONS += ["--assert=plain", "--tb=no"]  # that a test fails is enough


class Built:
    """A pytest plugin: the demonstration, which is built once for all tests, is built once for all mutants too."""

    def __init__(self, state: Path) -> None:
        self.folder = state / "demo/data"

    def build(self) -> None:
        from api.demo import build
        from tests.conftest import SAMPLE

        build(self.folder, SAMPLE, 8000, lambda _done, _total: None)

    @pytest.hookimpl(tryfirst=True)
    def pytest_fixture_setup(self, fixturedef: Any, request: Any) -> Path | None:
        if fixturedef.argname != "built_demo":
            return None
        fixturedef.cached_result = self.folder, fixturedef.cache_key(request), None
        return self.folder


def make_beginnings() -> None:
    """Make the histories that many tests begin with once, by the unchanged code."""
    # Imported here, since a process that imports a changed module afresh must not have it before.
    from tests.audit.test_told_again import BEGINNINGS, prepared

    for name in BEGINNINGS:
        prepared(name)


class Stop:
    """A pytest plugin: end the process at the first failure, before anything is said about it."""

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_makereport(self, call: pytest.CallInfo[None]) -> None:
        if call.excinfo is not None and not isinstance(call.excinfo.value, pytest.skip.Exception):
            os._exit(FAILED)


class Chosen(Stop):
    """A pytest plugin: run these tests in this order, and stop at the first that fails."""

    def __init__(self, tests: list[str], seconds: dict[str, float], tell: Tell) -> None:
        self.tests, self.seconds, self.tell = tests, seconds, tell

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        by_name = {item.nodeid: item for item in items}
        items[:] = [by_name[test] for test in self.tests if test in by_name]

    def pytest_runtest_logstart(self, nodeid: str) -> None:
        begin(nodeid, self.seconds, self.tell)


def run_afresh(place: Place, known: Known, seconds: float, built: Built, home: Path, tell: Tell) -> int:
    """Import everything anew with the changed module, and run the tests, those beside the verifier first."""
    sys.meta_path.insert(0, Changed(place))
    tell("import")
    chosen = known.tests_for(place, seconds)
    near = [test for test in chosen if test.startswith(NEAR)]
    far = [test for test in chosen if test not in near]
    for tests in (near, far):
        if tests:
            files = sorted({test.split("::")[0] for test in tests})
            plugin = Chosen(tests, known.seconds, tell)
            signal.setitimer(signal.ITIMER_PROF, 60)
            ended = pytest.main([*OPTIONS, f"--basetemp={home / 'tmp'}", *files], plugins=[plugin, built])
            if ended != pytest.ExitCode.OK:
                return 1
    return 0


class Loop(Stop):
    """A pytest plugin: instead of running the collected tests, run them on every mutant."""

    def __init__(self, todo: list[Place], known: Known, seconds: float, pool: Pool) -> None:
        self.todo, self.known, self.seconds, self.pool = todo, known, seconds, pool
        self.items: dict[str, pytest.Item] = {}
        self.functions: dict[str, list[FunctionType]] = {}

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        self.items = {item.nodeid: item for item in session.items}
        self.functions = functions_by_file()
        make_beginnings()
        gc.collect()
        gc.freeze()
        gc.disable()  # in the children too: they live shortly
        self.pool.unchanged = self._unchanged
        for place in self.todo:
            if not place.early:
                self.pool.start(place.key, partial(self._work, place, self._tests(place)))
        early = [place for place in self.todo if place.early]
        for path, place in {place.path: place for place in early}.items():
            self.pool.start(f"{CONTROL}{path}", partial(self._control, place, self._tests(place)))
        self.pool.finish()
        for place in early:
            if f"{CONTROL}{place.path}" in self.pool.sound:
                self.pool.start(place.key, partial(self._work, place, self._tests(place)))
        self.pool.finish()
        return True

    def _tests(self, place: Place) -> list[str]:
        return [
            test for test in self.known.tests_for(place, self.seconds) if self.pool.trusted.get(test, True)
        ]

    def _control(self, place: Place, tests: list[str], home: Path, tell: Tell) -> int:
        reload_changed(place, compile(place.tree, str(place.path), "exec", dont_inherit=True))
        return self._run(tests, home, tell)

    def _work(self, place: Place, tests: list[str], home: Path, tell: Tell) -> int:
        tell("import")
        if place.early:
            reload_changed(place, changed_code(place))
        else:
            try:
                change_functions(place, self.functions[str(place.path)])
            except Exception:  # noqa: BLE001 - what cannot be made quickly is made afresh
                return NOT_MADE
        return self._run(tests, home, tell)

    def _unchanged(self, test: str, home: Path, tell: Tell) -> int:
        return self._run([test], home, tell) if test in self.items else 0

    def _run(self, tests: list[str], home: Path, tell: Tell) -> int:
        chosen = [self.items[test] for test in tests if test in self.items]
        for item, after in zip(chosen, [*chosen[1:], None], strict=True):
            item.config._tmp_path_factory._basetemp = home  # type: ignore[attr-defined]
            begin(item.nodeid, self.known.seconds, tell)
            runtestprotocol(item, log=False, nextitem=after)
        return 0


# ---------------------------------------------------------------- the whole


def in_children(works: list[Callable[[], object]]) -> None:
    """Do these at the same time in processes of their own, so that this one imports nothing of ours."""
    for work in works:
        if os.fork() == 0:
            try:
                work()
            except BaseException:  # noqa: BLE001 - SystemExit among them
                traceback.print_exc()
                os._exit(1)
            os._exit(0)
    statuses = [os.wait()[1] for _ in works]
    if any(statuses):
        raise SystemExit("a step of the mutation tests failed")


def record(suites: Iterable[str], file: Path, built: Built) -> None:
    """Run unchanged tests and note what passes where."""
    recorder = Recorder(FOLDER, make_beginnings)
    ended = pytest.main([*OPTIONS, *suites], plugins=[recorder, built])
    if ended != pytest.ExitCode.OK:
        raise SystemExit(f"these fail without any change: {recorder.failed}")
    file.write_text(json.dumps(recorder.to_json()))


def read(results: Path) -> list[tuple[str, str, str]]:
    """Return what has been found so far, the oldest first: a mutant's key, how it ended, in which test."""
    if not results.exists():
        return []
    return [tuple(json.loads(line)) for line in results.read_text(encoding="utf-8").splitlines()]


def known_of(state: Path, more: list[str], built: Built) -> Known:
    """Record what was not recorded yet, and return all that is known."""
    files = sorted(state.glob("lines-*.json"))
    wanted = [more] if more else [] if files else [NEAR, FAR]
    new = [state / f"lines-{len(files) + number}.json" for number in range(len(wanted))]
    in_children([partial(record, suites, file, built) for suites, file in zip(wanted, new, strict=True)])
    return Known([json.loads(file.read_text(encoding="utf-8")) for file in [*files, *new]])


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--state", type=Path, default=Path(tempfile.gettempdir()) / "certledger-mutation")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--seconds", type=float, default=6, help="of tests for one change, at most")
    parser.add_argument("--again", action="store_true", help="run what has survived so far once more")
    parser.add_argument("--record", nargs="*", default=[], help="tests that are new since the first run")
    parser.add_argument(
        "--only", nargs="*", type=Path, default=[], help="files of the verifier, in this order"
    )
    parser.add_argument("--page", type=Path, help="do not run anything; write what was found")
    return parser.parse_args()


def main() -> None:
    given = arguments()
    given.state.mkdir(exist_ok=True)
    results, built = given.state / "results.jsonl", Built(given.state)
    before = read(results)
    done = {key: how for key, how, _ in before}
    files = [path.resolve() for path in given.only] or sorted(FOLDER.rglob("*.py"))
    if given.page:
        given.page.write_text(page(done, [each for path in files for each in places(path, set())]))
        return
    os.environ["HYPOTHESIS_PROFILE"] = "mutation"  # quick to fail: nothing is made smaller, nothing is kept
    phases = (hypothesis.Phase.explicit, hypothesis.Phase.generate)
    hypothesis.settings.register_profile(
        "mutation", deadline=None, derandomize=True, database=None, phases=phases
    )
    if not built.folder.exists():
        in_children([built.build])
    known = known_of(given.state, given.record, built)
    again = {"survived", "stuck"} if given.again else set()
    todo = [
        place
        for path in files
        for place in places(path, known.imported)
        if place.key not in done or done[place.key] in again
    ]
    begun, count = time.monotonic(), [0]

    def ended(key: str, how: str, test: str) -> None:
        count[0] += 1
        with results.open("a", encoding="utf-8") as out:
            out.write(json.dumps([key, how, test]) + "\n")
        if count[0] % 50 == 0:
            sys.stderr.write(f"{count[0]} of {len(todo)} {time.monotonic() - begun:.0f} s {key}\n")

    children = Path(tempfile.mkdtemp(dir=given.state))
    pool = Pool(given.jobs, children, ended)
    if todo:
        loop = Loop(todo, known, given.seconds, pool)
        in_children([partial(pytest.main, [*OPTIONS, *NEAR, *FAR], plugins=[loop, built])])
    ran = {key for key, _, _ in read(results)[len(before) :]}
    for place in todo:  # what could not be done quickly
        if place.key not in ran:
            pool.start(place.key, partial(run_afresh, place, known, given.seconds, built))
    pool.finish()
    shutil.rmtree(children)


if __name__ == "__main__":
    main()
