"""The contexts of general credentials, for the verifier's canonicalisation, which knows two of its own.

The W3C suites also use the examples' vocabulary, and contexts written into the document. None is fetched. Where a
document names only contexts that the verifier knows, nothing is brought: then its own way of looking them up is
what the suites exercise.

A text with a base direction becomes RDF as others write it, with a datatype of https://www.w3.org/ns/i18n#. The
verifier's processor has the newer form of RDF 1.2, which no other signer of credentials has; the ledger's documents
have no such texts.
"""

import re
from collections.abc import Mapping
from typing import Any

from tests.conformance.problem import MALFORMED, ProblemError, as_problem
from verifier import jsonld

EXAMPLES = "https://www.w3.org/ns/credentials/examples/v2"
_I18N = "https://www.w3.org/ns/i18n#"
_EXAMPLES_CONTENT = {"@vocab": "https://www.w3.org/ns/credentials/examples#"}

URL = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[^\s<>\"{}|\\^`]+")


def canonicalize(document: Mapping[str, Any]) -> bytes:
    """The canonical N-Quads by the verifier. Raises ProblemError for a context, the verifier's errors otherwise."""
    return jsonld.canonicalize(prepared(document), brought(document))


def check_terms(document: Mapping[str, Any]) -> None:
    """Refuse names and types that canonical RDF would drop, and so leave unsigned."""
    contexts = brought(document)
    if contexts is not None and any(context.get("@vocab") for context in contexts):
        return  # a vocabulary gives every name a meaning
    with as_problem(MALFORMED):
        undefined = jsonld.undefined_terms(prepared(document), contexts)
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


def prepared(document: Mapping[str, Any]) -> dict[str, Any]:
    """The document as the verifier's canonicalisation wants it; its own contexts are handed over beside it."""
    return {name: _prepared(value) if name != "@context" else value for name, value in document.items()}


def _prepared(value: Any) -> Any:
    if type(value) is list:
        return [_prepared(item) for item in value]
    if type(value) is not dict:
        return value
    if "@value" in value and "@direction" in value:
        name = f"{str(value.get('@language', '')).lower()}_{value['@direction']}"
        others = {name: member for name, member in value.items() if name not in {"@language", "@direction"}}
        return {**others, "@type": _I18N + name}
    inner = prepared(value)
    if "@context" in value:
        items = value["@context"] if type(value["@context"]) is list else [value["@context"]]
        inner["@context"] = [_content(item) for item in items]
    return inner
