"""The verifier's own look at a seal: any change is found, no stranger's seal passes, nothing hostile is followed."""

from __future__ import annotations

import io
import random
import re
import zlib
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pypdf
import pytest
from cryptography import x509
from hypothesis import given, settings
from hypothesis import strategies as st
from pypdf.generic import ArrayObject, DecodedStreamObject, DictionaryObject, NameObject, TextStringObject

from ledger.issuing.seal_keys import of_file
from ledger.issuing.seal_lasting import LongTerm
from ledger.issuing.seal_update import Update
from ledger.issuing.sealing import Sealer
from tests.sealing.issuer import NOW, Issuer
from tests.sealing.seals import AT, Party, page, party, services
from verifier import pdf_files, pdf_seal
from verifier.answer import Verdict
from verifier.errors import FormatError
from verifier.pdf_seal import SealError


def refused(data: bytes, roots: list[x509.Certificate], now: datetime = NOW) -> tuple[str, Verdict]:
    with pytest.raises(SealError) as caught:
        pdf_seal.check(data, roots, now)
    return caught.value.code, caught.value.verdict


def sealer(tmp_path: Path, who: Party, long_term: LongTerm | None = None) -> Sealer:
    return Sealer(of_file(who.saved(tmp_path / "key.pem")), long_term)


@pytest.fixture(scope="module")
def root() -> Party:
    return party("Root", ca=True)


def gap(data: bytes) -> tuple[int, int]:
    """Where the signature stands in the file, with its brackets."""
    found = re.search(rb"/Contents <[0-9A-F]+>", data)
    assert found
    return found.start() + len(b"/Contents "), found.end()


def test_a_seal_that_holds_tells_its_owner_key_time_and_files(issuer: Issuer, good: bytes) -> None:
    seal = pdf_seal.check(good, issuer.roots, NOW)
    assert "DEMO - LSP Contoh" in seal.subject
    assert seal.key == issuer.pdf_key.thumbprint
    assert (seal.said_at, seal.proven_at) == (AT, None)
    assert set(seal.files) == {"credential.json", "certificate.tlog-proof"}


def test_a_changed_bit_is_found_wherever_it_is(issuer: Issuer, good: bytes) -> None:
    # The room where the signature stands cannot be signed itself; a bit there may be of no meaning, such as the
    # number of the message format. Then the seal is still the same seal.
    chance = random.Random(2)
    begin, end = gap(good)
    places = [chance.randrange(len(good)) for _ in range(150)] + [
        chance.randrange(begin, end) for _ in range(50)
    ]
    for place in places:
        changed = bytearray(good)
        changed[place] ^= 1 << chance.randrange(8)
        if begin < place < end and told(bytes(changed), issuer) == told(good, issuer):
            continue
        assert refused(bytes(changed), issuer.roots)[1] == Verdict.DOES_NOT_STAND, place


def told(data: bytes, issuer: Issuer) -> object:
    try:
        return pdf_seal.check(data, issuer.roots, NOW)
    except SealError as error:
        return error.code


def test_nothing_hides_beside_the_signature(issuer: Issuer, good: bytes) -> None:
    begin, end = gap(good)
    signature = good[begin:end]
    assert signature.endswith(b"00>")
    for other in (
        signature.lower(),
        signature[:-3] + b"01>",
        signature[:-3] + b" 0>",
        signature[:-2] + b"A>",
    ):
        changed = good[:begin] + other + good[end:]
        assert refused(changed, issuer.roots)[0] == "PDF_ALTERED"


def test_whatever_is_appended_is_found(issuer: Issuer, good: bytes) -> None:
    writer = pypdf.PdfWriter(io.BytesIO(good), incremental=True)
    writer.add_metadata({"/Title": "Sertifikat lain"})
    metadata = io.BytesIO()
    writer.write(metadata)
    writer = pypdf.PdfWriter(io.BytesIO(good), incremental=True)
    names: Any = writer.root_object["/Names"]
    names[NameObject("/EmbeddedFiles")] = DictionaryObject({NameObject("/Names"): ArrayObject()})
    writer.add_attachment("credential.json", b"{}")
    swapped = io.BytesIO()
    writer.write(swapped)
    for changed in (metadata.getvalue(), swapped.getvalue(), good + b"\n", good + good):
        assert changed.startswith(good)
        assert refused(changed, issuer.roots) == ("PDF_ALTERED", Verdict.DOES_NOT_STAND)


