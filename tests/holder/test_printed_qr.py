"""The QR as it is printed: two readers that did not write it find the whole text in the PDF at 150 dpi."""

from __future__ import annotations

import io
import shutil
import subprocess
from pathlib import Path

import pymupdf
import pytest
import zxingcpp
from PIL import Image

from tests.holder.shop import Shop
from verifier import qr
from verifier.answer import Verdict

DPI = 150


def rendered(shop: Shop, status: str, kind: str) -> tuple[bytes, str]:
    """(PNG of the first page, the QR's text as demo.json has it)."""
    entry = shop.with_status(status, kind=kind)
    pdf = Path(entry["pdf"]).read_bytes()
    with pymupdf.open(stream=pdf) as document:  # type: ignore[no-untyped-call]
        picture: bytes = document[0].get_pixmap(dpi=DPI).tobytes("png")
    return picture, entry["url"]


@pytest.mark.parametrize("kind", ["TRAINING", "COMPETENCE", "UNIT_STATEMENT"])
def test_zxing_reads_the_whole_text(shop: Shop, kind: str) -> None:
    picture, url = rendered(shop, "VALID", kind)
    found = zxingcpp.read_barcodes(
        Image.open(io.BytesIO(picture)), formats=zxingcpp.barcode_formats_from_str("QRCode")
    )
    assert [each.text for each in found] == [url]
    assert qr.check(found[0].text, shop.keys, shop.withdrawn, shop.now).verdict is Verdict.STANDS


@pytest.mark.parametrize("kind", ["TRAINING", "COMPETENCE", "UNIT_STATEMENT"])
def test_zbar_reads_the_whole_text(shop: Shop, kind: str, tmp_path: Path) -> None:
    if shutil.which("zbarimg") is None:
        pytest.skip("zbarimg is not installed (Debian package zbar-tools)")
    picture, url = rendered(shop, "VALID", kind)
    (tmp_path / "page.png").write_bytes(picture)
    run = subprocess.run(
        ["zbarimg", "--quiet", "--raw", "--oneshot", str(tmp_path / "page.png")],
        capture_output=True,
        check=True,
        timeout=60,
    )
    assert run.stdout.decode().strip() == url


def test_the_paper_of_an_erased_name_is_known_as_withdrawn(shop: Shop) -> None:
    entry = shop.with_status("NO_LONGER_VERIFIABLE")
    picture, url = rendered(shop, "NO_LONGER_VERIFIABLE", entry["kind"])
    found = zxingcpp.read_barcodes(
        Image.open(io.BytesIO(picture)), formats=zxingcpp.barcode_formats_from_str("QRCode")
    )
    assert [each.text for each in found] == [url]
    answer = qr.check(url, shop.keys, shop.withdrawn, shop.now)
    assert (answer.verdict, answer.code) == (Verdict.DOES_NOT_STAND, "WITHDRAWN")
