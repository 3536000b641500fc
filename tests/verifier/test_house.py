"""Started from a mixed set of packages, both commands would run somebody else's code; they must refuse."""

import base64
import hashlib
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from verifier.house import PACKAGES, check_house

ROOT = Path(__file__).resolve().parents[2]
CALL = """
from verifier.errors import Error
from verifier.house import check_house
try:
    check_house()
except Error as error:
    print(error)
else:
    print("one house")
"""


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """A folder that holds the four packages as an installer would lay them, without what needs a library."""
    home = tmp_path / "site"
    for name in PACKAGES:
        (home / name).mkdir(parents=True)
        (home / name / "__init__.py").write_text(f'"""{name}"""\n')
    for module in ("house.py", "errors.py"):
        shutil.copy(ROOT / "verifier" / module, home / "verifier")
    return home


def record(home: Path) -> None:
    """Write what pip writes beside an installation: names, versions, and the hash of each file."""
    info = home / "certledger-0.1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: certledger\nVersion: 0.1.0\n")
    lines = []
    for name in PACKAGES:
        content = (home / name / "__init__.py").read_bytes()
        digest = base64.urlsafe_b64encode(hashlib.sha256(content).digest()).decode().rstrip("=")
        lines.append(f"{name}/__init__.py,sha256={digest},{len(content)}\n")
    (info / "RECORD").write_text("".join(lines))


def said(*path: Path) -> str:
    """What a fresh Python says that sees nothing but these folders and the standard library."""
    setup = "import sys; sys.path[:0] = " + repr([str(folder) for folder in path])
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", f"{setup}\n{CALL}"], capture_output=True, text=True, check=True
    )
    return done.stdout.strip()


def test_this_checkout_is_one_house() -> None:
    check_house()


def test_four_packages_side_by_side_are_one_house(site: Path) -> None:
    assert said(site) == "one house"
    record(site)
    assert said(site) == "one house"


@pytest.mark.parametrize("name", ["keys", "ledger", "api"])
def test_a_package_from_elsewhere_is_refused_by_name(site: Path, tmp_path: Path, name: str) -> None:
    other = tmp_path / "other"
    (other / name).mkdir(parents=True)
    (other / name / "__init__.py").write_text('"""Another project."""\n')
    # The other folder comes first on the path, so its package hides ours.
    stranger = other / name
    answer = said(other, site)
    assert answer.startswith("PACKAGES_MIXED: ")
    assert str(stranger) in answer
    assert "an environment of its own" in answer
    assert said(site, other) == "one house"


def test_a_missing_package_is_refused(site: Path) -> None:
    shutil.rmtree(site / "keys")
    assert "the package keys is missing" in said(site)


def test_a_bare_folder_is_not_a_package(site: Path) -> None:
    (site / "api" / "__init__.py").unlink()
    assert "the package api is missing" in said(site)


def test_a_module_of_the_same_name_is_not_the_package(site: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    (other / "api.py").write_text('"""A lone file."""\n')
    assert said(other, site).startswith("PACKAGES_MIXED: the package api comes from")


def test_a_package_written_over_by_a_later_install_is_refused(site: Path) -> None:
    record(site)
    (site / "keys" / "__init__.py").write_text('"""Another project, same folder."""\n')
    assert "is not the file that was installed with certledger" in said(site)


def test_a_record_of_another_installation_is_not_consulted(site: Path, tmp_path: Path) -> None:
    installed = tmp_path / "installed"
    shutil.copytree(site, installed)
    record(installed)
    (installed / "keys" / "__init__.py").write_text('"""Changed there, which is not our business."""\n')
    assert said(site, installed) == "one house"
