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

NOT_MADE, CONTROL = 3, "unchanged: "
MEMORY, FILE_SIZE = 8 << 30, 256 << 20


def begin(test: str, seconds: dict[str, float], tell: Tell) -> None:
    """Note which test runs, and let it be ended when it takes far too long."""
    tell(test)
    signal.setitimer(signal.ITIMER_PROF, 1 + 10 * seconds.get(test, 1))
    signal.setitimer(signal.ITIMER_REAL, 30 + 20 * seconds.get(test, 1))


def _tell(file: Path, test: str) -> None:
    file.write_text(test)


class Pool:
    """Forks a child for every job, so many at a time, and collects (key, how it ended, which test)."""

    def __init__(self, jobs: int, folder: Path, ended: Callable[[str, str, str], None]) -> None:
        self.jobs, self.folder, self.ended = jobs, folder, ended
        self.running: dict[int, tuple[str, Path]] = {}
        self.sound: set[str] = set()

    def start(self, key: str, work: Callable[[Path, Tell], int]) -> None:
        while len(self.running) >= self.jobs:
            self._wait()
        home = Path(tempfile.mkdtemp(dir=self.folder))
        child = os.fork()
        if child == 0:
            self._child(home, work)
        self.running[child] = key, home

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
        elif how != "not made":
            self.ended(key, how, test)
        shutil.rmtree(home, ignore_errors=True)

    @staticmethod
    def _child(home: Path, work: Callable[[Path, Tell], int]) -> None:
        code = 1
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
