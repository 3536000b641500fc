"""Rules about certificates that the log alone can show; what they rest on is `verifier.rules.basis`.

- Prepared and issued in one act over its stream alone (but for the certificate that it replaces or renews), in
  the role for its kind, one certificate an act.
- What is printed is on an approved template's version of its kind, and holds no word that reveals custody.
- Numbers are unique, and each series counts without repeating; a place in a status list is used once.
- A TRAINING certificate has no last day and the scheme's hours, a UNIT_STATEMENT no last day.
- Replacing: the new one names the old, the old one the new, in one act, of the same kind and issuer, with the
  same last day. Renewing: COMPETENCE, same scheme and issuer, dates of its own, once.
- A certificate is later acted upon by its issuer, in the role for its kind; revoking takes two people.
"""

from collections.abc import Callable
from sys import intern
from typing import ClassVar

from verifier.event import Event
from verifier.finding import unknown, wrong
from verifier.rules.area import Area, on
from verifier.rules.certificate import COMPETENCE, TRAINING, Certificate
from verifier.rules.learners import Learners
from verifier.rules.organisations import PUBLIC_FIELD_FORBIDDEN, Organisation
from verifier.rules.partners import ORG_FORBIDDEN
from verifier.rules.powers import ROLE_FORBIDDEN
from verifier.rules.schemes import Template
from verifier.rules.words import denied
from verifier.rules.world import ZONE_UNKNOWN, World
from verifier.seen import SeenSet
from verifier.times import ZoneMissingError, day_of, posix

STATUS_LIST_BITS = 131_072
CERTIFYING = ("prepared", "issued", "superseded", "renewed", "marked_erased")

CERT_ACT_INVALID = wrong(
    "CERT_ACT_INVALID",
    "A certificate was not issued in one act of its own, together with what it replaces or renews and "
    "nothing else.",
)
CERT_CONTENT_INVALID = wrong("CERT_CONTENT_INVALID", "What a certificate says does not fit its kind.")
CERT_NUMBER_TAKEN = wrong(
    "CERT_NUMBER_TAKEN", "Two certificates have the same number, or the same place in a series."
)
STATUS_PLACE_TAKEN = wrong(
    "STATUS_PLACE_TAKEN",
    "Two certificates have the same place in a status list, so that one cannot be withdrawn without "
    "the other.",
)
TEMPLATE_NOT_APPROVED = wrong(
    "TEMPLATE_NOT_APPROVED",
    "A certificate was issued on a layout that was not approved for its kind, or no longer in use.",
)
REPLACEMENT_WRONG = wrong(
    "REPLACEMENT_WRONG",
    "A certificate and the one that replaces or renews it do not name one another, or do not fit together.",
)
COUNTERSIGN_INVALID = wrong(
    "COUNTERSIGN_INVALID", "A certificate was countersigned in another person's name."
)
ERASED_WITHOUT_DESTRUCTION = wrong(
    "ERASED_WITHOUT_DESTRUCTION",
    "A certificate was marked as erased although nobody had destroyed the holder's identity.",
)
ERASURE_UNCHECKED = unknown(
    "ERASURE_UNCHECKED",
    "A certificate was marked as erased; whether its holder's identity had been destroyed cannot be "
    "seen, since the way from it to its holder is gone.",
)


