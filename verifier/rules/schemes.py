"""Rules about what is taught and awarded, and what it looks like: programmes, schemes, templates.

- A scheme's version is drafted, its hours add up, and a second reader approves the draft that stands; after
  that it never changes. A template likewise.
- A programme is synchronised once the need is recorded, instructors are offered and a scheme is adopted.
- Nothing that may be printed holds a word that would reveal custody.
"""

from dataclasses import dataclass, field
from typing import ClassVar

from verifier.authority import Authority
from verifier.event import Event
from verifier.finding import wrong
from verifier.rules.area import Area, on
from verifier.rules.organisations import PUBLIC_FIELD_FORBIDDEN, Organisation
from verifier.rules.pairs import REQUEST_MISSING, SOD_SELF_APPROVAL
from verifier.rules.partners import ORG_FORBIDDEN
from verifier.rules.powers import ROLE_FORBIDDEN
from verifier.rules.words import denied
from verifier.rules.world import UNKNOWN_ID, Thing, World

ALL_UNITS, CLUSTER = "ALL_UNITS", "CLUSTER"

SCHEME_VERSION_LOCKED = wrong("SCHEME_VERSION_LOCKED", "An approved version of a scheme was changed.")
SCHEME_INVALID = wrong(
    "SCHEME_INVALID",
    "A scheme's version is not one that may exist: its number, units or award rule do not fit.",
)
JP_MISMATCH = wrong("JP_MISMATCH", "The training hours of a scheme do not add up to its total.")
SCHEME_NOT_APPROVED = wrong(
    "SCHEME_NOT_APPROVED",
    "Something was planned under a version of a scheme that was not approved, or retired.",
)
TEMPLATE_INVALID = wrong(
    "TEMPLATE_INVALID",
    "A certificate's layout was changed after its approval, or another text was approved than drafted.",
)


@dataclass(slots=True)
class Version:
    """A version of a scheme. `units` maps each code to (decree, title_id, title_en, JP)."""

    number: int
    code: str
    trade: str
    title_id: str
    title_en: str
    level: int
    total_jp: int
    other_jp: int
    provider: str
    body: str
    drafted: str
    authors: list[str]
    units: dict[str, tuple[str, str, str, int]] = field(default_factory=dict)
    award_rule: str = ""
    min_units: int | None = None
    validity_months: int = 0
    unit_statement: bool = False
    approved: bool = False
    retired: bool = False

    def award(self, results: dict[str, str]) -> tuple[str, ...] | None:
        """Return the units that a certificate lists, in the scheme's order; None when the rule is not met."""
        competent = tuple(code for code in self.units if results.get(code) == "K")
        needed = len(self.units) if self.award_rule == ALL_UNITS else self.min_units or len(self.units)
        return competent if competent and len(competent) >= needed else None


class Scheme(Thing):
    """`newest` is the number of the version drafted last."""

    __slots__ = ("newest", "versions")

    def __init__(self, stream: str) -> None:
        super().__init__(stream)
        self.versions: dict[int, Version] = {}
        self.newest = 0


class Template(Thing):
    """`versions` maps a number to [hash, draft's hash, approved, retired]."""

    __slots__ = ("kind", "org", "versions")

    def __init__(self, stream: str) -> None:
        super().__init__(stream)
        self.kind = ""
        self.org: str | None = None
        self.versions: dict[int, tuple[str, str, bool, bool]] = {}


class Programme(Thing):
    """`provider` took it up: the organisation of its first training_admin."""

    __slots__ = ("adopted", "code", "facility", "instructors", "need", "provider", "threshold")

    def __init__(self, stream: str) -> None:
        super().__init__(stream)
        self.facility: str | None = None
        self.provider: str | None = None
        self.code = ""
        self.threshold = 0
        self.need = False
        self.instructors = False
        self.adopted: tuple[str, int] | None = None


