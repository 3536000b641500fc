"""An issuer in memory: keys, a log of two entries with a witness, and certificates in all their parts.

Made from the verifier's own formats, without the ledger, so that each part can be made wrong by itself.
"""

from __future__ import annotations

import copy
import json
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from cryptography import x509

from keys.demo_authority import DemoAuthority
from keys.signer import Ed25519Signer, ES256Signer
from ledger.issuing.attachments import Proven, attachments
from ledger.issuing.paper import Attachment, Paper, default_template, render
from ledger.issuing.seal_keys import of_signer
from ledger.issuing.sealing import Sealer
from ledger.log.signer import LogKey
from tests.issuing.papers import COMPETENCE
from tests.sealing.seals import AT
from verifier import code, dataintegrity, did, jcs, keyfile, merkle, policy, statuslist, token, twoline
from verifier.checkpoint import Checkpoint
from verifier.entry import seal as seal_entries
from verifier.jsonld import CREDENTIALS, OPEN_BADGES
from verifier.keyfile import Custodian, IssuerKey, KeyFile, Trust
from verifier.payload import Payload
from verifier.pdf import Against
from verifier.policy import Policy
from verifier.proof import Proof
from verifier.publickey import PublicKey
from verifier.rootfile import RootFile, RootKey
from verifier.statuslist import StatusList
from verifier.token import Claims, QrText
from verifier.witness_key import WitnessKey

BASE = "http://localhost:8000"
ORIGIN = "localhost/demo"
ORG, NAME, ZONE = "lsp", "LSP Contoh Vokasi Nusantara", "Asia/Makassar"
ISSUED_AT = "2026-03-13T02:00:00Z"
NOW = datetime(2026, 6, 1, tzinfo=UTC)
UNIT = {
    "decree": "Kepmenaker 27/2021",
    "code": "C.24LAS01.001.1",
    "title_id": "Melaksanakan Persiapan",
    "title_en": "Prepare",
}


@dataclass(frozen=True, kw_only=True)
class Facts:
    """What one certificate says; a test changes it for one of the parts."""

    number: str = "0000001/LSP-FIKSI/LAS-FILLET-PELAT-II/2026"
    holder: str = "Arif Contohman"
    code: str = code.make(123456789)
    issued_on: date = date(2026, 3, 13)
    valid_until: date | None = date(2029, 3, 13)
    status_index: int = 77


