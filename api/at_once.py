"""The stores of a data folder once more, for the event loop: what is read there is read at once or not at all.

A keyed look-up in SQLite takes less than the way to a thread and back, unless another process has the file. So
these connections never wait: an error comes at once, and who asked then goes to a thread and asks the ordinary
ones. Not for PostgreSQL, which answers over a network.
"""

from __future__ import annotations

from pathlib import Path

from api.unchanged import Unchanged
from keys.datakeys import DataKeys
from ledger.folder import EVENTS
from ledger.personal.store import PersonalStore
from ledger.projections.queries import Queries
from ledger.store.sqlite import ReadingAtOnce


class AtOnce:
    """For reading, in one thread."""

    def __init__(self, folder: Path) -> None:
        self._datakeys = DataKeys(folder / "datakeys.db", folder / "master.key")
        self.personal = PersonalStore(folder / "personal.db", self._datakeys)
        self._datakeys.never_wait()
        self.personal.never_wait()
        self._events = ReadingAtOnce(folder / EVENTS)
        self.queries = Queries(self._events)
        self.unchanged = Unchanged([folder / name for name in ("datakeys.db", "personal.db", EVENTS)])

    def close(self) -> None:
        """Close the files."""
        self.unchanged.close()
        self._events.close()
        self.personal.close()
        self._datakeys.close()
