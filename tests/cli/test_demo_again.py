"""`certledger demo` on a folder that holds a demonstration: it goes on with that one, or says why it does not."""

import shutil
import subprocess
import sys
from pathlib import Path

from tests.conftest import SAMPLE
from tests.programme.other import other_file, write

ROOT = Path(__file__).resolve().parents[2]


def demo(data: Path, *options: str | Path) -> subprocess.CompletedProcess[str]:
    arguments = [sys.executable, "-m", "api.cli", "demo", "--no-serve", "--data", data, *options]
    return subprocess.run(
        list(map(str, arguments)), cwd=ROOT, capture_output=True, text=True, check=False, timeout=60
    )


def test_the_same_again_goes_on_and_another_is_refused(built_demo: Path, tmp_path: Path) -> None:
    data = tmp_path / "data"
    shutil.copytree(built_demo, data)
    other = write(tmp_path, other_file())
    for options in ((), ("--port", "8000"), ("--sample", SAMPLE)):
        done = demo(data, *options)
        assert done.returncode == 0, done.stderr
        assert "going on with it" in done.stdout
    for options in (("--port", "8001"), ("--sample", other)):
        done = demo(data, *options)
        assert (done.returncode, done.stdout) == (2, "")
        assert done.stderr.startswith("FOLDER_NOT_EMPTY: ")


def test_a_damaged_list_of_accounts_is_told(built_demo: Path, tmp_path: Path) -> None:
    data = tmp_path / "data"
    shutil.copytree(built_demo, data)
    for content in (
        "{",
        "{}",
        '[{"username": "x"}]',
        "[1]",
        "\udcff".encode("utf-8", "surrogateescape").hex(),
    ):
        (data / "accounts.json").write_text(content)
        done = subprocess.run(
            [sys.executable, "-m", "api.cli", "export", str(tmp_path / "out"), "--data", str(data)],
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=False,
        )
        if content != "{}":  # an empty list by another spelling
            assert (done.returncode, done.stdout) == (2, "")
            assert done.stderr.startswith("STORE_DAMAGED: ")
            assert "accounts.json" in done.stderr
