"""Which tests may see a change, as the unchanged tests were recorded."""

import re
from collections import defaultdict
from collections.abc import Iterator
from typing import Any

from tests.mutation.places import Place

DEAREST = 3.0
"""Seconds of a test that is run, at most."""

_CODE = re.compile(r"\b[A-Z][A-Z]+_[A-Z_]+\b")

LISTS = (
    "tests/audit/test_rules.py::test_the_list_of_events_is_current",
    "tests/audit/test_rules.py::test_the_list_of_rules_is_current",
)
"""Tests that pass no line of a table, since it was made at import, and yet look at it."""

RECORD = "tests/verifier/test_records.py::test_a_record_cannot_be_changed[{}-{}]"
"""The test of a record of this name and module, for the same reason."""

AGAIN = "tests/audit/test_told_again.py::"
"""Tests that see every breach of a rule, each in a few milliseconds."""


class Known:
    """What the unchanged tests pass through."""

    def __init__(self, recorded: list[dict[str, Any]]) -> None:
        self.seconds: dict[str, float] = {}
        self.imported: set[tuple[str, int]] = set()
        self._by_line: dict[tuple[str, int], set[str]] = {}
        self._rarity: dict[tuple[str, range], dict[str, int]] = {}
        self._chosen: dict[tuple[str, range, range, float], list[str]] = {}
        self._passed: dict[str, defaultdict[str, set[int]]] = {}
        for each in recorded:
            tests = each["tests"]
            self.seconds |= zip(tests, each["seconds"], strict=True)
            self.imported |= {(name, line) for name, line in each["imported"]}
            for name, lines in each["lines"].items():
                for line, numbers in lines.items():
                    passing = (tests[number] for number in numbers if each["seconds"][number] <= DEAREST)
                    self._by_line.setdefault((name, int(line)), set()).update(passing)

    def tests_for(self, place: Place, limit: float) -> list[str]:
        """Return the tests that may see this mutant, up to so many seconds.

        Two thirds of the time are the likeliest tests', the rest is for tests that are unlike each other.
        """
        mutant = place.mutant
        about = str(place.path), mutant.statement, mutant.function, limit
        if about not in self._chosen:
            self._chosen[about] = self._choose(place, limit)
        return self._chosen[about]

    def _choose(self, place: Place, limit: float) -> list[str]:
        name, mutant = str(place.path), place.mutant
        # All tests of a module pass an `__init__`: those that pass the rarest lines of the module see most of it.
        wide = not mutant.in_function or mutant.scope.endswith("__init__")
        rarity = self._how_rare(name, range(1, 2000) if wide else mutant.function)
        own = set().union(*(self._by_line.get((name, line), ()) for line in mutant.statement))
        if not own or not mutant.in_function:  # no line of its own: all that pass the file
            rarity = self._how_rare(name, range(1, 2000))
            own = set(rarity)
        chosen, spent = [] if mutant.in_function else [RECORD.format(mutant.scope, place.module), *LISTS], 0.0
        codes, own_file = self._codes(place), f"/test_{place.path.stem}"

        def likely(test: str) -> tuple[int, bool, bool, int, float]:
            named = next((number for number, code in enumerate(codes) if f"[{code}-" in test), len(codes))
            return named, own_file not in test, not test.startswith(AGAIN), rarity[test], self.seconds[test]

        for tests, until in ((sorted(own, key=likely), limit * 2 / 3), (self._unlike(name, own), limit)):
            for test in tests:
                if test not in chosen and spent + self.seconds[test] <= until:
                    chosen.append(test)
                    spent += self.seconds[test]
        # Fixtures of a module are made once if its tests stand together.
        order = {
            file: number for number, file in reversed([*enumerate(test.split("::")[0] for test in chosen)])
        }
        return sorted(chosen, key=lambda test: order[test.split("::")[0]])

    def _unlike(self, name: str, tests: set[str]) -> Iterator[str]:
        """Give these tests in an order in which each passes many lines of the module that none before it has passed."""
        passed = self._lines_of(name)
        left, new = set(tests), set().union(*(passed[test] for test in tests))
        while left and new:
            best = max(sorted(left), key=lambda test: len(passed[test] & new) / (0.02 + self.seconds[test]))
            if not passed[best] & new:
                return
            left.discard(best)
            new -= passed[best]
            yield best

    def _lines_of(self, name: str) -> dict[str, set[int]]:
        if name not in self._passed:
            passed = self._passed[name] = defaultdict(set)
            for (file, line), tests in self._by_line.items():
                if file == name:
                    for test in tests:
                        passed[test].add(line)
        return self._passed[name]

    @staticmethod
    def _codes(place: Place) -> list[str]:
        """Return the codes of rules that stand in the statement, then those of its function.

        A rule's line is passed by all histories, and only those that break it see whether it is there.
        """
        lines = place.path.read_text(encoding="utf-8").splitlines()
        found: dict[str, None] = {}
        for part in (place.mutant.statement, place.mutant.function):
            for line in part:
                found |= dict.fromkeys(_CODE.findall(lines[line - 1]))
        return list(found)

    def _how_rare(self, name: str, lines: range) -> dict[str, int]:
        """Return the tests that pass these lines, each with how many pass the one that fewest pass."""
        if (name, lines) not in self._rarity:
            found: dict[str, int] = {}
            for line in lines:
                passing = self._by_line.get((name, line), set())
                found |= {test: min(found.get(test, len(passing)), len(passing)) for test in passing}
            self._rarity[name, lines] = found
        return self._rarity[name, lines]