class Certificates(Area):
    """See the module. `all` lists the certificates in log order."""

    THINGS: ClassVar = {"certificate": Certificate}

    def __init__(self, world: World, learners: Learners) -> None:
        super().__init__(world)
        self.learners = learners
        self.all: list[Certificate] = []
        self.holder_of: Callable[[Certificate], str | None] = lambda _certificate: None
        self._numbers = SeenSet()
        self._places = SeenSet()
        self._series: dict[str, int] = {}
        self._units: dict[tuple[str, ...], tuple[str, ...]] = {}

    # -- issuing -----------------------------------------------------------------------------------------------

    @on("certificate.prepared")
    def prepared(self, event: Event, certificate: Certificate) -> None:
        """What is printed, on an approved template."""
        data = event.data
        certificate.kind, certificate.org = intern(data["kind"]), event.org
        certificate.scheme_code = intern(data["scheme_code"])
        certificate.programme_code, certificate.template = (
            intern(data["programme_code"]),
            intern(data["template"]),
        )
        units = tuple(intern(unit["code"]) for unit in data["units"])
        certificate.units = self._units.setdefault(units, units)
        self._role(event, certificate)
        template = self.world.need(Template, "template", data["template"])
        version = template.versions.get(data["template_version"]) if template else None
        usable = (
            template is not None
            and template.kind == certificate.kind
            and version is not None
            and (version[0], version[2:]) == (data["template_hash"], (True, False))
        )
        self.require(
            usable, TEMPLATE_NOT_APPROVED, f"template/{data['template']} version {data['template_version']}"
        )
        training = certificate.kind == TRAINING
        fits = training == (data["jp"] is not None) == (not data["units"])
        self.require(
            fits, CERT_CONTENT_INVALID, "hours stand on TRAINING certificates only, units on others only"
        )
        once = len(set(certificate.units)) == len(certificate.units)
        self.require(once, CERT_CONTENT_INVALID, "a unit is listed twice")
        texts = [data["scheme_code"], data["programme_code"], data["title_id"], data["title_en"]]
        self._public(*texts, *(text for unit in data["units"] for text in unit.values()))

    @on("certificate.issued")
    def issued(self, event: Event, certificate: Certificate) -> None:
        """Its number, dates and place in the status list."""
        data = event.data
        certificate.number, certificate.zone, certificate.key = (
            data["number"],
            intern(data["zone"]),
            event.key,
        )
        certificate.issued_on = intern(data["issued_on"])
        certificate.valid_until = None if data["valid_until"] is None else intern(data["valid_until"])
        certificate.place, certificate.issued = (data["list"], data["index"]), event.index
        certificate.replaces = data["replaces"]
        self.all.append(certificate)
        self._role(event, certificate)
        self._same_act(event)
        self._numbered(event, certificate)
        place = f"{certificate.org}/{data['list']}/{data['index']}"
        free = data["index"] < STATUS_LIST_BITS and data["list"] >= 1
        self.require(free and self._places.add(place.encode()), STATUS_PLACE_TAKEN, f"the place {place}")
        self._public(data["number"])
        self._dated(event, certificate)
        if data["replaces"] is None:
            lasting = (certificate.kind == COMPETENCE) == (certificate.valid_until is not None)
            self.require(
                lasting, CERT_CONTENT_INVALID, "a last valid day stands on COMPETENCE certificates only"
            )

    def _same_act(self, event: Event) -> None:
        prepared = any(
            (other.type, other.stream) == ("certificate.prepared", event.stream) for other in self.world.acts
        )
        self.require(prepared, CERT_ACT_INVALID, "prepared in another act than issued")

    def _numbered(self, event: Event, certificate: Certificate) -> None:
        data = event.data
        new = self._numbers.add(f"{certificate.number}".encode("utf-8", "surrogatepass"))
        self.require(new, CERT_NUMBER_TAKEN, f"the number {certificate.number}")
        self.require(
            (data["seq"] is None) == (data["series"] is None),
            CERT_CONTENT_INVALID,
            "half a place in a series",
        )
        if data["series"] is None or data["seq"] is None:
            return
        last = self._series.get(data["series"], 0)
        self.require(
            data["seq"] > last, CERT_NUMBER_TAKEN, f"place {data['seq']} after {last} in {data['series']}"
        )
        self._series[data["series"]] = max(last, data["seq"])
        own = data["series"] == f"{certificate.kind}/{certificate.org}/{certificate.issued_on[:4]}"
        self.require(
            own, CERT_CONTENT_INVALID, f"the series {data['series']} is another issuer's, kind's or year's"
        )

    def _dated(self, event: Event, certificate: Certificate) -> None:
        issuer = self.world.need(Organisation, "organisation", certificate.org)
        try:
            today = day_of(posix(event.recorded_at), certificate.zone)
        except ZoneMissingError as error:
            self.report(ZONE_UNKNOWN, error.message)
            certificate.zone = "UTC"
            return
        own = issuer is None or issuer.zone == certificate.zone
        self.require(own, CERT_CONTENT_INVALID, f"the zone {certificate.zone} is not the issuer's")
        # An act is prepared, signed and recorded within a day; the printed day is the day of recording.
        self.require(
            certificate.issued_on == today,
            CERT_CONTENT_INVALID,
            f"issued on {certificate.issued_on}, recorded on {today}",
        )
        later = (
            certificate.valid_until is None
            or certificate.valid_until >= certificate.issued_on
            or certificate.replaces
        )
        self.require(later, CERT_CONTENT_INVALID, "its last valid day lies before its first")

    # -- later life --------------------------------------------------------------------------------------------

    @on(
        "certificate.suspended",
        "certificate.reinstated",
        "certificate.revoked",
        "certificate.revocation_requested",
    )
    def suspended(self, event: Event, certificate: Certificate) -> None:
        """By its issuer, in the role for its kind; a supervisor may ask for a revocation."""
        if event.role != "assessment_supervisor":
            self._role(event, certificate)
        self._public(event.data.get("reason", ""))

    @on("certificate.superseded")
    def superseded(self, event: Event, certificate: Certificate) -> None:
        """By another one; whether the two fit is checked with the whole act."""
        self._role(event, certificate)
        self._public(event.data["reason"])
        certificate.superseded_by = event.data["by"]

    @on("certificate.renewed")
    def renewed(self, event: Event, certificate: Certificate) -> None:
        """A COMPETENCE certificate, once."""
        self._role(event, certificate)
        fits = certificate.kind == COMPETENCE and certificate.renewed is None
        self.require(fits, REPLACEMENT_WRONG, "renewed twice, or of a kind that is not renewed")
        certificate.renewed = event.data["by"]

    @on("certificate.countersigned")
    def countersigned(self, event: Event, certificate: Certificate) -> None:
        """In one's own name."""
        self._role(event, certificate)
        own = event.data["by"] == event.actor
        self.require(own, COUNTERSIGN_INVALID, f"by {event.actor} in the name of {event.data['by']}")

    @on("certificate.marked_erased")
    def marked_erased(self, event: Event, certificate: Certificate) -> None:
        """Once, after the identity of the certificate or its holder was destroyed, in an act of its own."""
        if event.role != "privacy_officer":
            self._role(event, certificate)
        self.require(not certificate.erased, CERT_ACT_INVALID, "marked as erased twice")
        certificate.erased = True
        destroyed, holder = self.learners.destroyed, self.holder_of(certificate)
        if (certificate.stream, "identity") in destroyed or (holder, "identity") in destroyed:
            return
        if holder is None:
            self.report(ERASURE_UNCHECKED, certificate.stream)
        else:
            self.report(ERASED_WITHOUT_DESTRUCTION, certificate.stream)

    def after(self, events: list[Event]) -> None:
        """Check what a whole act must hold: a certificate alone.

        Or with the one that it replaces or renews.
        """
        issued = [event for event in events if event.type == "certificate.issued"]
        prepared = [event.stream for event in events if event.type == "certificate.prepared"]
        followed = [
            event for event in events if event.type in {"certificate.superseded", "certificate.renewed"}
        ]
        alone = len(issued) <= 1 and len(followed) <= 1 and prepared == [event.stream for event in issued]
        if issued or followed:
            alone = alone and len(events) == len(prepared) + len(issued) + len(followed)
        elif any(event.type == "certificate.marked_erased" for event in events):
            alone = len(events) == 1
        self.require(alone, CERT_ACT_INVALID, f"{len(events)} events in one act")
        if alone:
            self._linked(issued[0] if issued else None, followed[0] if followed else None)

    def _linked(self, issued: Event | None, followed: Event | None) -> None:
        new = self.world.find(Certificate, "certificate", issued.id) if issued else None
        old = self.world.find(Certificate, "certificate", followed.id) if followed else None
        if followed is None or old is None:
            self.require(
                new is None or new.replaces is None, REPLACEMENT_WRONG, "it replaces one that does not say so"
            )
            return
        replacing = followed.type == "certificate.superseded"
        fits = (
            new is not None
            and new is not old
            and followed.data["by"] == new.id
            and new.replaces == (old.id if replacing else None)
            and (new.kind, new.org, new.scheme_code) == (old.kind, old.org, old.scheme_code)
            and (not replacing or new.valid_until == old.valid_until)
        )
        self.require(fits, REPLACEMENT_WRONG, f"{old.stream} and certificate/{followed.data['by']}")

    # -- shared --------------------------------------------------------------------------------------------------

    def _role(self, event: Event, certificate: Certificate) -> None:
        role = "training_issuer" if certificate.kind == TRAINING else "competence_issuer"
        self.require(event.role == role, ROLE_FORBIDDEN, f"for {certificate.kind} it is the {role}'s")
        self.require(event.org == certificate.org, ORG_FORBIDDEN, "another organisation's certificate")

    def _public(self, *texts: str) -> None:
        for text in texts:
            word = denied(text)
            self.require(word is None, PUBLIC_FIELD_FORBIDDEN, f"a public text holds the word {word!r}")
