from ledger.domain.template import Template
from tests.domain.folding import act, refused, settle

ONE, TWO = "1" * 64, "2" * 64


def drafted() -> Template:
    template = Template("t")
    template.draft(act(), kind="TRAINING", text_hash=ONE)
    return template


def test_an_approved_version_may_be_used() -> None:
    template = settle(drafted())
    template.approve(act("bram"), version=1, text_hash=ONE)
    assert template.current == template.at(1)
    assert template.at(1).hash == ONE
    assert template.pending[-1].data == {"version": 1, "hash": ONE, "request": template.at(1).drafted}


def test_a_draft_may_not_be_used() -> None:
    assert settle(drafted()).current is None


def test_what_is_approved_is_what_was_drafted() -> None:
    template = drafted()
    with refused("VALUE_INVALID", template):
        template.approve(act("bram"), version=1, text_hash=TWO)


def test_a_draft_replaces_a_draft_and_never_an_approved_version() -> None:
    template = drafted()
    assert template.draft(act("dian"), kind="TRAINING", text_hash=TWO) == 1
    assert template.at(1).author == "dian"
    template.approve(act("bram"), version=1, text_hash=TWO)
    assert template.draft(act(), kind="TRAINING", text_hash=ONE) == 2
    folded = settle(template)
    assert folded.at(1).hash == TWO
    assert folded.current == folded.at(1)


def test_the_kind_stays() -> None:
    template = drafted()
    with refused("VALUE_INVALID", template):
        template.draft(act(), kind="COMPETENCE", text_hash=TWO)


def test_approved_once() -> None:
    template = drafted()
    template.approve(act("bram"), version=1, text_hash=ONE)
    with refused("TEMPLATE_STATE_INVALID", template):
        template.approve(act("bram"), version=1, text_hash=ONE)


def test_retiring() -> None:
    template = drafted()
    with refused("TEMPLATE_STATE_INVALID", template):
        template.retire(act(), 1)
    template.approve(act("bram"), version=1, text_hash=ONE)
    template.retire(act(), 1)
    folded = settle(template)
    assert folded.current is None
    assert folded.state == "retired"
    with refused("TEMPLATE_STATE_INVALID", template):
        template.retire(act(), 1)


def test_a_version_that_is_not_there() -> None:
    with refused("UNKNOWN_ID"):
        drafted().retire(act(), 7)


def test_the_drafting_organisation_owns_it() -> None:
    template = drafted()
    template.draft(act(org="other"), kind="TRAINING", text_hash=TWO)
    assert settle(template).org == "blk"
