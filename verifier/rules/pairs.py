"""Acts of two persons: the request, signed by the first, and the act, signed by the second.

The act names the payload hash of a request of the right kind, about the same matter, that stands before it in
an act of its own and that no other act has used. It says what the request said. The two humans are taken from
the signatures: never from data, and two accounts of one person are one.
"""

from verifier.event import Event
from verifier.finding import wrong
from verifier.rules.world import Request, World

REQUEST_MISSING = wrong(
    "REQUEST_MISSING",
    "An act that needs two persons rests on no open request of a first one: only one person stands "
    "behind it.",
)
REQUEST_DIFFERS = wrong(
    "REQUEST_DIFFERS", "The second person approved something else than what the first one had requested."
)
SOD_SELF_APPROVAL = wrong(
    "SOD_SELF_APPROVAL",
    "One human stands behind both halves of an act that needs two persons, or gave authority to themselves.",
)

_KEY = ("thumbprint", "jwk", "alg", "custody", "possession")
_ISSUER_KEY = ("organisation", "purpose", "alg", "jwk", "thumbprint", "kid", "kind")

# The act, its request, and the members that both have and that must be equal.
PAIRS: dict[str, tuple[str, tuple[str, ...]]] = {
    "ledger.log_key_rotated": ("ledger.rotation_requested", ("log_key",)),
    "ledger.succeeded": ("ledger.succession_requested", ("origin", "size", "root", "restored")),
    "issuer_key.enrolled": ("issuer_key.enrolment_requested", _ISSUER_KEY),
    "issuer_key.compromised": ("issuer_key.compromise_requested", ("from_size",)),
    "staff.registered": ("staff.registration_requested", ("same_person_as",)),
    "staff.role_granted": ("staff.role_grant_requested", ("role", "org")),
    "staff.key_enrolled": ("staff.enrolment_requested", _KEY),
    "staff.key_compromised": ("staff.compromise_requested", ("key", "from_size")),
    "learner.identity_corrected": ("learner.correction_requested", ("field",)),
    "learner.merged": ("learner.merge_requested", ("into",)),
    "scheme.approved": ("scheme.drafted", ("version",)),
    "template.approved": ("template.drafted", ("version", "hash")),
    "certificate.revoked": ("certificate.revocation_requested", ("reason",)),
    "impartiality_exception.approved": ("impartiality_exception.requested", ()),
    "subject_request.data_destroyed": ("subject_request.destruction_requested", ()),
}
REQUESTS = frozenset(request for request, _ in PAIRS.values())


def keep(world: World, event: Event) -> None:
    """Remember an event that is a request."""
    world.requests[event.hash] = Request(
        event.type, event.stream, event.actor, event.human, event.index, event.command, event.data
    )


def check(world: World, event: Event) -> None:
    """Check the second half of an act of two persons."""
    wanted, members = PAIRS[event.type]
    request = world.requests.get(event.data["request"])
    if (
        request is None
        or (request.type, request.stream) != (wanted, event.stream)
        or request.command == event.command
    ):
        world.report(
            REQUEST_MISSING, f"no open {wanted} of {event.stream} has the hash {event.data['request'][:16]}…"
        )
        return
    if any(request.data[name] != event.data[name] for name in members):
        world.report(REQUEST_DIFFERS, f"entry {request.index} requested something else")
    if request.human == event.human:
        world.report(SOD_SELF_APPROVAL, f"entry {request.index} is by the same human")


def used(world: World, events: list[Event]) -> None:
    """Forget the requests that a whole command has used."""
    for event in events:
        if event.type in PAIRS:
            world.requests.pop(event.data["request"], None)
