"""Resources that a credential names with a digest (VC Data Model 2.0, 5.3).

The only one at hand is the base context, byte for byte as it is published: a package for tests carries it, since the
ledger's copy differs in blank lines. A digest of anything else cannot be checked, and so is refused.
"""

import base64
import hashlib
from collections.abc import Mapping
from importlib.resources import files
from typing import Any

from tests.conformance.problem import MALFORMED, ProblemError
from verifier import b64
from verifier.errors import FormatError
from verifier.jsonld import CREDENTIALS

_SRI = ("sha256", "sha384", "sha512")


def check_resource(resource: Mapping[str, Any]) -> None:
    """Check the digests of one related resource. Raises ProblemError."""
    sri, multibase = resource.get("digestSRI"), resource.get("digestMultibase")
    if sri is None and multibase is None:
        raise _wrong("it has no digest")
    if resource["id"] != CREDENTIALS:
        raise _wrong(f"{resource['id']} is not at hand, so its digest cannot be checked")
    data = (files("openvc") / "proof" / "contexts" / "credentials-v2.json").read_bytes()
    if sri is not None and not any(sri == _sri(name, data) for name in _SRI):
        raise _wrong("digestSRI is not its digest")
    if multibase is not None and not _is_multibase(multibase, data):
        raise _wrong("digestMultibase is not its digest")


def _sri(name: str, data: bytes) -> str:
    return f"{name}-{base64.b64encode(hashlib.new(name, data).digest()).decode('ascii')}"


def _is_multibase(text: Any, data: bytes) -> bool:
    """Whether it is the SHA-256, bare or as a multihash, in base64url."""
    digest = hashlib.sha256(data).digest()
    try:
        found = b64.url_decode(text[1:]) if type(text) is str and text.startswith("u") else b""
    except FormatError:
        return False
    return found in (digest, b"\x12\x20" + digest)


def _wrong(why: str) -> ProblemError:
    return ProblemError(MALFORMED, f"relatedResource: {why}")
