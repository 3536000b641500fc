"""Does a certificate stand, by its QR alone? The check of a scanner without a network.

In this order, the first that applies:

| code | verdict | when |
|---|---|---|
| QR_WITHOUT_TOKEN | unknown | the address has no token: only the page can tell |
| QR_URL_INVALID, CODE_…, TOKEN_… | does not stand | no QR of a certificate, or a damaged one |
| HOST_UNKNOWN | does not stand | its address is not one of those in the key file |
| KEY_UNKNOWN | unknown, or does not stand | no such key; unknown only if the key file may be too old to have it |
| FORGED | does not stand | the signature does not hold for this page |
| KEY_COMPROMISED | unknown | the key was stolen at some time; a token does not say where in the log it was made |
| WITHDRAWN | does not stand | the issuer's list of withdrawn certificates has it |
| EXPIRED | does not stand | its last valid day is over in the issuer's zone |
| NOT_YET_ISSUED | unknown | its day of issue lies ahead: one of the clocks is wrong |
| STATUS_UNKNOWN | unknown | genuine, but the issuer's list is missing or no longer fresh |
| STANDS | stands | |

Nothing is fetched; key file and list come verified from `verifier.keyfile` and `verifier.withdrawn`.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from verifier import token as tokens
from verifier.answer import Answer, Verdict
from verifier.errors import CodeError, Error, FormatError, SignatureError
from verifier.keyfile import IssuerKey, KeyFile
from verifier.publickey import SigParts
from verifier.token import QrText, Token
from verifier.withdrawn import WithdrawnList


def check(text: str, keys: KeyFile, withdrawn: Mapping[str, WithdrawnList] | None, now: datetime) -> Answer:
    """Answer for a QR's text at the moment `now` (aware)."""
    try:
        qr = tokens.parse_qr(text)
    except (FormatError, CodeError) as error:
        return Answer(Verdict.DOES_NOT_STAND, error.code, f"This is no QR of a certificate: {error.message}.")
    if qr.base_url not in keys.base_urls:
        message = f"It leads to {qr.base_url}, which is no address of this ledger. Do not open it."
        return Answer(Verdict.DOES_NOT_STAND, "HOST_UNKNOWN", message)
    if qr.token is None:
        message = "The QR holds an address only, no signature. The page at that address can tell."
        return Answer(Verdict.UNKNOWN, "QR_WITHOUT_TOKEN", message)
    candidates = keys.token_keys(qr.token.kid)
    if not candidates:
        return _key_unknown(qr.token, keys)
    signer = next((key for key in candidates if _holds(key, qr, qr.token)), None)
    if signer is None:
        message = "The signature in the QR does not hold for this certificate: it is forged or altered."
        return Answer(Verdict.DOES_NOT_STAND, "FORGED", message)
    return _judge(qr.token, signer, (withdrawn or {}).get(signer.organisation), now)


def _judge(token: Token, signer: IssuerKey, listed: WithdrawnList | None, now: datetime) -> Answer:
    facts, claims = _facts(token, signer), token.claims
    today = now.astimezone(_zone(signer.zone)).date()
    if signer.compromised_from is not None:
        message = "The key that signed it is no longer trusted. Only the page can tell."
        return Answer(Verdict.UNKNOWN, "KEY_COMPROMISED", message, facts)
    if listed is not None and token.digest() in listed:
        message = f"Genuine, but its issuer had withdrawn it by {listed.issued_at:%Y-%m-%d %H:%M} UTC."
        return Answer(Verdict.DOES_NOT_STAND, "WITHDRAWN", message, facts)
    if claims.valid_until is not None and today > claims.valid_until:
        message = f"Genuine, but it was valid through {claims.valid_until} only."
        return Answer(Verdict.DOES_NOT_STAND, "EXPIRED", message, facts)
    if claims.issued_on > today:
        message = f"Genuine, but issued on {claims.issued_on}, which is yet to come by this clock."
        return Answer(Verdict.UNKNOWN, "NOT_YET_ISSUED", message, facts)
    if listed is None or not listed.is_fresh(now):
        known = "is not at hand" if listed is None else f"is of {listed.issued_at:%Y-%m-%d %H:%M} UTC"
        message = (
            f"Genuine. Whether it still stands is not known: the list of withdrawn certificates {known}."
        )
        return Answer(Verdict.UNKNOWN, "STATUS_UNKNOWN", message, facts)
    message = f"Genuine, and not withdrawn by {listed.issued_at:%Y-%m-%d %H:%M} UTC."
    return Answer(Verdict.STANDS, "STANDS", message, facts)


def _holds(key: IssuerKey, qr: QrText, token: Token) -> bool:
    parts = SigParts(key.key.thumbprint, "ed25519", token.signature)
    try:
        key.key.verify(token.signed_bytes(qr.page), parts)
    except SignatureError:
        return False
    return True


def _key_unknown(token: Token, keys: KeyFile) -> Answer:
    """A key that signed before the key file was made would be in it."""
    made_on = datetime.fromisoformat(keys.issued_at).date()
    if (token.claims.issued_on - made_on).days < -1:  # a day, for any zone
        message = "It is signed with no key of this ledger: it is forged or altered."
        return Answer(Verdict.DOES_NOT_STAND, "KEY_UNKNOWN", message)
    message = (
        f"It is signed with a key that the key file of {made_on} does not have: forged, or the file is old."
    )
    return Answer(Verdict.UNKNOWN, "KEY_UNKNOWN", message)


def _facts(token: Token, signer: IssuerKey) -> dict[str, Any]:
    claims = token.claims
    return {
        "holder": claims.holder,
        "name_cut": claims.is_name_cut,
        "title": claims.title,
        "scheme_code": claims.scheme_code,
        "issued_on": claims.issued_on.isoformat(),
        "valid_until": claims.valid_until.isoformat() if claims.valid_until else None,
        "kind": signer.kind,
        "issuer": signer.issuer,
    }


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ValueError, OSError, KeyError):
        raise Error(
            "ZONE_UNKNOWN", f"this machine does not know the time zone {name}", "Install the tzdata package."
        ) from None
