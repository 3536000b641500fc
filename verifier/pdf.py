"""Does a certificate stand, by its PDF? Seal, attachments and page, each checked and against each other.

In this order, the first that applies; then the first thing that could not be said:

| code | verdict | when |
|---|---|---|
| PDF_TOO_LARGE, PDF_MALFORMED, PDF_NOT_SEALED, PDF_FILES_INVALID | does not stand | another file |
| PDF_ALTERED | does not stand | it is not as it was sealed, or something was added |
| SEAL_UNTRUSTED, SEAL_REVOKED | does not stand | no trusted root vouches for who sealed it |
| SEAL_NOT_IN_TIME, SEAL_TIME_UNPROVEN | unknown | the seal's certificate, or its time stamp's, is over |
| PROOF_…, and other codes of a proof | does not stand | its entry is not in the log that the policy names |
| codes of `verifier.credential` | does not stand | its credential does not |
| SEAL_OF_ANOTHER | does not stand | another organisation sealed it than issued it |
| codes of `verifier.qr` | does not stand | its QR does not |
| PARTS_CONTRADICT | does not stand | entry, credential, QR and words are not of one certificate |
| NOT_WITNESSED, SEAL_KEY_COMPROMISED, SEAL_KEY_UNLISTED | unknown | |
| codes of `verifier.credential` | unknown | such as STATUS_UNKNOWN |
| NOT_ALL_CHECKED | unknown | something needed is missing, from the file or from what it is checked against |
| STANDS | stands | |

`facts` say what was checked and what was not; a page whose words or QR could not be read is named there, and
needs a look by eye, but the seal covers it. The holder's name in a log is a commitment: no proof shows it.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from cryptography.x509 import Certificate

from verifier import credential, dataintegrity, did, pdf_page, pdf_seal, proof, qr, shape, token
from verifier.answer import Answer, Verdict
from verifier.entry import parse_entry
from verifier.errors import Error, FormatError
from verifier.keyfile import KeyFile
from verifier.payload import Payload
from verifier.pdf_page import Page
from verifier.pdf_parts import Parts
from verifier.pdf_seal import Seal, SealError
from verifier.policy import Policy
from verifier.statuslist import StatusList
from verifier.withdrawn import WithdrawnList

CREDENTIAL, PROOF, COUNTERSIGNED = "credential.json", "certificate.tlog-proof", "countersignature.tlog-proof"
"""Names of the attachments; the third is there only where a certificate was countersigned."""


@dataclass(frozen=True, slots=True)
class Against:
    """What a PDF is checked against; all of it came another way, and is verified. Only `roots` are needed."""

    roots: Sequence[Certificate]
    keys: KeyFile | None = None
    policy: Policy | None = None
    status: StatusList | None = None
    withdrawn: Mapping[str, WithdrawnList] | None = None


def check(
    data: bytes, against: Against, now: datetime, look: Callable[[bytes], Page] = pdf_page.look
) -> Answer:
    """Answer for a PDF's bytes at the moment `now` (aware). Raises Error EXTRA_MISSING, ZONE_UNKNOWN."""
    try:
        seal = pdf_seal.check(data, against.roots, now)
    except SealError as error:
        return Answer(error.verdict, error.code, f"By its seal: {error.message}.")
    work = _Work(seal, against, now)
    for step in (work.take_proof, work.take_credential, work.take_owner):
        wrong = step()
        if wrong is not None:
            return wrong
    return work.take_page(look(data)) or work.conclude()


