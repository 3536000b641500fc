"""Each rule of the seal broken by itself, on a small file that is otherwise sealed as it should be."""

from __future__ import annotations

import base64
import io
import re
import sys
import zlib
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pypdf
import pytest
from cryptography.hazmat.primitives.serialization import Encoding
from pypdf.generic import (
    ArrayObject,
    ByteStringObject,
    DictionaryObject,
    EncodedStreamObject,
    NameObject,
    TextStringObject,
)

from tests.sealing.issuer import NOW
from tests.sealing.seals import Party, page, party
from tests.sealing.signatures import blank, signed
from verifier import pdf_seal
from verifier.answer import Verdict
from verifier.errors import Error, FormatError
from verifier.pdf_seal import SealError

ROOT = party("Root", ca=True)
ISSUER = party("Issuer", issuer=ROOT)
SEALED = signed(ISSUER)
NOT, UNKNOWN = Verdict.DOES_NOT_STAND, Verdict.UNKNOWN
UNTRUSTED = ("SEAL_UNTRUSTED", "none of the roots to trust vouches for who sealed it", NOT)


def holds(data: bytes, now: datetime = NOW, root: Party = ROOT) -> pdf_seal.Seal:
    return pdf_seal.check(data, [root.certificate], now)


def refused(data: bytes, now: datetime = NOW, root: Party = ROOT) -> tuple[str, str, Verdict]:
    with pytest.raises(SealError) as caught:
        holds(data, now, root)
    return caught.value.code, caught.value.message, caught.value.verdict


def day(year: int, month: int = 1, number: int = 1) -> datetime:
    return datetime(year, month, number, tzinfo=UTC)


# -- roots -------------------------------------------------------------------------------------------------------------


def test_roots_have_their_limit() -> None:
    pem = ROOT.certificate.public_bytes(Encoding.PEM)
    for size, fits in ((1 << 20, True), ((1 << 20) + 1, False)):
        data = pem.rjust(size, b"\n")
        if fits:
            assert pdf_seal.parse_roots(data) == [ROOT.certificate]
        else:
            with pytest.raises(FormatError, match="ROOTS_INVALID"):
                pdf_seal.parse_roots(data)
    assert pdf_seal.parse_roots(pem + pem) == [ROOT.certificate] * 2


def test_a_certificate_of_an_unknown_version_is_no_root() -> None:
    der = bytearray(ROOT.certificate.public_bytes(Encoding.DER))
    der[der.index(bytes.fromhex("a003020102")) + 4] = 7
    pem = b"-----BEGIN CERTIFICATE-----\n" + base64.encodebytes(der) + b"-----END CERTIFICATE-----\n"
    with pytest.raises(FormatError, match="ROOTS_INVALID"):
        pdf_seal.parse_roots(pem)


# -- the file ----------------------------------------------------------------------------------------------------------


def test_a_file_has_its_limit() -> None:
    assert refused(b"%PDF-".ljust(16 << 20))[0] == "PDF_MALFORMED"
    assert refused(b"%PDF-".ljust((16 << 20) + 1)) == (
        "PDF_TOO_LARGE",
        "a certificate's PDF has at most 16777216 bytes",
        NOT,
    )


def test_a_file_begins_as_a_pdf_does() -> None:
    assert refused(b"\n" + SEALED) == ("PDF_MALFORMED", "this is no PDF", NOT)


def test_an_encrypted_file_is_not_read() -> None:
    writer = pypdf.PdfWriter(io.BytesIO(SEALED))
    writer.encrypt("", algorithm="AES-256")
    out = io.BytesIO()
    writer.write(out)
    assert refused(out.getvalue()) == ("PDF_MALFORMED", "it is encrypted", NOT)


def test_what_readers_only_guess_at_is_not_read() -> None:
    """A table of contents that does not fit is repaired by lenient readers, each in a way of its own."""
    found = re.search(rb"xref\n0 \d+ *\n0000000000 65535 f", SEALED)
    assert found
    moved = SEALED.replace(b"xref\n0 ", b"xref\n1 ", 1)
    assert refused(moved)[0] == "PDF_MALFORMED"


@pytest.mark.parametrize(("more", "code"), [(0, "PDF_FILES_INVALID"), (1, "PDF_MALFORMED")])
def test_a_stream_unfolds_to_eight_mebibytes(more: int, code: str) -> None:
    """What is too large for an attachment is another thing than what is too large to be unfolded."""
    writer = pypdf.PdfWriter(io.BytesIO(blank()))
    stream = EncodedStreamObject()
    stream._data = zlib.compress(bytes((8 << 20) + more))
    stream[NameObject("/Filter")] = NameObject("/FlateDecode")
    name, place = TextStringObject("a"), DictionaryObject({NameObject("/F"): writer._add_object(stream)})
    file = writer._add_object(DictionaryObject({NameObject("/F"): name, NameObject("/EF"): place}))
    files = DictionaryObject({NameObject("/Names"): ArrayObject([name, file])})
    writer.root_object[NameObject("/Names")] = DictionaryObject({NameObject("/EmbeddedFiles"): files})
    out = io.BytesIO()
    writer.write(out)
    assert refused(signed(ISSUER, out.getvalue()))[0] == code


# -- the signature -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("digest", ["sha256", "sha384", "sha512"])
def test_hashes_that_hold(digest: str) -> None:
    assert holds(signed(ISSUER, digest=digest)).subject == "CN=Issuer"


