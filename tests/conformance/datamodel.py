"""The VC Data Model 2.0, as far as a verifier can check it: what issuing and verifying both ask of a document.

The ledger's own verifier does not need this: it takes documents of one exact shape. Section numbers are those of the
Recommendation.

Not done here: enveloped credentials (this project has none), schemas and services that would have to be fetched.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from tests.conformance.contexts import URL, check_terms
from tests.conformance.problem import MALFORMED, RANGE, ProblemError
from tests.conformance.related import check_resource
from tests.conformance.status import check_entry, check_list
from tests.conformance.timestamps import moment
from verifier.jsonld import CREDENTIALS

_LANGUAGE_VALUE = frozenset({"@value", "@language", "@direction"})


def check_credential(document: Any) -> None:
    """Check a credential, secured or not. Raises ProblemError."""
    _check_common(document, "VerifiableCredential")
    if "issuer" not in document:
        raise _malformed("issuer is missing")
    _check_named(document["issuer"], "issuer")
    _check_texts(document, "")
    _check_texts(document["issuer"], "issuer.")
    _check_validity(document)
    for subject in _objects(document, "credentialSubject", required=True):
        if not subject:
            raise _malformed("credentialSubject makes no claim")
        _check_id(subject, "credentialSubject")
    for name in ("credentialStatus", "termsOfUse", "evidence", "refreshService", "credentialSchema"):
        for item in _objects(document, name):
            _check_typed(item, name)
            if name == "credentialSchema" and "id" not in item:
                raise _malformed("credentialSchema has no id")
    for entry in _objects(document, "credentialStatus"):
        if entry["type"] == "BitstringStatusListEntry":
            check_entry(entry)
    _each_once(document, "relatedResource", check_resource)
    if "BitstringStatusListCredential" in document["type"]:
        check_list(document)
    check_terms(_unsecured(document))


def check_presentation(document: Any) -> list[Any]:
    """Check a presentation and return the credentials in it, unchecked. Raises ProblemError."""
    _check_common(document, "VerifiablePresentation")
    if "holder" in document:
        _check_named(document["holder"], "holder")
    for item in _objects(document, "termsOfUse"):
        _check_typed(item, "termsOfUse")
    # One or more, says 4.13; but the W3C's suite wants an empty list to be taken for none.
    none = document.get("verifiableCredential") == []
    credentials = [] if none else _objects(document, "verifiableCredential")
    check_terms(
        {name: value for name, value in _unsecured(document).items() if name != "verifiableCredential"}
    )
    return credentials


def check_now(document: Mapping[str, Any], now: datetime) -> None:
    """Check that a credential is within its validity period (4.9). Raises ProblemError."""
    begins, ends = moment(document.get("validFrom")), moment(document.get("validUntil"))
    if begins is not None and now < begins:
        raise ProblemError(RANGE, "validFrom lies ahead")
    if ends is not None and now > ends:
        raise ProblemError(RANGE, "the credential expired: validUntil is over")


def named_id(value: Any) -> Any:
    """The id of an issuer or holder, which is written as a URL or as an object with one."""
    return value.get("id") if type(value) is dict else value


def _check_common(document: Any, due: str) -> None:
    if type(document) is not dict:
        raise _malformed("the document is not an object")
    contexts = document.get("@context")  # 4.3
    if type(contexts) is not list or not contexts or contexts[0] != CREDENTIALS:
        raise _malformed(f"the first item of @context is not {CREDENTIALS}")
    _check_id(document, "the document")
    _check_type(document, "the document")
    types = document["type"]
    if due not in (types if type(types) is list else [types]):
        raise _malformed(f"type does not name {due}")


def _check_id(item: Mapping[str, Any], place: str) -> None:
    if "id" in item and not _is_url(item["id"]):  # 4.4
        raise _malformed(f"the id of {place} is not one URL")


def _check_type(item: Mapping[str, Any], place: str) -> None:
    types = item.get("type")
    if type(types) is str:
        types = [types]
    if (
        type(types) is not list or not types or any(type(each) is not str or not each for each in types)
    ):  # 4.5
        raise _malformed(f"{place} has no type of one or more strings")


def _check_typed(item: Mapping[str, Any], place: str) -> None:
    _check_type(item, place)
    _check_id(item, place)


def _check_named(value: Any, place: str) -> None:
    if not _is_url(named_id(value)):  # 4.7, 4.13
        raise _malformed(f"{place} is neither a URL nor an object whose id is one")


def _check_texts(item: Any, place: str) -> None:
    """Each is a string or a language value object (4.6 and 11.1), or a list of them, one for each language."""
    for name in ("name", "description") if type(item) is dict else ():
        value = item.get(name, "")
        for text in value if type(value) is list else [value]:
            if type(text) is dict and type(text.get("@value")) is str and text.keys() <= _LANGUAGE_VALUE:
                continue
            if type(text) is not str:
                raise _malformed(f"{place}{name} is neither a string nor a language value object")


def _check_validity(document: Mapping[str, Any]) -> None:
    moments = []
    for name in ("validFrom", "validUntil"):  # 4.9
        if name in document:
            found = moment(document[name])
            if found is None:
                raise _malformed(f"{name} is not a dateTimeStamp")
            moments.append(found)
    if moments != sorted(moments):
        raise _malformed("validUntil is before validFrom")


def _objects(document: Mapping[str, Any], name: str, *, required: bool = False) -> list[dict[str, Any]]:
    """The one or more objects of a member; none where it is absent and may be."""
    if name not in document and not required:
        return []
    value = document.get(name)
    items: list[Any] = value if type(value) is list else [value]
    if not items or any(type(item) is not dict for item in items):
        raise _malformed(f"{name} is not one or more objects")
    return items


def _each_once(document: Mapping[str, Any], name: str, check: Callable[[Mapping[str, Any]], None]) -> None:
    items = _objects(document, name)
    for item in items:
        if "id" not in item:
            raise _malformed(f"{name} has no id")
        _check_id(item, name)
        check(item)
    if len({item["id"] for item in items}) != len(items):
        raise _malformed(f"{name} names one thing twice")


def _unsecured(document: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in document.items() if name != "proof"}


def _is_url(value: Any) -> bool:
    return type(value) is str and URL.fullmatch(value) is not None


def _malformed(why: str) -> ProblemError:
    return ProblemError(MALFORMED, why)
