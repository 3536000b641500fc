"""The certificate as a PDF: PDF/A-3a and PDF/UA-1, A4 landscape, set by typst from a template and data.

Rules. The template is an argument, since a certificate's event pins its hash: a later template changes no
old certificate. All that is printed enters the template as JSON data (``sys.inputs``), never as source, so
that no name can be markup. The document's date is the day of issue, and nothing comes from the clock, the
machine or its fonts: the same paper gives the same bytes with the same release of typst. A copy differs
from the first by its copy mark alone. The address and the code in words are checked against the QR's text,
so that a page cannot send people to two places.

Specification: ISO 19005-3 level A, ISO 14289-1. It does not seal the PDF, judge what may be printed or keep
anything.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime
from importlib.resources import files
from typing import Literal, get_args

import typst

from ledger.errors import Error
from ledger.issuing.glyphs import printable
from ledger.issuing.qr import QrImage, make_qr

Kind = Literal["TRAINING", "COMPETENCE", "UNIT_STATEMENT"]
PDF_STANDARDS: list[Literal["a-3a", "ua-1"]] = ["a-3a", "ua-1"]

# Longest text of each field, in characters: far above what is real, low enough that a page can hold it.
_LIMITS = {
    "number": 80,
    "holder": 200,
    "title_id": 250,
    "title_en": 250,
    "issuer_name": 120,
    "issuer_place": 60,
    "scheme_code": 80,
    "host": 120,
    "template": 80,
}
_MAX_UNITS = 60
_UNIT_LIMITS = {"code": 30, "title_id": 300, "title_en": 300}
_MAX_SIGNATORY_LINES = 3
_SIGNATORY_LIMIT = 70

# Attachments belong to the file, not to the page's looks, so they are not the template's business.
_ATTACH = """\
#for a in json(bytes(sys.inputs.attachments)) { pdf.attach(
  a.name, bytes(a.text), relationship: a.relationship, mime-type: a.media_type, description: a.description,
) }
"""


@dataclass(frozen=True, slots=True)
class PaperUnit:
    """One unit of competency as printed."""

    code: str
    title_id: str
    title_en: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Attachment:
    """A text file carried in the PDF, such as the credential.

    ``media_type`` as in HTTP; ``relationship`` is PDF's AFRelationship in lower case.
    """

    name: str
    media_type: str
    text: str
    description: str
    relationship: Literal["source", "data", "alternative", "supplement"] = "data"


@dataclass(frozen=True, slots=True, kw_only=True)
class Paper:
    """All that is printed on one certificate.

    ``hours`` are training hours of 45 minutes (JP). ``valid_until`` is the last valid day, ``None`` for no
    expiry. ``url`` is the QR's whole text; ``host`` and ``code_display`` (4-4-5) are what is typed by hand.
    ``copy`` counts from 1. ``template`` (``id@version``) stands in small print. ``signatory`` is the signing
    person's office, then the name; empty where nobody signs by hand.
    """

    kind: Kind
    number: str
    holder: str
    title_id: str
    title_en: str
    level: int | None = None
    units: tuple[PaperUnit, ...] = ()
    hours: int | None = None
    issuer_name: str
    issuer_place: str | None = None
    issued_on: date
    valid_until: date | None = None
    scheme_code: str
    url: str
    host: str
    code_display: str
    copy: int = 1
    template: str
    signatory: tuple[str, ...] = ()


def default_template(kind: str) -> str:
    """Give the source of the template that comes with the ledger for ``kind``.

    Raises ``Error`` VALUE_INVALID for an unknown kind.
    """
    if kind not in get_args(Kind):
        raise Error(
            "VALUE_INVALID",
            f"There is no certificate of the kind {kind!r}.",
            f"The kinds are {', '.join(get_args(Kind))}.",
        )
    folder = files("ledger.issuing") / "templates"
    parts = ("common", "ornament", "parts", "page", kind.lower())
    return "\n".join((folder / f"{part}.typ").read_text(encoding="utf-8") for part in parts)


def render(paper: Paper, template_source: str, *, attachments: Sequence[Attachment] = ()) -> bytes:
    """Set ``paper`` by ``template_source`` and give the PDF's bytes.

    Raises ``Error``: PAPER_INVALID where a field is empty, too long, or contradicts another; QR_TOO_LARGE
    where the address needs too large a QR code; TEMPLATE_INVALID where typst refuses the template. Threads
    may call it; they wait for one another.
    """
    _check(paper)
    inputs = {
        "paper": json.dumps(_data(paper, make_qr(paper.url)), ensure_ascii=False),
        "attachments": json.dumps([asdict(item) for item in attachments], ensure_ascii=False),
    }
    issued = datetime(paper.issued_on.year, paper.issued_on.month, paper.issued_on.day, tzinfo=UTC)
    with _lock:
        try:
            pdf = _compiler().compile(
                input=(template_source + "\n" + _ATTACH).encode(),
                format="pdf",
                sys_inputs=inputs,
                pdf_standards=list(PDF_STANDARDS),
                timestamp=issued,
            )
        except typst.TypstError as error:
            raise Error(
                "TEMPLATE_INVALID",
                f"The template {paper.template} cannot be set: {error.message}",
                " ".join(error.hints) or "Correct the template and approve it as a new version.",
            ) from error
    if not isinstance(pdf, bytes):  # typst gives a list only for formats of one file a page
        raise TypeError(type(pdf))
    return pdf


_lock = threading.Lock()
_compilers: list[typst.Compiler] = []


def _compiler() -> typst.Compiler:
    """Give the one compiler of this process: it keeps the fonts and what it has already laid out."""
    if not _compilers:
        fonts = typst.Fonts(
            include_system_fonts=False,
            include_embedded_fonts=False,
            font_paths=[str(files("ledger.issuing") / "fonts")],
        )
        _compilers.append(typst.Compiler(font_paths=fonts, ignore_system_fonts=True))
    return _compilers[0]


def _data(paper: Paper, qr: QrImage) -> dict[str, object]:
    """Give the data that a template may use: the paper's own fields as printable text, ISO days, the QR."""
    fields = {
        name: printable(value) if isinstance(value, str) else value for name, value in asdict(paper).items()
    }
    return {
        **fields,
        "units": [{name: printable(text) for name, text in asdict(unit).items()} for unit in paper.units],
        "signatory": [printable(line) for line in paper.signatory],
        "issued_on": paper.issued_on.isoformat(),
        "valid_until": paper.valid_until.isoformat() if paper.valid_until else None,
        "qr": {"svg": qr.svg(quiet_zone=0), "size": qr.size, "version": qr.version},
    }