@pytest.mark.parametrize(
    ("odd", "why"),
    [
        ({"digest": "sha1"}, "its signature is made with an outdated hash"),
        ({"digest": "sha224"}, "its signature is made with an outdated hash"),
        ({"subfilter": "ADOBE_PKCS7_DETACHED"}, "its signature is not of the PAdES kind"),
        ({"certify": False}, "it is signed, but not certified against changes"),
        ({"permission": "FILL_FORMS"}, "it is signed, but not certified against changes"),
        ({"permission": "ANNOTATE"}, "it is signed, but not certified against changes"),
    ],
)
def test_a_signature_of_another_kind_is_no_seal(odd: dict[str, Any], why: str) -> None:
    assert refused(signed(ISSUER, **odd)) == ("PDF_NOT_SEALED", why, NOT)


def test_the_certification_has_to_be_the_signature_itself() -> None:
    """A catalog may name as its certification whatever it likes."""
    writer = pypdf.PdfWriter(io.BytesIO(blank()))
    params = DictionaryObject({NameObject("/P"): pypdf.generic.NumberObject(1)})
    claimed = DictionaryObject(
        {
            NameObject("/TransformMethod"): NameObject("/DocMDP"),
            NameObject("/TransformParams"): params,
        }
    )
    other = DictionaryObject({NameObject("/Reference"): pypdf.generic.ArrayObject([claimed])})
    writer.root_object[NameObject("/Perms")] = DictionaryObject(
        {NameObject("/DocMDP"): writer._add_object(other)}
    )
    out = io.BytesIO()
    writer.write(out)
    assert refused(signed(ISSUER, out.getvalue(), certify=False)) == (
        "PDF_NOT_SEALED",
        "it is signed, but not certified against changes",
        NOT,
    )


def test_one_signature_and_no_other() -> None:
    assert refused(blank()) == ("PDF_NOT_SEALED", "nobody has sealed it", NOT)
    both = signed(party("Other", issuer=ROOT), SEALED, name="Other", certify=False)
    assert refused(both) == ("PDF_ALTERED", "somebody else has signed it as well", NOT)


def test_a_changed_byte_and_a_changed_signature_are_told_alike() -> None:
    page_changed = SEALED.replace(b"/MediaBox", b"/MediaBpx", 1)
    begin, end = (found := re.search(rb"<[0-9A-F]{1000,}>", SEALED)).span()  # type: ignore[union-attr]
    der = bytes.fromhex(found[0][1:-1].decode()).rstrip(b"\0")  # type: ignore[index]
    spoilt = der[:-1] + bytes([der[-1] ^ 1])
    cms_changed = (
        SEALED[:begin]
        + b"<"
        + spoilt.hex().upper().encode().ljust(end - begin - 2, b"0")
        + b">"
        + SEALED[end:]
    )
    for changed in (page_changed, cms_changed):
        assert len(changed) == len(SEALED)
        assert refused(changed) == ("PDF_ALTERED", "it is not as it was sealed", NOT)


def with_range(*numbers: int, data: bytes = SEALED) -> bytes:
    """The file with another byte range, of the same length."""
    found = re.search(rb"/ByteRange \[(\d+) (\d+) (\d+) (\d+)\] *", data)
    assert found
    text = b"/ByteRange [" + " ".join(map(str, numbers)).encode() + b"]"
    return data[: found.start()] + text.ljust(len(found[0])) + data[found.end() :]


def ranges(data: bytes = SEALED) -> list[int]:
    found = re.search(rb"/ByteRange \[(\d+) (\d+) (\d+) (\d+)\]", data)
    assert found
    return [int(each) for each in found.groups()]


def test_the_signature_covers_the_file_from_its_beginning() -> None:
    _, first, begin, rest = ranges()
    why = "its signature does not cover it from the beginning"
    assert with_range(0, first, begin, rest) == SEALED
    assert refused(with_range(1, first - 1, begin, rest)) == ("PDF_ALTERED", why, NOT)
    assert refused(with_range(0, first, begin, rest, 0, 0)) == ("PDF_ALTERED", why, NOT)


def test_the_hole_in_what_is_covered_is_the_signature() -> None:
    _, first, begin, rest = ranges()
    why = "something hides where its signature is"
    for numbers in (
        (0, first, begin + 1, rest - 1),
        (0, first - 1, begin, rest),
        (0, first, begin - 1, rest + 1),
        (0, first + 1, begin, rest),
    ):
        assert refused(with_range(*numbers)) == ("PDF_ALTERED", why, NOT)


def test_the_hole_is_not_another_text_that_looks_like_a_signature() -> None:
    writer = pypdf.PdfWriter(io.BytesIO(blank()))
    writer.root_object[NameObject("/Odd")] = ByteStringObject(b"\x12\x34\x56")
    out = io.BytesIO()
    writer.write(out)
    data = signed(ISSUER, out.getvalue())
    at = data.index(b"<123456>")
    moved = with_range(0, at, at + 8, len(data) - at - 8, data=data)
    assert refused(moved) == ("PDF_ALTERED", "something hides where its signature is", NOT)


# -- the library -------------------------------------------------------------------------------------------------------


@pytest.fixture
def no_library(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setitem(sys.modules, "pyhanko.keys", None)
    pdf_seal._hanko.cache_clear()
    yield
    pdf_seal._hanko.cache_clear()


@pytest.mark.usefixtures("no_library")
def test_without_the_library_it_is_said_how_to_get_it() -> None:
    with pytest.raises(Error, match="EXTRA_MISSING") as caught:
        holds(SEALED)
    assert caught.value.hint == "Install it with: pip install 'certledger[pdf]'"


def test_a_real_page_is_read_as_well() -> None:
    assert set(holds(signed(ISSUER, page())).files) == {"credential.json", "certificate.tlog-proof"}
