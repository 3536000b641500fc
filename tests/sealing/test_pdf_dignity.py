"""Nothing in a sealed certificate's file says where its holder was trained, beside what is meant to be printed."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pypdf
import pytest

from ledger.issuing.attachments import attachments
from tests.issuing.papers import metadata, root, words
from tests.sealing.issuer import NOW, Facts, Issuer
from tests.sealing.seals import page
from verifier import pdf_seal

SAMPLE = json.loads((Path(__file__).resolve().parents[2] / "sample/programme-2026.json").read_bytes())
DENIED = SAMPLE["public_verification"]["deny_words"]


def private_values() -> set[str]:
    people = [person["private"] for person in (*SAMPLE["learners"], *SAMPLE["learners_extra"])]
    found = {
        str(person[name]) for person in people for name in ("nik", "inmate_register_no") if person.get(name)
    }
    for person in people:
        born = date.fromisoformat(person["birth_date"])
        found |= {born.isoformat(), f"{born:%d-%m-%Y}", f"{born:%d/%m/%Y}"}
    return found | {org["name"] for org in SAMPLE["organisations"] if org["public_name"] is None}


def strings(value: Any, seen: set[int]) -> Iterator[str]:
    """Every string and name in the file's objects, whether a reader shows it or not."""
    if isinstance(value, pypdf.generic.IndirectObject):
        if value.idnum in seen:
            return
        seen.add(value.idnum)
        value = value.get_object()
    if isinstance(value, dict):
        for name, member in value.items():
            yield str(name)
            yield from strings(value.raw_get(name) if hasattr(value, "raw_get") else member, seen)
    elif isinstance(value, list):
        for item in list.__iter__(value):
            yield from strings(item, seen)
    elif isinstance(value, str):
        yield value
    elif isinstance(value, bytes):
        yield value.decode("latin-1")


def surface(data: bytes, issuer: Issuer) -> str:
    """All that somebody who holds the file can read in it."""
    reader = pypdf.PdfReader(io.BytesIO(data))
    seal = pdf_seal.check(data, issuer.roots, NOW)
    described = [text for name, content in seal.files.items() for text in (name, content.decode())]
    return "\n".join(
        [
            words(data),
            root(data)["/Metadata"].get_data().decode(),
            *metadata(data).values(),
            *strings(reader.trailer, set()),
            seal.subject,
            *described,
        ]
    )


def cut(text: str) -> str:
    """A text's words, as the deny list is matched: letters and digits make words, and a camel hump divides them."""
    humps = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", text)
    return " ".join(re.findall(r"[^\W_]+", humps.lower()))


def denied(text: str) -> set[str]:
    coded = re.sub(r"[A-Za-z0-9+/=_-]{40,}", " ", text)  # base64, base58 and hexadecimal are no words
    return {word for word in DENIED if f" {cut(word)} " in f" {cut(coded)} "}


@pytest.fixture(scope="module")
def text(issuer: Issuer, good: bytes) -> str:
    return surface(good, issuer)


def test_no_denied_word_and_no_private_value_is_in_it(text: str) -> None:
    assert denied(text) == set()
    assert {value for value in private_values() if value in text} == set()
    assert Facts().holder in text


def test_the_walk_would_see_one_wherever_it_is(issuer: Issuer) -> None:
    facts, word = Facts(), DENIED[0]
    planted = {
        "page": issuer.pdf(issuer.paper(facts, scheme_code=f"X {word}"), issuer.attached(facts)),
        "metadata": issuer.pdf(issuer.paper(facts, issuer_name=f"BLK_{word}"), issuer.attached(facts)),
        "attachment": issuer.pdf(
            issuer.paper(facts),
            attachments(issuer.credential(facts, name=f"x{word.title()}", issuer=issuer_named(word)), None),
        ),
    }
    for place, data in planted.items():
        assert word in denied(surface(data, issuer)), place
    assert denied("correctional_liaison urutan Rutanto") == ({"correctional"} & set(DENIED))


def issuer_named(word: str) -> dict[str, Any]:
    return {"id": "did:web:localhost%3A8000:i:lsp", "type": ["Profile"], "name": f"LSP {word}"}


def test_the_seal_adds_no_string_but_its_own(issuer: Issuer) -> None:
    bare = page()
    before = set(strings(pypdf.PdfReader(io.BytesIO(bare)).trailer, set()))
    sealed = issuer.sealed(bare)
    after = set(strings(pypdf.PdfReader(io.BytesIO(sealed)).trailer, set()))
    added = {text for text in after - before if not text.startswith("/") and len(text) < 500}
    assert added == {"Seal", "Segel penerbit / Issuer's seal", "D:20260313021500Z"} | {
        text
        for text in added
        if len(text) == 16  # the file's new identifier
    }
