"""Rules about what a certificate rests on, checked through its link at the place where it was issued.

The log itself leads nowhere from a certificate; the link, handed to auditors, opens one commitment in it.

- TRAINING: a completed enrolment of the holder with attendance at or above the threshold; the scheme's hours.
- COMPETENCE: the decision that stood, by which the award rule is met; exactly its K units; valid for the
  scheme's months, or as long as the one that it replaces.
- UNIT_STATEMENT: a decision that does not meet the award rule, in a scheme that allows statements; K units only.
- The content is the scheme's; the issuer is the enrolment's provider or the scheme's body, and did not assess.
- One certificate of a kind a decision (an enrolment for TRAINING), but for replacements of one another.
- When a person's name was destroyed at their request, no certificate that leads back to them still says it.

Without a link the basis is not checkable: rightly so once it was destroyed, else the bundle lacks something.
"""

from typing import Any

from verifier.event import Event
from verifier.facts import Fact
from verifier.finding import lost, note, unknown, wrong
from verifier.links import Links
from verifier.rules.area import Area
from verifier.rules.assessment import Assessment
from verifier.rules.assessments import Assessments
from verifier.rules.certificate import COMPETENCE, TRAINING, Certificate
from verifier.rules.certificates import Certificates
from verifier.rules.enrolment import Enrolment
from verifier.rules.learners import DESTRUCTION_INCOMPLETE, ERASURE, Learner, SubjectRequest
from verifier.rules.partners import ORG_FORBIDDEN
from verifier.rules.schemes import Programme, Version
from verifier.rules.world import World
from verifier.times import add_months

AWARD_RULE_NOT_MET = wrong(
    "AWARD_RULE_NOT_MET", "A certificate was issued to somebody who had not earned it by the rules in force."
)
CERT_ALREADY_ISSUED = wrong(
    "CERT_ALREADY_ISSUED",
    "Two certificates of one kind were issued for one decision or training, and neither replaces the other.",
)
CERT_BASIS_WRONG = wrong(
    "CERT_BASIS_WRONG",
    "A certificate's link leads to no decision or training of its holder that stood when it was issued.",
)
CERT_DIFFERS_FROM_BASIS = wrong(
    "CERT_DIFFERS_FROM_BASIS",
    "A certificate says something else than the decision, training or scheme that it rests on.",
)
SOD_ISSUER_ASSESSED = wrong(
    "SOD_ISSUER_ASSESSED", "A person issued a certificate to somebody whom they had assessed."
)
LINK_WRONG = wrong(
    "LINK_WRONG", "The link that was handed over for a certificate is not the one that the log committed to."
)
LINK_MISSING = unknown(
    "LINK_MISSING",
    "The way from a certificate to its decision was not handed over, and the log does not say that it "
    "was destroyed.",
)
LINK_UNUSED = wrong("LINK_UNUSED", "A link is given for a certificate that the log does not have.")
NO_LINKS = unknown(
    "NO_LINKS",
    "The bundle has no links from certificates to decisions, so whether they were earned was not checked.",
)
BASIS_NO_LONGER_CHECKABLE = lost(
    "BASIS_NO_LONGER_CHECKABLE",
    "The way from a certificate to its decision was destroyed at request; its award rule is no longer "
    "checkable, which says nothing against it.",
)
BASIS_CHANGED = note(
    "BASIS_CHANGED",
    "What a certificate rests on was corrected after it was issued, and the certificate stands; people "
    "should review it.",
)

_TRAINING_LINKS = frozenset({"kind", "learner", "enrolment"})
_DECISION_LINKS = frozenset({"kind", "learner", "assessment", "decision"})


