"""The two acts that ended a log after a loss of entries, where a bundle brings them: `succession`.

An entry bundle (`verifier.tile`) of two entries, `ledger.succession_requested` and `ledger.succeeded`. They stand in
no signed tree, since what was left of the log is not the tree that witnesses know; so they are judged by the
signatures of two key custodians, as the log's authority is at the end of the bundle. A bundle that brings them is
never the whole history.

Not done here: finding out that a log has ended where nobody says so.
"""

from verifier import tile
from verifier.authority import KEY_CUSTODIAN, Authority
from verifier.bundle import BUNDLE_TILE_LIMIT, Bundle, BundleError
from verifier.entry import Entry, parse_entry, payload_hash, verify_entry
from verifier.errors import Error
from verifier.finding import Findings, parser_rule, wrong
from verifier.rules.ledger import LOG_ENDED, ended
from verifier.rules.shapes import fits

NAME = "succession"
_ACTS = ("ledger.succession_requested", "ledger.succeeded")
_PAIR = tile.Tile(tile.ENTRIES, 0, len(_ACTS))

SUCCESSION_WRONG = wrong(
    "SUCCESSION_WRONG",
    "The bundle says that the log has ended, but not by the signatures of two of its key custodians.",
)


def check(bundle: Bundle, authority: Authority, findings: Findings) -> None:
    """Report that the log has ended, or what is wrong with the acts that say so."""
    if not bundle.has(NAME):
        return
    try:
        asked, done = map(parse_entry, tile.parse_bundle(_PAIR, bundle.read(NAME, BUNDLE_TILE_LIMIT)))
        fault = _fault(asked, done, authority)
    except BundleError as error:
        findings.add(parser_rule(error.code), error.message, None, NAME)
    except Error as error:
        findings.add(SUCCESSION_WRONG, error.message, None, NAME)
    else:
        told = (LOG_ENDED, ended(done.payload.data)) if fault is None else (SUCCESSION_WRONG, fault)
        findings.add(*told, None, NAME)


def _fault(asked: Entry, done: Entry, authority: Authority) -> str | None:
    """Say what is wrong, None when nothing is. Raises Error for a signature that does not hold."""
    for entry, act in zip((asked, done), _ACTS, strict=True):
        payload = entry.payload
        if payload.type != f"{act}.v1" or fits(act, payload.data) is not None:
            return f"it holds no {act}"
        staff = payload.actor.partition("/")[2]
        key = authority.keys.get(entry.signature.key)
        if key is None or key.owner != staff or key.ended is not None:
            return f"{payload.actor} could not sign {act}"
        if not authority.holds(staff, KEY_CUSTODIAN, None):
            return f"{payload.actor} is no key custodian"
        verify_entry(entry, authority.root.origin, key.public, authority.root.webauthn)
    request = {name: value for name, value in done.payload.data.items() if name != "request"}
    if (
        request != asked.payload.data
        or done.payload.data["request"] != payload_hash(asked.payload_bytes).hex()
    ):
        return "the second act does not answer the first"
    one, two = (authority.human(each.payload.actor.partition("/")[2]) for each in (asked, done))
    return "one human signed both acts" if one == two else None
