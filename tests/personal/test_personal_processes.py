"""Two processes on the same files at once, and one that is killed."""

import json
import os
import signal
import subprocess
import sys
import time
from datetime import timedelta
from pathlib import Path

from tests.personal.personal_kit import NOW, fact, open_store

ROOT = Path(__file__).resolve().parents[2]
COMMANDS = 40

WRITER = """
import sys
from pathlib import Path
from ledger.errors import ConflictError
from tests.personal.personal_kit import NOW, fact, open_store
folder, name, count = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
store = open_store(folder)
won = []
for number in range(count):
    command = f"{name}-{number}"
    facts = [fact(command), fact(command, subject=f"learner/{command}")]
    store.put(facts, pending=command, now=NOW)
    store.settle(command)
    try:
        store.put([], pending=command + "-nik", now=NOW, niks={f"nik-{number}": name})
        won.append(number)
    except ConflictError as error:
        assert error.code == "CONCURRENCY_CONFLICT"
    print(command, flush=True)
import json
print(json.dumps(won))
"""


def start(folder: Path, name: str, count: int) -> "subprocess.Popen[str]":
    command = [sys.executable, "-c", WRITER, str(folder), name, str(count)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT, env=environment)


def test_two_processes_write_the_same_row_and_lose_nothing(tmp_path: Path) -> None:
    """Both open an empty folder at once, append to one shared row, and race for the same tags."""
    writers = [start(tmp_path, name, COMMANDS) for name in ("a", "b")]
    outputs = [writer.communicate(timeout=120)[0] for writer in writers]
    assert [writer.returncode for writer in writers] == [0, 0]
    won = [json.loads(output.splitlines()[-1]) for output in outputs]
    assert sorted(won[0] + won[1]) == list(range(COMMANDS))  # each tag went to exactly one
    store = open_store(tmp_path)
    expected = {f"{name}-{number}" for name in "ab" for number in range(COMMANDS)}
    assert {each.value for each in store.get("learner/l1", "identity")} == expected
    assert len(store.get("learner/l1", "identity")) == len(expected)
    assert all(store.value(f"learner/{each}", "identity", "name") == each for each in expected)
    store.close()


def test_a_killed_writer_leaves_all_that_it_acknowledged(tmp_path: Path) -> None:
    writer = start(tmp_path, "a", 100_000)
    assert writer.stdout is not None
    acknowledged = [writer.stdout.readline().strip() for _ in range(25)]
    time.sleep(0.013)
    writer.send_signal(signal.SIGKILL)
    rest = writer.communicate(timeout=30)[0].splitlines()
    acknowledged += [line for line in rest if line.startswith("a-")]
    store = open_store(tmp_path)
    values = [each.value for each in store.get("learner/l1", "identity")]
    assert values[: len(acknowledged)] == acknowledged
    assert len(values) <= len(acknowledged) + 1
    store.sweep(lambda _: False, NOW + timedelta(hours=1))
    assert set(acknowledged) <= {each.value for each in store.get("learner/l1", "identity")}
    store.put([fact("after")], pending="after", now=NOW)
    store.settle("after")
    store.close()


def test_destruction_against_a_writer(tmp_path: Path) -> None:
    """While another process puts, destroy and read: never a damaged row, never another error."""
    store = open_store(tmp_path)
    writer = start(tmp_path, "a", COMMANDS)
    while writer.poll() is None:
        store.get("learner/l1", "identity")
        store.destroy("learner/l1", "identity", position=7)
        store.get("learner/l1", "identity")
    assert writer.wait() == 0
    assert writer.stdout is not None
    writer.stdout.close()
    assert all(store.value(f"learner/a-{n}", "identity", "name") == f"a-{n}" for n in range(COMMANDS))
    store.close()
