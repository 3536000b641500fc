"""Template: the layout of one kind of certificate, kept outside the log and named here by its hash.

A version is drafted, approved by a second reader and then pinned by every certificate that is issued with it.
That its text holds no forbidden word is the command's to check, which has the text.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import ClassVar

from ledger.domain.aggregate import Aggregate
from ledger.domain.event import Act, Event
from ledger.errors import DomainError


@dataclass(frozen=True, slots=True)
class TemplateVersion:
    """One version: ``hash`` is the SHA-256 of the text, ``drafted`` the draft's payload hash."""

    number: int
    hash: str
    drafted: str | None
    author: str
    approved: bool = False
    retired: bool = False


class Template(Aggregate):
    """``kind`` is TRAINING, COMPETENCE or UNIT_STATEMENT; ``org`` the organisation that drafts it."""

    NAME = "template"
    RELATIONS: ClassVar = {"drafted": (("kind.templates", "kind", "@id"),)}

    def __init__(self, aggregate_id: str) -> None:
        super().__init__(aggregate_id)
        self.kind = ""
        self.org: str | None = None
        self.versions: dict[int, TemplateVersion] = {}

    @property
    def latest(self) -> TemplateVersion:
        """The newest version, a draft perhaps."""
        return self.versions[max(self.versions)]

    @property
    def current(self) -> TemplateVersion | None:
        """The newest version that certificates may be issued with; None when there is none."""
        usable = [version for version in self.versions.values() if version.approved and not version.retired]
        return max(usable, key=lambda version: version.number) if usable else None

    def at(self, number: int) -> TemplateVersion:
        """The version with this number; UNKNOWN_ID when there is none."""
        found = self.versions.get(number)
        if found is None:
            raise DomainError("UNKNOWN_ID", f"this template has no version {number}")
        return found

    def require_draft(self, number: int) -> TemplateVersion:
        """The version; TEMPLATE_STATE_INVALID once it is approved."""
        found = self.at(number)
        if found.approved:
            raise DomainError(
                "TEMPLATE_STATE_INVALID",
                f"version {number} of this template is approved and never changes",
                "Draft a new version instead.",
            )
        return found

    # -- acts ------------------------------------------------------------------------------------------

    def draft(self, act: Act, *, kind: str, text_hash: str) -> int:
        """Draft the next version, or the open draft afresh; returns its number. The kind never changes."""
        number = 1
        if self.versions:
            if kind != self.kind:
                raise DomainError("VALUE_INVALID", f"this template is for {self.kind}, not for {kind}")
            number = self.latest.number + 1 if self.latest.approved else self.latest.number
        self.record(act, "drafted", kind=kind, version=number, hash=text_hash)
        return number

    def approve(self, act: Act, *, version: int, text_hash: str) -> None:
        """Approve a draft; VALUE_INVALID when the text read is not the text drafted."""
        draft = self.require_draft(version)
        if draft.hash != text_hash:
            raise DomainError(
                "VALUE_INVALID",
                "the text is not the one that was drafted",
                "Read the draft again and approve that.",
            )
        self.record(act, "approved", version=version, hash=text_hash, request=draft.drafted)

    def retire(self, act: Act, version: int) -> None:
        """No certificate is issued with this version any more; those that were keep it."""
        found = self.at(version)
        if not found.approved or found.retired:
            state = "retired already" if found.retired else "still a draft"
            raise DomainError("TEMPLATE_STATE_INVALID", f"version {version} of this template is {state}")
        self.record(act, "retired", version=version)

    # -- folding ---------------------------------------------------------------------------------------

    def on_drafted(self, event: Event) -> None:
        """A draft replaces an earlier draft of the same version."""
        data = event.data
        self.state = "draft"
        self.kind = data["kind"]
        self.org = event.org if self.org is None else self.org
        self.versions[data["version"]] = TemplateVersion(
            data["version"], data["hash"], event.hash, event.actor
        )

    def on_approved(self, event: Event) -> None:
        """Approved."""
        version = self.versions[event.data["version"]]
        self.versions[version.number] = replace(version, approved=True)
        self.state = "approved"

    def on_retired(self, event: Event) -> None:
        """Retired; the template's state follows its newest version."""
        version = replace(self.versions[event.data["version"]], retired=True)
        self.versions[version.number] = version
        if version.number == self.latest.number:
            self.state = "retired"
