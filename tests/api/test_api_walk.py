"""docs/api.md is true: its commands are run as they stand there, against a server and a ledger of their own."""

from __future__ import annotations

import json
import os
import re
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from api.staff import problems
from ledger.commands import catalogue
from ledger.commands.command import QUERIES
from tests.api.bureau import bureau, passphrase_of

catalogue.load()
ROOT = Path(__file__).resolve().parents[2]
DOCUMENT = (ROOT / "docs/api.md").read_text()
NEEDED = ("bash", "curl", "python3", "cut", "tr")

needs_shell = pytest.mark.skipif(
    not all(map(shutil.which, NEEDED)), reason=f"one of {', '.join(NEEDED)} is missing"
)


def script() -> str:
    return "\n".join(re.findall(r"^```sh\n(.*?)^```$", DOCUMENT, re.DOTALL | re.MULTILINE))


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port: int = listening.getsockname()[1]
        return port


def certledger(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "api.cli", *arguments]


@contextmanager
def served(data: Path) -> Iterator[str]:
    """A server over the folder; its address."""
    port = free_port()
    with subprocess.Popen(certledger("serve", "--data", str(data), "--port", str(port)), cwd=ROOT) as server:
        try:
            for _ in range(300):
                with socket.socket() as probe:
                    if probe.connect_ex(("127.0.0.1", port)) == 0:
                        break
                time.sleep(0.1)
            yield f"http://127.0.0.1:{port}"
        finally:
            server.terminate()
            server.wait()


def walk(data: Path, tmp_path: Path) -> list[str]:
    """What the document's commands print, line by line."""
    program = tmp_path / "bin" / "certledger"
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m api.cli "$@"\n')
    program.chmod(0o755)
    with served(data) as address:
        environment = os.environ | {
            "DATA": str(data),
            "BASE": address,
            "PATH": f"{program.parent}:{os.environ['PATH']}",
            "PYTHONPATH": str(ROOT),
        }
        done = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", script()],
            env=environment,
            cwd=tmp_path,
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    return done.stdout.splitlines()


@needs_shell
def test_the_walk_ends_with_two_certificates_that_stand_and_are_printed(tmp_path: Path) -> None:
    data = tmp_path / "data"
    with bureau(data, "admin", "issuer", "teacher", "printer") as place:
        place.templates()
        place.programme(place.scheme())
        accounts = [
            {"username": name, "passphrase": passphrase_of(name), "roles": [str(place.roles[name][0])]}
            for name in ("admin", "issuer", "printer")
        ]
        now = place.house.clock.now().isoformat()
    (data / "demo.json").write_text(json.dumps({"accounts": accounts, "now": now}))
    said = walk(data, tmp_path)
    assert said.count("VALID") == 2
    assert said[-3:] == ["certificates.zip", "forms.csv", "print-001.pdf"]
    assert not (data / "passphrases.json").exists()


@needs_shell
@pytest.mark.slow
def test_the_walk_goes_on_from_the_demonstration(tmp_path: Path) -> None:
    data = tmp_path / "demo"
    subprocess.run(certledger("demo", "--data", str(data), "--no-serve"), cwd=ROOT, check=True)
    assert walk(data, tmp_path).count("VALID") == 2


def test_the_document_names_every_query_and_only_codes_and_statuses_that_there_are() -> None:
    rows = re.findall(r"^\| ([A-Z]\w+(?:, [A-Z]\w+)*) \|", DOCUMENT, re.MULTILINE)
    named = [name for row in rows for name in row.split(", ") if name not in {"Query", "Status"}]
    assert sorted(named) == sorted(QUERIES)
    statuses = {
        int(each)
        for row in re.findall(r"^\| ([\d, ]+) \|", DOCUMENT, re.MULTILINE)
        for each in row.split(", ")
    }
    assert statuses == set(problems.STATUSES)
