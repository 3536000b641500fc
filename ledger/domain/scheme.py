"""Scheme: units of competency, the training provider's curriculum, the certification body's award rule.

A scheme has numbered versions. A version is drafted with its units, may be drafted again until a second
reader approves it, and never changes after that. Within one version a unit code occurs once; a unit's
identity is its decree, code (which ends in the unit's own version) and title together.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from ledger.domain.aggregate import Aggregate
from ledger.domain.event import Act, Event
from ledger.errors import DomainError

ALL_UNITS = "ALL_UNITS"
CLUSTER = "CLUSTER"


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit of competency; ``jp`` is its training hours of 45 minutes, ``type`` core or elective."""

    decree: str
    code: str
    title_id: str
    title_en: str
    jp: int
    type: str


@dataclass(frozen=True, slots=True)
class NonUnit:
    """Training hours outside any unit (soft skills and the like)."""

    title_id: str
    title_en: str
    jp: int


@dataclass(frozen=True, slots=True)
class SchemeVersion:
    """One version: ``drafted`` is its draft's payload hash, ``authors`` the accounts that wrote it.

    ``award_rule``, ``min_units``, ``validity_months`` and ``unit_statement`` are set on approval.
    """

    number: int
    code: str
    trade: str
    title_id: str
    title_en: str
    level: int
    total_jp: int
    jp_minutes: int
    non_unit: tuple[NonUnit, ...]
    provider: str
    body: str
    drafted: str | None
    authors: tuple[str, ...]
    units: tuple[Unit, ...] = ()
    award_rule: str = ""
    min_units: int | None = None
    validity_months: int = 0
    unit_statement: bool = False
    approved: bool = False
    retired: bool = False

    @property
    def unit_codes(self) -> tuple[str, ...]:
        """The units' codes in the scheme's order."""
        return tuple(unit.code for unit in self.units)

    @property
    def planned_jp(self) -> int:
        """The training hours of its units and of what lies outside them."""
        return sum(unit.jp for unit in self.units) + sum(extra.jp for extra in self.non_unit)

    def unit(self, code: str) -> Unit:
        """The unit with this code; UNIT_NOT_IN_SCHEME when there is none."""
        for unit in self.units:
            if unit.code == code:
                return unit
        raise DomainError(
            "UNIT_NOT_IN_SCHEME",
            f"the unit {code} is not in version {self.number} of the scheme {self.code}",
            "Check the unit's code against the scheme that the cohort follows.",
        )


def award(version: SchemeVersion, results: Mapping[str, str]) -> tuple[str, ...] | None:
    """The units (K, in the scheme's order) that a certificate lists; None when the award rule is not met.

    ALL_UNITS asks every unit to be K; CLUSTER asks for ``min_units`` of them, core or elective alike.
    """
    competent = tuple(code for code in version.unit_codes if results.get(code) == "K")
    needed = (
        len(version.units) if version.award_rule == ALL_UNITS else version.min_units or len(version.units)
    )
    return competent if competent and len(competent) >= needed else None


