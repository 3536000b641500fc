"""The wheel holds the whole program, and its verifier runs where no server library is installed."""

import importlib.metadata
import shutil
import subprocess
import sys
import venv
import zipfile
from pathlib import Path

import pytest
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("verifier", "keys", "ledger", "api")
IMPORT_ALL = """
import pkgutil, sys
import verifier
for module in pkgutil.walk_packages(verifier.__path__, "verifier."):
    __import__(module.name)
print(verifier.__file__)
"""


def tracked(*folders: str) -> set[str]:
    """The files under version control in these folders."""
    if shutil.which("git") is None or not (ROOT / ".git").exists():
        pytest.skip("not a git clone")
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--", *folders], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return set(filter(None, listed.stdout.split("\0")))


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Built from the files under version control alone: nothing that lies about in a work tree gets in."""
    source = tmp_path_factory.mktemp("source")
    for name in tracked(*PACKAGES, "pyproject.toml", "LICENSE"):
        if (ROOT / name).exists():
            (source / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, source / name)
    out = tmp_path_factory.mktemp("wheel")
    pip = [sys.executable, "-m", "pip", "wheel", "--no-index", "--no-deps", "--no-build-isolation"]
    subprocess.run([*pip, "--wheel-dir", str(out), str(source)], check=True, capture_output=True)
    (built,) = out.glob("*.whl")
    return built


def locked_for_the_verifier() -> set[str]:
    lines = (ROOT / "requirements/verifier.txt").read_text(encoding="utf-8").splitlines()
    return {canonicalize_name(line.partition("==")[0]) for line in lines if "==" in line.partition("#")[0]}


def test_the_wheel_holds_every_file_of_the_four_packages_and_no_other(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    packed = {name for name in names if ".dist-info/" not in name}
    notes_for_developers = {name for name in tracked(*PACKAGES) if name.endswith("README.md")}
    assert packed == {name for name in tracked(*PACKAGES) if (ROOT / name).exists()} - notes_for_developers


def test_the_wheel_names_both_commands_and_its_licence(wheel: Path) -> None:
    archive = zipfile.ZipFile(wheel)
    (points,) = [name for name in archive.namelist() if name.endswith("entry_points.txt")]
    assert archive.read(points).decode().split("\n\n")[0].splitlines() == [
        "[console_scripts]",
        "certledger = api.cli:main",
        "certverify = verifier.cli:main",
    ]
    assert any(name.endswith("licenses/LICENSE") for name in archive.namelist())


def test_the_verifier_needs_only_what_an_auditor_installs(wheel: Path, tmp_path: Path) -> None:
    # The folder that `pip install certledger` fills, made without an index; nothing else is on the path.
    site = tmp_path / "site"
    zipfile.ZipFile(wheel).extractall(site)
    for name in locked_for_the_verifier():
        for file in importlib.metadata.distribution(name).files or []:
            if ".." not in file.parts:
                (site / file).parent.mkdir(parents=True, exist_ok=True)
                (site / file).symlink_to(Path(str(file.locate())))
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", f"import sys; sys.path.insert(0, {str(site)!r})\n{IMPORT_ALL}"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == str(site / "verifier/__init__.py")


@pytest.mark.slow
def test_an_auditor_can_install_the_wheel_and_run_it(wheel: Path, tmp_path: Path) -> None:
    """The real thing; it asks a package index."""
    home = tmp_path / "auditor"
    venv.create(home, with_pip=True)
    pip = [str(home / "bin/python"), "-m", "pip", "install", "--quiet"]
    subprocess.run([*pip, "--require-hashes", "-r", str(ROOT / "requirements/verifier.txt")], check=True)
    subprocess.run([*pip, "--no-deps", str(wheel)], check=True)
    subprocess.run([str(home / "bin/certverify"), "--help"], check=True, capture_output=True)
