"""What the conformance app answers when something is wrong: a problem with the type that the W3C names for it.

Types are from Data Integrity 1.0, the VC Data Model 2.0 and Bitstring Status List 1.0.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from verifier.errors import Error

_SECURITY = "https://w3id.org/security#"
_DATA_MODEL = "https://www.w3.org/TR/vc-data-model#"
_STATUS = "https://www.w3.org/ns/credentials/status-list#"

PROOF_VERIFICATION = _SECURITY + "PROOF_VERIFICATION_ERROR"
INVALID_DOMAIN = _SECURITY + "INVALID_DOMAIN_ERROR"
INVALID_CHALLENGE = _SECURITY + "INVALID_CHALLENGE_ERROR"
PARSING = _DATA_MODEL + "PARSING_ERROR"
MALFORMED = _DATA_MODEL + "MALFORMED_VALUE_ERROR"
RANGE = _DATA_MODEL + "RANGE_ERROR"
STATUS_RETRIEVAL = _STATUS + "STATUS_RETRIEVAL_ERROR"
STATUS_VERIFICATION = _STATUS + "STATUS_VERIFICATION_ERROR"
STATUS_RANGE = _STATUS + "RANGE_ERROR"
STATUS_MALFORMED = _STATUS + "MALFORMED_VALUE_ERROR"


class ProblemError(Exception):
    """One thing that is wrong; `to_json` is its RFC 9457 form."""

    def __init__(self, kind: str, detail: str) -> None:
        super().__init__(f"{kind.partition('#')[2]}: {detail}")
        self.kind = kind
        self.detail = detail

    def to_json(self) -> dict[str, str]:
        return {"type": self.kind, "title": self.kind.partition("#")[2], "detail": self.detail}


@contextmanager
def as_problem(kind: str) -> Iterator[None]:
    """Turn what the verifier refuses into a problem of this type."""
    try:
        yield
    except Error as error:
        raise ProblemError(kind, str(error)) from error
