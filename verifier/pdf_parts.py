"""What the parts of one certificate's PDF say: entry, credential, QR code and words must be of one certificate.

Compared are code, number, holder, day of issue and last valid day, wherever two parts say them. A name that was
cut to fit into the QR is compared as far as it goes. On the page number, code and holder are looked for among the
words without regard to spaces and ligatures; letters beyond ASCII may be drawn in an order that no program can
read back, so that their absence is no contradiction.

Not done here: believing any of them (`verifier.pdf`).
"""

import unicodedata
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from verifier import token
from verifier.code import display
from verifier.payload import Payload


class Parts:
    """What was said so far, by field and by part."""

    def __init__(self) -> None:
        self._values: dict[str, dict[str, object]] = {}
        self.missed: list[str] = []

    def take_entry(self, payload: Payload) -> None:
        """Take the log's entry `certificate.issued`."""
        for name in ("number", "issued_on", "valid_until"):
            self._add(name, "entry", payload.data.get(name))

    def take_credential(self, document: Mapping[str, Any], entry: Payload | None) -> None:
        """Take the credential, which was checked for its shape; its last moment is a day in the entry's zone."""
        subject = document["credentialSubject"]
        self._add("code", "credential", document["id"].split("/")[-2])
        self._add("number", "credential", subject["licenseNumber"])
        self._add("holder", "credential", subject["identifier"][0]["identityHash"])
        if entry is None:
            return
        try:
            zone = ZoneInfo(str(entry.data.get("zone")))
        except (ValueError, OSError, KeyError):
            self.missed.append("last valid day in the credential: this machine does not know the time zone")
            return
        ends = document.get("validUntil")
        day = None if ends is None else datetime.fromisoformat(ends).astimezone(zone).date().isoformat()
        self._add("valid_until", "credential", day)

    def take_qr(self, text: token.QrText) -> None:
        """Take a QR code, after the credential."""
        self._add("code", "QR code", text.code)
        if text.token is None:
            return
        claims = text.token.claims
        self._add("issued_on", "QR code", claims.issued_on.isoformat())
        self._add("valid_until", "QR code", claims.valid_until.isoformat() if claims.valid_until else None)
        whole = self._values.get("holder", {}).get("credential")
        if whole is None:
            return
        begins = claims.holder.removesuffix(token.CUT)
        is_same = (
            _bare(str(whole)).startswith(_bare(begins))
            if claims.is_name_cut
            else _bare(str(whole)) == _bare(begins)
        )
        if not is_same:
            self._add("holder", "QR code", claims.holder)

    def take_words(self, text: str) -> None:
        """Take the words of the page, after all others."""
        page = _bare(text)
        for name in ("number", "code", "holder"):
            for value in {str(each) for each in self._values.get(name, {}).values()}:
                due = _bare(display(value) if name == "code" else value)
                if due in page:
                    continue
                if due.isascii():
                    self._add(name, "page", None)
                else:
                    self.missed.append(f"{name} on the page: compare it by eye")

    def contradictions(self) -> list[str]:
        """Return the fields of which two parts say different things, with the parts."""
        return [
            f"{name.replace('_', ' ')} ({', '.join(values)})"
            for name, values in self._values.items()
            if len(set(values.values())) > 1
        ]

    def _add(self, name: str, part: str, value: object) -> None:
        self._values.setdefault(name, {})[part] = value


def _bare(text: str) -> str:
    """Text without what setting it on a page may change: spaces, ligatures, invisible characters."""
    kept = unicodedata.normalize("NFKC", text)
    return "".join(
        each for each in kept if not each.isspace() and unicodedata.category(each) not in {"Cf", "Cc"}
    )