class Basis(Area):
    """See the module. Certificates whose link is missing are told apart at the end of the log."""

    def __init__(
        self, world: World, links: Links, certificates: Certificates, assessments: Assessments
    ) -> None:
        super().__init__(world)
        self.links = links
        self.certificates = certificates
        self.assessments = assessments
        self.checked = 0
        self._unlinked: list[Certificate] = []
        self._held: dict[str, list[Certificate]] = {}
        certificates.holder_of = self.holder_of

    def holder_of(self, certificate: Certificate) -> str | None:
        """Return the stream of the learner who holds a certificate, if its link is there."""
        link = self.links.of(certificate.stream)
        value = link.value if link is not None and type(link.value) is dict else {}
        learner = self.world.find(Learner, "learner", str(value.get("learner")))
        return learner.survivor().stream if learner else None

    def after(self, events: list[Event]) -> None:
        """Look at what a whole act has issued, or closed as erased."""
        for event in events:
            if event.type == "subject_request.fulfilled":
                self._erased(event)
            elif event.type == "certificate.issued":
                prepared = next(
                    (
                        other.data
                        for other in events
                        if (other.type, other.stream) == ("certificate.prepared", event.stream)
                    ),
                    None,
                )
                certificate = self.world.find(Certificate, "certificate", event.id)
                if prepared is not None and certificate is not None:
                    self._issued(event, certificate, prepared)

    def _erased(self, event: Event) -> None:
        request = self.world.find(SubjectRequest, "subject_request", event.id)
        if request is None or request.kind != ERASURE:
            return
        gone = self.certificates.learners.destroyed
        for subject, class_ in sorted(request.destroyed):
            for certificate in self._held.get(subject, ()) if class_ == "identity" else ():
                named = (certificate.stream, "identity") not in gone and not certificate.erased
                led = (certificate.stream, "provenance") not in gone
                what = f"{certificate.stream} still says the name of {subject}"
                self.require(not (named and led), DESTRUCTION_INCOMPLETE, what)

    def _issued(self, event: Event, certificate: Certificate, prepared: dict[str, Any]) -> None:
        link = self.links.of(certificate.stream)
        if link is None:
            self._unlinked.append(certificate)
            return
        value = self._opened(event, certificate, link)
        if value is None:
            return
        self.checked += 1
        learner = self.world.need(Learner, "learner", value["learner"])
        if learner is not None:
            self._held.setdefault(learner.stream, []).append(certificate)
            scope = [entry.id for entry in learner.entries()]
            assessors = self.assessments.assessors_of(learner)
            self.assessments.exceptions.separate(SOD_ISSUER_ASSESSED, event.actor, assessors, event, scope)
            self.certificates.learners.require_not_erased(learner)
        if certificate.kind == TRAINING:
            self._training(certificate, prepared, value, learner)
        else:
            self._decided(certificate, prepared, value, learner)

    def _opened(self, event: Event, certificate: Certificate, link: Fact) -> dict[str, Any] | None:
        value = link.value
        if link.version != event.version or not link.opens(event.data["provenance"]):
            self.report(LINK_WRONG, f"the link of {certificate.stream}")
            return None
        self.links.opened += 1
        members = _TRAINING_LINKS if certificate.kind == TRAINING else _DECISION_LINKS
        if certificate.replaces is not None:
            members |= {"replaces"}
        shaped = (
            type(value) is dict
            and value.keys() == members
            and all(type(item) is str for item in value.values())
        )
        if not shaped or (value["kind"], value.get("replaces")) != (certificate.kind, certificate.replaces):
            self.report(CERT_BASIS_WRONG, f"{certificate.stream} has a link of another form or kind")
            return None
        return dict(value)

    # -- what it rests on --------------------------------------------------------------------------------------

    def _training(
        self,
        certificate: Certificate,
        prepared: dict[str, Any],
        value: dict[str, str],
        learner: Learner | None,
    ) -> None:
        enrolment = self.world.need(Enrolment, "enrolment", value["enrolment"])
        if enrolment is None or enrolment.cohort is None or enrolment.learner is None:
            return
        cohort = enrolment.cohort
        self._held_by(certificate, enrolment.learner, learner)
        self.require(enrolment.finished, CERT_BASIS_WRONG, f"{enrolment.stream} was not completed")
        enough = enrolment.attended(cohort.threshold)
        self.require(
            enough,
            AWARD_RULE_NOT_MET,
            f"{certificate.stream}: {enrolment.reached}, {cohort.threshold} % are needed",
        )
        self.require(certificate.org == cohort.provider, ORG_FORBIDDEN, "issued by another than the provider")
        version = self.assessments.schemes.version(cohort.scheme, cohort.version)
        programme = self.world.find(Programme, "programme", cohort.programme)
        if version is not None and programme is not None:
            self._content(certificate, prepared, version, programme.code, [], version.total_jp)
        self._once(certificate, enrolment, b"")

    def _decided(
        self,
        certificate: Certificate,
        prepared: dict[str, Any],
        value: dict[str, str],
        learner: Learner | None,
    ) -> None:
        assessment = self.world.need(Assessment, "assessment", value["assessment"])
        if assessment is None:
            return
        decision, version = assessment.decision, self.assessments.scheme_of(assessment)
        if assessment.learner is not None:
            self._held_by(certificate, assessment.learner, learner)
        if version is None or decision is None:
            self.report(CERT_BASIS_WRONG, f"{assessment.stream} was not decided")
            return
        stands = assessment.state == "decided" and decision.digest.hex() == value["decision"]
        self.require(
            stands,
            CERT_BASIS_WRONG,
            f"{certificate.stream}: the decision {value['decision'][:16]}… did not stand",
        )
        self.require(
            certificate.org == version.body, ORG_FORBIDDEN, "issued by another than the scheme's body"
        )
        earned = version.award(decision.results)
        competent = [unit for unit in version.units if decision.results.get(unit) == "K"]
        if certificate.kind == COMPETENCE:
            self.require(
                earned and decision.award,
                AWARD_RULE_NOT_MET,
                f"{certificate.stream}: {len(competent)} units are competent",
            )
            units = competent
            self._dated(certificate, version)
            renewed = any(other.type == "certificate.renewed" for other in self.world.acts)
            kind = certificate.replaces is not None or assessment.renews == renewed
            self.require(
                kind, CERT_BASIS_WRONG, "an assessment for a renewal was used otherwise, or another for one"
            )
        else:
            stated = set(certificate.units)
            allowed = version.unit_statement and earned is None and stated and stated <= set(competent)
            self.require(
                allowed, AWARD_RULE_NOT_MET, f"{certificate.stream} states {', '.join(certificate.units)}"
            )
            units = list(certificate.units)
        code = self._programme_code(certificate, assessment, version)
        self._content(certificate, prepared, version, code, units, None)
        self._once(certificate, assessment, decision.digest)

    def _dated(self, certificate: Certificate, version: Version) -> None:
        if certificate.replaces is None:
            until = add_months(certificate.issued_on, version.validity_months)
            self.require(
                certificate.valid_until == until,
                CERT_DIFFERS_FROM_BASIS,
                f"valid until {certificate.valid_until}, the scheme says {until}",
            )

    def _programme_code(self, certificate: Certificate, assessment: Assessment, version: Version) -> str:
        """The programme's code.

        Of an assessment without training the scheme's, or that of the old certificate.
        """
        if assessment.enrolment is None or assessment.enrolment.cohort is None:
            old = any(other.type == "certificate.renewed" for other in self.world.acts)
            return certificate.programme_code if old or certificate.replaces else version.code
        programme = self.world.find(Programme, "programme", assessment.enrolment.cohort.programme)
        return programme.code if programme else certificate.programme_code

    def _held_by(self, certificate: Certificate, found: Learner, learner: Learner | None) -> None:
        same = learner is None or found.survivor() is learner.survivor()
        self.require(same, CERT_BASIS_WRONG, f"{certificate.stream} is linked to another person's record")

    def _content(
        self,
        certificate: Certificate,
        prepared: dict[str, Any],
        version: Version,
        programme_code: str,
        units: list[str],
        jp: int | None,
    ) -> None:
        listed = sorted(
            (
                {"decree": decree, "code": code, "title_id": title_id, "title_en": title_en}
                for code in units
                if code in version.units
                for decree, title_id, title_en, _ in (version.units[code],)
            ),
            key=lambda unit: unit["code"],
        )
        wanted = {
            "scheme_code": version.code,
            "programme_code": programme_code,
            "title_id": version.title_id,
            "title_en": version.title_en,
            "level": version.level,
            "jp": jp,
            "units": listed,
        }
        said = {name: prepared[name] for name in wanted}
        said["units"] = sorted(said["units"], key=lambda unit: unit["code"])
        odd = [name for name, value in wanted.items() if said[name] != value]
        self.require(not odd, CERT_DIFFERS_FROM_BASIS, f"{certificate.stream}: {', '.join(odd)}")

    def _once(self, certificate: Certificate, origin: Enrolment | Assessment, decision: bytes) -> None:
        """One certificate of a kind for one decision or enrolment, but for replacements.

        At most one of an assessment stands.
        """
        for before, used in origin.certified:
            if before.kind == certificate.kind:
                stands = before.state in {"active", "suspended"}
                fresh = certificate.replaces is None and decision != used and not stands
                free = fresh or certificate.replaces == before.id
                what = f"{certificate.stream} after {before.stream}, for {origin.stream}"
                self.require(free, CERT_ALREADY_ISSUED, what)
        others = tuple(pair for pair in origin.certified if pair[0].kind != certificate.kind)
        origin.certified = (*others, (certificate, decision))

    # -- at the end of the log -----------------------------------------------------------------------------------

    def finish(self) -> None:
        """Tell which certificates' basis could not be checked, and whose basis changed after issue."""
        destroyed = self.certificates.learners.destroyed
        for stream in self.links.streams():
            issued = self.world.things.get(stream)
            known = isinstance(issued, Certificate) and issued.is_issued
            self.require(known, LINK_UNUSED, f"the link of {stream}")
        missing = self._unlinked
        if missing and not self.links.given:
            self.report(NO_LINKS, f"{len(missing)} certificates")
            missing = []
        for certificate in missing:
            gone = (certificate.stream, "provenance") in destroyed
            self.report(BASIS_NO_LONGER_CHECKABLE if gone else LINK_MISSING, certificate.stream)
        for origin in self.world.things.values():
            if isinstance(origin, Enrolment | Assessment):
                for certificate, _ in origin.certified:
                    if certificate.state in {"active", "suspended"} and self._changed(origin, certificate):
                        self.report(BASIS_CHANGED, f"{certificate.stream} rests on {origin.stream}")

    @staticmethod
    def _changed(origin: Enrolment | Assessment, certificate: Certificate) -> bool:
        if isinstance(origin, Enrolment):
            return origin.cohort is not None and not origin.attended(origin.cohort.threshold)
        competent = {unit for unit, result in origin.standing.items() if result == "K"}
        return origin.state != "decided" or not set(certificate.units) <= competent
