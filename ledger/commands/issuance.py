"""What every issuing command shares: what a certificate rests on, what is printed, its two events.

Issuing touches the new certificate's stream alone. What it rests on stands in one commitment of class
``provenance`` and, erasable, in the links; the unique row that keeps a decision from being used twice is a
keyed tag. The number is given here, next in a series that all trainees of the issuer share.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from zoneinfo import ZoneInfo

from ledger.commands.schemes import require_public
from ledger.commands.work import Link, Work
from ledger.domain.certificate import Certificate, Content
from ledger.domain.organisation import Organisation
from ledger.domain.scheme import Unit
from ledger.domain.template import Template, TemplateVersion
from ledger.errors import DomainError
from verifier import code

LINK_KINDS = ("learner", "enrolment", "assessment", "decision")


@dataclass(frozen=True, slots=True)
class Basis:
    """What a certificate rests on: its printed content, its holder's name, and ``links`` by LINK_KINDS.

    ``origin`` is the decision's id, or the enrolment's for TRAINING; None once the way back is erased.
    """

    content: Content
    holder: str
    links: dict[str, str]
    origin: str | None


def pinned_template(work: Work, kind: str, named: str | None) -> tuple[str, TemplateVersion]:
    """(template id, version) to print with: the one named, else the newest template of this kind in use."""
    found = [named] if named else reversed(work.queries.related("kind.templates", kind))
    templates = [work.load(Template, one) for one in found]
    work.require(
        all(template.kind == kind for template in templates),
        "VALUE_INVALID",
        f"this template is not for {kind}",
    )
    for template in templates:
        if template.current is not None:
            return template.aggregate_id, template.current
    raise DomainError(
        "TEMPLATE_STATE_INVALID" if named else "UNKNOWN_ID",
        f"no template for {kind} is in use" if named is None else "no version of this template is in use",
        "Draft one and have it approved.",
    )


def issue_day(work: Work) -> tuple[date, str]:
    """(today, zone) where the issuing organisation's days begin and end."""
    zone = work.load(Organisation, work.act.org or "").zone
    return work.act.now.astimezone(ZoneInfo(zone)).date(), zone


def printed_units(units: Iterable[Unit]) -> tuple[dict[str, str], ...]:
    """Units as a certificate shows them."""
    return tuple(
        {"decree": unit.decree, "code": unit.code, "title_id": unit.title_id, "title_en": unit.title_en}
        for unit in units
    )


def holder_name(work: Work, subject: str, field: str) -> str:
    """The name to print; PERSON_ERASED when it is destroyed."""
    name = work.personal.value(subject, "identity", field)
    if not isinstance(name, str):
        work.refuse(
            "PERSON_ERASED", "the holder's name was destroyed at request", "Nothing can be issued to nobody."
        )
    return name


def reserve(
    work: Work, basis: Basis, *, number: str | None, replaces: str | None
) -> tuple[str, tuple[int, str] | None]:
    """(number, place in its series or None); claims that the basis is used once and the number given once."""
    content = basis.content
    if basis.origin is not None:
        work.claim(
            "decision",
            work.provenance_tag(basis.origin, content.kind, replaces),
            "CERT_ALREADY_ISSUED",
            "a certificate of this kind was issued on this already",
        )
    place = None
    if number is None:
        number, seq, series = work.next_number(
            content.kind, work.act.org or "", content.programme_code, issue_day(work)[0]
        )
        place = (seq, series)
    # The next number of a series may be taken in this very moment: then the next one is.
    taken = "CONCURRENCY_CONFLICT" if place else "CERT_NUMBER_TAKEN"
    work.claim("number", number, taken, f"the number {number} is another certificate's")
    return number, place


def write(
    work: Work,
    basis: Basis,
    template: tuple[str, TemplateVersion],
    numbered: tuple[str, tuple[int, str] | None],
    *,
    valid_until: date | None,
    replaces: str | None = None,
) -> Certificate:
    """Record the certificate; PUBLIC_FIELD_FORBIDDEN when what is printed holds anything that may not be."""
    number, place = numbered
    _require_public(work, basis, number, given=place is None)
    certificate = work.new(Certificate)
    certificate.prepare(
        work.act,
        basis.content,
        template=template[0],
        version=template[1].number,
        template_hash=template[1].hash,
    )
    printed = code.make(int.from_bytes(work.draw(8), "big") >> 64 - code.RANDOM_BITS)
    provenance = {"kind": basis.content.kind, **basis.links}
    if replaces is not None:
        provenance["replaces"] = replaces
    issued_on, zone = issue_day(work)
    certificate.issue(
        work.act,
        number=number,
        place=place,
        issued_on=issued_on,
        valid_until=valid_until,
        zone=zone,
        status=work.free_status_index(work.act.org or ""),
        holder=work.fact(certificate, "identity", "holder", basis.holder),
        code=work.fact(certificate, "identity", "code", printed),
        provenance=work.fact(certificate, "provenance", "provenance", provenance),
        replaces=replaces,
    )
    new = certificate.aggregate_id
    work.decision.codes[printed] = new
    work.decision.links.extend(Link(new, kind, target) for kind, target in basis.links.items())
    work.decision.result.update(certificate=new, number=number, code=printed)
    return certificate


def _require_public(work: Work, basis: Basis, number: str, *, given: bool) -> None:
    require_public(work, number, *basis.content.public_texts())
    if given and "learner" in basis.links:
        subject = f"learner/{basis.links['learner']}"
        for class_, field in (("identity", "nik"), ("custody", "register_no")):
            value = work.personal.value(subject, class_, field)
            work.require(
                not isinstance(value, str) or value.casefold() not in number.casefold(),
                "PUBLIC_FIELD_FORBIDDEN",
                "the number holds a number of the holder that is private",
                "Give another number.",
            )
