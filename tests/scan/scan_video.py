"""A fake camera's film: a printed certificate held before it, a little askew, moving, soft and noisy."""

from __future__ import annotations

import importlib
import io
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from PIL import Image, ImageEnhance, ImageFilter

from api.public.view import CertificateView
from ledger.issuing.paper import default_template, render
from tests.issuing.papers import PAPERS
from verifier.code import display

pymupdf: Any = importlib.import_module("pymupdf")  # it has no types

WIDTH, HEIGHT = 1280, 720
FRAMES = 12


def printed_page(view: CertificateView, url: str, dpi: int) -> Image.Image:
    """The certificate as it comes out of the printer."""
    assert view.kind
    assert view.holder
    assert view.number
    address = url.partition("#")[0]
    paper = replace(
        PAPERS[view.kind.value],
        holder=view.holder,
        number=view.number,
        url=url,
        host=urlsplit(address).netloc,
        code_display=display(address.rpartition("/")[2]),
    )
    with pymupdf.open(stream=render(paper, default_template(paper.kind))) as document:
        pixmap = document[0].get_pixmap(dpi=dpi)
        return Image.frombytes("RGB", (pixmap.width, pixmap.height), pixmap.samples)


def film(page: Image.Image, path: Path) -> Path:
    """Write the film as YUV4MPEG2, which Chromium's fake camera plays in a loop.

    The paper slides and turns before it, in poor light.
    """
    left, top = _corner_of_qr(page)
    with path.open("wb") as file:
        file.write(f"YUV4MPEG2 W{WIDTH} H{HEIGHT} F10:1 Ip A1:1 C420jpeg\n".encode())
        for number in range(FRAMES):
            away = FRAMES - 1 - number
            tilted = page.rotate(4 - number / 3, Image.Resampling.BICUBIC, fillcolor=(120, 115, 105))
            view = tilted.crop((left - 250 - 60 * away, top - 80, left + 1030 - 60 * away, top + 640))
            view = view.filter(ImageFilter.GaussianBlur(0.8))
            view = Image.blend(view, Image.effect_noise(view.size, 60).convert("RGB"), 0.12)
            view = ImageEnhance.Brightness(view).enhance(0.75)
            jpeg = io.BytesIO()
            view.save(jpeg, "JPEG", quality=60)
            file.write(b"FRAME\n" + _yuv420(Image.open(jpeg)))
    return path


def _corner_of_qr(page: Image.Image) -> tuple[int, int]:
    zxingcpp: Any = importlib.import_module("zxingcpp")
    (code,) = zxingcpp.read_barcodes(page, formats=zxingcpp.BarcodeFormat.QRCode)
    return code.position.top_left.x, code.position.top_left.y


def _yuv420(image: Image.Image) -> bytes:
    y, cb, cr = image.convert("YCbCr").split()
    half = (WIDTH // 2, HEIGHT // 2)
    return y.tobytes() + cb.resize(half).tobytes() + cr.resize(half).tobytes()
