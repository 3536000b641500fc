"""A personal fact: what stands outside the log where an event has only a commitment (see `verifier.fact`)."""

from dataclasses import dataclass
from typing import Any, Protocol, Self

CLASSES = frozenset({"identity", "custody", "contact", "evidence", "outcome", "provenance"})
"""The classes of personal data; each is erased by itself."""


class FactLike(Protocol):
    """What the store takes for a fact: anything with these members."""

    @property
    def class_(self) -> str:
        """The class, one of CLASSES."""

    @property
    def field(self) -> str:
        """The member of the event's data."""

    @property
    def stream(self) -> str:
        """The event's stream, `<aggregate>/<id>`."""

    @property
    def subject(self) -> str:
        """Whom or what the fact is about, a stream's name too."""

    @property
    def value(self) -> Any:
        """A canonical JSON value."""

    @property
    def version(self) -> int:
        """The event's version in its stream."""

    @property
    def salt(self) -> bytes:
        """The 32 bytes that were hashed into the commitment."""


@dataclass(frozen=True, slots=True)
class Fact:
    """A fact as the store gives it back; members as in FactLike."""

    class_: str
    field: str
    stream: str
    subject: str
    value: Any
    version: int
    salt: bytes

    def to_json(self) -> dict[str, Any]:
        """Return the fact with its salt in hex, as it is sealed and exported."""
        return {
            "class": self.class_,
            "field": self.field,
            "salt": self.salt.hex(),
            "stream": self.stream,
            "subject": self.subject,
            "value": self.value,
            "version": self.version,
        }

    @classmethod
    def from_json(cls, value: dict[str, Any]) -> Self:
        """Return the fact that `to_json` wrote; other members are not looked at."""
        return cls(
            class_=value["class"],
            field=value["field"],
            stream=value["stream"],
            subject=value["subject"],
            value=value["value"],
            version=value["version"],
            salt=bytes.fromhex(value["salt"]),
        )

    @classmethod
    def of(cls, fact: FactLike) -> Self:
        """Return a copy of anything that has a fact's members."""
        return cls(
            class_=fact.class_,
            field=fact.field,
            stream=fact.stream,
            subject=fact.subject,
            value=fact.value,
            version=fact.version,
            salt=fact.salt,
        )
