"""An area of the rules: methods that look at the events of certain types.

    class Appeals(Area):
        @on("appeal.filed")
        def filed(self, event: Event, appeal: Appeal) -> None: …

A method is told the event and its matter, in the state before the event; it reports what is wrong and brings
the matter up to the event. It may rely on the event's data having the members of `verifier.rules.shapes`, and
on nothing else.
"""

from collections.abc import Callable
from typing import Any, ClassVar, TypeVar

from verifier.event import Event
from verifier.finding import Rule
from verifier.rules.world import Thing, World

Handler = Callable[[Event, Any], None]
F = TypeVar("F", bound=Callable[..., None])


def on(*types: str) -> Callable[[F], F]:
    """Mark a method of an area as the one for events of these types."""

    def mark(method: F) -> F:
        method.event_types = types  # type: ignore[attr-defined]
        return method

    return mark


class Area:
    """Base of all areas. `THINGS` names the class of each kind of matter that the area keeps."""

    THINGS: ClassVar[dict[str, type[Thing]]] = {}

    def __init__(self, world: World) -> None:
        self.world = world

    def handlers(self) -> dict[str, Handler]:
        """Return the marked methods by event type."""
        found: dict[str, Handler] = {}
        for name in dir(type(self)):
            method = getattr(self, name)
            for event_type in getattr(method, "event_types", ()):
                found[event_type] = method
        return found

    def report(self, rule: Rule, message: str) -> None:
        """Record a breach at the present event."""
        self.world.report(rule, message)

    def require(self, condition: object, rule: Rule, message: str) -> None:
        """Record a breach unless `condition` holds."""
        if not condition:
            self.world.report(rule, message)

    def same_human(self, one: str, others: Any) -> bool:
        """Tell whether an account is of the same person as one of the others."""
        human = self.world.human(one)
        return any(self.world.human(other) == human for other in others)
