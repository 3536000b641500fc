"""What is said of one certificate: it stands, it does not, or that cannot be told from what is at hand.

"Stands" is said only when everything was checked that bears on it. Whatever is missing or too old makes the
answer UNKNOWN, never a yes.
"""

from dataclasses import dataclass, field
from enum import IntEnum
from typing import Any


class Verdict(IntEnum):
    """The values are the exit codes of `certverify`."""

    STANDS = 0
    DOES_NOT_STAND = 1
    UNKNOWN = 2


@dataclass(frozen=True, slots=True)
class Answer:
    """The verdict, its reason (a stable code and a sentence), and what the certificate says of itself.

    `facts` may be shown only beside the verdict; they are the signer's words where the signature holds, and
    absent where it does not.
    """

    verdict: Verdict
    code: str
    message: str
    facts: dict[str, Any] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """As JSON."""
        return {
            "verdict": self.verdict.name,
            "code": self.code,
            "message": self.message,
            "facts": self.facts,
        }
