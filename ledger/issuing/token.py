"""The token of one certificate, made small enough for its QR, never silently.

The whole URL takes version 12 or less. Where that is too small the title is left out (the scheme code stays);
where that does not do, version 13 is allowed; and only when even that is too small the name is cut, ending
in `…`, which every reader of the token sees. `verifier.token` has the format.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from ledger.domain.certificate import TRAINING
from ledger.errors import Error
from ledger.issuing.qr import LARGEST_VERSION, PREFERRED_VERSION, fits
from verifier.code import normalise
from verifier.token import CUT, HOLDER_LIMIT, TITLE_LIMIT, Claims, QrText, Token, make

if TYPE_CHECKING:
    from keys.signer import Signer
    from ledger.issuing.issued import Issued
    from ledger.issuing.keyring import Keyring


@dataclass(frozen=True, slots=True)
class Signing:
    """With what a token is signed: the one-byte key id and the key, an Ed25519 one."""

    kid: int
    signer: Signer


@dataclass(frozen=True, slots=True)
class QrTexts:
    """The QR texts of a ledger's certificates, for the public address ``base_url``."""

    base_url: str
    keyring: Keyring

    def of(self, issued: Issued) -> QrText:
        """The text that its first print had and every reprint has.

        It is signed with the token key that the issuer had when it issued; an issuer that had none gave an
        address only. Raises Error QR_TOO_LARGE, keys.errors.Error.
        """
        key = self.keyring.at(issued.org, "token", issued.issued_index, issued.kind)
        if key is None or key.kid is None:
            return QrText(self.base_url, issued.code, None)
        signing = Signing(key.kid, self.keyring.signer(key))
        return qr_text(self.base_url, issued.code, claims_of(issued), signing)


def claims_of(issued: Issued) -> Claims:
    """All that a token may say of a certificate, before it is made to fit.

    Control characters, which no token may hold and no paper shows, become spaces.
    """
    printed = issued.printed
    title = _plain(printed["title_id"])
    return Claims(
        holder=_cut(_plain(issued.holder), HOLDER_LIMIT),
        issued_on=issued.issued_on,
        valid_until=issued.valid_until,
        scheme_code=_plain(printed["programme_code" if issued.kind == TRAINING else "scheme_code"]),
        title=title if len(title) <= TITLE_LIMIT else None,
    )


def qr_text(base_url: str, code: str, claims: Claims, signing: Signing) -> QrText:
    """The text of a certificate's QR, with the most of ``claims`` that fits.

    Raises Error QR_TOO_LARGE when the address leaves no room even for a name of one character.
    """
    page = QrText(base_url, normalise(code), None)

    def signed(some: Claims) -> QrText:
        token: Token = make(some, signing.kid, page.page, lambda message: signing.signer.sign(message).sig)
        return replace(page, token=token)

    short = replace(claims, title=None)
    for some, version in ((claims, PREFERRED_VERSION), (short, LARGEST_VERSION)):
        text = signed(some)
        if fits(str(text), version):
            return text
    least, most = 0, len(short.holder) - 1  # characters that are known to fit, and that may
    best: QrText | None = None
    while least < most:
        length = (least + most + 1) // 2
        text = signed(replace(short, holder=_cut(short.holder, length + 1)))
        if fits(str(text), LARGEST_VERSION):
            least, best = length, text
        else:
            most = length - 1
    if best is None:
        raise Error(
            "QR_TOO_LARGE",
            f"the address {base_url} leaves no room for a signed token in the QR",
            "Choose a shorter base_url or scheme code.",
        )
    return best


def _cut(text: str, limit: int) -> str:
    """The text if it has at most ``limit`` characters, else its beginning with the mark of a cut."""
    return text if len(text) <= limit else text[: limit - 1].rstrip() + CUT


def _plain(text: str) -> str:
    return "".join(" " if each < " " or "\x7f" <= each <= "\x9f" else each for each in text).strip()
