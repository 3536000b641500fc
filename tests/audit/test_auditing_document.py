"""docs/auditing.md is true: its commands are run as they stand there, on a demonstration."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
DOCUMENT = (ROOT / "docs/auditing.md").read_text()
PROGRAMS = {"certledger": "api.cli", "certverify": "verifier.cli"}


@pytest.mark.skipif(not all(map(shutil.which, ("bash", "dd"))), reason="bash or dd is missing")
def test_the_commands_of_the_document(built_demo: Path, tmp_path: Path) -> None:
    data = tmp_path / "data"
    shutil.copytree(built_demo, data)
    certificates = json.loads((data / "demo.json").read_text())["certificates"]
    (tmp_path / "bin").mkdir()
    for name, module in PROGRAMS.items():
        program = tmp_path / "bin" / name
        program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m {module} "$@"\n')
        program.chmod(0o755)
    environment = os.environ | {
        "DATA": str(data),
        "NUMBER": certificates[0]["number"],
        "PATH": f"{tmp_path / 'bin'}:{os.environ['PATH']}",
        "PYTHONPATH": str(ROOT),
    }
    script = "\n".join(re.findall(r"^```sh\n(.*?)^```$", DOCUMENT, re.DOTALL | re.MULTILINE))
    done = subprocess.run(
        ["bash", "-euxo", "pipefail", "-c", script],
        env=environment,
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    headings = re.findall(r"^[A-Z ]+\.$", done.stdout, re.MULTILINE)
    stands, not_ = "THE HISTORY STANDS.", "THE HISTORY DOES NOT STAND."
    assert headings == [stands, not_, stands, stands, stands]
    assert "TILE_WRONG" in done.stdout or "ENTRY_NOT_IN_LOG" in done.stdout
    assert f"TRAINING {certificates[0]['number']}" in done.stdout
    assert "<html" in (tmp_path / "report.html").read_text()


def test_the_document_names_only_options_that_there_are() -> None:
    said = subprocess.run(
        [sys.executable, "-m", "verifier.cli", "bundle", "--help"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    lines = [line for line in DOCUMENT.splitlines() if "certverify bundle" in line or "`--" in line]
    named = set(re.findall(r"--[a-z-]+", "\n".join(lines))) - {"--all", "--named", "--destroy-by"}
    assert named
    assert all(option in said for option in named), named