class Scheme(Aggregate):
    """``state`` is that of its newest version."""

    NAME = "scheme"

    def __init__(self, aggregate_id: str) -> None:
        super().__init__(aggregate_id)
        self.versions: dict[int, SchemeVersion] = {}

    # -- questions -------------------------------------------------------------------------------------

    @property
    def latest(self) -> SchemeVersion:
        """The newest version, a draft perhaps."""
        return self.versions[max(self.versions)]

    def at(self, number: int) -> SchemeVersion:
        """The version with this number; UNKNOWN_ID when there is none."""
        found = self.versions.get(number)
        if found is None:
            raise DomainError("UNKNOWN_ID", f"this scheme has no version {number}")
        return found

    def require_approved(self, number: int) -> SchemeVersion:
        """The version; SCHEME_STATE_INVALID unless it is approved and not retired."""
        found = self.at(number)
        if not found.approved or found.retired:
            raise DomainError(
                "SCHEME_STATE_INVALID",
                f"version {number} of this scheme is {'retired' if found.retired else 'still a draft'}",
                "A second reader approves the draft, or the programme adopts a newer version.",
            )
        return found

    def require_draft(self, number: int) -> SchemeVersion:
        """The version; SCHEME_VERSION_LOCKED once it is approved."""
        found = self.at(number)
        if found.approved:
            raise DomainError(
                "SCHEME_VERSION_LOCKED",
                f"version {number} of this scheme is approved and never changes",
                "Draft a new version instead.",
            )
        return found

    # -- acts ------------------------------------------------------------------------------------------

    def draft(
        self,
        act: Act,
        *,
        code: str,
        trade: str,
        title_id: str,
        title_en: str,
        level: int,
        total_jp: int,
        jp_minutes: int,
        non_unit: Sequence[Mapping[str, Any]],
        provider: str,
        body: str,
        units: Sequence[Mapping[str, Any]],
        version: int | None = None,
    ) -> int:
        """Draft a version with its units, or the open draft afresh; returns the version's number.

        Without ``version`` it is the next one. A body that numbered its schemes before may leave numbers out,
        but VALUE_INVALID for going back, or for a second draft beside an open one.
        """
        number = self._number(version)
        self.record(
            act,
            "drafted",
            code=code,
            version=number,
            trade=trade,
            title_id=title_id,
            title_en=title_en,
            level=level,
            total_jp=total_jp,
            jp_minutes=jp_minutes,
            non_unit=[dict(extra) for extra in non_unit],
            provider=provider,
            body=body,
        )
        self.add_units(act, units)
        return number

    def _number(self, wanted: int | None) -> int:
        drafting = self.versions and not self.latest.approved
        lowest = self.latest.number + (not drafting) if self.versions else 1
        if wanted is not None and (wanted < lowest or (drafting and wanted != lowest)):
            raise DomainError(
                "VALUE_INVALID",
                f"version {wanted} cannot be drafted now",
                f"Draft version {lowest}" + (" afresh." if drafting else " or a later one."),
            )
        return lowest if wanted is None else wanted

    def add_units(self, act: Act, units: Sequence[Mapping[str, Any]]) -> None:
        """Add units to the newest version; SCHEME_VERSION_LOCKED, or VALUE_INVALID for a code twice."""
        version = self.require_draft(self.latest.number)
        codes = [*version.unit_codes, *(unit["code"] for unit in units)]
        if len(set(codes)) != len(codes):
            raise DomainError("VALUE_INVALID", "a unit code occurs twice in one version of the scheme")
        for unit in units:
            self.record(act, "unit_added", **unit)

    def approve(
        self,
        act: Act,
        *,
        version: int,
        award_rule: str,
        min_units: int | None,
        validity_months: int,
        unit_statement: bool,
        total_jp: int,
    ) -> None:
        """Approve a draft; JP_MISMATCH when hours do not add up to the total drafted and the total read."""
        draft = self.require_draft(version)
        if not draft.planned_jp == draft.total_jp == total_jp:
            raise DomainError(
                "JP_MISMATCH",
                f"units and other hours add up to {draft.planned_jp} JP, the draft says {draft.total_jp}, "
                f"the approval {total_jp}",
                "Correct the draft, or read it again and approve what it says.",
            )
        possible = {*range(1, len(draft.units) + 1)} if award_rule == CLUSTER else {None}
        if min_units not in possible:
            raise DomainError(
                "VALUE_INVALID", "min_units is given for CLUSTER alone, from 1 to the number of units"
            )
        self.record(
            act,
            "approved",
            version=version,
            award_rule=award_rule,
            min_units=min_units,
            validity_months=validity_months,
            unit_statement=unit_statement,
            request=draft.drafted,
        )

    def retire(self, act: Act, version: int) -> None:
        """Nothing new is planned under this version; what was awarded under it stands."""
        self.require_approved(version)
        self.record(act, "retired", version=version)

    # -- folding ---------------------------------------------------------------------------------------

    def on_drafted(self, event: Event) -> None:
        """A draft replaces an earlier draft of the same version, units and all."""
        data = event.data
        self.state = "draft"
        self.versions[data["version"]] = SchemeVersion(
            number=data["version"],
            code=data["code"],
            trade=data["trade"],
            title_id=data["title_id"],
            title_en=data["title_en"],
            level=data["level"],
            total_jp=data["total_jp"],
            jp_minutes=data["jp_minutes"],
            non_unit=tuple(NonUnit(**extra) for extra in data["non_unit"]),
            provider=data["provider"],
            body=data["body"],
            drafted=event.hash,
            authors=(event.actor,),
        )

    def on_unit_added(self, event: Event) -> None:
        """Whoever adds a unit is an author of the draft too."""
        latest = self.latest
        self.versions[latest.number] = replace(
            latest, units=(*latest.units, Unit(**event.data)), authors=(*latest.authors, event.actor)
        )

    def on_approved(self, event: Event) -> None:
        """Approved, and immutable from now on."""
        data = event.data
        version = replace(
            self.versions[data["version"]],
            award_rule=data["award_rule"],
            min_units=data["min_units"],
            validity_months=data["validity_months"],
            unit_statement=data["unit_statement"],
            approved=True,
        )
        self.versions[version.number] = version
        self.state = "approved"

    def on_retired(self, event: Event) -> None:
        """Retired; the scheme's state follows its newest version."""
        version = replace(self.versions[event.data["version"]], retired=True)
        self.versions[version.number] = version
        if version.number == self.latest.number:
            self.state = "retired"
