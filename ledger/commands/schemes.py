"""Commands over schemes and templates: the provider drafts, a second reader approves what was drafted.

Whatever an approval admits may be printed and shown, so forbidden words and private names are refused when
a text is drafted, and again when it is approved, since the list may have grown in between.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from typing import Annotated, ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from ledger.commands.command import Code, Command, Id, Text, Title
from ledger.commands.work import Work
from ledger.domain.organisation import Organisation
from ledger.domain.roles import Role
from ledger.domain.scheme import NonUnit, Scheme, Unit
from ledger.domain.template import Template
from verifier.words import as_read

ADMIN = frozenset({Role.TRAINING_ADMIN})
SECOND_READER = frozenset({Role.TRAINING_ISSUER})

Jp = Annotated[int, Field(ge=0, le=10_000)]
Version = Annotated[int, Field(ge=1)]
UnitCode = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9 ./_&+:-]{0,29}$")]
TemplateText = Annotated[str, StringConstraints(min_length=1, max_length=500_000)]


class UnitArgument(BaseModel):
    """A unit of competency: decree, code (with its version), titles, training hours, core or elective."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    decree: Text
    code: UnitCode
    title_id: Text
    title_en: Text
    jp: Jp
    type: Literal["core", "elective"]


class NonUnitArgument(BaseModel):
    """Training hours outside any unit."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    title_id: Text
    title_en: Text
    jp: Jp


Units = Annotated[tuple[UnitArgument, ...], Field(min_length=1, max_length=60)]


class DraftScheme(Command):
    """Draft a scheme's version (``scheme`` none: a new scheme), or an unapproved one afresh.

    ``version`` is the body's own number for it, by default the next.
    """

    roles: ClassVar = ADMIN
    scheme: Id | None = None
    version: Version | None = None
    code: Code
    trade: Code
    title_id: Title
    title_en: Title
    level: Annotated[int, Field(ge=1, le=9)]
    total_jp: Annotated[int, Field(ge=1, le=100_000)]
    jp_minutes: Annotated[int, Field(ge=1, le=120)] = 45
    non_unit: Annotated[tuple[NonUnitArgument, ...], Field(max_length=50)] = ()
    body: Id
    units: Units

    def decide(self, work: Work) -> None:
        """The provider is one's own organisation; PUBLIC_FIELD_FORBIDDEN, VALUE_INVALID for a unit twice."""
        work.load(Organisation, self.body)
        if self.scheme is None:
            scheme = work.new(Scheme)
        else:
            scheme = work.load(Scheme, self.scheme)
            work.require_org(scheme.latest.provider)
        require_public(
            work, self.code, self.title_id, self.title_en, *_titles(self.units), *_titles(self.non_unit)
        )
        version = scheme.draft(
            work.act,
            code=self.code,
            trade=self.trade,
            title_id=self.title_id,
            title_en=self.title_en,
            level=self.level,
            total_jp=self.total_jp,
            jp_minutes=self.jp_minutes,
            non_unit=[extra.model_dump() for extra in self.non_unit],
            provider=str(work.act.org),
            body=self.body,
            units=[unit.model_dump() for unit in self.units],
            version=self.version,
        )
        work.decision.result.update(scheme=scheme.aggregate_id, version=version)


class AmendCurriculum(Command):
    """Add units to a draft."""

    roles: ClassVar = ADMIN
    scheme: Id
    units: Units

    def decide(self, work: Work) -> None:
        """SCHEME_VERSION_LOCKED once the newest version is approved."""
        scheme = work.load(Scheme, self.scheme)
        work.require_org(scheme.latest.provider)
        scheme.add_units(work.act, [unit.model_dump() for unit in self.units])
        require_public(work, *_titles(self.units))