class Schemes(Area):
    """See the module."""

    THINGS: ClassVar = {"scheme": Scheme, "template": Template, "programme": Programme}

    def __init__(self, world: World, authority: Authority) -> None:
        super().__init__(world)
        self.authority = authority

    def version(self, scheme_id: str, number: int) -> Version | None:
        """Return a version that exists, or report that it does not."""
        scheme = self.world.need(Scheme, "scheme", scheme_id)
        found = scheme.versions.get(number) if scheme else None
        if scheme is not None and found is None:
            self.report(UNKNOWN_ID, f"the scheme {scheme_id} has no version {number}")
        return found

    def approved(self, scheme_id: str, number: int) -> Version | None:
        """Return a version, reported unless it is approved and in use."""
        found = self.version(scheme_id, number)
        if found is not None:
            usable = found.approved and not found.retired
            self.require(usable, SCHEME_NOT_APPROVED, f"version {number} of the scheme {scheme_id}")
        return found

    # -- schemes -------------------------------------------------------------------------------------------

    @on("scheme.drafted")
    def drafted(self, event: Event, scheme: Scheme) -> None:
        """The next version, or the open draft afresh."""
        data, number = event.data, event.data["version"]
        newest = scheme.versions.get(scheme.newest)
        drafting = newest is not None and not newest.approved
        if newest is not None and newest.number == number and newest.approved:
            self.report(SCHEME_VERSION_LOCKED, f"version {number} was drafted again")
        else:
            fits = number >= 1 and (number == scheme.newest if drafting else number > scheme.newest)
            self.require(fits, SCHEME_INVALID, f"version {number} after version {scheme.newest}")
        self.require(data["provider"] == event.org, ORG_FORBIDDEN, "drafted for another provider")
        self.require(
            newest is None or newest.provider == event.org, ORG_FORBIDDEN, "another provider's scheme"
        )
        self.world.need(Organisation, "organisation", data["body"])
        self._public(data["code"], data["title_id"], data["title_en"])
        for extra in data["non_unit"]:
            self._public(extra["title_id"], extra["title_en"])
        scheme.newest = number
        scheme.versions[number] = Version(
            number,
            data["code"],
            data["trade"],
            data["title_id"],
            data["title_en"],
            data["level"],
            data["total_jp"],
            sum(extra["jp"] for extra in data["non_unit"]),
            data["provider"],
            data["body"],
            event.hash,
            [event.actor],
        )

    @on("scheme.unit_added")
    def unit_added(self, event: Event, scheme: Scheme) -> None:
        """To a draft, each code once."""
        data, version = event.data, scheme.versions.get(scheme.newest)
        if version is None:
            return
        self.require(
            not version.approved, SCHEME_VERSION_LOCKED, f"a unit was added to version {version.number}"
        )
        self.require(version.provider == event.org, ORG_FORBIDDEN, "another provider's scheme")
        self.require(
            data["code"] not in version.units, SCHEME_INVALID, f"the unit {data['code']} occurs twice"
        )
        self._public(data["decree"], data["code"], data["title_id"], data["title_en"])
        version.units[data["code"]] = (data["decree"], data["title_id"], data["title_en"], data["jp"])
        version.authors.append(event.actor)

    @on("scheme.approved")
    def scheme_approved(self, event: Event, scheme: Scheme) -> None:
        """By who wrote no part of it; the hours add up, and the award rule can be met."""
        data, version = event.data, scheme.versions.get(event.data["version"])
        if version is None:
            self.report(UNKNOWN_ID, f"there is no version {data['version']} to approve")
            return
        self.require(
            not version.approved, SCHEME_VERSION_LOCKED, f"version {version.number} was approved again"
        )
        self.require(
            version.drafted == data["request"], REQUEST_MISSING, "the draft that stands is a newer one"
        )
        self.require(version.provider == event.org, ORG_FORBIDDEN, "another provider's scheme")
        self.require(
            not self.same_human(event.actor, version.authors), SOD_SELF_APPROVAL, "approved by an author"
        )
        planned = version.other_jp + sum(jp for *_, jp in version.units.values())
        self.require(
            planned == version.total_jp, JP_MISMATCH, f"{planned} JP are planned, {version.total_jp} said"
        )
        rule, least = data["award_rule"], data["min_units"]
        if rule == CLUSTER:
            possible = least is not None and 1 <= least <= len(version.units)
        else:
            possible = rule == ALL_UNITS and least is None
        self.require(
            possible and version.units and data["validity_months"] >= 1,
            SCHEME_INVALID,
            f"the award rule {rule}",
        )
        version.award_rule, version.min_units = rule, least
        version.validity_months, version.unit_statement = data["validity_months"], data["unit_statement"]
        version.approved = True

    @on("scheme.retired")
    def scheme_retired(self, event: Event, scheme: Scheme) -> None:
        """What was approved; certificates under it stand."""
        version = scheme.versions.get(event.data["version"])
        usable = version is not None and version.approved and not version.retired
        self.require(usable, SCHEME_NOT_APPROVED, f"version {event.data['version']} was retired")
        if version is not None:
            self.require(version.provider == event.org, ORG_FORBIDDEN, "another provider's scheme")
            version.retired = True
            if version.number == scheme.newest:
                scheme.state = "retired"

    def _public(self, *texts: str) -> None:
        for text in texts:
            word = denied(text)
            self.require(
                word is None, PUBLIC_FIELD_FORBIDDEN, f"a text that may be printed holds the word {word!r}"
            )

    # -- templates -----------------------------------------------------------------------------------------

    @on("template.drafted")
    def template_drafted(self, event: Event, template: Template) -> None:
        """The next version or the open draft afresh, always for the same kind."""
        data, number = event.data, event.data["version"]
        template.org = event.org if template.org is None else template.org
        self.require(template.org == event.org, ORG_FORBIDDEN, "another organisation's template")
        newest = max(template.versions, default=0)
        drafting = newest and not template.versions[newest][2]
        fits = number == (newest if drafting else newest + 1) and template.kind in {"", data["kind"]}
        self.require(fits, TEMPLATE_INVALID, f"version {number} for {data['kind']} after version {newest}")
        template.kind = template.kind or data["kind"]
        template.versions[number] = (data["hash"], event.hash, False, False)

    @on("template.approved")
    def template_approved(self, event: Event, template: Template) -> None:
        """The text that was drafted last."""
        data, version = event.data, template.versions.get(event.data["version"])
        right = version is not None and version[:3] == (data["hash"], data["request"], False)
        self.require(right, TEMPLATE_INVALID, f"version {data['version']} was approved")
        self.require(template.org == event.org, ORG_FORBIDDEN, "another organisation's template")
        template.versions[data["version"]] = (data["hash"], data["request"], True, False)

    @on("template.retired")
    def template_retired(self, event: Event, template: Template) -> None:
        """What was approved."""
        number = event.data["version"]
        version = template.versions.get(number)
        usable = version is not None and version[2] and not version[3]
        self.require(usable, TEMPLATE_INVALID, f"version {number} was retired")
        self.require(template.org == event.org, ORG_FORBIDDEN, "another organisation's template")
        if version is not None:
            template.versions[number] = (*version[:3], True)
            if number == max(template.versions):
                template.state = "retired"

    # -- programmes ----------------------------------------------------------------------------------------

    @on("programme.proposed")
    def proposed(self, event: Event, programme: Programme) -> None:
        """A liaison proposes for the own facility."""
        data = event.data
        if data["facility"] is not None:
            self.world.need(Organisation, "organisation", data["facility"])
        own = event.role != "correctional_liaison" or data["facility"] == event.org
        self.require(own, ORG_FORBIDDEN, "proposed for another facility")
        self._public(data["code"])
        programme.facility, programme.code = data["facility"], data["code"]
        programme.threshold = data["min_attendance_pct"]
        self._take_up(event, programme)

    @on("programme.need_recorded")
    def need_recorded(self, event: Event, programme: Programme) -> None:
        """One of three."""
        programme.need = True
        self._take_up(event, programme)

    @on("programme.instructors_offered")
    def instructors_offered(self, event: Event, programme: Programme) -> None:
        """Each holds the role."""
        self.require(event.data["instructors"], UNKNOWN_ID, "nobody was offered")
        for staff in event.data["instructors"]:
            self.require_instructor(staff)
        programme.instructors = True
        self._take_up(event, programme)

    @on("programme.scheme_adopted")
    def adopted(self, event: Event, programme: Programme) -> None:
        """An approved version of the provider's own scheme."""
        data = event.data
        version = self.approved(data["scheme"], data["version"])
        if version is not None:
            self.require(version.provider == event.org, ORG_FORBIDDEN, "another provider's scheme")
        programme.adopted = (data["scheme"], data["version"])
        self._take_up(event, programme)

    @on("programme.tagged", "programme.ended")
    def tagged(self, event: Event, programme: Programme) -> None:
        """By the provider that took it up."""
        self._take_up(event, programme)

    def require_instructor(self, staff: str) -> None:
        """Report unless this account holds the role instructor somewhere now."""
        held = self.authority.holds_anywhere(staff, "instructor")
        self.require(held, ROLE_FORBIDDEN, f"staff/{staff} is named as instructor and does not hold the role")

    def _take_up(self, event: Event, programme: Programme) -> None:
        if programme.provider is None and event.role == "training_admin":
            programme.provider = event.org
        right = event.role != "training_admin" or programme.provider == event.org
        self.require(right, ORG_FORBIDDEN, "another provider took this programme up")
        if programme.state == "proposed" and programme.need and programme.instructors and programme.adopted:
            programme.state = "synchronised"
