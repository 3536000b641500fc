"""A person's request about their data, step by step, as the rules about it are tried."""

from typing import Any

from tests.audit.broken_privacy import receive
from tests.audit.scribe import Said
from tests.audit.village import Village, s


def step(v: Village, event: str, name: str = "r", at: str | None = None, **data: Any) -> None:
    """One event of the request, by the privacy officer."""
    v.by("privacy", Said(s("subject_request", name), f"subject_request.{event}", data, at))


def verified(v: Village, **changes: str) -> None:
    """A request that was received, of a person who is known to be who they say."""
    receive(v, **changes)
    step(v, "verified")
