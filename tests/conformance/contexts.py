"""The contexts of general credentials, for the verifier's canonicalisation, which knows two of its own.

The W3C suites also use the examples' vocabulary, and contexts written into the document. None is fetched. Where a
document names only contexts that the verifier knows, nothing is brought: then its own way of looking them up is
what the suites exercise.
"""

import re
from collections.abc import Mapping
from typing import Any

from tests.conformance.problem import MALFORMED, ProblemError, as_problem
from verifier import jsonld

EXAMPLES = "https://www.w3.org/ns/credentials/examples/v2"
_EXAMPLES_CONTENT = {"@vocab": "https://www.w3.org/ns/credentials/examples#"}

URL = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[^\s<>\"{}|\\^`]+")


def canonicalize(document: Mapping[str, Any]) -> bytes:
    """The canonical N-Quads by the verifier. Raises ProblemError for a context, the verifier's errors otherwise."""
    return jsonld.canonicalize(_inlined(document), brought(document))


def check_terms(document: Mapping[str, Any]) -> None:
    """Refuse names and types that canonical RDF would drop, and so leave unsigned."""
    contexts = brought(document)
    if contexts is not None and any(context.get("@vocab") for context in contexts):
        return  # a vocabulary gives every name a meaning
    with as_problem(MALFORMED):
        undefined = jsonld.undefined_terms(_inlined(document), contexts)
    if undefined:
        raise ProblemError(MALFORMED, f"the contexts define no {', '.join(undefined)}")


def brought(document: Mapping[str, Any]) -> list[Any] | None:
    """The content of a document's contexts; None where the verifier knows them all."""
    named = document.get("@context")
    if type(named) is not list or not named:
        raise ProblemError(MALFORMED, "@context is not a list with something in it")
    if all(type(item) is str and item in jsonld.CONTEXTS for item in named):
        return None
    return [_content(item) for item in named]


def _content(item: Any) -> Any:
    if item == EXAMPLES:
        return _EXAMPLES_CONTENT
    if type(item) is str and item in jsonld.CONTEXTS:
        return jsonld.context(item)
    if type(item) is dict:
        for term, meaning in item.items():
            address = meaning.get("@id") if type(meaning) is dict else meaning
            if type(address) is str and not address.startswith("@") and not URL.fullmatch(address):
                raise ProblemError(MALFORMED, f"@context gives {term!r} a meaning that is no URL")
        return item
    raise ProblemError(MALFORMED, f"@context has an item that is not known here: {str(item)[:80]!r}")


def _inlined(document: Mapping[str, Any]) -> dict[str, Any]:
    """The document with the contexts of what it contains written out; its own are handed over beside it."""
    return {name: _inlined_value(value) if name != "@context" else value for name, value in document.items()}


def _inlined_value(value: Any) -> Any:
    if type(value) is list:
        return [_inlined_value(item) for item in value]
    if type(value) is not dict:
        return value
    inlined = _inlined(value)
    if "@context" in value:
        items = value["@context"] if type(value["@context"]) is list else [value["@context"]]
        inlined["@context"] = [_content(item) for item in items]
    return inlined
