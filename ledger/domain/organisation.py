"""Organisation: who takes part in the ledger. A facility has no public name in the log."""

from __future__ import annotations

from ledger.domain.aggregate import Aggregate
from ledger.domain.event import Act, Event


class Organisation(Aggregate):
    """A training provider, certification body, facility, probation office or assessment site.

    ``public_name`` is None for an organisation whose name must never be public; ``zone`` is the IANA zone in
    which the days of its certificates begin and end.
    """

    NAME = "organisation"

    def __init__(self, aggregate_id: str) -> None:
        super().__init__(aggregate_id)
        self.kind = ""
        self.public_name: str | None = None
        self.zone = ""

    def register(
        self,
        act: Act,
        *,
        kind: str,
        public_name: str | None,
        zone: str,
        name: dict[str, str],
        licence: str | None,
    ) -> None:
        """Begin; ``name`` is the commitment to the full name, kept outside the log."""
        self.record(
            act, "registered", kind=kind, public_name=public_name, zone=zone, name=name, licence=licence
        )

    def rename(self, act: Act, *, public_name: str | None, name: dict[str, str]) -> None:
        """A new name; certificates already issued keep the old one."""
        self.require_state("registered")
        self.record(act, "renamed", public_name=public_name, name=name)

    def close(self, act: Act) -> None:
        """It takes no further part; what it issued stands."""
        self.require_state("registered")
        self.record(act, "closed")

    def on_registered(self, event: Event) -> None:
        """Registered."""
        self.state = "registered"
        self.kind = event.data["kind"]
        self.public_name = event.data["public_name"]
        self.zone = event.data["zone"]

    def on_renamed(self, event: Event) -> None:
        """Renamed."""
        self.public_name = event.data["public_name"]

    def on_closed(self, _event: Event) -> None:
        """Closed."""
        self.state = "closed"
