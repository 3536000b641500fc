"""Verifying a whole credential or presentation: data model, validity, proofs, issuer, status."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from tests.conformance import proofs
from tests.conformance.datamodel import check_credential, check_now, check_presentation, named_id
from tests.conformance.problem import (
    MALFORMED,
    PROOF_VERIFICATION,
    STATUS_RETRIEVAL,
    STATUS_VERIFICATION,
    ProblemError,
)
from tests.conformance.proofs import PURPOSES, Expected
from tests.conformance.status import check_status

_CREDENTIAL_PURPOSE = "assertionMethod"


@dataclass(frozen=True, slots=True)
class Checker:
    """`fetch` returns the status list at an address, or None; `now` tells the time (aware)."""

    fetch: Callable[[str], Mapping[str, Any] | None]
    now: Callable[[], datetime]

    def credential(self, document: Any, options: Mapping[str, Any]) -> None:
        """Check a secured credential. Raises ProblemError."""
        self._secured(document, _expected(options, (_CREDENTIAL_PURPOSE,)))
        entries = document.get("credentialStatus", [])
        for entry in entries if type(entries) is list else [entries]:
            if entry["type"] == "BitstringStatusListEntry":
                self._status(document, entry)

    def presentation(self, document: Any, options: Mapping[str, Any]) -> None:
        """Check a secured presentation and every credential in it. Raises ProblemError."""
        credentials = check_presentation(document)
        makers = proofs.check(document, _expected(options, PURPOSES), self.now())
        holder = named_id(document.get("holder"))
        for credential in credentials:
            self.credential(credential, {})
            issuer = named_id(credential["issuer"])
            if issuer in makers and issuer != holder:
                raise ProblemError(
                    MALFORMED, "the credential is the presenter's own, and holder does not say so"
                )

    def _secured(self, document: Any, expected: Expected) -> None:
        check_credential(document)
        now = self.now()
        makers = proofs.check(document, expected, now)
        if any(maker != named_id(document["issuer"]) for maker in makers):
            raise ProblemError(PROOF_VERIFICATION, "the credential is not secured by its issuer")
        check_now(document, now)

    def _status(self, document: Mapping[str, Any], entry: Mapping[str, Any]) -> None:
        listed = self.fetch(entry["statusListCredential"])
        if listed is None:
            raise ProblemError(STATUS_RETRIEVAL, "the status list cannot be had")
        try:
            self._secured(listed, Expected((_CREDENTIAL_PURPOSE,)))
        except ProblemError as problem:
            raise ProblemError(STATUS_VERIFICATION, f"the status list does not hold: {problem}") from problem
        if named_id(listed["issuer"]) != named_id(document["issuer"]):
            raise ProblemError(STATUS_VERIFICATION, "the status list is another issuer's")
        check_status(entry, listed)


def _expected(options: Mapping[str, Any], purposes: tuple[str, ...]) -> Expected:
    wanted = {name: options.get(name) for name in ("expectedProofPurpose", "domain", "challenge")}
    for name, value in wanted.items():
        if value is not None and type(value) is not str:
            raise ProblemError(MALFORMED, f"the option {name} is not a string")
    purpose = wanted["expectedProofPurpose"]
    return Expected(purposes if purpose is None else (purpose,), wanted["domain"], wanted["challenge"])
