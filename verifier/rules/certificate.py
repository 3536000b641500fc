"""A certificate as the rules and the status see it.

Its status at a moment follows from its state, the last valid day, an erasure and a review after a key
compromise; the first that applies: NO_LONGER_VERIFIABLE, REVOKED, REPLACED, EXPIRED, SUSPENDED, VALID.
"""

from verifier.rules.world import Thing
from verifier.times import day_of

TRAINING, COMPETENCE, UNIT_STATEMENT = "TRAINING", "COMPETENCE", "UNIT_STATEMENT"
NOT_FOUND = "NOT_FOUND"
STATUSES = ("VALID", "SUSPENDED", "EXPIRED", "REPLACED", "REVOKED", "NO_LONGER_VERIFIABLE", NOT_FOUND)


class Certificate(Thing):
    """A certificate. Indexes are leaf indexes, -1 before there is one; `key` is the thumbprint that issued it.

    `place` is its bit: (list, index).
    """

    __slots__ = (
        "copies",
        "erased",
        "issued",
        "issued_on",
        "key",
        "kind",
        "number",
        "org",
        "place",
        "programme_code",
        "renewed",
        "replaces",
        "scheme_code",
        "superseded_by",
        "template",
        "units",
        "valid_until",
        "zone",
    )

    def __init__(self, stream: str) -> None:
        super().__init__(stream)
        self.kind = self.number = self.zone = self.key = ""
        self.scheme_code = self.programme_code = self.template = ""
        self.org: str | None = None
        self.units: tuple[str, ...] = ()
        self.issued = -1
        self.issued_on = ""
        self.valid_until: str | None = None
        self.place = (0, 0)
        self.replaces: str | None = None
        self.superseded_by: str | None = None
        self.renewed: str | None = None
        self.erased = False
        self.copies = 0

    @property
    def is_issued(self) -> bool:
        """Whether it was issued at all."""
        return self.issued >= 0

    def status(self, at: int, *, under_review: bool, erased: bool = False) -> str:
        """Return the public status at a moment (POSIX seconds).

        `erased` tells that the holder's name is destroyed, marked or not. Raises ZoneMissingError.
        """
        if not self.is_issued:
            return NOT_FOUND
        if self.erased or erased:
            return "NO_LONGER_VERIFIABLE"
        if self.state in {"revoked", "superseded"}:
            return "REVOKED" if self.state == "revoked" else "REPLACED"
        if self.valid_until is not None and day_of(at, self.zone) > self.valid_until:
            return "EXPIRED"
        return "SUSPENDED" if self.state == "suspended" or under_review else "VALID"


Certified = tuple[tuple[Certificate, bytes], ...]
"""What was issued on an enrolment or assessment: the newest certificate of each kind, and the decision's hash."""