def test_an_attachment_that_was_exchanged_in_place_is_found(issuer: Issuer, good: bytes) -> None:
    seal = pdf_seal.check(good, issuer.roots, NOW)
    swapped = 0
    for found in re.finditer(rb"stream\n(.*?)\nendstream", good, re.DOTALL):
        try:
            content = zlib.decompress(found[1])
        except zlib.error:
            continue
        if content in seal.files.values():
            other = zlib.compress(content.replace(b"Arif", b"Arip").replace(b"index 2", b"index 1"), 9)
            if len(other) <= len(found[1]):
                changed = good[: found.start(1)] + other.ljust(len(found[1]), b"\0") + good[found.end(1) :]
                assert refused(changed, issuer.roots)[0] == "PDF_ALTERED"
                swapped += 1
    assert swapped


def test_a_second_signature_by_somebody_else_is_found(
    issuer: Issuer, good: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
    from pyhanko.sign import signers

    stranger = party("Stranger")
    key = of_file(stranger.saved(tmp_path / "key.pem")).cms
    writer = IncrementalPdfFileWriter(io.BytesIO(page()))
    meta = signers.PdfSignatureMetadata(field_name="Other", md_algorithm="sha256")
    approval = signers.sign_pdf(writer, meta, key).getvalue()
    assert refused(approval, [stranger.certificate]) == ("PDF_NOT_SEALED", Verdict.DOES_NOT_STAND)
    writer = IncrementalPdfFileWriter(io.BytesIO(good))
    signer = signers.PdfSigner(meta, key)
    monkeypatch.setattr(signer, "_enforce_certification_constraints", lambda _reader: None)
    both = signer.sign_pdf(writer).getvalue()
    with pytest.raises(SealError, match="somebody else has signed it"):
        pdf_seal.check(both, [*issuer.roots, stranger.certificate], NOW)


@pytest.mark.parametrize("subfilter", ["ADOBE_PKCS7_DETACHED"])
def test_another_kind_of_signature_is_no_seal(tmp_path: Path, root: Party, subfilter: str) -> None:
    from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
    from pyhanko.sign import fields, signers

    key = of_file(party("Issuer", issuer=root).saved(tmp_path / "key.pem")).cms
    for permission, code in (("NO_CHANGES", "PDF_NOT_SEALED"), ("FILL_FORMS", "PDF_NOT_SEALED")):
        meta = signers.PdfSignatureMetadata(
            field_name="Seal",
            md_algorithm="sha256",
            certify=True,
            subfilter=fields.SigSeedSubFilter[subfilter if permission == "NO_CHANGES" else "PADES"],
            docmdp_permissions=fields.MDPPerm[permission],
        )
        signed = signers.sign_pdf(IncrementalPdfFileWriter(io.BytesIO(page())), meta, key).getvalue()
        assert refused(signed, [root.certificate])[0] == code


def test_only_the_roots_that_were_given_count(issuer: Issuer, good: bytes) -> None:
    strangers = [party("Root", ca=True).certificate]
    assert refused(good, strangers) == ("SEAL_UNTRUSTED", Verdict.DOES_NOT_STAND)
    assert refused(good, []) == ("SEAL_UNTRUSTED", Verdict.DOES_NOT_STAND)
    pdf_seal.check(good, [*strangers, *issuer.roots], NOW)


def test_a_seal_whose_certificate_is_over_cannot_be_judged(tmp_path: Path, root: Party) -> None:
    leaf = party("Issuer", issuer=root, ends=AT + timedelta(days=30))
    sealed = sealer(tmp_path, leaf).seal(page(), AT)
    pdf_seal.check(sealed, [root.certificate], AT + timedelta(days=29))
    for now in (AT + timedelta(days=31), datetime(2024, 1, 1, tzinfo=UTC)):
        assert refused(sealed, [root.certificate], now) == ("SEAL_NOT_IN_TIME", Verdict.UNKNOWN)
        stranger = party("Root", ca=True).certificate  # of the same name
        assert refused(sealed, [stranger], now) == ("SEAL_UNTRUSTED", Verdict.DOES_NOT_STAND)


def test_a_lasting_seal_outlives_its_certificate_but_not_its_clock(tmp_path: Path) -> None:
    now = datetime.now(UTC)
    with services(clock_days=4000) as site:
        lasting = sealer(tmp_path, site.seal, LongTerm(site.url, (site.root.certificate,))).seal(page(), now)
        plain = sealer(tmp_path, site.seal).seal(page(), now)
    trusted = [site.root.certificate]
    for days in (0.01, 1, 1000, 3999):
        seal = pdf_seal.check(lasting, trusted, now + timedelta(days=days))
        assert seal.proven_at is not None
        assert abs(seal.proven_at - now) < timedelta(minutes=1)
    assert refused(plain, trusted, now + timedelta(days=1000))[0] == "SEAL_NOT_IN_TIME"
    assert refused(lasting, trusted, now + timedelta(days=4001)) == ("SEAL_NOT_IN_TIME", Verdict.UNKNOWN)
    assert refused(lasting, [party("Root", ca=True).certificate], now)[0] == "SEAL_UNTRUSTED"
    chance = random.Random(3)
    for _ in range(60):
        changed = bytearray(lasting)
        changed[chance.randrange(len(lasting))] ^= 1 << chance.randrange(8)
        assert refused(bytes(changed), trusted, now)[1] == Verdict.DOES_NOT_STAND
    assert refused(lasting + b"\n", trusted, now)[0] == "PDF_ALTERED"
    # Without its last time stamp the rest is as it was sealed; what is left is judged as that.
    cut = lasting[: lasting.rindex(b"%%EOF", 0, -10) + 6]
    pdf_seal.check(cut, trusted, now)


def test_a_change_is_found_also_under_a_later_time_stamp_that_anybody_can_get(tmp_path: Path) -> None:
    from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
    from pyhanko.sign.signers import PdfTimeStamper
    from pyhanko.sign.timestamps import HTTPTimeStamper

    now = datetime.now(UTC)
    with services() as site:
        long_term = LongTerm(site.url, (site.root.certificate,))
        plain, lasting = (sealer(tmp_path, site.seal, each).seal(page(), now) for each in (None, long_term))
        stamper = PdfTimeStamper(HTTPTimeStamper(site.url), "Later")
        for sealed in (plain, lasting):
            for name in ("/Title", "/ModDate", "/Odd"):
                writer = pypdf.PdfWriter(io.BytesIO(sealed), incremental=True)
                writer.add_metadata({name: "D:20260101000000Z"})
                out = io.BytesIO()
                writer.write(out)
                stamped = stamper.timestamp_pdf(
                    IncrementalPdfFileWriter(io.BytesIO(out.getvalue())), "sha256"
                )
                found = refused(stamped.getvalue(), [site.root.certificate], now)
                assert found == ("PDF_ALTERED", Verdict.DOES_NOT_STAND)
            stamped = stamper.timestamp_pdf(Update(sealed), "sha256")
            assert pdf_seal.check(stamped.getvalue(), [site.root.certificate], now).proven_at is not None


def test_a_stranger_s_clock_proves_nothing(tmp_path: Path) -> None:
    now = datetime.now(UTC)
    with services() as site:
        other = party("Issuer", issuer=(mine := party("Mine", ca=True)))
        key = of_file(other.saved(tmp_path / "key.pem"))
        roots = (site.root.certificate, mine.certificate)
        lasting = Sealer(key, LongTerm(site.url, roots)).seal(page(), now)
    pdf_seal.check(lasting, list(roots), now)
    assert refused(lasting, [mine.certificate], now) == ("SEAL_TIME_UNPROVEN", Verdict.UNKNOWN)
    assert refused(lasting, [site.root.certificate], now) == ("SEAL_UNTRUSTED", Verdict.DOES_NOT_STAND)


def sealed_with_files(tmp_path: Path, root: Party, *files: tuple[str, bytes]) -> bytes:
    """A sealed PDF made by another writer, with these attachments."""
    writer = pypdf.PdfWriter()
    writer.add_blank_page(100, 100)
    for name, content in files:
        writer.add_attachment(name, content)
    out = io.BytesIO()
    writer.write(out)
    return sealer(tmp_path, party("Issuer", issuer=root)).seal(out.getvalue(), AT)


def test_attachments_have_their_limits_even_under_a_trusted_seal(tmp_path: Path, root: Party) -> None:
    trusted = [root.certificate]
    fine = sealed_with_files(tmp_path, root, *((f"{n}", bytes([n])) for n in range(16)))
    assert len(pdf_seal.check(fine, trusted, NOW).files) == 16
    many = sealed_with_files(tmp_path, root, *((f"{n}", b"x") for n in range(17)))
    large = sealed_with_files(tmp_path, root, ("a", bytes(pdf_files.FILE_LIMIT + 1)))
    for data in (many, large):
        assert refused(data, trusted)[0] == "PDF_FILES_INVALID"


def sealed_with_streams(tmp_path: Path, root: Party, *contents: bytes) -> bytes:
    """A sealed PDF whose attachments, all of one name, are these Flate streams."""
    writer = pypdf.PdfWriter()
    writer.add_blank_page(100, 100)
    entries: Any = ArrayObject()
    for content in contents:
        stream = DecodedStreamObject()
        stream.set_data(content)
        stream[NameObject("/Filter")] = NameObject("/FlateDecode")
        place = DictionaryObject({NameObject("/F"): writer._add_object(stream)})
        name = TextStringObject("credential.json")
        specification = DictionaryObject({NameObject("/F"): name, NameObject("/EF"): place})
        entries += [name, writer._add_object(specification)]
    tree = DictionaryObject({NameObject("/EmbeddedFiles"): DictionaryObject({NameObject("/Names"): entries})})
    writer.root_object[NameObject("/Names")] = tree
    out = io.BytesIO()
    writer.write(out)
    return sealer(tmp_path, party("Issuer", issuer=root)).seal(out.getvalue(), AT)


def test_two_attachments_of_one_name_are_none(tmp_path: Path, root: Party) -> None:
    one = zlib.compress(b"{}")
    assert len(pdf_seal.check(sealed_with_streams(tmp_path, root, one), [root.certificate], NOW).files) == 1
    assert (
        refused(sealed_with_streams(tmp_path, root, one, one), [root.certificate])[0] == "PDF_FILES_INVALID"
    )


@pytest.mark.parametrize("mebibytes", [20, 200])
def test_a_bomb_is_not_unfolded(tmp_path: Path, root: Party, mebibytes: int) -> None:
    data = sealed_with_streams(tmp_path, root, zlib.compress(bytes(mebibytes << 20), 9))
    assert len(data) < 1 << 20
    assert refused(data, [root.certificate])[0] == "PDF_MALFORMED"


@pytest.mark.parametrize(
    "data",
    [b"", b"%PDF-1.7", b"%PDF-1.7\n%%EOF\n", b"PK\x03\x04", b"%PDF-" + bytes(pdf_seal.PDF_LIMIT)],
    ids=["empty", "header", "no objects", "another kind", "too large"],
)
def test_what_is_no_pdf_is_told(issuer: Issuer, data: bytes) -> None:
    code, verdict = refused(data, issuer.roots)
    assert code in {"PDF_MALFORMED", "PDF_TOO_LARGE", "PDF_NOT_SEALED"}
    assert verdict == Verdict.DOES_NOT_STAND


def test_a_page_without_a_seal_is_told(issuer: Issuer) -> None:
    assert refused(page(), issuer.roots) == ("PDF_NOT_SEALED", Verdict.DOES_NOT_STAND)


@settings(max_examples=60)
@given(data=st.data())
def test_no_mutilation_makes_a_traceback_or_passes(issuer: Issuer, good: bytes, data: st.DataObject) -> None:
    # Mostly in the last part, where structure stands and the seal's own objects are.
    begin = data.draw(st.one_of(st.integers(0, len(good) - 1), st.integers(len(good) - 9000, len(good) - 1)))
    length = data.draw(st.integers(0, 300))
    filling = data.draw(st.binary(max_size=300))
    changed = good[:begin] + filling + good[begin + length :]
    if changed != good:
        assert refused(changed, issuer.roots)[1] == Verdict.DOES_NOT_STAND


@pytest.mark.parametrize(
    "data", [b"", b"x", b"-----BEGIN CERTIFICATE-----\n", bytes(pdf_seal.ROOTS_LIMIT + 1)]
)
def test_roots_that_are_none_are_told(data: bytes) -> None:
    with pytest.raises(FormatError) as caught:
        pdf_seal.parse_roots(data)
    assert caught.value.code == "ROOTS_INVALID"
