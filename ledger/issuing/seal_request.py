"""A request (PKCS#10) with which an authority can certify an organisation's `pdf` issuer key for sealing.

It names the organisation, asks for a signing certificate, and is signed by the key, which proves that whoever asks
has it. Authorities put in a subject of their own; what has to come back unchanged is the key.

Specification: RFC 2986, RFC 5280.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

if TYPE_CHECKING:
    from keys.signer import SoftwareSigner

_NAME_LIMIT = 64  # RFC 5280, ub-common-name and ub-organization-name
_UNUSED = ("key_encipherment", "data_encipherment", "key_agreement", "encipher_only", "decipher_only")


def certificate_request(signer: SoftwareSigner, organisation: str) -> bytes:
    """The request as PEM for an es256 key and the organisation's name."""
    # The library signs with keys of its own make only, so the key is lent to it here.
    key = ec.derive_private_key(int.from_bytes(signer.raw(), "big"), ec.SECP256R1())
    name = organisation.encode()[:_NAME_LIMIT].decode(errors="ignore")
    subject = [x509.NameAttribute(oid, name) for oid in (NameOID.ORGANIZATION_NAME, NameOID.COMMON_NAME)]
    usage = x509.KeyUsage(
        digital_signature=True,
        content_commitment=True,
        key_cert_sign=False,
        crl_sign=False,
        **dict.fromkeys(_UNUSED, False),
    )
    request = x509.CertificateSigningRequestBuilder().subject_name(x509.Name(subject))
    return request.add_extension(usage, critical=True).sign(key, SHA256()).public_bytes(Encoding.PEM)
