"""The lock files install the same on any machine: all that is needed, hashed, from the index set there."""

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[2]
LOCKS = ("verifier.txt", "server.txt", "dev.txt")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
EXTRAS = PROJECT["project"]["optional-dependencies"]


def entries(lock: str) -> Iterator[str]:
    """Each requirement of a lock file with its options, as one line without comments."""
    text = (ROOT / "requirements" / lock).read_text(encoding="utf-8")
    text = re.sub(r"^\s*#.*$", "", text, flags=re.MULTILINE)
    yield from (line.strip() for line in text.replace("\\\n", " ").splitlines() if line.strip())


def versions(lock: str) -> dict[str, str]:
    """Name to version; a line that is not `name==version` fails the test that asked."""
    found = {}
    for entry in entries(lock):
        match = re.match(r"([a-z0-9-]+)==([^\s;]+)(?:\s*;[^-]+)?\s+--hash", entry)
        assert match, f"{lock}: not one exact version with hashes: {entry[:80]}"
        found[match[1]] = match[2]
    return found


def wanted(*extras: str) -> list[Requirement]:
    lines = list(PROJECT["project"]["dependencies"])
    for extra in extras:
        lines += EXTRAS[extra]
    return [Requirement(line) for line in lines]


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_names_no_index_and_no_folder(lock: str) -> None:
    text = (ROOT / "requirements" / lock).read_text(encoding="utf-8")
    assert "://" not in text
    options = set(re.findall(r"(?<!\S)--?[a-z][a-z-]*", re.sub(r"#.*", "", text)))
    assert options == {"--hash"}
    assert not re.search(r"(?<![\w.])(?:/|\.\.?/)\w", re.sub(r"#.*", "", text)), "a path"


@pytest.mark.parametrize("lock", LOCKS)
def test_every_line_is_one_version_with_sha256_hashes(lock: str) -> None:
    assert versions(lock)
    for entry in entries(lock):
        hashes = re.findall(r"--hash=(\S+)", entry)
        assert hashes
        assert all(re.fullmatch(r"sha256:[0-9a-f]{64}", one) for one in hashes), entry[:80]


@pytest.mark.parametrize(
    ("lock", "extras"), [("verifier.txt", ()), ("server.txt", ("server",)), ("dev.txt", ("server", "dev"))]
)
def test_a_lock_holds_what_the_project_asks_for(lock: str, extras: tuple[str, ...]) -> None:
    locked = versions(lock)
    for requirement in wanted(*extras):
        name = canonicalize_name(requirement.name)
        assert name in locked, f"{lock} lacks {name}: run scripts/lock"
        assert requirement.specifier.contains(locked[name]), (
            f"{lock}: {name} {locked[name]}: run scripts/lock"
        )


@pytest.mark.parametrize("lock", ["server.txt", "dev.txt"])
def test_what_builds_the_project_is_locked_too(lock: str) -> None:
    # The project is installed without a build environment of its own, which nothing would pin.
    locked = versions(lock)
    for requirement in map(Requirement, PROJECT["build-system"]["requires"]):
        assert requirement.specifier.contains(locked[canonicalize_name(requirement.name)])


def test_narrow_locks_hold_the_versions_that_were_tested() -> None:
    tested = versions("dev.txt")
    for lock in ("verifier.txt", "server.txt"):
        assert versions(lock).items() <= tested.items()


def test_an_auditor_installs_no_server() -> None:
    server = {canonicalize_name(Requirement(line).name) for line in EXTRAS["server"]}
    assert not server & versions("verifier.txt").keys()
    assert len(versions("verifier.txt")) <= 8, "say why an auditor needs more, then raise this"


def test_every_dependency_is_bounded_and_has_its_reason() -> None:
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    for requirement in wanted("server", "dev"):
        operators = {one.operator for one in requirement.specifier}
        assert operators >= {">=", "<"}, f"{requirement.name} has no range"
        line = next(line for line in text.splitlines() if line.strip().startswith(f'"{requirement.name}'))
        assert re.search(r'",\s+# \w', line), f"{requirement.name}: no reason beside it"
