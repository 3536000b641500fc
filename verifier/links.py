"""The links of a bundle: what each certificate rests on, found again by certificate without being kept in memory.

`links.jsonl` has one fact a line, class and field `provenance`, value {kind, learner, enrolment} for TRAINING
or {kind, learner, assessment, decision}, with `replaces` where the certificate replaces another. Only the
place of each line is kept; a line is read again when its certificate is issued.
"""

from verifier import facts
from verifier.bundle import Bundle
from verifier.errors import Error
from verifier.facts import Fact
from verifier.finding import Findings, wrong

NAME = "links.jsonl"
PROVENANCE = "provenance"

LINK_INVALID = wrong(
    "LINK_INVALID", "A line of the links is not a link of a certificate, or one certificate has two of them."
)


class Links:
    """Links by the certificate's stream."""

    def __init__(self, source: Bundle | None, findings: Findings) -> None:
        """Read where each link stands; what cannot be one is a finding. No source, no links."""
        self._source = source
        self._offsets: dict[str, int] = {}
        self.opened = 0
        if source is None:
            return
        for number, (offset, line) in enumerate(source.lines(NAME), 1):
            try:
                link = facts.parse(line)
            except Error as error:
                findings.add(LINK_INVALID, f"line {number}: {error.message}", None, NAME)
                continue
            if (link.class_, link.field, link.subject) != (PROVENANCE, PROVENANCE, link.stream):
                findings.add(LINK_INVALID, f"line {number} is no link of a certificate", None, NAME)
            elif self._offsets.setdefault(link.stream, offset) != offset:
                findings.add(LINK_INVALID, f"line {number} is a second link of {link.stream}", None, NAME)

    @property
    def given(self) -> bool:
        """Whether there is a file of links at all."""
        return self._source is not None

    def of(self, certificate: str) -> Fact | None:
        """Return the link of a certificate, by its stream."""
        offset = self._offsets.get(certificate)
        if offset is None or self._source is None:
            return None
        return facts.parse(self._source.line_at(NAME, offset))

    def streams(self) -> list[str]:
        """Return the certificates that have one."""
        return sorted(self._offsets)
