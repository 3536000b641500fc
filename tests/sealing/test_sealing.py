"""A seal adds itself and nothing else, holds for common readers, and breaks with any change."""

import io
import random
import re
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pypdf
import pytest
from PIL import ImageChops
from pypdf.generic import ArrayObject, DictionaryObject, NameObject

from keys.demo_authority import DemoAuthority
from keys.signer import ES256Signer
from ledger.errors import Error
from ledger.issuing.seal_keys import of_file, of_signer
from ledger.issuing.seal_lasting import LongTerm
from ledger.issuing.sealing import Sealer
from tests.issuing.papers import COMPETENCE, TRAINING, UNIT_STATEMENT, metadata, picture, root, words
from tests.sealing.seals import AT, Party, page, party, pdfsig, services

pytestmark = pytest.mark.filterwarnings("ignore::ResourceWarning")
DENIED = re.compile(rb"(?i)pyhanko|typst 0\.\d+\.\d+; |python|lapas|rutan|custody")


@pytest.fixture(scope="module")
def issuer() -> Party:
    return party("Issuer", issuer=party("Root", ca=True))


@pytest.fixture(scope="module")
def sealer(issuer: Party, tmp_path_factory: pytest.TempPathFactory) -> Sealer:
    return Sealer(of_file(issuer.saved(tmp_path_factory.mktemp("key") / "key.pem")))


@pytest.fixture(scope="module")
def sealed(sealer: Sealer) -> bytes:
    return sealer.seal(page(), AT)


def saved(path: Path, data: bytes) -> Path:
    path.write_bytes(data)
    return path


def objects(pdf: bytes) -> pypdf.PdfReader:
    return pypdf.PdfReader(io.BytesIO(pdf))


def plain(value: Any) -> str:
    """An object's text without the reader that it came from."""
    return re.sub(r"(IndirectObject\(\d+, \d+), \d+", r"\1", repr(value))


def signature(pdf: bytes) -> Any:
    (field,) = root(pdf)["/AcroForm"]["/Fields"]
    return field.get_object()["/V"]


def test_what_was_rendered_stays_byte_for_byte(sealed: bytes) -> None:
    assert sealed.startswith(page())
    assert len(sealed) - len(page()) < 10_000


def test_metadata_attachments_and_page_are_the_same(sealed: bytes) -> None:
    assert metadata(sealed) == metadata(page())
    assert root(sealed)["/Metadata"].get_data() == root(page())["/Metadata"].get_data()
    assert dict(objects(sealed).attachments) == dict(objects(page()).attachments) != {}
    assert words(sealed) == words(page())
    assert ImageChops.difference(picture(sealed), picture(page())).getbbox() is None


def test_the_update_names_no_tool_and_nothing_of_the_holder(sealed: bytes) -> None:
    update = sealed[len(page()) :]
    assert DENIED.search(update) is None
    assert b"Arif" not in update
    assert COMPETENCE.number.encode() not in update


def test_the_time_in_it_is_the_one_that_was_given(sealed: bytes, tmp_path: Path) -> None:
    assert signature(sealed)["/M"] == "D:20260313021500Z"
    assert "Signing Time: Mar 13 2026 02:15:00" in pdfsig(saved(tmp_path / "sealed.pdf", sealed))


def test_the_same_page_time_and_key_give_the_same_bytes(sealer: Sealer, sealed: bytes) -> None:
    assert sealer.seal(page(), AT) == sealed
    assert sealer.seal(page(), AT + timedelta(seconds=1)) != sealed


def test_with_an_issuer_key_only_the_signature_value_varies(tmp_path: Path) -> None:
    signer = ES256Signer.generate()
    chain = DemoAuthority.make(tmp_path / "seal", AT).chain(signer, "LSP Contoh")
    sealer = Sealer(of_signer(signer, chain))
    one, two = (bytes(sealer.seal(page(), AT)) for _ in range(2))
    hidden = re.compile(rb"/Contents <[0-9A-F]+>")
    assert hidden.sub(b"", one) == hidden.sub(b"", two)


