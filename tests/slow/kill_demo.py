"""``certledger demo`` is killed at random moments and started again.

    python -m tests.slow.kill_demo [--kills N]

Every start finds what the one before left behind. Most kills come anywhere in a run (seeded), some while the
finished folder is put in its place. After every fifth kill a run is left to finish and is looked at as a whole. While
anything runs, the target folder is watched: a demo.json there must be whole, with everything that it names. The
folders lie in memory: what a power cut would do to a disk is not looked at.
"""

from __future__ import annotations

import argparse
import json
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from pathlib import Path

from api.composition import open_house
from ledger.fsck import fsck
from ledger.rebuild import rebuild
from tests.slow.racing import ram
from tests.slow.report import Report

SEED = 2026
ROUND = 5
"""Kills after which a run may finish."""
AT_THE_END_S = 0.001
SAMPLE = Path(__file__).resolve().parents[2] / "sample" / "programme-2026.json"


class Watch:
    """Looks at the target folder all the time; ``wrong`` is what it saw that must not be."""

    def __init__(self, target: Path) -> None:
        self.wrong: list[str] = []
        self.looks = 0
        self.pause = threading.Lock()
        """Held while the suite itself takes the folder away."""
        self._target = target
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        while not self._stop.wait(0.002):
            self.looks += 1
            with self.pause:
                problem = half_shown(self._target)
            if problem:
                self.wrong.append(problem)

    def end(self) -> None:
        """Look no more."""
        self._stop.set()
        self._thread.join()


def half_shown(target: Path) -> str | None:
    """What is wrong with a target folder that has something in it, or None."""
    try:
        names = {each.name for each in target.iterdir()} - {".lock"}
    except FileNotFoundError:
        return None
    if not names:
        return None
    try:
        document = json.loads((target / "demo.json").read_bytes())
    except (OSError, ValueError) as error:
        return f"the folder holds {sorted(names)[:3]} and no readable demo.json: {error}"
    papers = [each["pdf"] for each in document["certificates"]]
    needed = [document["root"], *(each for each in papers if each), str(target / "certledger.json")]
    gone = [each for each in needed if not Path(each).is_file()]
    return f"demo.json names {gone[0]}, which is not there" if gone else None


def start(target: Path) -> subprocess.Popen[bytes]:
    """A run of the demonstration."""
    command = [sys.executable, "-m", "api.cli", "demo", "--no-serve", "--data", str(target)]
    return subprocess.Popen(
        [*command, "--sample", str(SAMPLE)], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
    )


def kill(target: Path, wait_s: float, *, at_the_end: bool) -> str:
    """Start a run and kill it; says where it was."""
    process = start(target)
    building = target.with_name(f".{target.name}.building")
    begun = time.monotonic()
    if at_the_end:
        while not (building / "demo.json").exists() and process.poll() is None:
            time.sleep(0.0001)
    time.sleep(wait_s)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    if process.returncode == 0 or (target / "demo.json").exists():
        return "the run was over"
    if not building.exists():
        return (
            "before anything was built" if time.monotonic() - begun < 2 else "between building and its place"
        )
    if (building / "demo.json").exists():
        return "built, and not in its place yet"
    return "half-built"


def main() -> None:
    """Kill, and let every fifth run finish."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=40)
    kills = parser.parse_args().kills
    report = Report("kill_demo", "certledger demo is killed at random moments and started again.")
    with tempfile.TemporaryDirectory(prefix="certledger-", dir=ram()) as name:
        target = Path(name) / "demo"
        begun = time.monotonic()
        process = start(target)
        process.communicate()
        length = time.monotonic() - begun
        report.line(f"A whole run takes {length:.1f} s here.")
        clear(target)
        run(report, target, kills, length)
    report.end()


def run(report: Report, target: Path, kills: int, length: float) -> None:
    """All kills, with a look after each."""
    draw, watch, where = random.Random(SEED), Watch(target), Counter[str]()
    finished, wrong = 0, []
    for number in range(kills):
        at_the_end = number % ROUND == ROUND - 1
        where[
            kill(target, draw.uniform(0, AT_THE_END_S if at_the_end else length), at_the_end=at_the_end)
        ] += 1
        problem = half_shown(target)
        if problem:
            wrong.append(problem)
        if at_the_end or (target / "demo.json").exists():
            finished += 1
            wrong += finish(target)
            with watch.pause:
                clear(target)
    watch.end()
    for place, count in sorted(where.items()):
        report.line(f"  killed: {place}: {count}")
    report.check(
        f"{finished} runs after kills finished, sound and as the sample says",
        not wrong,
        told="; ".join(wrong[:3]),
    )
    report.check(
        f"in {watch.looks} looks the folder never showed half a year",
        not watch.wrong,
        told="; ".join(watch.wrong[:3]),
    )


def clear(target: Path) -> None:
    """Take a finished folder away at once, so that nobody sees half of it go."""
    if target.exists():
        away = target.with_name("away")
        target.rename(away)
        shutil.rmtree(away)


def finish(target: Path) -> list[str]:
    """Let a run finish, then everything that is wrong with what it left."""
    process = start(target)
    message = process.communicate()[1].decode()
    if process.returncode:
        return [f"a run after a kill ended with {process.returncode}: {message}"]
    document = json.loads((target / "demo.json").read_bytes())
    wrong = [
        f"{each['id']} was not refused as expected"
        for each in document["refused"]
        if each["got"] != each["expected"]
    ]
    wrong += [
        "a status check differs" for each in document["status_checks"] if each["got"] != each["expected"]
    ]
    wrong += [f"{each.name} is left beside it" for each in target.parent.iterdir() if each != target]
    with open_house(target) as house:
        finding = fsck(house.application, house.queries, house.folder.root)[1]
        if finding is not None:
            wrong.append(f"fsck: {finding}")
        if any(rebuild(house.application).differing.values()):
            wrong.append("rebuild: projections differ")
    return wrong


if __name__ == "__main__":
    main()
