"""Who acts in a command, and the asking for its signature."""

from array import array
from collections.abc import Iterable
from dataclasses import dataclass

from verifier.audit_result import Person
from verifier.authority import Key
from verifier.publickey import PublicKey, SigParts
from verifier.signatures import Signatures, Tag
from verifier.webauthn import RelyingParty


@dataclass(slots=True)
class Acting:
    """Somebody acting in a role with a key: the key if it may sign, the human, and what is counted of them."""

    key: Key | None
    human: str
    person: Person
    signed: "array[int]"

    @property
    def in_hsm(self) -> bool:
        """Whether the key lies in a security module."""
        return self.key is not None and self.key.custody == "hsm"


class Asked(PublicKey):
    """A key that hands the check over instead of doing it."""

    __slots__ = ("_signatures", "_tag", "_true")

    def __init__(self, key: PublicKey, signatures: Signatures, tag: Tag) -> None:
        self._true = key
        self._signatures = signatures
        self._tag = tag

    def verify(self, message: bytes, parts: SigParts, relying_parties: Iterable[RelyingParty] = ()) -> None:  # noqa: ARG002 - whoever verifies has the sites
        """Queue it."""
        self._signatures.add(self._true, message, parts, self._tag)
