"""What a command is: its arguments, strictly typed, who may give it, and its decision.

A command is data that a person signs for. ``decide`` loads the aggregates it needs through the unit of work,
checks the rules in the order of ``docs/rules.md`` and lets the aggregates record events. It never touches a
database, a clock or a random source of its own, so that deciding again gives the same bytes.
"""

from __future__ import annotations

import unicodedata
from datetime import date, datetime
from typing import TYPE_CHECKING, Annotated, Any, ClassVar

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, StringConstraints

if TYPE_CHECKING:
    from ledger.commands.work import Work
    from ledger.domain.roles import Role

Id = Annotated[
    str, StringConstraints(pattern=r"^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$")
]
"""An aggregate's id: a random UUID, without the aggregate's name."""

Code = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9 ./_&+:-]{0,79}$")]
"""A code, reference or number: short, no free text."""

ReasonCode = Annotated[str, StringConstraints(pattern=r"^[A-Z][A-Z0-9_]{0,47}$")]

Hash = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
"""A payload hash (of a request) or a document's SHA-256, in hex."""


def _readable(text: str) -> str:
    """Refuse what cannot be seen and would change how the rest is read; joiners of a script are let through."""
    if not text.strip():
        msg = "it is blank"
        raise ValueError(msg)
    if any(unicodedata.category(each) in _UNREADABLE or each in _DIRECTIONS for each in text):
        msg = "it holds control characters"
        raise ValueError(msg)
    return text


_UNREADABLE = frozenset({"Cc", "Cs", "Zl", "Zp"})
_DIRECTIONS = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")

Text = Annotated[str, StringConstraints(min_length=1, max_length=300), AfterValidator(_readable)]
"""Text for people that is not personal: titles. Anything about a person is a fact, kept outside the log."""

Title = Annotated[str, StringConstraints(min_length=1, max_length=250), AfterValidator(_readable)]
"""A title as it is printed. What is printed may be no longer than a certificate's page can hold."""

PublicName = Annotated[str, StringConstraints(min_length=1, max_length=120), AfterValidator(_readable)]
"""An organisation's name as it is printed."""

Name = Annotated[str, StringConstraints(min_length=1, max_length=200), AfterValidator(_readable)]
"""A person's name as it is printed: any script, one word or many, at most 200 characters."""

Day = date
Moment = datetime

COMMANDS: dict[str, type[Command]] = {}
"""Every command by its name, for the JSON API, command files and the demo."""

QUERIES: dict[str, type[Query]] = {}
"""Every query by its name."""


class Command(BaseModel):
    """Base of all commands. ``roles`` may give it; ``occurred_at`` is when it happened, by default now."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    roles: ClassVar[frozenset[Role]]

    occurred_at: AwareDatetime | None = None

    @classmethod
    def __pydantic_init_subclass__(cls, **kwargs: Any) -> None:
        super().__pydantic_init_subclass__(**kwargs)
        if "roles" in cls.__dict__:
            COMMANDS[cls.__name__] = cls

    def decide(self, work: Work) -> None:
        """Check the rules and record events through ``work``; DomainError names the first rule that is broken."""
        raise NotImplementedError


class Query(BaseModel):
    """Base of all queries: a question whose answer depends on who asks. Nothing is recorded."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    roles: ClassVar[frozenset[Role]]

    @classmethod
    def __pydantic_init_subclass__(cls, **kwargs: Any) -> None:
        super().__pydantic_init_subclass__(**kwargs)
        if "roles" in cls.__dict__:
            QUERIES[cls.__name__] = cls

    def answer(self, work: Work) -> dict[str, Any]:
        """The answer as JSON; DomainError when it may not be given."""
        raise NotImplementedError
