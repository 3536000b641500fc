"""JSON from a file, read strictly: what two readers might understand differently is refused.

RFC 8259 in UTF-8, at most 20 MB; no member twice in one object, no NaN or Infinity, no lone surrogate, no
control character in a text. A file that ends too early is told apart from one that is wrong in the middle.
"""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NoReturn

from ledger.programme.problems import VALUE_INVALID, Problem, ProgrammeFileError

LIMIT = 20_000_000
ID_MEMBERS = (
    "person_id",
    "cohort_id",
    "staff_id",
    "org_id",
    "programme_id",
    "review_id",
    "item_id",
    "unit_code",
    "id",
    "command",
)


class Members(dict[str, Any]):
    """A JSON object that remembers which members came twice."""

    def __init__(self, pairs: list[tuple[str, Any]]) -> None:
        super().__init__(pairs)
        seen: set[str] = set()
        self.twice = [name for name, _ in pairs if name in seen or seen.add(name)]  # type: ignore[func-returns-value]


def read_text(path: Path) -> str:
    """The file's text. Raises ProgrammeFileError FILE_UNREADABLE, FILE_TOO_LARGE, FILE_TRUNCATED or FILE_INVALID."""
    try:
        with path.open("rb") as file:
            data = file.read(LIMIT + 1)
    except OSError as error:
        _refuse(path, "FILE_UNREADABLE", f"the file cannot be read: {error.strerror or error}")
    except ValueError:  # a NUL in the name
        _refuse(path, "FILE_UNREADABLE", "this is no file name")
    if len(data) > LIMIT:
        _refuse(path, "FILE_TOO_LARGE", f"the file has more than {LIMIT // 1_000_000} MB")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        if error.end == len(data) and "unexpected end" in error.reason:
            _refuse(path, "FILE_TRUNCATED", "the file ends in the middle of a character; it is not complete")
        _refuse(path, "FILE_INVALID", f"byte {error.start} is not UTF-8; save the file as UTF-8")


def parse(path: Path, text: str, *, place: str = "", first_line: int = 1) -> Any:
    """The JSON value. Raises ProgrammeFileError FILE_TRUNCATED or FILE_INVALID with line and column, FILE_VALUE_INVALID.

    ``place`` names the value in messages, ``first_line`` is its line in the file.
    """
    at = f"{place}: " if place else ""
    try:
        value = json.loads(text, object_pairs_hook=Members, parse_constant=_no_constant)
    except json.JSONDecodeError as error:
        line, column = error.lineno + first_line - 1, error.colno
        if not text.strip():
            _refuse(path, "FILE_TRUNCATED", f"{at}the file is empty")
        if error.pos >= len(text.rstrip()) or error.msg.startswith("Unterminated string"):
            _refuse(
                path,
                "FILE_TRUNCATED",
                f"{at}line {line}, column {column}: the file ends here, before its JSON is complete",
                "Copy or save the whole file again.",
            )
        _refuse(path, "FILE_INVALID", f"{at}line {line}, column {column}: this is not JSON: {error.msg}")
    except RecursionError:
        _refuse(path, "FILE_INVALID", f"{at}it is nested too deeply")
    except ValueError as error:
        _refuse(path, "FILE_INVALID", f"{at}{error}")
    problems = list(_unsound(value, [], value))
    if problems:
        raise ProgrammeFileError(str(path), problems)
    return value


def place_of(root: Any, where: tuple[int | str, ...]) -> str:
    """A place in a parsed file, for people: ``learners[4] PER-5: steps[0].args``."""
    text, value = "", root
    for depth, part in enumerate(where):
        if isinstance(part, int):
            text += f"[{part}]"
            value = value[part] if isinstance(value, list) and part < len(value) else None
            if depth == 1 and isinstance(value, dict):
                name = next((value[key] for key in ID_MEMBERS if isinstance(value.get(key), str)), None)
                text += f" {name}" + (":" if depth + 1 < len(where) else "") if name else ""
        else:
            text += (" " if text.endswith(":") else "." if text else "") + part
            value = value.get(part) if isinstance(value, dict) else None
    return text


def _unsound(value: Any, where: list[int | str], root: Any) -> Iterator[Problem]:
    if isinstance(value, str):
        if any(unicodedata.category(one) in {"Cc", "Cs"} and one not in "\n\r\t" for one in value):
            rule = "a text holds a control character or half a character"
            yield Problem(VALUE_INVALID, place_of(root, tuple(where)), rule)
    elif isinstance(value, Members):
        for name in value.twice:
            yield Problem(
                "FILE_INVALID", place_of(root, (*where, name)), "this member stands twice in one object"
            )
        for name, item in value.items():
            yield from _unsound(item, [*where, name], root)
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _unsound(item, [*where, index], root)


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON number")


def _refuse(path: Path, code: str, rule: str, hint: str | None = None) -> NoReturn:
    raise ProgrammeFileError(str(path), [Problem(code, "", rule)], hint)