@pytest.mark.parametrize("paper", [COMPETENCE, TRAINING, UNIT_STATEMENT], ids=lambda paper: paper.kind)
def test_poppler_finds_a_valid_seal_over_the_whole_file(sealer: Sealer, tmp_path: Path, paper: Any) -> None:
    said = pdfsig(saved(tmp_path / "sealed.pdf", sealer.seal(page(paper), AT)))
    assert "Signature is Valid" in said
    assert "Total document signed" in said
    assert "ETSI.CAdES.detached" in said
    assert "SHA-256" in said
    assert "Not total" not in said


def test_it_keeps_to_the_archive_standard_where_a_program_can_tell(sealed: bytes) -> None:
    # ISO 19005-3: 6.1.12 permissions, 6.3 annotations, 6.4 forms and signatures. ISO 14289-1: 7.18.
    catalogue, was = root(sealed), root(page())
    added = {"/AcroForm", "/Extensions", "/Perms"}
    assert set(catalogue) - set(was) == added
    assert [plain(catalogue.raw_get(key)) for key in was] == [plain(was.raw_get(key)) for key in was]
    assert objects(sealed).pdf_header == "%PDF-1.7"
    assert set(catalogue["/Perms"]) == {"/DocMDP"}
    assert set(catalogue["/AcroForm"]) == {"/Fields", "/SigFlags"}
    (widget,) = (each.get_object() for each in catalogue["/AcroForm"]["/Fields"])
    left, bottom, right, top = map(float, widget["/Rect"])
    assert (left, bottom) == (right, top)
    assert left < 0 > bottom
    printed, hidden = 4, 1 | 2 | 32 | 256  # Invisible, Hidden, NoView, ToggleNoView
    assert widget["/F"] & printed
    assert not widget["/F"] & hidden
    assert widget["/TU"]
    assert not {"/A", "/AA", "/AP"} & set(widget)
    sheet: Any = objects(sealed).pages[0]
    assert sheet["/Tabs"] == "/S"
    (reference,) = (each.get_object() for each in signature(sealed)["/Reference"])
    assert set(reference) == {"/Type", "/TransformMethod", "/TransformParams"}
    assert reference["/TransformParams"]["/P"] == 1
    begin, first, second, last = signature(sealed)["/ByteRange"]
    assert (begin, second + last) == (0, len(sealed))
    assert sealed[first : first + 1] + sealed[second - 1 : second] == b"<>"


def test_ed25519_is_nowhere_in_it(sealed: bytes) -> None:
    cms = signature(sealed)["/Contents"].original_bytes
    ed25519, p256, ecdsa_sha256 = (
        b"\x2b\x65\x70",
        b"\x2a\x86\x48\xce\x3d\x03\x01\x07",
        b"\x2a\x86\x48\xce\x3d\x04\x03\x02",
    )
    assert ed25519 not in cms
    assert p256 in cms
    assert ecdsa_sha256 in cms


def test_poppler_rejects_a_changed_bit_wherever_it_is(sealed: bytes, tmp_path: Path) -> None:
    _, first, second, last = signature(sealed)["/ByteRange"]
    chance = random.Random(1)
    # A changed signature dictionary may not even be found any more; then there is no valid signature either.
    places = [chance.randrange(0, first) for _ in range(20)] + [
        chance.randrange(second, second + last) for _ in range(10)
    ]
    for place in places:
        changed = bytearray(sealed)
        changed[place] ^= 1 << chance.randrange(8)
        assert "Signature is Valid" not in pdfsig(saved(tmp_path / "changed.pdf", bytes(changed))), place


def test_what_is_appended_is_not_under_the_seal(sealed: bytes, tmp_path: Path) -> None:
    writer = pypdf.PdfWriter(io.BytesIO(sealed), incremental=True)
    writer.add_metadata({"/Title": "Something else"})
    out = io.BytesIO()
    writer.write(out)
    assert out.getvalue().startswith(sealed)
    assert "Not total document signed" in pdfsig(saved(tmp_path / "appended.pdf", out.getvalue()))


def test_a_reprint_is_the_same_but_for_its_copy_mark(sealer: Sealer, sealed: bytes) -> None:
    second = sealer.seal(page(replace(COMPETENCE, copy=2)), AT)
    assert metadata(second) == metadata(sealed)
    assert words(second) == "Salinan 2 / Copy 2 " + words(sealed)
    box = ImageChops.difference(picture(second), picture(sealed)).getbbox()
    assert box is not None
    assert (box[2] - box[0]) * (box[3] - box[1]) < 0.02 * picture(sealed).width * picture(sealed).height


