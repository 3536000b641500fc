"""Time stamps over a seal: what they prove, what may stand beside them, and what a change under one is."""

from __future__ import annotations

import io
import re
from datetime import UTC, datetime, timedelta

import pypdf
import pytest
from pypdf.generic import ArrayObject, DictionaryObject, NameObject

from tests.sealing.issuer import NOW
from tests.sealing.seals import AT, Party, party, services
from tests.sealing.signatures import Clock, blank, revocations, signed, with_store
from verifier import pdf_seal
from verifier.answer import Verdict
from verifier.pdf_seal import SealError

ROOT = party("Root", ca=True)
SERVED = "http://127.0.0.1:1/crl"  # nobody answers there
ISSUER = party("Issuer", issuer=ROOT, crl=SERVED, ends=datetime(2026, 5, 1, tzinfo=UTC))
MAY_NOT = party("Issuer", issuer=ROOT, may_sign=False, ends=datetime(2026, 5, 1, tzinfo=UTC))
CLOCK = Clock(ROOT)
SEALED = signed(ISSUER)
STAMPED = CLOCK.stamped(SEALED)
LASTING = CLOCK.stamped(with_store(SEALED, revocations(ROOT)))
NOT, UNKNOWN = Verdict.DOES_NOT_STAND, Verdict.UNKNOWN
LATER = datetime(2035, 1, 1, tzinfo=UTC)


def holds(data: bytes, now: datetime = LATER, *roots: Party) -> pdf_seal.Seal:
    return pdf_seal.check(data, [each.certificate for each in roots or (ROOT,)], now)


def refused(data: bytes, now: datetime = LATER, *roots: Party) -> tuple[str, str, Verdict]:
    with pytest.raises(SealError) as caught:
        holds(data, now, *roots)
    return caught.value.code, caught.value.message, caught.value.verdict


def added(data: bytes, name: str = "/Title") -> bytes:
    writer = pypdf.PdfWriter(io.BytesIO(data), incremental=True)
    writer.add_metadata({name: "x"})
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


@pytest.mark.parametrize("now", [AT + timedelta(days=1), NOW, LATER])
@pytest.mark.parametrize("data", [STAMPED, LASTING], ids=["a stamp", "a stamp over revocation lists"])
def test_a_stamp_proves_its_time_as_long_as_its_clock_is_trusted(data: bytes, now: datetime) -> None:
    assert holds(data, now).proven_at == AT


@pytest.mark.parametrize("data", [STAMPED, LASTING], ids=["a stamp", "a stamp over revocation lists"])
def test_a_stamp_proves_nothing_when_its_clock_is_over(data: bytes) -> None:
    assert refused(data, datetime(2036, 2, 1, tzinfo=UTC))[0] == "SEAL_NOT_IN_TIME"
    assert refused(SEALED, NOW)[0] == "SEAL_NOT_IN_TIME"


def test_a_certificate_that_may_not_sign_was_not_only_late() -> None:
    """It is judged at the time that is proven, at which nothing but its use was wrong."""
    assert refused(CLOCK.stamped(signed(MAY_NOT)))[0] == "SEAL_UNTRUSTED"


def test_the_last_stamp_counts() -> None:
    renewed = Clock(ROOT, AT + timedelta(days=20)).stamped(STAMPED, "Later")
    assert holds(renewed).proven_at == AT + timedelta(days=20)
    over = Clock(ROOT, AT + timedelta(days=80)).stamped(STAMPED, "Later")
    assert refused(over)[0] == "SEAL_NOT_IN_TIME"


def test_a_stamp_before_the_seal_is_somebody_else_s() -> None:
    assert refused(signed(ISSUER, CLOCK.stamped(blank())), AT) == (
        "PDF_ALTERED",
        "somebody else has signed it as well",
        NOT,
    )


def test_a_clock_that_no_root_vouches_for_proves_nothing() -> None:
    other = party("Other", ca=True)
    data = Clock(other).stamped(SEALED)
    assert refused(data, AT) == (
        "SEAL_TIME_UNPROVEN",
        "none of the roots to trust vouches, now, for the authority that gave its time stamp",
        UNKNOWN,
    )
    assert holds(data, LATER, ROOT, other).proven_at == AT
    assert refused(data, LATER)[0] == "SEAL_NOT_IN_TIME"
    assert refused(data, AT, other)[0] == "SEAL_UNTRUSTED"


# -- changes under and after a stamp -----------------------------------------------------------------------------------

STAMP_BROKEN = ("PDF_ALTERED", "its time stamp does not hold for all of it", NOT)


def test_what_comes_after_the_last_stamp_is_found() -> None:
    for data in (STAMPED, LASTING):
        for changed in (data + b"\n", added(data), with_store(data, revocations(ROOT, at=LATER))):
            assert refused(changed) == STAMP_BROKEN


