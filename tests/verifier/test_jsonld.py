"""JSON-LD to canonical N-Quads: known contexts only, nothing undefined unseen, and the same as with whole contexts."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from typing import Any

import pytest

from verifier import jsonld
from verifier.errors import Error, FormatError
from verifier.jsonld import CONTEXTS, CREDENTIALS, OPEN_BADGES

BOTH = [CREDENTIALS, OPEN_BADGES]
PERSON = "urn:uuid:00000000-0000-4000-8000-000000000001"


def badge(**changes: Any) -> dict[str, Any]:
    return {
        "@context": BOTH,
        "type": ["VerifiableCredential", "OpenBadgeCredential"],
        "name": "Juru Las é 😀 \n",
        "issuer": {"id": "did:web:x", "type": ["Profile"], "name": "LSP"},
        "validFrom": "2026-03-13T02:00:00Z",
        "credentialSubject": {"type": ["AchievementSubject"], "licenseNumber": "1"},
        **changes,
    }


def refused(document: dict[str, Any], contexts: list[Any] | None = None) -> str:
    with pytest.raises(FormatError) as caught:
        jsonld.canonicalize(document, contexts)
    return caught.value.code


def test_its_quads_are_these() -> None:
    """Written by hand from RDFC-1.0: blank nodes numbered in the order of their hashes, lines sorted."""
    document = {
        "@context": [CREDENTIALS],
        "type": ["VerifiableCredential"],
        "issuer": {"name": "x\n"},
        "name": "y é 😀",
    }
    assert (
        jsonld.canonicalize(document)
        == (
            "_:c14n0 <http://www.w3.org/1999/02/22-rdf-syntax-ns#type> "
            "<https://www.w3.org/2018/credentials#VerifiableCredential> .\n"
            '_:c14n0 <https://schema.org/name> "y é 😀" .\n'
            "_:c14n0 <https://www.w3.org/2018/credentials#issuer> _:c14n1 .\n"
            '_:c14n1 <https://schema.org/name> "x\\n" .\n'
        ).encode()
    )


def test_the_order_of_members_changes_nothing() -> None:
    document = badge(id=PERSON)
    assert jsonld.canonicalize(dict(reversed(document.items()))) == jsonld.canonicalize(document)


@pytest.mark.parametrize(
    "more",
    [
        {},
        {"id": PERSON},
        {"@id": PERSON},
        {
            "credentialStatus": {
                "id": "urn:x",
                "type": "BitstringStatusListEntry",
                "statusPurpose": "suspension",
            }
        },
        {"cred:name": "x", "name:x": "y"},
        {"issuer": "did:web:x"},
        {"credentialSubject": [{"type": ["AchievementSubject"]}, {"id": "urn:y"}]},
    ],
)
def test_terms_that_a_document_does_not_name_change_nothing(more: dict[str, Any]) -> None:
    document = badge(**more)
    whole = [jsonld.context(url) for url in BOTH]
    assert jsonld.canonicalize(document) == jsonld.canonicalize(document, whole)


@pytest.mark.parametrize("url", BOTH)
def test_no_term_of_a_context_is_a_prefix(url: str) -> None:
    """JSON-LD 1.1, 9.15.1: a simple term may be one if its IRI ends in a delimiter, others if they say so."""
    for meaning in jsonld.context(url).values():
        assert not (isinstance(meaning, str) and meaning[-1] in ":/?#[]@")
        assert not (isinstance(meaning, dict) and "@prefix" in meaning)


def test_protected_terms_stay_what_they_are() -> None:
    assert refused(badge(issuer={"@context": {"name": "urn:x"}, "name": "LSP"})) == "JSONLD_INVALID"


@pytest.mark.parametrize(
    "contexts",
    [
        None, [], {}, "", CREDENTIALS, tuple(BOTH), {CREDENTIALS: 1}, [None], [5], [{"@vocab": "urn:x:"}],
        [[CREDENTIALS]], ["https://www.w3.org/2018/credentials/v1"], [CREDENTIALS, "https://example.com/"],
        ["https://example.com/", CREDENTIALS], [CREDENTIALS, {}], [f"{CREDENTIALS}/"],
    ],
)  # fmt: skip
def test_no_other_context_is_known(contexts: Any) -> None:
    for document in (badge(**{"@context": contexts}), {"@context": contexts}):
        assert refused(document) == "CONTEXT_UNKNOWN"
        with pytest.raises(FormatError, match="CONTEXT_UNKNOWN"):
            jsonld.undefined_terms(document)
    assert refused({"name": "x"}) == "CONTEXT_UNKNOWN"


@pytest.mark.parametrize(
    "odd",
    [{"@id": 5}, {"name": "\ud800"}, {"issuer": {"@context": 5}}, {"@type": [5]}, {"@graph": {"@value": []}}],
)
def test_what_is_no_json_ld_is_told(odd: dict[str, Any]) -> None:
    assert refused(badge(**odd)) == "JSONLD_INVALID"


def test_terms_without_a_meaning_show() -> None:
    assert jsonld.undefined_terms(badge()) == []
    odd = badge(
        zodiac="x",
        type=["VerifiableCredential", "GoldMedal"],
        issuer={"motto": ["a", "b"], "name": "x"},
        colour="y",
    )
    assert jsonld.undefined_terms(odd) == ["GoldMedal", "colour", "motto", "zodiac"]


def test_contexts_that_a_caller_brings_are_used_as_they_are() -> None:
    own = [{"name": "urn:name"}]
    assert jsonld.canonicalize({"name": "x"}, own) == b'_:c14n0 <urn:name> "x" .\n'
    assert jsonld.undefined_terms({"name": "x", "other": "y"}, own) == ["other"]
    assert jsonld.canonicalize(badge(), []) == b""


# -- what it stands on -------------------------------------------------------------------------------------------------


@pytest.fixture
def afresh() -> Iterator[None]:
    jsonld.context.cache_clear()
    jsonld._oxigraph.cache_clear()
    yield
    jsonld.context.cache_clear()
    jsonld._oxigraph.cache_clear()


@pytest.mark.usefixtures("afresh")
@pytest.mark.parametrize("url", BOTH)
def test_a_context_that_was_altered_is_told(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    name, digest = CONTEXTS[url]
    assert json.dumps(jsonld.context(url))
    jsonld.context.cache_clear()
    monkeypatch.setattr(jsonld, "CONTEXTS", {**CONTEXTS, url: (name, digest.replace(digest[0], "x"))})
    with pytest.raises(Error, match=f"CONTEXT_DAMAGED: verifier/contexts/{name} was altered"):
        jsonld.canonicalize(badge())


@pytest.mark.usefixtures("afresh")
def test_without_the_processor_it_is_said_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyoxigraph", None)
    with pytest.raises(Error, match="EXTRA_MISSING") as caught:
        jsonld.canonicalize(badge())
    assert caught.value.hint == "Install it with: pip install 'certledger[credentials]'"