def _check(paper: Paper) -> None:
    for name, limit in _LIMITS.items():
        _check_length(name, getattr(paper, name), limit)
    for unit in paper.units:
        for name, limit in _UNIT_LIMITS.items():
            _check_length(f"{name} of unit {unit.code}", getattr(unit, name), limit)
    for line in paper.signatory:
        _check_length("A line of the signatory", line, _SIGNATORY_LIMIT)
    if len(paper.signatory) > _MAX_SIGNATORY_LINES:
        raise _invalid(
            f"The signatory has {len(paper.signatory)} lines; there is room for {_MAX_SIGNATORY_LINES}."
        )
    if len(paper.units) > _MAX_UNITS:
        raise _invalid(f"There are {len(paper.units)} units; {_MAX_UNITS} at most can be listed.")
    if paper.copy < 1:
        raise _invalid(f"Copies are counted from 1, not {paper.copy}.")
    if paper.valid_until is not None and paper.valid_until < paper.issued_on:
        raise _invalid(
            f"The last valid day {paper.valid_until} is before the day of issue {paper.issued_on}."
        )
    code = paper.code_display.replace("-", "")
    page = paper.url.split("#", 1)[0]
    if page not in {f"https://{paper.host}/v/{code}", f"http://{paper.host}/v/{code}"}:
        raise _invalid(
            f"The QR code opens {page}, but {paper.host} and {paper.code_display} are printed beside it."
        )


def _check_length(name: str, value: str | None, limit: int) -> None:
    length = None if value is None else len(printable(value))
    if length is not None and not 0 < length <= limit:
        raise _invalid(f"{name} has {length} printable characters; it must have 1 to {limit}.")


def _invalid(message: str) -> Error:
    return Error("PAPER_INVALID", message, "Correct the record that the certificate is printed from.")
