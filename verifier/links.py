"""The links of a bundle: what each certificate rests on, found again by certificate without being kept in memory.

`links.jsonl` has one fact a line, class and field `provenance`, value {kind, learner, enrolment} for TRAINING
or {kind, learner, assessment, decision}, with `replaces` where the certificate replaces another. Only the
place of each line is kept; a line is read again when its certificate is issued.
"""

import re

from verifier import facts
from verifier.bundle import Bundle
from verifier.errors import FormatError
from verifier.facts import Fact
from verifier.finding import Findings, wrong

NAME = "links.jsonl"
PROVENANCE = "provenance"

LINK_INVALID = wrong(
    "LINK_INVALID", "A line of the links is not a link of a certificate, or one certificate has two of them."
)


_STREAM = re.compile(rb'"stream":"(certificate/[A-Za-z0-9._-]{1,128})","subject":')


class Links:
    """Links by the certificate's stream."""

    def __init__(self, source: Bundle | None, findings: Findings) -> None:
        """Read where each link stands; what cannot be one is a finding. No source, no links."""
        self._source = source
        self._findings = findings
        self._offsets: dict[str, int] = {}
        self.opened = 0
        if source is None:
            return
        for number, (offset, line) in enumerate(source.lines(NAME), 1):
            found = _STREAM.search(line)
            if found is None:
                findings.add(LINK_INVALID, f"line {number} is no link of a certificate", None, NAME)
            elif self._offsets.setdefault(found[1].decode(), offset) != offset:
                findings.add(
                    LINK_INVALID, f"line {number} is a second link of {found[1].decode()}", None, NAME
                )

    @property
    def given(self) -> bool:
        """Whether there is a file of links at all."""
        return self._source is not None

    def of(self, certificate: str) -> Fact | None:
        """Return the link of a certificate, by its stream; a line that holds none is a finding."""
        offset = self._offsets.get(certificate)
        if offset is None or self._source is None:
            return None
        try:
            link = facts.parse(self._source.line_at(NAME, offset))
        except FormatError as error:
            self._findings.add(LINK_INVALID, f"the link of {certificate}: {error.message}", None, NAME)
            return None
        if (link.class_, link.field, link.subject, link.stream) != (
            PROVENANCE,
            PROVENANCE,
            link.stream,
            certificate,
        ):
            self._findings.add(LINK_INVALID, f"the link of {certificate} is of another class", None, NAME)
            return None
        return link

    def streams(self) -> list[str]:
        """Return the certificates that have one."""
        return sorted(self._offsets)
