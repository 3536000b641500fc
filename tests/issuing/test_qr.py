from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from ledger.errors import Error
from ledger.issuing.qr import LARGEST_VERSION, PREFERRED_VERSION, QrImage, make_qr
from tests.issuing.papers import HOST, SIGNED_URL, decoded, pymupdf


def drawn(qr: QrImage, scale: int = 4) -> Image.Image:
    side = qr.size + 8
    image = Image.new("L", (side, side), 255)
    for y, row in enumerate(qr.modules):
        for x, dark in enumerate(row):
            if dark:
                image.putpixel((x + 4, y + 4), 0)
    return image.resize((side * scale, side * scale), Image.Resampling.NEAREST)


@settings(max_examples=25, deadline=None)
@given(digits=st.from_regex(r"[1-9][0-9]{0,530}", fullmatch=True))
def test_another_reader_reads_exactly_the_address(digits: str) -> None:
    url = f"https://{HOST}/v/7K3MQ2XD9HJ4R#{digits}"
    qr = make_qr(url)
    found = decoded(drawn(qr))
    assert found.text == url
    assert found.ec_level == "M"
    assert qr.size == 17 + 4 * qr.version


def test_the_svg_is_the_symbol_with_its_quiet_zone() -> None:
    qr = make_qr(SIGNED_URL)
    with pymupdf.open(stream=qr.svg().encode(), filetype="svg") as document:
        assert document[0].rect.width == qr.size + 8
        pixmap = document[0].get_pixmap(matrix=pymupdf.Matrix(5, 5), colorspace="gray")
    image = Image.frombytes("L", (pixmap.width, pixmap.height), pixmap.samples)
    assert decoded(image).text == SIGNED_URL
    dark = [[image.getpixel((5 * x + 22, 5 * y + 22)) == 0 for x in range(qr.size)] for y in range(qr.size)]
    assert dark == [list(row) for row in qr.modules]
    assert image.crop((0, 0, image.width, 19)).getextrema() == (255, 255)


def test_a_token_of_233_bytes_stays_within_the_preferred_version() -> None:
    address = "https://sertifikat.contoh-fiksi.go.id/v/7K3MQ2XD9HJ4R#"
    digits = str(int.from_bytes(b"\xff" * 225))
    assert make_qr(address + digits).version == PREFERRED_VERSION
    as_text = make_qr(address + "A" * (len(digits) * 2 // 3))
    assert as_text.version > PREFERRED_VERSION, "digits must take the numeric mode"


@pytest.mark.parametrize("length", [780, 20_000])
def test_too_long_an_address_is_refused(length: int) -> None:
    with pytest.raises(Error) as caught:
        make_qr("https://h/v/7K3MQ2XD9HJ4R#" + "7" * length)
    assert caught.value.code == "QR_TOO_LARGE"
    assert caught.value.hint


def test_the_limit_is_the_callers_up_to_the_largest() -> None:
    text = "https://h/v/7K3MQ2XD9HJ4R#" + "7" * 640
    assert make_qr(text).version == LARGEST_VERSION
    with pytest.raises(Error, match="QR_TOO_LARGE"):
        make_qr(text, max_version=PREFERRED_VERSION)
