"""The attachments of a PDF (ISO 32000-1 7.11.4), by their names, with limits on number, size and nesting.

Takes a reader of pyHanko, so that streams unfold within that reader's limits.

Not done here: whether anybody answers for them (`verifier.pdf_seal`).
"""

from collections.abc import Iterator
from typing import Any

from verifier.errors import FormatError

FILE_LIMIT = 1 << 19
FILES_LIMIT = 16

_DEPTH = 8


def read(reader: Any) -> dict[str, bytes]:
    """Return the attachments. Raises FormatError PDF_FILES_INVALID; KeyError and others for a broken structure."""
    files: dict[str, bytes] = {}
    for name, specification in _named(_member(_member(reader.root, "/Names", {}), "/EmbeddedFiles", {}), 0):
        content: bytes = specification["/EF"]["/F"].data
        if len(files) >= FILES_LIMIT or len(content) > FILE_LIMIT or name in files:
            raise _invalid("too many, too large, or of one name")
        files[name] = content
    return files


def _named(node: Any, depth: int) -> Iterator[tuple[str, Any]]:
    """Yield the entries of a name tree (ISO 32000-1 7.9.6)."""
    if depth > _DEPTH:
        raise _invalid("nested too deep")
    entries, kids = _member(node, "/Names", []), _member(node, "/Kids", [])
    for place in range(0, len(entries), 2):
        yield str(entries[place]), entries[place + 1]
    for place in range(len(kids)):
        yield from _named(kids[place], depth + 1)


def _member(dictionary: Any, name: str, missing: Any) -> Any:
    """Return a member, also one that stands elsewhere in the file: pyHanko's `get` would return the reference."""
    try:
        return dictionary[name]
    except KeyError:
        return missing


def _invalid(why: str) -> FormatError:
    return FormatError("PDF_FILES_INVALID", f"its attachments are {why}")