@dataclass(slots=True)
class _Work:
    """One check in progress."""

    seal: Seal
    against: Against
    now: datetime
    checked: list[str] = field(default_factory=lambda: ["seal"])
    missed: list[str] = field(default_factory=list)
    doubts: list[tuple[str, str]] = field(default_factory=list)
    claims: dict[str, Any] = field(default_factory=dict)
    entry: Payload | None = None
    issuance: credential.Issuance | None = None
    document: Mapping[str, Any] | None = None

    def take_proof(self) -> Answer | None:
        """Check that the entry of the certificate's issue is in the log, and that of its countersignature if any."""
        data = self.seal.files.get(PROOF)
        if data is None:
            self._miss("proof: the file carries none")
            return None
        try:
            index, self.entry = self._proven(data, "certificate.issued.v1")
            later = self.seal.files.get(COUNTERSIGNED)
            again = None if later is None else self._proven(later, "certificate.countersigned.v1")
        except Error as error:
            return self._wrong(error.code, f"A proof in it does not hold: {error.message}.")
        if again is not None and again[1].stream != self.entry.stream:
            return self._wrong("PARTS_CONTRADICT", "The countersignature in it is another certificate's.")
        if self.against.policy is None:
            self._miss("proof: no policy was given")
            return None
        self.issuance = credential.Issuance(index, self.entry, None if again is None else again[0])
        self.checked.append("proof")
        return None

    def _proven(self, data: bytes, event: str) -> tuple[int, Payload]:
        """Return an entry and its leaf index, proven if there is a policy to prove it by."""
        parsed = proof.parse(data)
        if parsed.extra is None:
            raise FormatError("PROOF_INVALID", "it does not hold its entry")
        payload = parse_entry(parsed.extra).payload
        if payload.type != event:
            raise FormatError("PROOF_INVALID", f"its entry is a {payload.type}")
        if self.against.policy is not None:
            verdict = parsed.verify(parsed.extra, self.against.policy)
            if not verdict.witnessed or self.against.policy.quorum is None:
                self.doubts.append(
                    ("NOT_WITNESSED", "its entry is in the log, but too few witnesses saw it there")
                )
        return parsed.index, payload

    def take_credential(self) -> Answer | None:
        """Check the credential, with its issuer's keys where they are at hand."""
        data = self.seal.files.get(CREDENTIAL)
        if data is None:
            self._miss("credential: the file carries none")
            return None
        try:
            self.document = dataintegrity.split(
                shape.parse_object(data, credential.CREDENTIAL_LIMIT)
            ).document
            credential.check_document(self.document)
        except Error as error:
            return self._wrong(error.code, f"The credential in it is none: {error.message}.")
        if self.against.keys is None:
            self._miss("credential: no key file was given")
            return None
        answer = credential.check(data, self.against.keys, self.against.status, self.now, self.issuance)
        self.claims = dict(answer.facts)
        if answer.verdict == Verdict.DOES_NOT_STAND:
            return self._wrong(answer.code, f"By its credential: {answer.message}")
        self.checked.append("credential")
        if answer.verdict == Verdict.UNKNOWN:
            self.doubts.append((answer.code, answer.message))
        return None

    def take_owner(self) -> Answer | None:
        """Compare who sealed with who issued."""
        if self.against.keys is None or self.document is None:
            return None
        listed = [
            key
            for key in self.against.keys.keys
            if (key.purpose, key.key.thumbprint) == ("pdf", self.seal.key)
        ]
        if not listed:
            self.doubts.append(("SEAL_KEY_UNLISTED", "the key file does not say whose key sealed it"))
            return None
        issuer, owner = self.document["issuer"], listed[0]
        if issuer["id"] not in {did.did_web(url, owner.organisation) for url in self.against.keys.base_urls}:
            return self._wrong(
                "SEAL_OF_ANOTHER", f"{owner.issuer} sealed it, but {issuer['name']} issued it."
            )
        self.checked.append("owner of the seal")
        if owner.compromised_from is not None:
            self.doubts.append(("SEAL_KEY_COMPROMISED", "the key that sealed it is no longer trusted"))
        return None

    def take_page(self, page: Page) -> Answer | None:
        """Check the QR code, and compare all that the parts say."""
        parts = Parts()
        if self.entry is not None:
            parts.take_entry(self.entry)
        if self.document is not None:
            parts.take_credential(self.document, self.entry)
        codes = [text for text in page.qr or () if "/v/" in text]
        if page.qr is None:
            self.missed.append("QR code: no library to read it is installed")
        elif not codes:
            self.missed.append("QR code: none could be read on the page")
        for text in codes:
            wrong = self._take_qr(text, parts)
            if wrong is not None:
                return wrong
        if page.words is None:
            self.missed.append("words on the page: no library to read them is installed")
        else:
            parts.take_words(page.words)
            self.checked.append("words on the page")
        self.missed += parts.missed
        if parts.contradictions():
            message = f"Its parts do not say the same: {', '.join(parts.contradictions())}."
            return self._wrong("PARTS_CONTRADICT", message)
        return None

    def _take_qr(self, text: str, parts: Parts) -> Answer | None:
        try:
            parts.take_qr(token.parse_qr(text))
        except Error as error:
            return self._wrong(error.code, f"The QR code on it is none of a certificate: {error.message}.")
        if self.against.keys is not None:
            answer = qr.check(text, self.against.keys, self.against.withdrawn, self.now)
            if answer.verdict == Verdict.DOES_NOT_STAND:
                return self._wrong(answer.code, f"By its QR code: {answer.message}")
        self.checked.append("QR code")
        return None

    def conclude(self) -> Answer:
        """Nothing is wrong: is all that is needed known?"""
        if self.doubts:
            code, message = self.doubts[0]
            return Answer(
                Verdict.UNKNOWN, code, f"The seal holds, but {message[0].lower()}{message[1:]}", self._facts()
            )
        message = f"Sealed, issued and not withdrawn; {self.claims['issuer']} answers for it."
        return Answer(Verdict.STANDS, "STANDS", message, self._facts())

    def _miss(self, what: str) -> None:
        """Something without which nothing stands."""
        self.missed.append(what)
        self.doubts.append(("NOT_ALL_CHECKED", f"not all was checked: {what}"))

    def _wrong(self, code: str, message: str) -> Answer:
        return Answer(Verdict.DOES_NOT_STAND, code, message, self._facts())

    def _facts(self) -> dict[str, Any]:
        seal = self.seal
        return {
            **self.claims,
            "sealed_by": seal.subject,
            "sealed_at": None if seal.said_at is None else seal.said_at.isoformat(),
            "sealed_before": None if seal.proven_at is None else seal.proven_at.isoformat(),
            "checked": self.checked,
            "not_checked": self.missed,
        }
