"""Started from a mixed set of packages, both commands would run somebody else's code; they must refuse."""

import base64
import hashlib
import importlib
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Callable
from importlib.machinery import BuiltinImporter, FrozenImporter, PathFinder
from pathlib import Path
from types import ModuleType

import pytest

from verifier import house
from verifier.errors import Error
from verifier.house import check_house

ROOT = Path(__file__).resolve().parents[2]
STANDARD = [sysconfig.get_path("stdlib"), str(Path(sysconfig.get_path("platstdlib")) / "lib-dynload")]
PACKAGES = ("verifier", "keys", "ledger", "api")
Say = Callable[..., str]


@pytest.fixture
def said(monkeypatch: pytest.MonkeyPatch) -> Say:
    """What a Python says that sees nothing but these folders and the standard library."""

    def say(*folders: Path, loaded: ModuleType | None = None) -> str:
        home = next(folder for folder in folders if (folder / "verifier").is_dir())
        with monkeypatch.context() as patch:
            patch.setattr(sys, "path", [*map(str, folders), *STANDARD])
            patch.setattr(sys, "meta_path", [BuiltinImporter, FrozenImporter, PathFinder])
            for name in PACKAGES:
                patch.delitem(sys.modules, name, raising=False)
            if loaded is not None:
                patch.setitem(sys.modules, loaded.__name__, loaded)
            patch.setattr(house, "__file__", str(home / "verifier/house.py"))
            importlib.invalidate_caches()
            try:
                check_house()
            except Error as error:
                return str(error)
        return "one house"

    return say


@pytest.fixture
def home(tmp_path: Path) -> Path:
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


def test_this_checkout_is_one_house() -> None:
    check_house()


def test_four_packages_side_by_side_are_one_house(said: Say, home: Path) -> None:
    assert said(home) == "one house"
    record(home)
    assert said(home) == "one house"


@pytest.mark.parametrize("name", ["keys", "ledger", "api"])
def test_a_package_from_elsewhere_is_refused_by_name(
    said: Say, home: Path, tmp_path: Path, name: str
) -> None:
    other = tmp_path / "other"
    (other / name).mkdir(parents=True)
    (other / name / "__init__.py").write_text('"""Another project."""\n')
    # The other folder comes first on the path, so its package hides ours.
    stranger = other / name
    answer = said(other, home)
    assert answer.startswith("PACKAGES_MIXED: ")
    assert str(stranger) in answer
    assert "an environment of its own" in answer
    assert said(home, other) == "one house"


def test_a_missing_package_is_refused(said: Say, home: Path) -> None:
    shutil.rmtree(home / "keys")
    assert "the package keys is missing" in said(home)


def test_a_bare_folder_is_not_a_package(said: Say, home: Path) -> None:
    (home / "api" / "__init__.py").unlink()
    assert "the package api is missing" in said(home)


def test_a_module_of_the_same_name_is_not_the_package(said: Say, home: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    (other / "api.py").write_text('"""A lone file."""\n')
    assert said(other, home).startswith("PACKAGES_MIXED: the package api comes from")


def test_a_package_written_over_by_a_later_install_is_refused(said: Say, home: Path) -> None:
    record(home)
    (home / "keys" / "__init__.py").write_text('"""Another project, same folder."""\n')
    assert "is not the file that was installed with certledger" in said(home)


def test_a_record_of_another_installation_is_not_consulted(said: Say, home: Path, tmp_path: Path) -> None:
    installed = tmp_path / "installed"
    shutil.copytree(home, installed)
    record(installed)
    (installed / "keys" / "__init__.py").write_text('"""Changed there, which is not our business."""\n')
    assert said(home, installed) == "one house"


def test_what_was_loaded_from_nowhere_is_not_the_package(said: Say, home: Path) -> None:
    lone = ModuleType("api")
    assert lone.__spec__ is None
    assert "the package api is missing" in said(home, loaded=lone)


def test_an_editable_installation_records_nothing(said: Say, home: Path) -> None:
    record(home)
    (home / "certledger-0.1.0.dist-info/RECORD").unlink()
    assert said(home) == "one house"


def test_of_a_record_only_the_hashes_of_the_four_count(said: Say, home: Path) -> None:
    record(home)
    told = home / "certledger-0.1.0.dist-info/RECORD"
    first, *others = told.read_text().splitlines()
    (home / "keys" / "other.py").write_text("")
    odd = ["keys/other.py,sha256=AAAA,0", f"{first.split(',')[0]},,", "ledger/__init__.py,md5=AAAA,0"]
    told.write_text("\n".join([*odd, *others]))
    assert said(home) == "one house"
    (home / "api" / "__init__.py").write_text("")
    assert f"{home / 'api/__init__.py'} is not the file" in said(home)


def test_a_fresh_python_says_the_same(home: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    (other / "keys").mkdir(parents=True)
    (other / "keys/__init__.py").write_text("")
    call = (
        f"import sys; sys.path[:0] = {[str(other), str(home)]!r}; import verifier.house as h; h.check_house()"
    )
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", call], capture_output=True, text=True, check=False
    )
    assert done.returncode != 0
    assert f"PACKAGES_MIXED: the package keys comes from {other / 'keys'}" in done.stderr