def test_a_stamp_that_does_not_hold_is_found() -> None:
    *_, last = re.finditer(rb"<[0-9A-F]{1000,}>", STAMPED)
    der = bytes.fromhex(last[0][1:-1].decode()).rstrip(b"\0")
    spoilt = (der[:-1] + bytes([der[-1] ^ 1])).hex().upper().encode()
    room = last.end() - last.start() - 2
    signature = STAMPED[: last.start()] + b"<" + spoilt.ljust(room, b"0") + b">" + STAMPED[last.end() :]
    covered = STAMPED.replace(b"/MediaBox", b"/MediaBpx", 1)
    for changed in (signature, covered):
        assert refused(changed) == STAMP_BROKEN


CHANGED = {
    (name, kind): CLOCK.stamped(added(data, name), "Later")
    for kind, data in (("sealed", SEALED), ("lasting", LASTING))
    for name in ("/Title", "/ModDate", "/Odd")
}


@pytest.mark.parametrize("change", CHANGED)
def test_a_change_that_was_stamped_is_still_a_change(change: tuple[str, str]) -> None:
    assert refused(CHANGED[change]) == ("PDF_ALTERED", "something was added after it was sealed", NOT)


def test_without_a_stamp_not_even_a_store_may_follow() -> None:
    assert refused(with_store(SEALED, revocations(ROOT)), AT) == (
        "PDF_ALTERED",
        "something was added after it was sealed",
        NOT,
    )


def test_a_page_a_form_or_another_attachment_may_not_follow() -> None:
    writer = pypdf.PdfWriter(io.BytesIO(SEALED), incremental=True)
    writer.add_attachment("credential.json", b"{}")
    attached = io.BytesIO()
    writer.write(attached)
    writer = pypdf.PdfWriter(io.BytesIO(SEALED), incremental=True)
    writer.root_object[NameObject("/OpenAction")] = DictionaryObject({NameObject("/S"): NameObject("/Odd")})
    opened = io.BytesIO()
    writer.write(opened)
    writer = pypdf.PdfWriter(io.BytesIO(SEALED), incremental=True)
    writer.pages[0][NameObject("/Annots")] = ArrayObject()
    covered = io.BytesIO()
    writer.write(covered)
    for changed in (attached, opened, covered):
        assert changed.getvalue().startswith(SEALED)
        assert len(changed.getvalue()) > len(SEALED)
        assert refused(CLOCK.stamped(changed.getvalue()))[0] == "PDF_ALTERED"


@pytest.mark.parametrize("store", [False, True], ids=["stamp", "stamp and store"])
@pytest.mark.parametrize("version", ["table", "streams"])
def test_stamp_and_store_may_follow_in_either_kind_of_file(version: str, store: bool) -> None:
    """Since PDF 1.5 a file may keep its table of contents in a stream."""
    sealed = SEALED if version == "table" else signed(ISSUER, in_streams())
    assert (b"/XRef" in sealed) == (version == "streams")
    assert holds(CLOCK.stamped(with_store(sealed, revocations(ROOT)) if store else sealed)).proven_at == AT


def in_streams() -> bytes:
    from pyhanko.pdf_utils.reader import PdfFileReader
    from pyhanko.pdf_utils.writer import copy_into_new_writer

    writer = copy_into_new_writer(PdfFileReader(io.BytesIO(blank())), writer_kwargs={"stream_xrefs": True})
    out = io.BytesIO()
    writer.write(out)  # type: ignore[no-untyped-call]
    return out.getvalue()


# -- revocation --------------------------------------------------------------------------------------------------------


def test_what_the_file_says_of_revocation_is_used_under_a_stamp() -> None:
    revoked = CLOCK.stamped(with_store(SEALED, revocations(ROOT, ISSUER)))
    assert refused(revoked) == ("SEAL_REVOKED", "the certificate of its seal had been revoked", NOT)
    other = party("Other", issuer=ROOT)
    assert holds(CLOCK.stamped(with_store(SEALED, revocations(ROOT, other)))).proven_at == AT
    foreign = party("Foreign", ca=True)
    assert holds(CLOCK.stamped(with_store(SEALED, revocations(foreign, ISSUER)))).proven_at == AT


def test_a_store_under_a_stamp_that_proves_nothing_is_not_used() -> None:
    """Whoever adds the store could take away the seal's good name."""
    revoked = Clock(party("Other", ca=True)).stamped(with_store(SEALED, revocations(ROOT, ISSUER)))
    assert refused(revoked, AT)[0] == "SEAL_TIME_UNPROVEN"


def test_nobody_is_asked() -> None:
    now = datetime.now(UTC)
    with services() as site:
        sealed = signed(site.seal)
        site.revoked.append(site.seal.certificate.serial_number)
        seal = pdf_seal.check(sealed, [site.root.certificate], now)
        stamped = Clock(site.root, now).stamped(sealed)
        assert pdf_seal.check(stamped, [site.root.certificate], now).proven_at is not None
        assert site.asked == []
    assert seal.subject == "CN=Issuer"
