"""The domain decides from what it is told: no clock, no chance, no file, no network, no database, no library.

import-linter sees packages; this sees `eventsourcing.domain` apart from the rest of `eventsourcing`, and the
parts of the standard library that would let the world in.
"""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
DOMAIN = ROOT / "ledger" / "domain"
ALLOWED = ("ledger.domain", "ledger.errors", "eventsourcing.domain")
WORLD = frozenset({"asyncio", "concurrent", "http", "importlib", "io", "logging", "multiprocessing", "os"})
WORLD |= {
    "pathlib",
    "pickle",
    "platform",
    "queue",
    "random",
    "secrets",
    "shutil",
    "signal",
    "socket",
    "sqlite3",
}
WORLD |= {"ssl", "subprocess", "sys", "tempfile", "threading", "time", "urllib"}
CALLS = frozenset({"now", "utcnow", "today", "uuid1", "uuid4", "open", "print", "input", "eval", "exec"})


def modules() -> list[Path]:
    return sorted(DOMAIN.rglob("*.py"))


def imports(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are absolute"
            yield str(node.module)


def impurities(source: str) -> list[str]:
    """What in a module's source reaches outside the domain."""
    tree = ast.parse(source)
    found = []
    for name in imports(tree):
        top = name.partition(".")[0]
        inside = any(name == one or name.startswith(f"{one}.") for one in ALLOWED)
        if not inside and (top not in sys.stdlib_module_names or top in WORLD):
            found.append(f"import of {name}")
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            called = node.func
            name = called.attr if isinstance(called, ast.Attribute) else getattr(called, "id", "")
            if name in CALLS:
                found.append(f"call of {name}() in line {node.lineno}")
    return found


def test_there_is_a_domain() -> None:
    assert modules()


@pytest.mark.parametrize("path", modules(), ids=lambda path: str(path.relative_to(ROOT)))
def test_a_domain_module_is_pure(path: Path) -> None:
    assert impurities(path.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize(
    "source",
    [
        "import sqlite3",
        "from eventsourcing.persistence import Mapper",
        "import verifier.jcs",
        "from ledger.store import x",
        "from ledger.domainish import x",
        "import os.path",
        "from datetime import datetime\ndatetime.now()",
        "open('x')",
    ],
)
def test_the_check_sees(source: str) -> None:
    assert len(impurities(source)) == 1


def test_the_check_lets_the_domain_be() -> None:
    allowed = "import dataclasses\nfrom datetime import date\nfrom ledger.domain.event import Event\n"
    assert impurities(allowed + "from eventsourcing.domain import Aggregate\n") == []
