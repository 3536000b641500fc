"""The small changes that are made to the verifier's code, each of which some test should notice.

A change is made in the syntax tree of a module, one at a time. Everything is changed that acts: comparisons,
`and`, `or`, `not`, conditions, arithmetic, integers by one up and one down, True and False, strings and bytes
(codes, names of members, separators, signed contexts), regular expressions, slices, statements left out, values
and results replaced by None, members left out of collections, decorators and conditions of comprehensions left
out, methods swapped for their nearest relative (`any` and `all`, `fullmatch` and `match`).

Not changed: what only people read (text with a space between words, docstrings, the `help` and `metavar` of
arguments), annotations, `__all__`, and anything under `if TYPE_CHECKING`.
"""

import ast
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

_COMPARISONS: dict[type, type] = {
    ast.Eq: ast.NotEq, ast.NotEq: ast.Eq, ast.Is: ast.IsNot, ast.IsNot: ast.Is, ast.In: ast.NotIn,
    ast.NotIn: ast.In, ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt,
}  # fmt: skip
_ARITHMETIC: dict[type, type] = {
    ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.FloorDiv, ast.FloorDiv: ast.Mult, ast.Div: ast.Mult,
    ast.Mod: ast.Mult, ast.Pow: ast.Mult, ast.BitAnd: ast.BitOr, ast.BitOr: ast.BitAnd,
    ast.BitXor: ast.BitAnd, ast.LShift: ast.RShift, ast.RShift: ast.LShift,
}  # fmt: skip
_PAIRS = (
    ("any", "all"), ("min", "max"), ("startswith", "endswith"), ("removeprefix", "removesuffix"),
    ("partition", "rpartition"), ("lstrip", "rstrip"), ("lower", "upper"), ("union", "intersection"),
    ("isascii", "isprintable"),
)  # fmt: skip
_RELATIVES = {a: b for pair in _PAIRS for a, b in (pair, pair[::-1])} | {
    "fullmatch": "match",
    "match": "search",
    "sorted": "list",
}
_PROSE = re.compile(r"[A-Za-z]{2,}[,.:;]? | [a-z]{2,}")
_TEXT_FOR_PEOPLE = frozenset({"help", "metavar", "description", "epilog"})
_QUANTIFIER = re.compile(r"\{(\d+)(,?)(\d*)\}|(?<=[\])a-z.\d])[+*?]|\[\^?")


@dataclass(frozen=True)
class Mutant:
    """One change: where it is, what it does in words, and `apply`, which makes it in the tree that was walked.

    `statement` and `function` are the lines of the statement (its head, if others are in it) and of the outermost
    function that it is in.
    """

    line: int
    statement: range
    function: range
    in_function: bool
    scope: str
    what: str
    apply: Callable[[], object]


def mutants(tree: ast.Module) -> list[Mutant]:
    """Return every change of this module, in the order of the text."""
    return list(_Walk().module(tree))


def _short(node: ast.AST | None) -> str:
    if node is None:
        return "nothing"
    text = " ".join(ast.unparse(node).split())
    return text if len(text) <= 90 else f"{text[:87]}…"


def _lines(node: ast.stmt) -> range:
    body = getattr(node, "body", None) or getattr(node, "cases", None)
    if not body:
        return range(node.lineno, (node.end_lineno or node.lineno) + 1)
    first = body[0].pattern if isinstance(body[0], ast.match_case) else body[0]
    return range(node.lineno, max(first.lineno, node.lineno + 1))


def _is_text(node: ast.AST | None) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, str)


def is_prose(node: ast.AST) -> bool:
    """Tell whether a string, or an f-string with all its parts, is a text for people."""
    parts = node.values if isinstance(node, ast.JoinedStr) else [node]
    text = "".join(part.value if _is_text(part) else "\0" for part in parts)  # type: ignore[attr-defined]
    return "\n" not in text and _PROSE.search(text) is not None


