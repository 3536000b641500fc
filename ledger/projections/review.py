"""Which certificates are under review after a key was compromised: one condition, for now and for any past time.

A certificate stands on the acts that issued, reinstated and countersigned it. It is under review when one of them
was signed, at or after the size from which a key is declared compromised, with that key, or issued it while a key
of its organisation was; until a countersignature follows the declaration. One that was itself signed with a
compromised key does not count.
"""

from __future__ import annotations

UNDER_REVIEW = (
    "EXISTS (SELECT 1 FROM certificate_act a JOIN compromise c ON c.from_size <= a.position"
    " AND ((c.scope = 'key' AND c.name = a.key)"
    " OR (c.scope = 'organisation' AND c.name = certificate.org AND a.act = 'issued'))"
    " WHERE a.certificate = certificate.id AND a.recorded_at <= ? AND c.recorded_at <= ?"
    " AND NOT EXISTS (SELECT 1 FROM certificate_act s WHERE s.certificate = certificate.id"
    " AND s.act = 'countersigned' AND s.position > c.position AND s.recorded_at <= ?"
    " AND NOT EXISTS (SELECT 1 FROM compromise w WHERE w.scope = 'key' AND w.name = s.key"
    " AND w.from_size <= s.position AND w.recorded_at <= ?)))"
)
"""Of a row of ``certificate``; its parameters are ``until`` a time."""
NOW = "9999-12-31T23:59:59Z"


def until(recorded_at: str) -> tuple[str, ...]:
    """The condition's parameters for what had been recorded by then, a time as the log spells it."""
    return (recorded_at,) * UNDER_REVIEW.count("?")
