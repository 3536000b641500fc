"""Reason codes: the institution's lists say which exist; none may mention conviction or custody."""

from __future__ import annotations

from collections.abc import Collection

from ledger.commands.learners import require_neutral
from ledger.commands.work import Work


def require_reason(work: Work, allowed: Collection[str], reason: str) -> None:
    """REASON_CODE_INVALID unless ``reason`` is one of ``allowed`` and neutral."""
    work.require(
        reason in allowed,
        "REASON_CODE_INVALID",
        f"{reason} is no reason code for this act",
        f"Use one of {', '.join(sorted(allowed))}.",
    )
    require_neutral(work, reason)
