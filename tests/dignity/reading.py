"""What a reader can see in an answer or a file: all its texts, each with the part that it stands in.

Read by libraries that did not write it wherever there is one: pymupdf and pypdf for papers, zxing-cpp for codes,
openvc's CBOR for tokens, Pillow for pictures.
"""

from __future__ import annotations

import html
import io
import json
import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import unquote

import pymupdf
import pypdf
import zxingcpp
from openvc import cbor
from openvc.status.bitstring import decode_bitstring
from PIL import Image

Text = tuple[str, str]
"""(part, text)."""
_open: Any = pymupdf.open
DPI = 130
_RUN = re.compile(rb"[\x20-\x7e]{8,}")
_TAG = re.compile(r"<[^>]*>")
_BESIDE = re.compile(rb"<<.*?>>", re.DOTALL)


def texts(media_type: str, body: bytes) -> Iterator[Text]:
    """The texts of a body."""
    essence = media_type.partition(";")[0].strip()
    if essence == "application/pdf":
        yield from paper(body)
    elif essence == "image/png":
        yield from image(body)
    elif essence in {"application/octet-stream", "application/wasm"}:
        yield "bytes", runs(body)
    elif essence.endswith(("json", "application/vc")):
        yield from document(body)
    elif essence == "text/html":
        source = body.decode()
        yield "source", html.unescape(source)
        yield "as shown", html.unescape(_TAG.sub("", source))
    else:
        text = body.decode()
        yield "text", text
        if (plain := unquote(text)) != text:
            yield "percent-encoded text", plain


def document(body: bytes) -> Iterator[Text]:
    """The texts of a JSON document, with what its coded members hold."""
    value = json.loads(body)
    yield "member", "\n".join(strings(value))
    for member in strings(value):
        if member.startswith("{"):  # a log's entry is JSON of its own, two lines
            for line in member.splitlines():
                yield "entry", "\n".join(strings(json.loads(line)))
    if isinstance(value, dict) and "encodedList" in (subject := value.get("credentialSubject") or {}):
        yield "status list", runs(bytes(decode_bitstring(subject["encodedList"])))


def strings(value: Any) -> Iterator[str]:
    """Every name and value of a JSON value."""
    if isinstance(value, dict):
        for name, member in value.items():
            yield name
            yield from strings(member)
    elif isinstance(value, list):
        for member in value:
            yield from strings(member)
    else:
        yield str(value)


def image(body: bytes) -> Iterator[Text]:
    """The notes in a picture's file, and the codes that are drawn in it."""
    picture = Image.open(io.BytesIO(body))
    picture.load()
    yield "note", "\n".join(f"{name}: {value}" for name, value in picture.info.items())
    yield "bytes", runs(body)
    for code in zxingcpp.read_barcodes(picture):
        yield "code", code.text


def runs(data: bytes) -> str:
    """What is text among bytes: runs of eight printable characters or more, in ASCII and in UTF-16."""
    return "\n".join(
        run.decode("ascii") for each in (data, data.replace(b"\0", b"")) for run in _RUN.findall(each)
    )


def qr(text: str) -> Iterator[Text]:
    """A QR's text, and what the token in its digits says."""
    yield "QR address", text
    digits = text.partition("#")[2]
    if digits:
        number = int(digits)
        whole = cbor.decode(number.to_bytes((number.bit_length() + 7) // 8))
        yield (
            "QR token",
            "\n".join(strings({str(name): str(each) for name, each in cbor.decode(whole[2]).items()})),
        )
        yield "QR token", repr((cbor.decode(whole[0]), whole[1]))


def paper(body: bytes) -> Iterator[Text]:
    """All that somebody who holds a PDF can read in it, whether a reader shows it or not."""
    with _open(stream=body) as file:
        yield "page", "\n".join(page.get_text() for page in file)
        yield "metadata", json.dumps(file.metadata, ensure_ascii=False)
        yield "XMP", html.unescape(file.get_xml_metadata())
        yield "font", "\n".join(str(font) for page in file for font in page.get_fonts(full=True))
        for page in file:
            yield from _codes(page)
        for name in file.embfile_names():
            yield "attachment's name", json.dumps(file.embfile_info(name), ensure_ascii=False, default=str)
            yield from _attachment(file.embfile_get(name))
        drawings = {number for page in file for number in page.get_contents()}
        for number in range(1, file.xref_length()):
            if file.xref_is_stream(number):
                content = file.xref_stream(number) or b""
                # What a page draws was read above; here is what it says beside.
                yield "stream", runs(b" ".join(_BESIDE.findall(content)) if number in drawings else content)
    yield "string", "\n".join(objects(pypdf.PdfReader(io.BytesIO(body)).trailer, set()))
    yield "bytes", runs(body)


def _codes(page: Any) -> Iterator[Text]:
    pixels = page.get_pixmap(dpi=DPI, colorspace=pymupdf.csGRAY)
    picture = Image.frombytes("L", (pixels.width, pixels.height), pixels.samples)
    for code in zxingcpp.read_barcodes(picture, formats=zxingcpp.barcode_formats_from_str("QRCode")):
        yield from qr(code.text)


def _attachment(content: bytes) -> Iterator[Text]:
    try:
        parts = list(document(content))
    except ValueError:
        parts = [("text", content.decode())]
    for part, text in parts:
        yield f"attachment's {part}", text


def objects(value: Any, seen: set[int]) -> Iterator[str]:
    """Every string and name of a PDF's objects."""
    if isinstance(value, pypdf.generic.IndirectObject):
        if value.idnum in seen:
            return
        seen.add(value.idnum)
        value = value.get_object()
    if isinstance(value, dict):
        for name in value:
            yield str(name)
            yield from objects(value.raw_get(name) if hasattr(value, "raw_get") else value[name], seen)
    elif isinstance(value, list):
        for item in list.__iter__(value):
            yield from objects(item, seen)
    elif isinstance(value, str):
        yield value
    elif isinstance(value, bytes):
        yield runs(value)
