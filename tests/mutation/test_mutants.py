"""The changes are those that are meant: each on the smallest code that has it, and none where only people read."""

import ast

import pytest

from tests.mutation.mutants import mutants


def changed(code: str) -> set[str]:
    """The code after each change."""
    found = set()
    for number in range(len(mutants(ast.parse(code)))):
        tree = ast.parse(code)
        mutants(tree)[number].apply()
        found.add(ast.unparse(ast.fix_missing_locations(tree)))
    return found


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("f(a < b)", {"pass", "f(a <= b)"}),
        ("f(a == b)", {"pass", "f(a != b)"}),
        ("f(a in b)", {"pass", "f(a not in b)"}),
        ("f(a and b)", {"pass", "f(a or b)", "f(a)", "f(b)", "f(not a and b)", "f(a and (not b))"}),
        ("f(not a)", {"pass", "f(a)"}),
        ("a = 1", {"a = 2", "a = 0"}),
        ("a = True", {"a = False"}),
        ("a = 'CODE'", {"a = 'COXXDE'"}),
        ("a = b'\\n'", {"a = b'XX\\n'"}),
        ("a = b + c", {"a = b - c", "a = None"}),
        ("a += b", {"pass", "a -= b"}),
        ("f(a[b:c])", {"pass", "f(a[:c])", "f(a[b:])"}),
        ("f({a, b})", {"pass", "f({a})", "f({b})"}),
        ("f({a: b})", {"pass", "f({})"}),
        ("raise E", {"pass"}),
        ("f(any(a))", {"pass", "f(all(a))"}),
        ("if a:\n    f()", {"if not a:\n    f()", "if a:\n    pass"}),
        ("for a in b:\n    break", {"for a in b:\n    continue"}),
        ("f((a for a in b if c))", {"pass", "f((a for a in b))", "f((a for a in b if not c))"}),
        ("def f(a=0):\n    return a", {f"def f(a={d}):\n    return {r}" for d, r in ((1, "a"), (-1, "a"), (0, None))}),
        ("re.compile('[a-z]{2}')", {"pass", *(f"re.compile('{x}')" for x in ("[^a-z]{2}", "[a-z]{3}", "[a-z]{1}"))}),
        ("@g\ndef f():\n    pass", {"def f():\n    pass"}),
    ],
)  # fmt: skip
def test_a_change(code: str, expected: set[str]) -> None:
    assert changed(code) == expected


@pytest.mark.parametrize(
    "code",
    [
        "'''A docstring.'''",
        "a = 'for people to read'",
        "a = f'there are {len(b) + 1} of them'",
        "__all__ = ['a']",
        "if TYPE_CHECKING:\n    a = 1",
        "import a",
    ],
)
def test_what_only_people_and_tools_read(code: str) -> None:
    assert not changed(code)


def test_a_help_text_is_left_but_not_what_is_beside_it() -> None:
    assert changed("f(help='help', n=1)") == {"pass", "f(help='help', n=2)", "f(help='help', n=0)"}


def test_where_a_change_is() -> None:
    code = (
        "A = 1\nclass B:\n    def c(self):\n        if (\n            d == e\n        ):\n            f()\n"
    )
    outer, inner, call = mutants(ast.parse(code))[1:]
    assert (outer.line, outer.scope, outer.in_function) == (1, "", False)
    assert (inner.line, inner.scope, inner.in_function) == (5, "B.c", True)
    assert (inner.statement, inner.function, call.statement) == (range(4, 7), range(3, 8), range(7, 8))
