"""Puts a text into an answer, at every kind of place where the walk must see it."""

from __future__ import annotations

import base64
import gzip
import io
import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any
from urllib.parse import quote

import cbor2
import pymupdf
import qrcode
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from tests.dignity.walk import Answer

_open: Any = pymupdf.open
_CORNER = (20, 20, 260, 260)
Plant = Callable[[bytes, str], bytes]
"""(body, text) to the body with the text in it."""
PROOF = "the proof file's extra line"


def in_header(answer: Answer, text: str) -> Answer:
    return replace(answer, headers=(*answer.headers, ("x-note", text)))


def in_address(answer: Answer, text: str) -> Answer:
    return replace(answer, address=f"{answer.address}?{text}")


def in_body(plant: Plant) -> Callable[[Answer, str], Answer]:
    return lambda answer, text: replace(answer, body=plant(answer.body, text))


# -- text and JSON -----------------------------------------------------------------------------------------------


def at_the_end(body: bytes, text: str) -> bytes:
    return body + text.encode()


def in_attribute(body: bytes, text: str) -> bytes:
    return body.replace(b"<body", f'<body title="{text}"'.encode())


def torn_by_tags(body: bytes, text: str) -> bytes:
    torn = "".join(f"<i>&#{ord(letter)};</i>" for letter in text)
    return body.replace(b"</body>", torn.encode() + b"</body>")


def percent_encoded(body: bytes, text: str) -> bytes:
    return body + "".join(f"%{each:02x}" for each in text.encode()).encode()


def as_base64_line(body: bytes, text: str) -> bytes:
    head, _, rest = body.partition(b"\n")
    return head + b"\nextra " + base64.b64encode(f"entry {text}".encode()) + b"\n" + rest


def in_member(body: bytes, text: str) -> bytes:
    value = json.loads(body)
    escaped = "".join(f"\\u{ord(letter):04x}" for letter in text)
    return json.dumps({**value, "note": "HERE"}).replace("HERE", escaped).encode()


def in_entry(body: bytes, text: str) -> bytes:
    value = json.loads(body)
    payload, _, signature = value["entry"].partition("\n")
    value["entry"] = f"{in_member(payload.encode(), text).decode()}\n{signature}"
    return json.dumps(value).encode()


def in_status_list(body: bytes, text: str) -> bytes:
    value = json.loads(body)
    bits = text.encode().ljust(16_384, b"\0")
    coded = base64.urlsafe_b64encode(gzip.compress(bits)).rstrip(b"=").decode()
    value["credentialSubject"]["encodedList"] = f"u{coded}"
    return json.dumps(value).encode()


# -- pictures ----------------------------------------------------------------------------------------------------


def in_note(body: bytes, text: str) -> bytes:
    note, saved = PngInfo(), io.BytesIO()
    note.add_text("Comment", text, zip=True)
    Image.open(io.BytesIO(body)).save(saved, "png", pnginfo=note)
    return saved.getvalue()


def in_code(_body: bytes, text: str) -> bytes:
    saved = io.BytesIO()
    qrcode.make(text).save(saved)
    return saved.getvalue()


# -- papers ------------------------------------------------------------------------------------------------------


def in_paper(change: Callable[[Any, str], None]) -> Callable[[Answer, str], Answer]:
    def plant(body: bytes, text: str) -> bytes:
        with _open(stream=body) as opened:
            change(opened, text)
            saved: bytes = opened.tobytes()
            return saved

    return in_body(plant)


def on_page(paper: Any, text: str) -> None:
    paper[0].insert_text((50, 50), text)


def in_metadata(paper: Any, text: str) -> None:
    paper.set_metadata({**paper.metadata, "keywords": text})


def in_xmp(paper: Any, text: str) -> None:
    paper.set_xml_metadata(paper.get_xml_metadata().replace("Typst", text))


def in_font(paper: Any, text: str) -> None:
    paper.xref_set_key(paper[0].get_fonts()[0][0], "BaseFont", f"/ABCDEF+{text.replace(' ', '#20')}")


