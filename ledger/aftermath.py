"""What follows in the personal store from an event that is committed: destruction, and who holds which NIK.

Each step may be done again without harm. Destruction that a crash prevented is done at the next start.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ledger.domain.event import Event
    from ledger.personal.store import PersonalStore


@dataclass(frozen=True, slots=True)
class Aftermath:
    """Over one personal store."""

    personal: PersonalStore

    def follow(self, event: Event, index: int) -> None:
        """Do what follows from the event at leaf ``index``."""
        stream, data = event.originator_id, event.data
        if event.type == "subject_request.data_destroyed.v1":
            self.personal.destroy(data["subject"], data["class"], position=index)
        elif event.type == "certificate.marked_erased.v1":
            self.personal.destroy(stream, "identity", position=index)
        elif event.type == "learner.merged.v1":
            self.personal.index.transfer_niks(stream, data["into"])
        elif event.type == "learner.merge_reversed.v1":
            self._take_back_nik(stream)
        elif event.type == "learner.identity_corrected.v1" and data["field"] == "nik":
            self._release_old_niks(stream)

    def _release_old_niks(self, stream: str) -> None:
        current = self.personal.value(stream, "identity", "nik")
        for fact in self.personal.get(stream, "identity"):
            if fact.field == "nik" and isinstance(fact.value, str) and fact.value != current:
                self.personal.index.release_nik(fact.value, stream)

    def _take_back_nik(self, stream: str) -> None:
        """The merge gave it to the entry that stood for both; it is this person's after all."""
        nik = self.personal.value(stream, "identity", "nik")
        if isinstance(nik, str):
            self.personal.index.give_nik(nik, stream)
