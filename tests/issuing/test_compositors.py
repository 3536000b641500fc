"""Compositors: the same page as here, every error as it was, and no process that stays behind."""

import multiprocessing
import os
import pickle
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest

from ledger.errors import ConflictError, DomainError, Error
from ledger.issuing import compositors
from ledger.issuing.compositors import Compositors
from ledger.issuing.paper import Paper, default_template, render
from tests.issuing.papers import TRAINING

PLAIN = '#set document(title: "x"); x'
ENDLESS = "#for a in range(100000) { for b in range(100000) { let c = calc.pow(a, 2) } }"
ROOT = Path(__file__).resolve().parents[2]
HELD = """
import os, signal
from ledger.issuing.compositors import Compositors
from tests.issuing.papers import TRAINING
import multiprocessing
if __name__ == "__main__":
    held = Compositors()
    held.page(TRAINING, '#set document(title: "x"); x')
    print(multiprocessing.active_children()[0].pid, flush=True)
    os.kill(os.getpid(), signal.SIGKILL)
"""


def is_running(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def test_a_page_is_the_one_that_is_set_here() -> None:
    with Compositors() as held:
        assert held.page(TRAINING, default_template("TRAINING")) == render(
            TRAINING, default_template("TRAINING")
        )
        (child,) = multiprocessing.active_children()
        assert child.pid is not None
        assert os.getpriority(os.PRIO_PROCESS, child.pid) > os.getpriority(os.PRIO_PROCESS, 0)
        os.kill(child.pid, signal.SIGINT)  # Ctrl-C reaches all processes of a terminal
        assert held.page(TRAINING, PLAIN) == render(TRAINING, PLAIN)
        assert multiprocessing.active_children() == [child]
    assert multiprocessing.active_children() == []


@pytest.mark.parametrize(
    ("paper", "template"), [(TRAINING, "#nonsense("), (replace(TRAINING, number=""), PLAIN)]
)
def test_an_error_comes_back_as_it_was(paper: Paper, template: str) -> None:
    with pytest.raises(Error) as here:
        render(paper, template)
    with Compositors() as held, pytest.raises(Error) as there:
        held.page(paper, template)
    assert (str(there.value), vars(there.value)) == (str(here.value), vars(here.value))
    assert here.value.hint


def test_every_kind_of_error_survives_the_way() -> None:
    for error in (DomainError("CODE", "message"), ConflictError("message")):
        again = pickle.loads(pickle.dumps(error))
        assert (type(again), str(again), vars(again)) == (type(error), str(error), vars(error))


def test_a_page_that_does_not_end_is_stopped_and_the_next_one_is_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compositors, "PAGE_LIMIT_S", 1.0)
    with Compositors() as held:
        with pytest.raises(Error) as caught:
            held.page(TRAINING, ENDLESS)
        assert caught.value.code == compositors.INTERRUPTED
        assert held.page(TRAINING, PLAIN) == render(TRAINING, PLAIN)
    assert multiprocessing.active_children() == []


def test_one_that_is_killed_while_it_waits_is_replaced() -> None:
    with Compositors() as held:
        held.page(TRAINING, PLAIN)
        (child,) = multiprocessing.active_children()
        child.kill()
        child.join()
        time.sleep(0.2)  # until it is noticed; a page that comes earlier is told as interrupted
        assert held.page(TRAINING, PLAIN) == render(TRAINING, PLAIN)


def test_none_outlives_the_process_that_began_it(tmp_path: Path) -> None:
    script = tmp_path / "held.py"
    script.write_text(HELD)
    said = tmp_path / "said"
    with said.open("w") as out:  # a file, since a pipe would be open for as long as the process that stays
        command = [sys.executable, str(script)]
        environment = {**os.environ, "PYTHONPATH": str(ROOT)}
        done = subprocess.run(command, stdout=out, stderr=subprocess.DEVNULL, env=environment, check=False)
    assert done.returncode == -signal.SIGKILL
    pid, until = int(said.read_text()), time.monotonic() + 10
    while is_running(pid) and time.monotonic() < until:
        time.sleep(0.05)
    assert not is_running(pid)