class _Walk:
    def __init__(self) -> None:
        self.scope: list[str] = []
        self.functions: list[range] = []
        self.statement = range(0)

    def module(self, tree: ast.Module) -> Iterator[Mutant]:
        yield from self._block(tree, "body")

    # -- making changes

    def _mutant(self, node: ast.AST, what: str, apply: Callable[[], object]) -> Mutant:
        functions = self.functions
        line = getattr(node, "lineno", self.statement.start)
        function = functions[0] if functions else range(0)
        return Mutant(line, self.statement, function, bool(functions), ".".join(self.scope), what, apply)

    def _put(self, holder: ast.AST, field: str, index: int | None, new: ast.AST) -> Mutant:
        old = getattr(holder, field) if index is None else getattr(holder, field)[index]
        ast.copy_location(new, old)

        def apply() -> None:
            if index is None:
                setattr(holder, field, new)
            else:
                getattr(holder, field)[index] = new

        return self._mutant(old, f"{_short(old)} → {_short(new)}", apply)

    def _set(self, node: ast.AST, field: str, new: Any) -> Mutant:
        """Change a field that is not itself shown: the whole node is shown before and after."""
        before, old = _short(node), getattr(node, field)
        setattr(node, field, new)
        after = _short(node)
        setattr(node, field, old)
        return self._mutant(node, f"{before} → {after}", lambda: setattr(node, field, new))

    def _without(self, node: ast.AST, field: str, index: int, *others: str) -> Mutant:
        gone = getattr(node, field)[index]

        def apply() -> None:
            for name in (field, *others):
                del getattr(node, name)[index]

        where = gone if hasattr(gone, "lineno") else node
        return self._mutant(where, f"without {_short(gone)} in {_short(node)}", apply)

    # -- statements

    def _block(self, node: ast.AST, field: str) -> Iterator[Mutant]:
        for index, statement in enumerate(getattr(node, field)):
            yield from self._statement(node, field, index, statement)

    def _statement(self, holder: ast.AST, field: str, index: int, node: ast.stmt) -> Iterator[Mutant]:
        self.statement = _lines(node)
        match node:
            case ast.Expr(value=ast.Constant()) | ast.Import() | ast.ImportFrom() | ast.Pass():
                return
            case ast.If(test=ast.Name(id="TYPE_CHECKING")) | ast.Assign(targets=[ast.Name(id="__all__")]):
                return
            case ast.Expr() | ast.Raise() | ast.AugAssign() | ast.Delete() | ast.Assert():
                yield self._put(holder, field, index, ast.Pass())
            case ast.Continue():
                yield self._put(holder, field, index, ast.Break())
            case ast.Break():
                yield self._put(holder, field, index, ast.Continue())
            case ast.Return(value=value) | ast.Assign(value=value) | ast.AnnAssign(value=value):
                plain = isinstance(value, ast.Constant | ast.Tuple) or (value is not None and is_prose(value))
                rows = isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Tuple)
                if value is not None and not plain and not rows:
                    yield self._set(node, "value", ast.copy_location(ast.Constant(None), value))
        if isinstance(node, ast.AugAssign) and type(node.op) in _ARITHMETIC:
            yield self._set(node, "op", _ARITHMETIC[type(node.op)]())
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            for number in range(len(node.decorator_list)):
                yield self._without_decorator(node, number)
            self.scope.append(node.name)
            if not isinstance(node, ast.ClassDef):
                yield from self._signature(node)
                self.functions.append(range(node.lineno, (node.end_lineno or 0) + 1))
                yield from self._block(node, "body")
                self.functions.pop()
            else:
                yield from self._children(node)
            self.scope.pop()
        else:
            yield from self._children(node)

    def _signature(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> Iterator[Mutant]:
        """What is worked out when the function is defined."""
        for number, decorator in enumerate(node.decorator_list):
            yield from self._visit(node, "decorator_list", number, decorator)
        yield from self._children(node.args)

    def _without_decorator(self, node: Any, number: int) -> Mutant:
        gone = node.decorator_list[number]
        return self._mutant(
            gone, f"without @{_short(gone)} of {node.name}", lambda: node.decorator_list.pop(number)
        )

    def _children(self, node: ast.AST) -> Iterator[Mutant]:
        for field, value in ast.iter_fields(node):
            if field in {"annotation", "returns", "type_params", "ctx", "op", "ops", "format_spec"}:
                continue
            if isinstance(value, list) and value and isinstance(value[0], ast.stmt):
                yield from self._block(node, field)
            elif isinstance(value, list):
                for index, item in enumerate(value):
                    if isinstance(item, ast.ExceptHandler | ast.match_case):
                        first = item.body[0]
                        begin = item.lineno if isinstance(item, ast.ExceptHandler) else item.pattern.lineno
                        self.statement = range(begin, max(first.lineno, begin + 1))
                    if isinstance(item, ast.AST):
                        yield from self._visit(node, field, index, item)
            elif isinstance(value, ast.AST):
                yield from self._visit(node, field, None, value)

    # -- expressions

    def _visit(self, holder: ast.AST, field: str, index: int | None, node: ast.AST) -> Iterator[Mutant]:
        """An expression, then what it is made of."""
        if isinstance(node, ast.keyword) and node.arg in _TEXT_FOR_PEOPLE and _is_text(node.value):
            return
        if field in {"test", "ifs"} or isinstance(holder, ast.BoolOp):
            yield from self._condition(holder, field, index, node)
        if isinstance(node, ast.JoinedStr) and is_prose(node):
            return
        yield from self._operators(holder, field, index, node)
        yield from self._members(holder, field, node)
        yield from self._children(node)

    def _operators(self, holder: ast.AST, field: str, index: int | None, node: ast.AST) -> Iterator[Mutant]:
        match node:
            case ast.Constant():
                for new in self._constants(holder, node):
                    yield self._put(holder, field, index, ast.Constant(new))
            case ast.UnaryOp(op=ast.Not(), operand=operand):
                yield self._put(holder, field, index, operand)
            case ast.Compare():
                yield from self._comparison(node)
            case ast.BoolOp(op=op, values=values):
                yield self._set(node, "op", ast.Or() if isinstance(op, ast.And) else ast.And())
                for number in range(len(values)):
                    rest = [value for place, value in enumerate(values) if place != number]
                    new = rest[0] if len(rest) == 1 else ast.BoolOp(op, rest)
                    yield self._put(holder, field, index, new)
            case ast.BinOp(op=op, left=left, right=right) if type(op) in _ARITHMETIC:
                texts = ast.JoinedStr | ast.List
                if not any(isinstance(side, texts) or _is_text(side) for side in (left, right)):
                    yield self._set(node, "op", _ARITHMETIC[type(op)]())

    def _members(self, holder: ast.AST, field: str, node: ast.AST) -> Iterator[Mutant]:
        match node:
            case ast.Slice():
                for bound in ("lower", "upper", "step"):
                    if getattr(node, bound) is not None:
                        yield self._set(node, bound, None)
            case ast.Call():
                yield from self._call(node)
            case ast.Set() | ast.List(ctx=ast.Load()):
                yield from (self._without(node, "elts", number) for number in range(len(node.elts)))
            case ast.Tuple(ctx=ast.Load()) if self._may_shrink(holder, field, node):
                yield from (self._without(node, "elts", number) for number in range(len(node.elts)))
            case ast.Dict():
                yield from (self._without(node, "keys", number, "values") for number in range(len(node.keys)))
            case ast.comprehension():
                yield from (self._without(node, "ifs", number) for number in range(len(node.ifs)))

    def _condition(self, holder: ast.AST, field: str, index: int | None, node: ast.AST) -> Iterator[Mutant]:
        said = isinstance(node, ast.Compare) and len(node.ops) == 1
        ordered = said and isinstance(node.ops[0], ast.Lt | ast.LtE | ast.Gt | ast.GtE)  # type: ignore[attr-defined]
        if isinstance(node, ast.BoolOp | ast.UnaryOp) or (said and not ordered):
            return  # turned round by its own operators
        yield self._put(holder, field, index, ast.UnaryOp(ast.Not(), node))  # type: ignore[arg-type]

    def _comparison(self, node: ast.Compare) -> Iterator[Mutant]:
        for number, op in enumerate(node.ops):
            ops = [*node.ops]
            ops[number] = _COMPARISONS[type(op)]()
            yield self._set(node, "ops", ops)

    def _constants(self, holder: ast.AST, node: ast.Constant) -> list[Any]:
        value = node.value
        if isinstance(value, bool):
            return [not value]
        if isinstance(value, int | float):
            return [value + 1, value - 1]
        half = len(value) // 2 if isinstance(value, bytes | str) else 0
        if isinstance(value, bytes):
            return [value[:half] + b"XX" + value[half:]]
        if not isinstance(value, str):
            return []
        function = holder.func if isinstance(holder, ast.Call) else None
        if isinstance(function, ast.Attribute) and function.attr == "compile":
            return list(_patterns(value))
        return [] if is_prose(node) else [f"{value[:half]}XX{value[half:]}"]

    def _call(self, node: ast.Call) -> Iterator[Mutant]:
        function = node.func
        if isinstance(function, ast.Name) and function.id in _RELATIVES:
            if not (function.id == "sorted" and node.keywords):
                yield self._set(
                    node, "func", ast.copy_location(ast.Name(_RELATIVES[function.id], ast.Load()), function)
                )
        elif isinstance(function, ast.Attribute) and function.attr in _RELATIVES:
            other = ast.Attribute(function.value, _RELATIVES[function.attr], ast.Load())
            yield self._set(node, "func", ast.copy_location(other, function))
        for number, word in enumerate(node.keywords):
            if word.arg == "key":
                yield self._without(node, "keywords", number)

    @staticmethod
    def _may_shrink(holder: ast.AST, field: str, node: ast.Tuple) -> bool:
        """A tuple that is a collection, not a row: what is counted through, searched or caught."""
        same = len({type(item) for item in node.elts}) == 1
        places = isinstance(holder, ast.Compare | ast.For | ast.comprehension | ast.ExceptHandler | ast.Call)
        named = isinstance(holder, ast.Assign) and isinstance(holder.targets[0], ast.Name)
        return same and (places or (named and field == "value"))


def _patterns(pattern: str) -> Iterator[str]:
    """Return a regular expression with each of its quantifiers and classes changed."""
    for found in _QUANTIFIER.finditer(pattern):
        before, after = pattern[: found.start()], pattern[found.end() :]
        text = found.group()
        if text in {"[", "[^"}:
            news = ["[" if text == "[^" else "[^"]
        elif text in "+*?":
            news = [{"+": "*", "*": "+", "?": ""}[text]]
        else:
            least, comma, most = found.groups()
            news = [f"{{{int(least) + 1}{comma}{most}}}"] if not most or int(least) < int(most) else []
            news += [f"{{{least}{comma}{int(most) + 1}}}"] if most else []
            news += [f"{{{int(least) - 1}{comma}{most}}}"] if int(least) else []
        for new in news:
            try:
                re.compile(before + new + after)
            except re.error:
                continue
            yield before + new + after