@pytest.mark.parametrize("at", [datetime(2024, 12, 31, tzinfo=UTC), datetime(2045, 1, 2, tzinfo=UTC)])
def test_outside_the_certificate_s_time_nothing_is_sealed(sealer: Sealer, at: datetime) -> None:
    with pytest.raises(Error) as caught:
        sealer.seal(page(), at)
    assert caught.value.code == "SEAL_CERTIFICATE_NOT_VALID"


def test_what_is_no_page_or_sealed_already_is_refused(sealer: Sealer, sealed: bytes) -> None:
    form = pypdf.PdfWriter(io.BytesIO(page()))
    form.root_object[NameObject("/AcroForm")] = DictionaryObject({NameObject("/Fields"): ArrayObject()})
    form.write(with_form := io.BytesIO())
    for pdf in (with_form.getvalue(), sealed, b"", b"%PDF-1.7\n", page()[:-2000], page()[:5000]):
        with pytest.raises(Error) as caught:
            sealer.seal(pdf, AT)
        assert caught.value.code == "PDF_UNSEALABLE"


def test_it_takes_less_than_a_tenth_of_a_second(sealer: Sealer) -> None:
    sealer.seal(page(), AT)
    begin = time.process_time()
    for _ in range(5):
        sealer.seal(page(), AT)
    assert (time.process_time() - begin) / 5 < 0.1


def long_term(tmp_path: Path, site: Any, *roots: Party) -> Sealer:
    key = of_file(site.seal.saved(tmp_path / "key.pem"))
    return Sealer(key, LongTerm(site.url, tuple(each.certificate for each in roots), timeout_s=5))


def test_a_lasting_seal_carries_stamps_and_what_is_needed_to_check_it(tmp_path: Path) -> None:
    with services() as site:
        sealer = long_term(tmp_path, site, site.root)
        assert sealer.profile == "B-LTA"
        lasting = sealer.seal(page(), datetime.now(UTC))
    assert {"stamp", "crl"} <= set(site.asked)
    assert lasting.startswith(page())
    seal, stamp = (each.get_object()["/V"] for each in root(lasting)["/AcroForm"]["/Fields"])
    assert (seal["/Type"], stamp["/Type"]) == ("/Sig", "/DocTimeStamp")
    assert sum(stamp["/ByteRange"][2:]) == len(lasting)
    store = root(lasting)["/DSS"]
    assert len(store["/CRLs"]) == 1
    assert len(store["/Certs"]) == 3
    assert metadata(lasting) == metadata(page())
    assert root(lasting)["/Metadata"].get_data() == root(page())["/Metadata"].get_data()
    assert DENIED.search(lasting[len(page()) :]) is None
    assert "Signature is Valid" in pdfsig(saved(tmp_path / "lasting.pdf", lasting))


def test_a_lasting_seal_is_not_made_when_something_is_missing(tmp_path: Path) -> None:
    now = datetime.now(UTC)
    codes = []
    with services() as site:
        for roots in ((), (party("Other", ca=True),)):
            with pytest.raises(Error) as caught:
                long_term(tmp_path, site, *roots).seal(page(), now)
            codes.append(caught.value.code)
        site.revoked.append(site.seal.certificate.serial_number)
        with pytest.raises(Error) as caught:
            long_term(tmp_path, site, site.root).seal(page(), now)
        codes.append(caught.value.code)
    with pytest.raises(Error) as caught:  # the server is gone
        long_term(tmp_path, site, site.root).seal(page(), now)
    codes.append(caught.value.code)
    with services(revocation=False) as site, pytest.raises(Error) as caught:
        long_term(tmp_path, site, site.root).seal(page(), now)
    codes.append(caught.value.code)
    assert codes == ["SEAL_CERTIFICATE_UNTRUSTED"] * 5
    with services() as site:
        sealer = long_term(tmp_path, site, site.root)
        object.__setattr__(sealer._long_term, "tsa_url", site.url.rpartition(":")[0] + ":9/tsa")
        with pytest.raises(Error) as caught:
            sealer.seal(page(), now)
    assert caught.value.code == "TSA_UNREACHABLE"
