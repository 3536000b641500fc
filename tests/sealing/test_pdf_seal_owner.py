"""Whose seal it is, by its certificate: name, key, permitted uses, and the time in which all certificates were valid."""

from __future__ import annotations

import base64
import hashlib
from datetime import datetime, timedelta

import pytest

from tests.sealing.seals import party
from tests.sealing.signatures import signed
from tests.sealing.test_pdf_seal_rules import ISSUER, ROOT, SEALED, UNKNOWN, UNTRUSTED, day, holds, refused


@pytest.mark.parametrize(
    ("kind", "digest", "named"),
    [
        ("p256", "sha256", True),
        ("p384", "sha384", False),
        ("rsa2048", "sha256", False),
        ("ed25519", "sha512", False),
    ],
)
def test_only_a_key_of_p256_has_a_name_here(kind: str, digest: str, named: bool) -> None:
    seal = holds(signed(party("Issuer", kind, ROOT), digest=digest))
    assert (seal.key is not None) == named


def test_the_key_s_name_is_its_thumbprint() -> None:
    """RFC 7638, from the certificate's own numbers."""
    point = ISSUER.certificate.public_key().public_numbers()  # type: ignore[union-attr]
    x, y = (
        base64.urlsafe_b64encode(number.to_bytes(32, "big")).rstrip(b"=").decode()
        for number in (point.x, point.y)  # type: ignore[union-attr]
    )
    canonical = f'{{"crv":"P-256","kty":"EC","x":"{x}","y":"{y}"}}'.encode()
    assert (
        holds(SEALED).key
        == base64.urlsafe_b64encode(hashlib.sha256(canonical).digest()).rstrip(b"=").decode()
    )


@pytest.mark.parametrize(
    "uses",
    [{"digital_signature"}, {"content_commitment"}, {"digital_signature", "content_commitment"}, set()],
)
def test_a_certificate_needs_one_of_two_uses(uses: set[str]) -> None:
    data = signed(party("Issuer", issuer=ROOT, uses=frozenset(uses)))
    if uses:
        assert holds(data).subject == "CN=Issuer"
    else:
        assert refused(data) == UNTRUSTED


BETWEEN = party("Between", issuer=ROOT, ca=True, begins=day(2025, 6), ends=day(2028))


@pytest.mark.parametrize(
    ("begins", "ends", "window"),
    [
        (day(2026), day(2027), (day(2026), day(2027))),
        (day(2025, 2), day(2029), (day(2025, 6), day(2028))),
    ],
    ids=["its own", "that of the authority between"],
)
def test_the_time_in_which_all_certificates_were_valid(
    begins: datetime, ends: datetime, window: tuple[datetime, datetime]
) -> None:
    data = signed(party("Issuer", issuer=BETWEEN, begins=begins, ends=ends))
    first, last = window
    why = (
        f"its certificates are valid from {first:%Y-%m-%d} to {last:%Y-%m-%d}, "
        "and no time stamp shows that it was sealed within"
    )
    moment = timedelta(seconds=2)  # pyHanko forgives a second
    for now in (first, first + moment, last - moment, last):
        assert holds(data, now).proven_at is None
    for now in (first - moment, last + moment):
        assert refused(data, now) == ("SEAL_NOT_IN_TIME", why, UNKNOWN)
        assert refused(data, now, root=party("Root", ca=True)) == UNTRUSTED


def test_a_certificate_that_may_not_sign_does_so_at_no_time() -> None:
    data = signed(party("Issuer", issuer=ROOT, may_sign=False, begins=day(2026), ends=day(2027)))
    for now in (day(2026), day(2026, 6), day(2027)):
        assert refused(data, now) == UNTRUSTED


def test_certificates_that_were_valid_for_one_moment_only() -> None:
    data = signed(party("Issuer", issuer=BETWEEN, begins=day(2028), ends=day(2029)))
    assert holds(data, day(2028)).subject == "CN=Issuer"
    for now in (day(2027), day(2028, 2)):
        assert refused(data, now)[0] == "SEAL_NOT_IN_TIME"
    never = signed(party("Issuer", issuer=BETWEEN, begins=day(2028, 2), ends=day(2029)))
    for now in (day(2027), day(2028), day(2028, 3), day(2030)):
        assert refused(never, now) == UNTRUSTED
