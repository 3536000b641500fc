"""What the rules begin with: the settings of the domain's description, and no matter that has not begun."""

from tests.audit.desk import Desk
from tests.audit.scribe import a_fact, an_id
from verifier.rules.organisations import Organisation
from verifier.rules.world import Settings, Thing, World


def test_the_settings_are_those_of_the_description() -> None:
    """30 days to enter what happened, 24 months after teaching, 5 working days to appeal, 72 hours for a request."""
    assert Settings() == Settings(30, 24, 5, 72, None)


def test_at_the_beginning_there_is_nothing() -> None:
    world = World(Settings(), lambda _rule, _message: None, str)
    assert (world.things, world.requests, world.zones, world.acts) == ({}, {}, set(), [])
    thing = Thing("certificate/c1")
    assert (thing.id, thing.stream, thing.state) == ("c1", "certificate/c1", "")


def test_a_matter_is_there_once_it_has_begun_and_only_as_what_it_is() -> None:
    desk = Desk().found()
    ghost, blk = an_id("ghost"), an_id("blk")
    desk.says("one", "organisation", "ghost", "renamed", public_name=None, name=a_fact())
    assert desk.read() == ["ORGANISATION_STATE_INVALID"]
    assert desk.world.find(Organisation, "organisation", ghost) is None
    assert desk.world.find(Organisation, "organisation", None) is None
    assert desk.world.find(Organisation, "staff", an_id("one")) is None
    found = desk.world.find(Organisation, "organisation", blk)
    assert found is desk.world.things[f"organisation/{blk}"]
    desk.told = []
    assert desk.world.need(Organisation, "organisation", blk) is found
    assert desk.told == []
    assert desk.world.need(Organisation, "issuer_key", ghost) is None
    assert desk.told == [("UNKNOWN_ID", f"there is no issuer key {ghost}")]
