"""What a story says of each event: the whole list, as people read it, in words that the event's data can fill."""

import string
from pathlib import Path

from verifier.rules import shapes
from verifier.story import SENTENCES, sentence

KEPT = Path(__file__).parent / "sentences.txt"


def test_the_list_is_what_is_kept() -> None:
    """tests/audit/sentences.txt, to be read by people when it changes: `<event>: <sentence>`."""
    kept = dict(line.split(": ", 1) for line in KEPT.read_text(encoding="utf-8").splitlines())
    assert kept == SENTENCES


def test_a_sentence_names_members_of_its_event() -> None:
    for event, words in SENTENCES.items():
        named = {name for _, name, _, _ in string.Formatter().parse(words) if name is not None}
        members = {member.split(":")[0].strip("?") for member in shapes.SHAPES[event].split()}
        if event in {"learner.correction_requested", "learner.identity_corrected"}:
            members.add("field")  # which of the learner's members it is about, beside the shape
        assert named <= members, event


def test_values_are_said_in_words() -> None:
    item = {"item": "FAC-1", "passed": True, "critical": False, "value": None}
    assert sentence("facility_review.item_assessed", item) == (
        "assessed the item FAC-1 of the site: passed yes, critical no"
    )
    assert sentence("cohort.cancelled", {"reason": None}) == "cancelled the cohort: none"
    concluded = {"outcome": "NOT_READY", "valid_until": None}
    assert sentence("facility_review.concluded", concluded) == "signed the review's outcome NOT_READY"
    until = concluded | {"outcome": "READY", "valid_until": "2031-09-01"}
    assert sentence("facility_review.concluded", until) == (
        "signed the review's outcome READY, valid until 2031-09-01"
    )


def test_what_has_no_sentence_is_told_by_its_type() -> None:
    assert sentence("cohort.session_held", {}) == "session held"
