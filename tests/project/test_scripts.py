"""The scripts work from any folder, change nothing the second time, and say what to do when stuck."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SCRIPTS = ("scripts/demo", "scripts/lock", "scripts/test", ".ci/run")

# A Python that is new enough but, as on Debian without python3-venv, cannot make environments.
WITHOUT_VENV = """#!/bin/sh
case "$*" in
  *"sys.exit"*) exit 0 ;;
  *"%d.%d"*) echo 3.11 ;;
  *) exit 1 ;;
esac
"""
# Says which command was called, from where, with what.
ECHO = '#!/bin/sh\necho "in $PWD"\nfor argument; do echo "[$argument]"; done\n'


def executable(path: Path, text: str) -> Path:
    path.write_text(text)
    path.chmod(0o755)
    return path


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """The parts of a clone that set-up reads, in a folder whose name has a space; no .venv."""
    root = tmp_path / "a clone"
    for name in ("scripts", "requirements"):
        shutil.copytree(ROOT / name, root / name)
    shutil.copy(ROOT / "pyproject.toml", root)
    return root


@pytest.fixture
def ready(clone: Path) -> Path:
    """A clone that is set up already, as far as scripts/demo can tell; pip in it fails if it is called."""
    (clone / ".venv/bin").mkdir(parents=True)
    refuses_pip = f'#!/bin/sh\n[ "$1" = -m ] && exit 9\nexec "{sys.executable}" "$@"\n'
    executable(clone / ".venv/bin/python", refuses_pip)
    executable(clone / ".venv/bin/certledger", ECHO)
    (clone / ".venv/made-in").write_text(f"{clone.resolve()}\n")
    asked = 'root=$1; . "$root/scripts/setup.sh"; fingerprint server.txt'
    told = subprocess.run(
        ["sh", "-c", asked, "sh", str(clone)], capture_output=True, text=True, check=True
    ).stdout
    (clone / ".venv/installed-server.txt").write_text(told)
    return clone


def run(
    clone: Path, *arguments: str, cwd: Path | None = None, **environment: str
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(clone / "scripts/demo"), *arguments],
        cwd=cwd or clone,
        env={"PATH": "/usr/bin:/bin", "HOME": str(clone), **environment},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


@pytest.mark.parametrize("name", SCRIPTS)
def test_a_script_can_be_run_and_read_by_its_shell(name: str) -> None:
    path = ROOT / name
    assert os.access(path, os.X_OK)
    shell = path.read_text(encoding="utf-8").splitlines()[0]
    assert shell in ("#!/bin/sh", "#!/usr/bin/env bash")
    subprocess.run([shell.split("/")[-1].split()[-1], "-n", str(path)], check=True)


def test_a_second_run_installs_nothing_and_passes_all_arguments_on(ready: Path, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    done = run(ready, "--port", "8123", "--data", "my data", "--no-serve", cwd=elsewhere)
    assert done.stderr == ""
    assert done.stdout.splitlines() == [
        f"in {elsewhere}",
        "[demo]",
        "[--port]",
        "[8123]",
        "[--data]",
        "[my data]",
        "[--no-serve]",
    ]


def test_what_the_tests_need_is_enough_for_the_demo(ready: Path) -> None:
    (ready / ".venv/installed-server.txt").unlink()
    asked = 'root=$1; . "$root/scripts/setup.sh"; fingerprint dev.txt >"$root/.venv/installed-dev.txt"'
    subprocess.run(["sh", "-c", asked, "sh", str(ready)], check=True)
    assert run(ready).returncode == 0


@pytest.mark.parametrize("changed", ["requirements/server.txt", "pyproject.toml"])
def test_a_changed_lock_or_project_is_installed_again(ready: Path, changed: str) -> None:
    with (ready / changed).open("a") as file:
        file.write("# newer\n")
    # pip fails here, so the environment is taken for a half-made one, and there is no Python to make another.
    done = run(ready, PYTHON="/bin/false")
    assert done.returncode == 1
    assert "PYTHON=/bin/false is not a Python 3.11 or newer" in done.stderr


def test_an_environment_from_another_folder_is_not_used(ready: Path) -> None:
    (ready / ".venv/made-in").write_text("/somewhere/else\n")
    done = run(ready, PYTHON="/bin/false")
    assert done.returncode == 1
    assert done.stdout == ""


def test_an_old_python_is_named_with_what_to_do(clone: Path, tmp_path: Path) -> None:
    tools = tmp_path / "tools"
    tools.mkdir()
    for tool in ("sh", "dirname", "cat"):
        (tools / tool).symlink_to(str(shutil.which(tool)))
    executable(tools / "python3", '#!/bin/sh\n[ "$1" = --version ] && echo "Python 3.9.2" && exit\nexit 1\n')
    done = run(clone, PATH=str(tools))
    assert done.returncode == 1
    assert "Python 3.11 or newer is needed (found: Python 3.9.2)" in done.stderr
    assert "apt-get install python3 python3-venv" in done.stderr
    assert not (clone / ".venv").exists()


def test_a_python_without_venv_is_named_with_what_to_do(clone: Path, tmp_path: Path) -> None:
    tools = tmp_path / "tools"
    tools.mkdir()
    for tool in ("sh", "dirname", "cat"):  # no apt-get: nothing can be installed
        (tools / tool).symlink_to(str(shutil.which(tool)))
    python = executable(tools / "python3", WITHOUT_VENV)
    done = run(clone, PATH=str(tools), PYTHON=str(python))
    assert done.returncode == 1
    assert "apt-get install python3.11-venv" in done.stderr
    assert not (clone / ".venv").exists()


def test_a_failed_install_is_told_and_not_taken_for_done(clone: Path) -> None:
    (clone / "requirements/server.txt").write_text("no-such-thing==1 --hash=sha256:" + "0" * 64 + "\n")
    done = run(clone, PYTHON=sys.executable, PIP_NO_INDEX="1", PIP_FIND_LINKS="")
    assert done.returncode == 1
    assert "pip could not install requirements/server.txt" in done.stderr
    assert not list((clone / ".venv").glob("installed-*"))
