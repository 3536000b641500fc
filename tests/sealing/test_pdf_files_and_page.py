"""What is read of a PDF: its attachments within their limits, and its first page."""

from __future__ import annotations

import importlib
from types import SimpleNamespace
from typing import Any

import pytest

from verifier import pdf_files, pdf_page
from verifier.errors import FormatError
from verifier.pdf_page import Page

pymupdf: Any = importlib.import_module("pymupdf")  # it has no types


def entry(content: bytes = b"x") -> dict[str, Any]:
    return {"/EF": {"/F": SimpleNamespace(data=content)}}


def tree(*entries: Any, kids: list[Any] | None = None) -> dict[str, Any]:
    node: dict[str, Any] = {"/Names": list(entries)} if entries else {}
    return node if kids is None else {**node, "/Kids": kids}


def read(files: dict[str, Any]) -> dict[str, bytes]:
    return pdf_files.read(SimpleNamespace(root={"/Names": {"/EmbeddedFiles": files}}))


def refused(files: dict[str, Any]) -> str:
    with pytest.raises(FormatError, match=r"^PDF_FILES_INVALID: its attachments are ") as caught:
        read(files)
    return caught.value.message.removeprefix("its attachments are ")


TOO_MUCH = "too many, too large, or of one name"


def test_a_file_may_have_none() -> None:
    roots: list[dict[str, Any]] = [{}, {"/Names": {}}, {"/Names": {"/EmbeddedFiles": {}}}]
    for root in roots:
        assert pdf_files.read(SimpleNamespace(root=root)) == {}


def test_names_and_files_stand_in_pairs_and_in_branches() -> None:
    leaf = tree("b", entry(b"2"), "c", entry(b"3"))
    assert read(tree("a", entry(b"1"), kids=[leaf, tree("d", entry(b"4"))])) == {
        "a": b"1",
        "b": b"2",
        "c": b"3",
        "d": b"4",
    }


@pytest.mark.parametrize(("depth", "fits"), [(0, True), (1, True), (8, True), (9, False), (300, False)])
def test_branches_go_eight_deep(depth: int, fits: bool) -> None:
    node = tree("a", entry())
    for _ in range(depth):
        node = tree(kids=[node])
    if fits:
        assert read(node) == {"a": b"x"}
    else:
        assert refused(node) == "nested too deep"


def test_a_branch_that_holds_itself_ends() -> None:
    node = tree(kids=[])
    node["/Kids"].append(node)
    assert refused(node) == "nested too deep"


def test_a_file_has_half_a_mebibyte_and_there_are_sixteen() -> None:
    assert len(read(tree("a", entry(bytes(1 << 19))))["a"]) == 1 << 19
    assert refused(tree("a", entry(bytes((1 << 19) + 1)))) == TOO_MUCH
    many = [each for number in range(16) for each in (f"{number}", entry())]
    assert len(read(tree(*many))) == 16
    assert refused(tree(*many, "17", entry())) == TOO_MUCH
    assert refused(tree("a", entry(), "a", entry())) == TOO_MUCH
    assert refused(tree("a", entry(), kids=[tree("a", entry())])) == TOO_MUCH


# -- the page ----------------------------------------------------------------------------------------------------------


def pages(*texts: str, width: float = 200, height: float = 200) -> bytes:
    with pymupdf.open() as document:
        for text in texts:
            document.new_page(width=width, height=height).insert_text((20, 50), text)
        made: bytes = document.tobytes()
    return made


def test_the_first_page_is_read() -> None:
    assert pdf_page.look(pages("first", "second")) == Page("first\n", ())


@pytest.mark.parametrize(("width", "height"), [(2000, 100), (100, 2000), (2001, 100), (100, 2001)])
def test_a_page_is_as_large_as_paper(width: float, height: float) -> None:
    expected = Page("small\n", ()) if max(width, height) <= 2000 else Page(None, None)
    assert pdf_page.look(pages("small", width=width, height=height)) == expected


@pytest.mark.parametrize(
    ("missing", "expected"), [("pymupdf", Page(None, None)), ("zxingcpp", Page("first\n", None))]
)
def test_what_no_library_reads_is_none(monkeypatch: pytest.MonkeyPatch, missing: str, expected: Page) -> None:
    real = importlib.import_module

    def without(name: str) -> Any:
        if name == missing:
            raise ImportError(name)
        return real(name)

    monkeypatch.setattr(importlib, "import_module", without)
    assert pdf_page.look(pages("first")) == expected
