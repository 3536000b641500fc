"""One certificate's whole story: every entry that bears on it, from agreement to last reprint, each proven.

The log leads nowhere from a certificate; its link does, where it was handed over and opens its commitment.
From there: the learner's entries, the enrolment, its cohorts with their programme, scheme, agreement and
site's reviews, the attempts at the assessment and appeals against them; and, without any link, the layout,
the certificates before and after it, its copies, and requests about its data.

Each line has its entry's place and the proof that the entry is in the signed tree, checked here.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from verifier import merkle, reader, tile
from verifier.audit_result import Audit
from verifier.bundle import Bundle
from verifier.errors import Error
from verifier.finding import Findings
from verifier.links import NAME as LINKS
from verifier.links import Links
from verifier.rules import shapes
from verifier.rules.appeals import Appeal
from verifier.rules.assessment import Assessment
from verifier.rules.certificate import Certificate
from verifier.rules.cohorts import Cohort
from verifier.rules.enrolment import Enrolment
from verifier.rules.learners import Learner, SubjectRequest
from verifier.rules.rulebook import Rulebook
from verifier.story import sentence

# A stream's name stands once in a payload's own members; in data it would stand in a text's quotes as well,
# so a match is a candidate that is then parsed.
_STREAM = re.compile(rb'"stream":"([^"]{1,200})"')
_NOISE = frozenset(
    {
        "cohort.session_scheduled",
        "cohort.session_held",
        "cohort.session_cancelled",
        "scheme.unit_added",
        "facility_review.item_assessed",
    }
)


@dataclass(frozen=True, slots=True)
class Line:
    """One event of the story. `proof` are the hashes from its leaf to the root, checked."""

    index: int
    recorded_at: str
    occurred_at: str
    staff: str
    role: str
    org: str | None
    stream: str
    type: str
    text: str
    proof: tuple[bytes, ...]


def streams(rulebook: Rulebook, certificate: Certificate, link: dict[str, Any] | None) -> set[str]:
    """Return the streams that bear on a certificate, at the end of an audit."""
    found: set[str] = set()
    for one in _family(rulebook, certificate):
        found |= {one.stream}
        found |= _about(rulebook, one)
    if link is not None:
        found |= _behind(rulebook, link)
    return found


def _family(rulebook: Rulebook, certificate: Certificate) -> list[Certificate]:
    """The certificate, those that it replaced, and those that replaced or renewed it."""
    things = rulebook.world.things
    family, waiting = {certificate.stream: certificate}, [certificate]
    while waiting:
        one = waiting.pop()
        for other in (one.replaces, one.superseded_by, one.renewed):
            found = things.get(f"certificate/{other}")
            if isinstance(found, Certificate) and found.stream not in family:
                family[found.stream] = found
                waiting.append(found)
    return list(family.values())


def _about(rulebook: Rulebook, certificate: Certificate) -> set[str]:
    """Its copies, its layout, and requests about its data."""
    found = set(rulebook.printing.copies.get(certificate.stream, ()))
    found.add(f"template/{certificate.template}")
    for thing in rulebook.world.things.values():
        if isinstance(thing, SubjectRequest) and thing.subject == certificate.stream:
            found.add(thing.stream)
    return found


def _behind(rulebook: Rulebook, link: dict[str, Any]) -> set[str]:
    world, found = rulebook.world, set()
    learner = world.find(Learner, "learner", link.get("learner"))
    enrolment = world.find(Enrolment, "enrolment", link.get("enrolment"))
    assessment = world.find(Assessment, "assessment", link.get("assessment"))
    if learner is not None:
        found |= {entry.stream for entry in learner.entries()}
    attempts = []
    while assessment is not None:
        attempts.append(assessment)
        enrolment = assessment.enrolment
        assessment = assessment.previous
    for attempt in attempts:
        found |= {attempt.stream, f"scheme/{attempt.scheme}"}
        found |= {
            thing.stream
            for thing in world.things.values()
            if isinstance(thing, Appeal) and thing.assessment is attempt
        }
    if enrolment is not None:
        found.add(enrolment.stream)
        cohorts = {rulebook.attendance.names[entry.cohort] for entry in enrolment.sessions()}
        if enrolment.cohort is not None:
            cohorts.add(enrolment.cohort.stream)
        for stream in cohorts:
            cohort = world.things.get(stream)
            if isinstance(cohort, Cohort):
                found |= {stream, f"programme/{cohort.programme}", f"scheme/{cohort.scheme}"}
                found |= {f"agreement/{cohort.agreement}"} if cohort.agreement else set()
                found |= {review.stream for review in rulebook.partners.reviews.get(cohort.site, ())}
    return found


def link_of(bundle: Bundle, certificate: Certificate) -> dict[str, Any] | None:
    """Return a certificate's link; an audit has checked that it opens its commitment, or said so."""
    if not bundle.has(LINKS):
        return None
    try:
        link = Links(bundle, Findings()).of(certificate.stream)
    finally:
        bundle.close()
    return link.value if link is not None and type(link.value) is dict else None


def tell(bundle: Bundle, audit: Audit, wanted: set[str], *, everything: bool = False) -> Iterator[Line]:
    """Yield the story's lines in log order.

    Raises Error for an entry that is not proven to be in the tree.
    """
    if audit.verdict is None:
        return
    head = audit.verdict.checkpoint
    tree = tile.TileTree(head.size, bundle.tile)
    index = -1
    for part in tile.bundles(head.size):
        for data in tile.parse_bundle(part, bundle.tile(part)):
            index += 1
            if not any(name.decode("utf-8", "replace") in wanted for name in _STREAM.findall(data)):
                continue
            try:
                event = reader.read(data)
            except Error:
                continue  # the audit has named it
            if (
                event.stream not in wanted
                or event.type not in shapes.SHAPES
                or shapes.fits(event.type, event.data)
            ):
                continue
            if event.type in _NOISE and not everything:
                continue
            proof = tree.inclusion_proof(index)
            merkle.verify_inclusion(index, head.size, merkle.leaf_hash(data), proof, head.root)
            yield Line(
                index,
                event.recorded_at,
                event.occurred_at,
                event.actor,
                event.role,
                event.org,
                event.stream,
                event.type,
                sentence(event.type, event.data),
                tuple(proof),
            )
