"""Answers that are given again while nothing that they say can have changed.

Rules. An answer is kept for the second whose time it shows, and only while nothing was committed to what it was
read from: the marks before and after the reading were equal, and those of now are the same. Whatever cannot be
told is read anew. So a kept answer is what a reading at this moment would give, and a revocation holds from the
next scan. Only what was found is kept, since a miss has to be charged.
"""

import time
from collections.abc import Callable
from typing import Generic, TypeVar

_Answer = TypeVar("_Answer")
_LIMIT = 1024

Marks = Callable[[], bytes | None]
Begun = tuple[int, int, bytes | None]


class Kept(Generic[_Answer]):
    """The answers of the present second. `marks` changes with each commit, `now` gives POSIX seconds."""

    def __init__(self, marks: Marks, now: Callable[[], float]) -> None:
        self._marks = marks
        self._now = now
        self._begun: Begun = (0, 0, None)
        self._answers: dict[object, _Answer] = {}

    def begin(self) -> Begun:
        """Return what has to be the same before and after a reading."""
        # The clock of a demonstration may stand still; an answer is not kept longer for that.
        return int(time.monotonic()), int(self._now()), self._marks()

    def get(self, question: object, present: Begun) -> _Answer | None:
        """Return what was answered to the same question, if it still holds."""
        return self._answers.get(question) if present == self._begun else None

    def put(self, question: object, begun: Begun, answer: _Answer) -> None:
        """Keep what was read since `begun`, if nothing has changed meanwhile; not for a question that is None."""
        if question is None or begun[-1] is None or self.begin() != begun:
            return
        if begun != self._begun or len(self._answers) >= _LIMIT:
            self._answers.clear()
            self._begun = begun
        self._answers[question] = answer