class ApproveScheme(Command):
    """Approve a draft as second reader, with the body's award rule; ``total_jp`` is the total read."""

    roles: ClassVar = SECOND_READER
    scheme: Id
    version: Version
    award_rule: Literal["ALL_UNITS", "CLUSTER"]
    min_units: Annotated[int, Field(ge=1, le=100)] | None = None
    validity_months: Annotated[int, Field(ge=1, le=600)]
    unit_statement: bool
    total_jp: Annotated[int, Field(ge=1, le=100_000)]

    def decide(self, work: Work) -> None:
        """SCHEME_VERSION_LOCKED, SOD_SELF_APPROVAL (any author), JP_MISMATCH, PUBLIC_FIELD_FORBIDDEN."""
        scheme = work.load(Scheme, self.scheme)
        draft = scheme.at(self.version)
        work.require_org(draft.provider)
        scheme.require_draft(self.version)
        for author in draft.authors:
            work.second_person(author)
        scheme.approve(
            work.act,
            version=self.version,
            award_rule=self.award_rule,
            min_units=self.min_units,
            validity_months=self.validity_months,
            unit_statement=self.unit_statement,
            total_jp=self.total_jp,
        )
        require_public(
            work, draft.code, draft.title_id, draft.title_en, *_titles(draft.units), *_titles(draft.non_unit)
        )


class RetireScheme(Command):
    """Plan nothing new under a version."""

    roles: ClassVar = SECOND_READER
    scheme: Id
    version: Version

    def decide(self, work: Work) -> None:
        """SCHEME_STATE_INVALID unless it is approved."""
        scheme = work.load(Scheme, self.scheme)
        work.require_org(scheme.at(self.version).provider)
        scheme.retire(work.act, self.version)


class DraftTemplate(Command):
    """Draft a template's next version (``template`` none: a new template); ``text`` is its source."""

    roles: ClassVar = ADMIN
    template: Id | None = None
    kind: Literal["TRAINING", "COMPETENCE", "UNIT_STATEMENT"]
    text: TemplateText

    def decide(self, work: Work) -> None:
        """PUBLIC_FIELD_FORBIDDEN for a forbidden word or a private name in it."""
        if self.template is None:
            template = work.new(Template)
        else:
            template = work.load(Template, self.template)
            work.require_org(template.org)
        require_public(work, self.text)
        version = template.draft(work.act, kind=self.kind, text_hash=work.documents.put(self.text))
        work.decision.result.update(template=template.aggregate_id, version=version)


class ApproveTemplate(Command):
    """Approve a draft as second reader; ``text`` is what was read."""

    roles: ClassVar = SECOND_READER
    template: Id
    version: Version
    text: TemplateText

    def decide(self, work: Work) -> None:
        """SOD_SELF_APPROVAL, PUBLIC_FIELD_FORBIDDEN, VALUE_INVALID when it is not the draft's text."""
        template = work.load(Template, self.template)
        work.require_org(template.org)
        draft = template.require_draft(self.version)
        work.second_person(draft.author)
        require_public(work, self.text)
        template.approve(
            work.act, version=self.version, text_hash=hashlib.sha256(self.text.encode()).hexdigest()
        )


class RetireTemplate(Command):
    """Issue no further certificate with a version."""

    roles: ClassVar = SECOND_READER
    template: Id
    version: Version

    def decide(self, work: Work) -> None:
        """TEMPLATE_STATE_INVALID unless it is approved."""
        template = work.load(Template, self.template)
        work.require_org(template.org)
        template.retire(work.act, self.version)


def require_public(work: Work, *texts: str) -> None:
    """PUBLIC_FIELD_FORBIDDEN when a text that may become public holds a denied or mixed word, or a private name."""
    names = [name for one in work.private_names() if (name := as_read(one).casefold())]
    for text in texts:
        forbidden, read = work.rulebook.forbidden(text), as_read(text).casefold()
        work.require(
            forbidden is None and not any(name in read for name in names),
            "PUBLIC_FIELD_FORBIDDEN",
            f"the text holds {forbidden}"
            if forbidden
            else "the text names an organisation whose name must never be public",
            "Use words that say nothing of where the training took place, each in letters of one script.",
        )


def _titles(parts: Iterable[Unit | UnitArgument | NonUnit | NonUnitArgument]) -> list[str]:
    """Every text of units, or of hours outside them, that may be printed."""
    texts: list[str] = []
    for part in parts:
        texts += [part.title_id, part.title_en]
        if isinstance(part, Unit | UnitArgument):
            texts += [part.decree, part.code]
    return texts
