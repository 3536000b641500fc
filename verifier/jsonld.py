"""JSON-LD to canonical N-Quads (RDFC-1.0), with contexts that come with this package.

A document names its contexts by their addresses; those in CONTEXTS are put in their place, from files whose
SHA-256 is pinned here, and no other is accepted. Nothing is fetched: the processor could not.

What a JSON-LD processor does not know it drops in silence, and what is dropped is not signed.
`undefined_terms` finds it: with a vocabulary for everything that has no meaning, such terms show.

Of a context only the terms that the document names are handed on: reading all of it takes longer than all the
rest, and a term that occurs nowhere changes nothing (the contexts write every IRI in full, and none of their terms
is a prefix).

Specifications: JSON-LD 1.1, RDF Dataset Canonicalization 1.0. Needs pyoxigraph (the extra `credentials`).

The work grows fast with blank nodes that look alike: the caller bounds the document before it comes here.
"""

import json
from collections.abc import Mapping, Sequence
from functools import cache
from hashlib import sha256
from importlib.resources import files
from typing import Any

from verifier.errors import Error, FormatError

CREDENTIALS = "https://www.w3.org/ns/credentials/v2"
OPEN_BADGES = "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json"
CONTEXTS: Mapping[str, tuple[str, str]] = {
    CREDENTIALS: (
        "credentials-v2.json",
        "8a9f494a89ecc51db093e90e84713e07e84d6d9204364a9b3c7868b21751236f",
    ),
    OPEN_BADGES: (
        "open-badges-3.0.3.json",
        "ef2fa9c7846dce233cc166b43639027278be4ee44f00bb1d45c75de2dd0cd761",
    ),
}
"""Address to (file in verifier/contexts, SHA-256)."""

_UNDEFINED = "urn:undefined:"


def canonicalize(document: Mapping[str, Any], contexts: Sequence[Any] | None = None) -> bytes:
    """Return the canonical N-Quads of a document whose `@context` is a list of known addresses.

    A caller that trusts other contexts brings the content of all that the document names.
    Raises FormatError CONTEXT_UNKNOWN or JSONLD_INVALID, Error EXTRA_MISSING, CONTEXT_DAMAGED.
    """
    return _canonical(document, _contexts(document) if contexts is None else contexts)


def undefined_terms(document: Mapping[str, Any], contexts: Sequence[Any] | None = None) -> list[str]:
    """Return the names and types in a document that its contexts do not define. Raises as `canonicalize`."""
    named = _contexts(document) if contexts is None else contexts
    quads = _canonical(document, [*named, {"@vocab": _UNDEFINED}])
    return sorted(
        {
            part[1:-1].removeprefix(_UNDEFINED)
            for part in quads.decode("utf-8").split()
            if part.startswith(f"<{_UNDEFINED}")
        }
    )


def _canonical(document: Mapping[str, Any], contexts: Sequence[Any]) -> bytes:
    oxigraph = _oxigraph()
    text = json.dumps({**document, "@context": list(contexts)})
    try:
        dataset = oxigraph.Dataset(oxigraph.parse(text, format=oxigraph.RdfFormat.JSON_LD))
    except SyntaxError as error:
        raise FormatError("JSONLD_INVALID", f"the document is no JSON-LD: {str(error)[:200]}") from None
    dataset.canonicalize(oxigraph.CanonicalizationAlgorithm.RDFC_1_0)
    lines: bytes = oxigraph.serialize(dataset, format=oxigraph.RdfFormat.N_QUADS)
    return b"".join(sorted(lines.splitlines(keepends=True)))


def _contexts(document: Mapping[str, Any]) -> list[Any]:
    named = document.get("@context")
    if (
        type(named) is not list
        or not named
        or any(type(url) is not str or url not in CONTEXTS for url in named)
    ):
        raise FormatError(
            "CONTEXT_UNKNOWN", "the document's contexts are not among those that are known here"
        )
    words: set[str] = set()
    _collect(document, words)
    return [
        {term: meaning for term, meaning in context(url).items() if term in words or term == "@protected"}
        for url in named
    ]


def _collect(value: Any, words: set[str]) -> None:
    """Add every name and text of a document."""
    if isinstance(value, str):
        words.add(value)
    elif isinstance(value, Mapping):
        for name, member in value.items():
            words.add(name)
            _collect(member, words)
    elif isinstance(value, list):
        for item in value:
            _collect(item, words)


@cache
def context(url: str) -> Any:
    """Return what a known address stands for, not to be changed. Raises Error CONTEXT_DAMAGED."""
    name, digest = CONTEXTS[url]
    data = (files("verifier") / "contexts" / name).read_bytes()
    if sha256(data).hexdigest() != digest:
        raise Error("CONTEXT_DAMAGED", f"verifier/contexts/{name} was altered", "Install certledger anew.")
    return json.loads(data)["@context"]


@cache
def _oxigraph() -> Any:
    try:
        import pyoxigraph  # noqa: PLC0415 - an auditor who checks no credentials need not have it
    except ImportError:
        raise Error(
            "EXTRA_MISSING",
            "checking credentials needs pyoxigraph",
            "Install it with: pip install 'certledger[credentials]'",
        ) from None
    return pyoxigraph
