"""For all tests: no connection leaves this machine, hypothesis finds the same examples on every run, and what
takes long to build is built once.

Chance finds its bugs when somebody is looking: `HYPOTHESIS_PROFILE=explore scripts/test` draws new examples.
"""

import fcntl
import ipaddress
import os
import socket
from pathlib import Path
from typing import Any

import hypothesis
import pytest

hypothesis.settings.register_profile("default", deadline=None, derandomize=True)
hypothesis.settings.register_profile("explore", deadline=None, derandomize=False, max_examples=1000)
hypothesis.settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "default"))

SAMPLE = Path(__file__).resolve().parents[1] / "sample" / "programme-2026.json"

_connect = socket.socket.connect


def _is_here(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _connect_here_only(self: socket.socket, address: Any) -> None:
    if self.family in (socket.AF_INET, socket.AF_INET6) and not _is_here(str(address[0])):
        raise RuntimeError(f"a test tried to reach {address[0]}; tests talk to this machine only")
    _connect(self, address)


@pytest.fixture(scope="session", autouse=True)
def _no_network() -> Any:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(socket.socket, "connect", _connect_here_only)
        yield


@pytest.fixture(scope="session")
def built_demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the sample's demonstration. Only to be looked at: a test that serves or changes it takes a copy."""
    return _built(tmp_path_factory, "demo", SAMPLE)


@pytest.fixture(scope="session")
def built_other(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same of another file."""
    from tests.programme.other import other_file, write

    return _built(tmp_path_factory, "other", write(tmp_path_factory.mktemp("file"), other_file()))


def _built(tmp_path_factory: pytest.TempPathFactory, name: str, sample: Path) -> Path:
    """Build it once, also when several processes run tests: the first one does, and the others wait for it."""
    from api.demo import build  # here, since most tests need no server

    base = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        base = base.parent
    folder = base / name / "data"
    with (base / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / "demo.json").exists():
            folder.parent.mkdir(exist_ok=True)
            build(folder, sample, 8000, lambda _done, _total: None)
    return folder
