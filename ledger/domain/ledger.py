"""The ledger itself: founded and co-founded by the two keys of the root file, open, and succeeded if it is lost."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ledger.domain.aggregate import Aggregate
from ledger.domain.event import Act, Event
from ledger.errors import DomainError


@dataclass(frozen=True, slots=True)
class Founder:
    """A key custodian that the ledger's own first entries register, with the key that signed them."""

    staff: str
    jwk: Mapping[str, Any]
    alg: str
    custody: str


class Ledger(Aggregate):
    """States: founded, open (once both root keys have signed), succeeded (by another origin, after a loss)."""

    NAME = "ledger"

    def __init__(self, aggregate_id: str) -> None:
        super().__init__(aggregate_id)
        self.origin = ""
        self.clock = ""
        self.founders: dict[str, Founder] = {}
        self.log_key: str | None = None
        self.predecessor: Mapping[str, Any] | None = None
        self.successor: str | None = None

    def found(
        self,
        act: Act,
        *,
        origin: str,
        root_file: str,
        clock: str,
        log_key: str,
        custodian: dict[str, Any],
        predecessor: dict[str, Any] | None = None,
    ) -> None:
        """Entry 0.

        ``root_file`` is the SHA-256 of the root file's bytes, ``clock`` is system or simulated, ``log_key`` the
        log's verifier key line, ``custodian`` the signer as the root file names it. ``predecessor`` is the log that
        this one continues after a loss: its origin, the last size and root known of it, and how many entries are left.
        """
        self.require_state("")
        if predecessor is not None:
            require_loss(origin, predecessor["origin"], predecessor["size"], predecessor["restored"])
        self.record(
            act,
            "founded",
            origin=origin,
            root_file=root_file,
            clock=clock,
            log_key=log_key,
            custodian=custodian,
            **({} if predecessor is None else {"predecessor": predecessor}),
        )

    def co_found(self, act: Act, *, custodian: dict[str, Any]) -> None:
        """Entry 1: the second root key; from here on the ledger is open."""
        self.require_state("founded")
        self.record(act, "co_founded", custodian=custodian)

    def request_rotation(self, act: Act, *, log_key: str) -> None:
        """First half of giving the log a new key (a verifier key line)."""
        self.require_state("open")
        self.record(act, "rotation_requested", log_key=log_key)

    def rotate_log_key(self, act: Act, request: str) -> None:
        """Second half."""
        self.require_state("open")
        asked = self.request_of(request, "rotation_requested")
        self.record(act, "log_key_rotated", log_key=asked.data["log_key"], request=request)

    def request_succession(self, act: Act, *, origin: str, size: int, root: str, restored: int) -> None:
        """First half of naming the log that follows this one after a loss.

        ``size`` and ``root`` (hex) are of this log's largest checkpoint that is known, ``restored`` is how many
        of those entries are left.
        """
        self.require_state("open")
        require_loss(self.origin, origin, size, restored)
        self.record(act, "succession_requested", origin=origin, size=size, root=root, restored=restored)

    def succeed(self, act: Act, request: str) -> None:
        """Second half; nothing is recorded here afterwards."""
        self.require_state("open")
        asked = self.request_of(request, "succession_requested")
        self.record(act, "succeeded", **asked.data, request=request)

    def on_founded(self, event: Event) -> None:
        """Founded."""
        self.state = "founded"
        self.origin = event.data["origin"]
        self.clock = event.data["clock"]
        self.log_key = event.data["log_key"]
        self.predecessor = event.data.get("predecessor")
        self._add_founder(event)

    def on_co_founded(self, event: Event) -> None:
        """Open."""
        self.state = "open"
        self._add_founder(event)

    def on_log_key_rotated(self, event: Event) -> None:
        """The new log key counts from here."""
        self.log_key = event.data["log_key"]

    def on_succeeded(self, event: Event) -> None:
        """Succeeded."""
        self.state = "succeeded"
        self.successor = event.data["origin"]

    def _add_founder(self, event: Event) -> None:
        founder = Founder(**event.data["custodian"])
        self.founders[founder.staff] = founder


def require_loss(own: str, other: str, size: int, restored: int) -> None:
    """Refuse with VALUE_INVALID what is no loss of entries, or names a log as its own successor."""
    if own == other:
        raise DomainError(
            "VALUE_INVALID",
            f"the other log has this log's own name, {own}",
            "Choose another origin: witnesses would take a second log of this name for a forged one.",
        )
    if restored >= size:
        raise DomainError(
            "VALUE_INVALID",
            f"{restored} of {size} entries are there, so none is lost",
            "A ledger ends only after a loss; give the size of the checkpoint that is known outside.",
        )
