"""What was read is what is judged: no record of the verifier can be changed, or given members it does not have.

Those that collect (an audit's counts, what is known of an account so far) say so here by name.
"""

import dataclasses
import importlib
import pkgutil
from typing import Any

import pytest

import verifier

COLLECTING = {"Account", "Acting", "Audit", "Findings", "Key", "Person", "Version", "World", "_Work"}


def _records() -> list[Any]:
    modules = [
        importlib.import_module(found.name) for found in pkgutil.walk_packages(verifier.__path__, "verifier.")
    ]
    found = {thing for module in modules for thing in vars(module).values() if isinstance(thing, type)}
    ours = [thing for thing in found if thing.__module__.startswith("verifier.")]
    return sorted(filter(dataclasses.is_dataclass, ours), key=lambda record: record.__name__)


@pytest.mark.parametrize(("name", "module"), sorted((each.__name__, each.__module__) for each in _records()))
def test_a_record_cannot_be_changed(name: str, module: str) -> None:
    record = getattr(importlib.import_module(module), name)
    made = object.__new__(record)
    with pytest.raises(AttributeError):
        object.__setattr__(made, "no_such_member", 1)
    if record.__name__ in COLLECTING:
        return
    with pytest.raises(dataclasses.FrozenInstanceError):
        setattr(made, dataclasses.fields(record)[0].name, 1)


def test_those_that_collect_are_those_named() -> None:
    assert {record.__name__ for record in _records()} >= COLLECTING
