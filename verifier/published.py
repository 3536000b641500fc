"""What the ledger publishes about its certificates, compared with what the log says, bit for bit.

    keys           the key file: issuer keys with their windows (`verifier.keyfile`)
    status/<n>     status lists (`verifier.statuslist`), numbered 1, 2, … in the order in which issuers had their
                   first status key enrolled

Both are optional in a bundle. The key file's signers are looked for among all custodians that the log has had,
and a list's among the key file's keys. A list that is signed by nobody who may is not compared.

Not done here: the list of withdrawn tokens, which no log can make without the holders' tokens.
"""

from datetime import UTC, datetime

from verifier import keyfile, statuslist
from verifier.authority import KEY_CUSTODIAN, Authority
from verifier.bundle import Bundle
from verifier.errors import Error
from verifier.finding import Findings, lost, note, parser_rule, unknown, wrong
from verifier.keyfile import Custodian, KeyFile, Trust
from verifier.rules.organisations import IssuerKey
from verifier.rules.rulebook import Rulebook
from verifier.status import Statuses

KEYS = "keys"
_LIST_LIMIT = 4 << 20

KEY_FILE_DIFFERS = wrong(
    "KEY_FILE_DIFFERS", "The published file of issuer keys says something else about a key than the log."
)
KEY_FILE_UNTRUSTED = unknown(
    "KEY_FILE_UNTRUSTED",
    "The published file of issuer keys is not signed by two custodians that the log knows.",
)
STATUS_LIST_DIFFERS = wrong(
    "STATUS_LIST_DIFFERS",
    "A published status list says of a certificate that it stands where the log says that it does not, "
    "or the other way round.",
)
STATUS_LIST_UNTRUSTED = unknown(
    "STATUS_LIST_UNTRUSTED",
    "A published status list is not signed with a key that its issuer may sign it with.",
)
STATUS_LIST_OLD = note(
    "STATUS_LIST_OLD", "A published status list has passed the time up to which it may be relied on."
)
STATUS_LIST_UNCHECKED = lost(
    "STATUS_LIST_UNCHECKED",
    "Published status lists were not compared, since no key file, or no "
    "library for their signatures, is at hand.",
)


def compare(
    bundle: Bundle, authority: Authority, rulebook: Rulebook, statuses: Statuses, findings: Findings, now: int
) -> int:
    """Compare what is there; return how many status lists were. Raises BundleError."""
    numbers = [n for n in range(1, len(statuses.issuers) + 1) if bundle.has(f"status/{n}")]
    if not bundle.has(KEYS):
        if numbers:
            findings.add(STATUS_LIST_UNCHECKED, f"{len(numbers)} lists, no key file")
        return 0
    try:
        keys = keyfile.parse(bundle.read(KEYS, keyfile.FILE_LIMIT), _trust(authority))
    except Error as error:
        findings.add(parser_rule(error.code), error.message, None, KEYS)
        return 0
    _compare_keys(keys, rulebook, findings)
    return sum(_compare_list(bundle, n, keys, statuses, findings, now) for n in numbers)


def _trust(authority: Authority) -> Trust:
    """Everyone who was ever a custodian, with every key they had: the file may be older than the log."""
    ever = {key.owner for key in authority.keys.values()} & authority.ever_held(KEY_CUSTODIAN)
    custodians = tuple(
        Custodian(f"staff/{key.owner}", authority.human(key.owner), key.public)
        for key in authority.keys.values()
        if key.owner in ever
    )
    return Trust(authority.root.origin, custodians, authority.root.webauthn)


def _compare_keys(keys: KeyFile, rulebook: Rulebook, findings: Findings) -> None:
    found = {
        thing.thumbprint: thing
        for thing in rulebook.world.things.values()
        if isinstance(thing, IssuerKey) and thing.thumbprint and thing.enrolled < keys.size
    }
    told = {key.key.thumbprint: key for key in keys.keys}
    for thumbprint in sorted(found.keys() | told.keys()):
        mine, theirs = found.get(thumbprint), told.get(thumbprint)
        if mine is None or theirs is None:
            where = "the file alone" if mine is None else "the log alone"
            findings.add(KEY_FILE_DIFFERS, f"the key {thumbprint[:12]}… is in {where}", None, KEYS)
            continue
        # What came after the file was made is not in it.
        ended = mine.ended if mine.ended is not None and mine.ended < keys.size else None
        compromised = mine.compromised_from if ended is not None else None
        log = (mine.organisation, mine.purpose, mine.kid, mine.kind, mine.enrolled, ended, compromised)
        file = (
            theirs.organisation,
            theirs.purpose,
            theirs.kid,
            theirs.kind,
            theirs.valid_from,
            theirs.valid_to,
            theirs.compromised_from,
        )
        if log != file:
            findings.add(
                KEY_FILE_DIFFERS,
                f"the key {thumbprint[:12]}…: {file} in the file, {log} in the log",
                None,
                KEYS,
            )


def _compare_list(
    bundle: Bundle, number: int, keys: KeyFile, statuses: Statuses, findings: Findings, now: int
) -> int:
    name, organisation = f"status/{number}", statuses.issuers[number - 1]
    try:
        published = statuslist.parse(bundle.read(name, _LIST_LIMIT), keys)
    except Error as error:
        if error.code == "EXTRA_MISSING":
            findings.add(STATUS_LIST_UNCHECKED, error.message, None, name)
        else:
            forged = error.code == "SIGNATURE_WRONG"
            rule = STATUS_LIST_UNTRUSTED if forged else parser_rule(error.code)
            findings.add(rule, error.message, None, name)
        return 0
    if not published.is_fresh(datetime.fromtimestamp(now, UTC)):
        findings.add(STATUS_LIST_OLD, f"valid until {published.valid_until.isoformat()}", None, name)
    if published.issuer.rpartition(":")[2] != organisation:
        findings.add(
            STATUS_LIST_DIFFERS, f"it is of another issuer than organisation/{organisation}", None, name
        )
        return 0
    mine = statuses.bits().get((organisation, 1), bytes(len(published.bits)))
    if published.bits.rstrip(b"\0") != mine.rstrip(b"\0"):
        odd = [
            8 * at + bit
            for at, (a, b) in enumerate(zip(published.bits, mine, strict=False))
            if a != b
            for bit in range(8)
            if (a ^ b) & 0x80 >> bit
        ]
        findings.add(
            STATUS_LIST_DIFFERS,
            f"it differs at {len(odd)} places, first at {odd[0] if odd else 'its end'}",
            None,
            name,
        )
    return 1