def in_stream(paper: Any, text: str) -> None:
    number = paper.get_new_xref()
    paper.update_object(number, "<<>>")
    paper.update_stream(number, text.encode("utf-16-le"))


def in_string(paper: Any, text: str) -> None:
    paper.xref_set_key(paper.pdf_catalog(), "Lang", pymupdf.get_pdf_str(text))


def beside_a_drawing(paper: Any, text: str) -> None:
    number = paper[0].get_contents()[0]
    paper.update_stream(
        number, paper.xref_stream(number) + f"/Span <</ActualText ({text})>> BDC EMC\n".encode()
    )


def in_qr(paper: Any, text: str) -> None:
    payload = cbor2.dumps({2: text, 6: 1, -2: "X"})
    token = cbor2.dumps([cbor2.dumps({1: -19, 4: b"\x01"}), {}, payload, bytes(64)])
    saved = io.BytesIO()
    qrcode.make(f"http://localhost/v/X#{int.from_bytes(token)}").save(saved)
    paper[0].insert_image(_CORNER, stream=saved.getvalue())


def in_qr_address(paper: Any, text: str) -> None:
    saved = io.BytesIO()
    qrcode.make(f"http://localhost/v/{quote(text, safe=' ')}").save(saved)
    paper[0].insert_image(_CORNER, stream=saved.getvalue())


def in_attachments_name(paper: Any, text: str) -> None:
    paper.embfile_add(text, b"x", filename=text)


def in_attachment(paper: Any, text: str) -> None:
    paper.embfile_add("a", text.encode())


def in_attached_document(paper: Any, text: str) -> None:
    paper.embfile_add("a", in_member(b"{}", text))


DOCUMENTS = (
    "application/json",
    "application/problem+json",
    "application/vc",
    "application/did+json",
    "application/manifest+json",
)
PLANTS: dict[tuple[str, str], Callable[[Answer, str], Answer]] = {
    **{(kind, "member"): in_body(in_member) for kind in DOCUMENTS},
    ("application/json", "entry"): in_body(in_entry),
    ("application/vc", "status list"): in_body(in_status_list),
    ("text/html", "source"): in_body(in_attribute),
    ("text/html", "as shown"): in_body(torn_by_tags),
    ("text/plain", "text"): in_body(at_the_end),
    ("text/plain", "percent-encoded text"): in_body(percent_encoded),
    ("text/javascript", "text"): in_body(at_the_end),
    ("application/octet-stream", "bytes"): in_body(at_the_end),
    ("application/wasm", "bytes"): in_body(at_the_end),
    ("image/png", "note"): in_body(in_note),
    ("image/png", "bytes"): in_body(at_the_end),
    ("image/png", "code"): in_body(in_code),
    ("application/pdf", "page"): in_paper(on_page),
    ("application/pdf", "metadata"): in_paper(in_metadata),
    ("application/pdf", "XMP"): in_paper(in_xmp),
    ("application/pdf", "font"): in_paper(in_font),
    ("application/pdf", "stream"): in_paper(in_stream),
    ("application/pdf", "string"): in_paper(in_string),
    ("application/pdf", "bytes"): in_body(at_the_end),
    ("application/pdf", "QR address"): in_paper(in_qr_address),
    ("application/pdf", "QR token"): in_paper(in_qr),
    ("application/pdf", "attachment's name"): in_paper(in_attachments_name),
    ("application/pdf", "attachment's text"): in_paper(in_attachment),
    ("application/pdf", "attachment's member"): in_paper(in_attached_document),
}
"""One for each part that the walk reads, by the kind of answer and the part's name."""
MORE: dict[str, tuple[str, str, Callable[[Answer, str], Answer]]] = {
    PROOF: ("text/plain", "text", in_body(as_base64_line)),
    "what a drawing says beside it": ("application/pdf", "stream", in_paper(beside_a_drawing)),
    "JSON inside an attached file": (
        "application/pdf",
        "attachment's member",
        in_paper(in_attached_document),
    ),
}
"""Further places in a part: (kind, part, plant)."""
