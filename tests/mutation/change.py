"""Puts one changed module in the place of the one that is there.

Inside a function, the changed code is put into the function object that everybody has imported. What runs when a
module is imported is run again, or imported anew in a process that has imported nothing of ours.
"""

import ast
import gc
import importlib.abc
import importlib.util
import sys
from types import CodeType, FunctionType, ModuleType
from typing import Any

from tests.mutation.places import Place


def changed_code(place: Place) -> CodeType:
    """Make the change, in this process and for good, and compile the file."""
    place.mutant.apply()
    return compile(ast.fix_missing_locations(place.tree), str(place.path), "exec", dont_inherit=True)


def change_functions(place: Place, functions: list[FunctionType]) -> None:
    """Give these functions of the file their changed code, wherever they have been imported to."""
    codes: dict[tuple[str, int], CodeType] = {}

    def collect(code: CodeType) -> None:
        for inner in code.co_consts:
            if isinstance(inner, CodeType):
                codes[inner.co_qualname, inner.co_firstlineno] = inner
                collect(inner)

    collect(changed_code(place))
    for each in functions:
        new = codes.get((each.__code__.co_qualname, each.__code__.co_firstlineno))
        if new is not None and new != each.__code__:
            each.__code__ = new


def functions_by_file() -> dict[str, list[FunctionType]]:
    """Return all function objects there are, by the file that their code comes from."""
    found: dict[str, list[FunctionType]] = {}
    for each in gc.get_objects():
        if type(each) is FunctionType:
            found.setdefault(each.__code__.co_filename, []).append(each)
    return found


def reload_changed(place: Place, code: CodeType) -> None:
    """Run the changed module again in its place, and give its new things to all who have imported the old by name.

    Quicker than a new process, and not the same: what was made of the old things before stays as it is. So the
    unchanged module is run again first, and only where all tests still pass then is this believed.
    """
    module = sys.modules[place.module]
    old = dict(vars(module))
    exec(code, module.__dict__)
    for other in [*sys.modules.values()]:
        for name, value in old.items():
            if other is not module and not name.startswith("__") and vars(other).get(name) is value:
                setattr(other, name, vars(module)[name])


class Changed(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Imports one module from changed code."""

    def __init__(self, place: Place) -> None:
        self.name, self.path, self.code = place.module, place.path, changed_code(place)

    def find_spec(self, name: str, path: Any, target: Any = None) -> Any:  # noqa: ARG002
        if name != self.name:
            return None
        return importlib.util.spec_from_file_location(name, self.path, loader=self)

    def exec_module(self, module: ModuleType) -> None:
        exec(self.code, module.__dict__)
