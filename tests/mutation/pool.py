"""Forks a child for each mutant, and sees how it ends."""

import contextlib
import os
import resource
import shutil
import signal
import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path

Tell = Callable[[str], None]
"""Notes which test runs."""

FAILED, NOT_MADE, CONTROL = 1, 3, "unchanged: "
MEMORY, FILE_SIZE = 8 << 30, 256 << 20


def begin(test: str, seconds: dict[str, float], tell: Tell) -> None:
    """Note which test runs, and let it be ended when it takes far too long."""
    tell(test)
    signal.setitimer(signal.ITIMER_PROF, 1 + 10 * seconds.get(test, 1))
    signal.setitimer(signal.ITIMER_REAL, 30 + 20 * seconds.get(test, 1))


def _tell(file: Path, test: str) -> None:
    file.write_text(test)


Work = Callable[[Path, Tell], int]


class Pool:
    """Forks a child for every job, so many at a time, and tells `ended` the key, how it ended and in which test.

    No test is believed to have killed a mutant before it has passed in a child that changes nothing: `unchanged`
    runs one test so, `trusted` is what came of it. What a test killed that is not to be trusted counts as not run.
    """

    def __init__(self, jobs: int, folder: Path, ended: Callable[[str, str, str], None]) -> None:
        self.jobs, self.folder, self.ended = jobs, folder, ended
        self.running: dict[int, tuple[str, Path]] = {}
        self.sound: set[str] = set()
        self.unchanged: Callable[[str, Path, Tell], int] | None = None
        self.trusted: dict[str, bool] = {}

    def start(self, key: str, work: Work) -> None:
        while len(self.running) >= self.jobs:
            self._wait()
        child, home = self._fork(work)
        self.running[child] = key, home

    def _fork(self, work: Work) -> tuple[int, Path]:
        home = Path(tempfile.mkdtemp(dir=self.folder))
        child = os.fork()
        if child == 0:
            self._child(home, work)
        return child, home

    def _is_trusted(self, test: str) -> bool:
        if self.unchanged is not None and test not in self.trusted:
            child, home = self._fork(partial(self.unchanged, test))
            self.trusted[test] = os.waitpid(child, 0)[1] == 0
            shutil.rmtree(home, ignore_errors=True)
        return self.trusted.get(test, True)

    def finish(self) -> None:
        while self.running:
            self._wait()

    def _wait(self) -> None:
        child, status = os.wait()
        key, home = self.running.pop(child)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(child, signal.SIGKILL)  # what it may have left running
        test = (home / "test").read_text() if (home / "test").exists() else ""
        if os.WIFSIGNALED(status):
            how = "timeout" if os.WTERMSIG(status) != signal.SIGALRM else "stuck"
        else:
            how = {0: "survived", NOT_MADE: "not made"}.get(os.WEXITSTATUS(status), "killed")
        if key.startswith(CONTROL):
            self.sound |= {key} if how == "survived" else set()
        elif how != "not made" and (how != "killed" or self._is_trusted(test)):
            self.ended(key, how, test)
        shutil.rmtree(home, ignore_errors=True)

    @staticmethod
    def _child(home: Path, work: Work) -> None:
        code = FAILED
        try:
            os.setsid()
            nothing = os.open(os.devnull, os.O_RDWR)
            for number in (0, 1, 2):
                os.dup2(nothing, number)
            resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
            resource.setrlimit(resource.RLIMIT_FSIZE, (FILE_SIZE, FILE_SIZE))
            resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
            code = work(home, partial(_tell, home / "test"))
        except BaseException as error:  # noqa: BLE001 - a module that does not even load is killed too
            with (home / "test").open("a") as told:
                told.write(f" {type(error).__name__}: {error}")
        finally:
            os._exit(code)