@dataclass
class Issuer:
    """The issuer and all that a verifier is given of it. `folder` is for the seal's authority."""

    folder: Path
    clerk: Ed25519Signer = field(default_factory=Ed25519Signer.generate)
    custodians: tuple[Ed25519Signer, Ed25519Signer] = field(
        default_factory=lambda: (Ed25519Signer.generate(), Ed25519Signer.generate())
    )
    credential_key: Ed25519Signer = field(default_factory=Ed25519Signer.generate)
    token_key: Ed25519Signer = field(default_factory=Ed25519Signer.generate)
    status_key: Ed25519Signer = field(default_factory=Ed25519Signer.generate)
    pdf_key: ES256Signer = field(default_factory=ES256Signer.generate)
    witness: WitnessKey = field(default_factory=lambda: WitnessKey.generate("w.example"))
    made: dict[tuple[Any, ...], Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.log = LogKey(ORIGIN, bytes(range(32)))
        self.authority = DemoAuthority.make(self.folder, AT)
        self.roots = x509.load_pem_x509_certificates(self.authority.trust_file.read_bytes())

    # -- what a verifier is given ------------------------------------------------------------------------

    @property
    def root(self) -> RootFile:
        keys = (RootKey(f"staff/{n}", public(key), "server-held") for n, key in enumerate(self.custodians))
        return RootFile(ORIGIN, tuple(keys))

    def key_file_bytes(self, **pdf_key: Any) -> bytes:
        shown = {"issuer": NAME, "organisation": ORG, "zone": ZONE, "valid_from": 0, "valid_to": None}
        made: list[tuple[str, Ed25519Signer | ES256Signer, dict[str, Any]]] = [
            ("credential", self.credential_key, {}),
            ("token", self.token_key, {"kid": 1, "kind": "COMPETENCE"}),
            ("status", self.status_key, {}),
            ("pdf", self.pdf_key, pdf_key),
        ]
        keys = [
            IssuerKey(
                **{**shown, "kid": None, "kind": None, "compromised_from": None, **more},
                purpose=purpose,
                key=public(key),
            )
            for purpose, key, more in made
        ]
        payload = keyfile.statement(
            version=1,
            origin=ORIGIN,
            size=9,
            issued_at="2026-05-01T00:00:00Z",
            base_urls=[BASE],
            keys=[key for key in keys if key.organisation],
            custodians=[
                Custodian(f"staff/{n}", f"staff/{n}", public(key)) for n, key in enumerate(self.custodians)
            ],
        )
        message = twoline.message(payload, keyfile.FORMAT)
        return keyfile.seal(payload, [key.sign(message) for key in self.custodians])

    def key_file(self, **pdf_key: Any) -> KeyFile:
        made: KeyFile = self._once(
            ("keys", *pdf_key.items()),
            lambda: keyfile.parse(self.key_file_bytes(**pdf_key), Trust.of_root(self.root)),
        )
        return made

    def policy_bytes(self, *, quorum: bool = True) -> bytes:
        lines = [
            f"log {self.log.vkey}",
            f"witness w {self.witness.vkey}",
            f"quorum {'w' if quorum else 'none'}",
            "",
        ]
        return "\n".join(lines).encode()

    def policy(self) -> Policy:
        return policy.parse(self.policy_bytes())

    def status_bytes(self, *withdrawn: int, until: str = "2026-06-01T12:00:00Z") -> bytes:
        bits = bytearray(statuslist.LEAST_BITS // 8)
        for index in withdrawn:
            bits[index >> 3] |= 0x80 >> (index & 7)
        document = statuslist.document(
            url=f"{BASE}/status/1",
            issuer=did.did_web(BASE, ORG),
            valid_from="2026-05-31T12:00:00Z",
            valid_until=until,
            bits=bytes(bits),
        )
        return self._secured(document, self.status_key, document["validFrom"])

    def status(self, *withdrawn: int, until: str = "2026-06-01T12:00:00Z") -> StatusList:
        made: StatusList = self._once(
            ("status", *withdrawn, until),
            lambda: statuslist.parse(self.status_bytes(*withdrawn, until=until), self.key_file()),
        )
        return made

    def against(self, **changes: Any) -> Against:
        whole = Against(self.roots, self.key_file(), self.policy(), self.status())
        return replace(whole, **changes)

    # -- parts of a certificate ----------------------------------------------------------------------------

    def credential(self, facts: Facts, **changes: Any) -> bytes:
        document: dict[str, Any] = copy.deepcopy(
            {
                "@context": [CREDENTIALS, OPEN_BADGES],
                "id": f"{BASE}/v/{facts.code}/credential.json",
                "type": ["VerifiableCredential", "OpenBadgeCredential"],
                "name": COMPETENCE.title_id,
                "issuer": {"id": did.did_web(BASE, ORG), "type": ["Profile"], "name": NAME},
                "validFrom": ISSUED_AT,
                "credentialSubject": {
                    "type": ["AchievementSubject"],
                    "identifier": [
                        {
                            "type": "IdentityObject",
                            "hashed": False,
                            "identityHash": facts.holder,
                            "identityType": "name",
                        }
                    ],
                    "licenseNumber": facts.number,
                    "achievement": {
                        "id": uuid.UUID(int=1).urn,
                        "type": ["Achievement"],
                        "achievementType": "Certification",
                        "name": COMPETENCE.title_id,
                        "description": COMPETENCE.title_en,
                        "criteria": {"narrative": "Kompeten"},
                        "humanCode": COMPETENCE.scheme_code,
                        "inLanguage": "id",
                    },
                },
                "credentialStatus": {
                    "id": f"{BASE}/status/1#{facts.status_index}",
                    "type": "BitstringStatusListEntry",
                    "statusPurpose": statuslist.PURPOSE,
                    "statusListIndex": str(facts.status_index),
                    "statusListCredential": f"{BASE}/status/1",
                },
                **changes,
            }
        )
        if facts.valid_until is not None:
            document["validUntil"] = f"{facts.valid_until}T15:59:59Z"  # the day's last second in UTC+8
        return self._secured(document, self.credential_key, ISSUED_AT)

    def qr(self, facts: Facts, signer: Ed25519Signer | None = None, *, holder: str | None = None) -> QrText:
        page = token.page_url(BASE, facts.code)
        claims = Claims(
            holder or facts.holder,
            facts.issued_on,
            facts.valid_until,
            COMPETENCE.scheme_code,
            COMPETENCE.title_id,
        )
        made = token.make(claims, 1, page, lambda message: (signer or self.token_key).sign(message).sig)
        return QrText(BASE, facts.code, made)

    def proven(
        self,
        facts: Facts,
        *,
        witnessed: bool = True,
        event: str = "certificate.issued.v1",
        org: str = ORG,
        stream: str = "certificate/c1",
    ) -> Proven:
        """The entry of its issue, third in a log of three."""
        data = {
            "number": facts.number,
            "issued_on": facts.issued_on.isoformat(),
            "valid_until": facts.valid_until.isoformat() if facts.valid_until else None,
            "zone": ZONE,
            "list": 1,
            "index": facts.status_index,
        }
        payload = Payload(
            type=event,
            stream=stream,
            version=2,
            prev="0" * 64,
            occurred_at=ISSUED_AT,
            recorded_at=ISSUED_AT,
            actor="staff/clerk",
            role="competence_issuer",
            org=org,
            command="11111111-2222-4333-8444-555555555555",
            seen_size=2,
            seen_root=bytes(32),
            data=data,
        )
        (entry,) = seal_entries([payload.to_bytes()], ORIGIN, self.clerk.sign)
        leaves = [merkle.leaf_hash(each) for each in (b"first", b"second", entry)]
        head = Checkpoint(ORIGIN, 3, merkle.root(leaves))
        note = head.to_text() + "\n" + self.log.sign(head) + "\n"
        if witnessed:
            note += self.witness.cosign(head.to_text(), int(AT.timestamp()))
        proof = Proof(2, tuple(merkle.inclusion_proof(leaves, 2)), note.encode())
        return Proven(entry, proof, witnessed)

    def paper(self, facts: Facts, **changes: Any) -> Paper:
        paper = replace(
            COMPETENCE,
            number=facts.number,
            holder=facts.holder,
            issued_on=facts.issued_on,
            valid_until=facts.valid_until,
            url=str(self.qr(facts)),
            host=BASE.removeprefix("http://"),
            code_display=code.display(facts.code),
        )
        return replace(paper, **changes)

    # -- whole certificates --------------------------------------------------------------------------------

    def attached(self, facts: Facts) -> tuple[Attachment, ...]:
        return attachments(self.credential(facts), self.proven(facts))

    def pdf(self, paper: Paper, attached: tuple[Attachment, ...]) -> bytes:
        return self.sealed(render(paper, default_template(paper.kind), attachments=attached))

    def sealed(self, page: bytes) -> bytes:
        return Sealer(of_signer(self.pdf_key, self.authority.chain(self.pdf_key, NAME))).seal(page, AT)

    def certificate(self, facts: Facts | None = None) -> bytes:
        facts = facts or Facts()
        return self.pdf(self.paper(facts), self.attached(facts))

    def _once(self, what: tuple[Any, ...], make: Callable[[], Any]) -> Any:
        """What never changes, made when it is first asked for."""
        if what not in self.made:
            self.made[what] = make()
        return self.made[what]

    def _secured(self, document: dict[str, Any], signer: Ed25519Signer, created: str) -> bytes:
        issuer = document["issuer"]
        secured = dataintegrity.sign(
            document,
            method=did.method_id(issuer["id"] if isinstance(issuer, dict) else issuer, signer.thumbprint),
            created=created,
            sign_bytes=lambda message: signer.sign(message).sig,
        )
        return jcs.encode(json.loads(json.dumps(secured)))


def public(signer: Ed25519Signer | ES256Signer) -> PublicKey:
    return PublicKey(signer.jwk, signer.alg)
