"""A learner's way through one training, as the rules see it.

Attendance is kept packed, 28 bytes each: there are tens of millions in a national log.
"""

import struct
from collections.abc import Iterator
from typing import NamedTuple

from verifier.rules.certificate import Certified
from verifier.rules.cohorts import Cohort
from verifier.rules.learners import Learner
from verifier.rules.world import Thing

COMPLETED = "COMPLETED"
FULL = 1000


class Attended(NamedTuple):
    """Hours of one session: cohort and recorder as numbers of `Enrolments.names`.

    `hash` begins that of the newest entry.
    """

    cohort: int
    session: int
    jp: int
    by: int
    hash: bytes


PACKED = struct.Struct("<IHHI16s")  # of a hash it keeps what is enough to name an entry of one enrolment
MARK_SIZE = 16


class Enrolment(Thing):
    """`attendance` is packed; `credits` are hours by unit; `total_jp` stands once completed.

    `marked` has a bit for each session of the present cohort that was recorded.
    """

    __slots__ = (
        "attendance",
        "certified",
        "cohort",
        "credits",
        "learner",
        "marked",
        "notice",
        "reason",
        "seat",
        "total_jp",
        "transferred",
    )

    def __init__(self, stream: str) -> None:
        super().__init__(stream)
        self.learner: Learner | None = None
        self.cohort: Cohort | None = None
        self.seat: int | None = None
        self.notice = False
        self.attendance = b""
        self.marked = 0
        self.credits: tuple[tuple[str, int], ...] = ()
        self.total_jp: int | None = None
        self.transferred = False
        self.reason = ""
        self.certified: Certified = ()

    @property
    def jp(self) -> int:
        """Hours so far, attended and recognised."""
        attended: int = sum(jp for _, _, jp, _, _ in PACKED.iter_unpack(self.attendance))
        return attended + sum(jp for _, jp in self.credits)

    @property
    def tenths(self) -> int | None:
        """Tenths of a percent of the scheme's hours, rounded down, corrections included.

        None before completion.
        """
        return None if not self.total_jp else min(FULL, self.jp * FULL // self.total_jp)

    def attended(self, percent: int) -> bool:
        """Tell whether at least so much of a completed training was attended."""
        return (self.tenths or 0) >= percent * 10

    @property
    def reached(self) -> str:
        """How much was attended of a completed training, for people."""
        tenths = self.tenths or 0
        return f"attended {tenths // 10}.{tenths % 10} %" if self.finished else "not completed"

    @property
    def finished(self) -> bool:
        """Whether the training was completed."""
        return self.state == "completed" or (self.state == "closed" and self.reason == COMPLETED)

    def sessions(self) -> Iterator[Attended]:
        """Yield the attendance entries that stand."""
        return map(Attended._make, PACKED.iter_unpack(self.attendance))
