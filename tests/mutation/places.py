"""The mutants of a file, each with a name that outlives changes elsewhere in it."""

import ast
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.mutation.mutants import Mutant, mutants

FOLDER = Path("verifier").resolve()


@dataclass
class Place:
    """A mutant with its file, and a name that outlives changes elsewhere. `early` runs at import."""

    path: Path
    tree: ast.Module
    mutant: Mutant
    key: str
    early: bool

    @property
    def file(self) -> str:
        """The file's name from the project's root."""
        return self.path.relative_to(FOLDER.parent).as_posix()

    @property
    def module(self) -> str:
        """The module's name."""
        return ".".join(self.path.relative_to(FOLDER.parent).with_suffix("").parts)


def places(path: Path, imported: set[tuple[str, int]]) -> Iterator[Place]:
    """Return the mutants of one file. `imported` are the lines that run before any test."""
    seen: Counter[str] = Counter()
    relative = path.relative_to(FOLDER.parent).as_posix()
    tree = ast.parse(path.read_bytes())
    for mutant in mutants(tree):
        name = f"{relative}|{mutant.scope}|{mutant.what}"
        seen[name] += 1
        early = not mutant.in_function or (str(path), mutant.line) in imported
        yield Place(path, tree, mutant, f"{name}|{seen[name]}", early)
