"""docs/operating.md is true: its commands are run as they stand, from an empty folder on the machine's own clock."""

from __future__ import annotations

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from api.key_commands import keys
from ledger.issuing.seal_settings import SealSettings

ROOT = Path(__file__).resolve().parents[2]
DOCUMENT = (ROOT / "docs/operating.md").read_text()
NEEDED = ("bash", "curl", "openssl", "pdftoppm", "python3", "sha256sum", "zbarimg")
ACCOUNTS = ("wati", "budi", "admin", "issuer", "printer")

missing = [program for program in NEEDED if shutil.which(program) is None]


def free_port() -> str:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        return str(listening.getsockname()[1])


def programs(folder: Path) -> None:
    """``certledger`` and ``certverify`` of this tree."""
    folder.mkdir()
    for name, module in (("certledger", "api.cli"), ("certverify", "verifier.cli")):
        program = folder / name
        program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m {module} "$@"\n')
        program.chmod(0o755)


@pytest.mark.skipif(bool(missing), reason=f"missing: {', '.join(missing)}")
def test_an_office_gets_from_nothing_to_a_certificate_that_stands(tmp_path: Path) -> None:
    programs(tmp_path / "bin")
    work = tmp_path / "work"
    work.mkdir()
    shutil.copy(ROOT / "sample" / "rulebook.json", work)
    environment = os.environ | {
        "CERTLEDGER_DATA": str(tmp_path / "data"),
        "PORT": free_port(),
        "WITNESS_PORT": free_port(),
        "PATH": f"{tmp_path / 'bin'}:{os.environ['PATH']}",
        "PYTHON": sys.executable,
        "PYTHONPATH": str(ROOT),
        **{f"CERTLEDGER_PASSPHRASE_{name.upper()}": f"a long passphrase of {name}" for name in ACCOUNTS},
    }
    script = "\n".join(re.findall(r"^```sh\n(.*?)^```$", DOCUMENT, re.DOTALL | re.MULTILINE))
    with (
        (work / "said").open("w+") as said,
        subprocess.Popen(
            ["bash", "-euxo", "pipefail", "-c", script],
            env=environment,
            cwd=work,
            stdout=said,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        ) as walk,
    ):
        try:
            code = walk.wait(timeout=300)
        finally:
            os.killpg(walk.pid, signal.SIGKILL)  # the server and the witness that it left running
        told = (work / "said").read_text()
    assert code == 0, told[-4000:]
    stood = re.findall(r"^STANDS: |^THE HISTORY STANDS", told, re.MULTILINE)
    assert "LOG_ROLLED_BACK" in told
    assert told.endswith("VALID\n"), told[-4000:]  # the last known status of the one that was issued
    assert len(stood) == 5, told[
        -4000:
    ]  # QR, credential, PDF, the QR under a newer key file, and the history


def test_the_settings_that_it_shows_are_settings() -> None:
    (shown,) = re.findall(r"^```json\n(.*?)^```$", DOCUMENT, re.DOTALL | re.MULTILINE)
    kinds = {seal.key for seal in SealSettings.model_validate_json(shown).seals.values()}
    assert kinds == {"issuer", "file", "token"}


def test_the_document_names_every_command_of_keys() -> None:
    named = set(re.findall(r"certledger keys (\w+)", DOCUMENT))
    assert named == {
        each.name or each.callback.__name__ for each in keys.registered_commands if each.callback
    }
