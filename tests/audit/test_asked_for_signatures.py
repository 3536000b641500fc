"""Who acts, and the asking for the signature of an act of several events: handed over whole, checked elsewhere."""

from array import array
from typing import cast

import pytest

from tests.audit.scribe import ORIGIN, Pen, Scribe, an_id
from tests.verifier.test_structure_alone import thing
from verifier.acting import Acting, Asked
from verifier.audit_result import Person
from verifier.authority import Key
from verifier.entry import command_message, parse_entry, split, verify_command
from verifier.publickey import PublicKey, SigParts
from verifier.signatures import Signatures, Tag

Handed = tuple[PublicKey, bytes, SigParts, Tag]
TAG = (5, "learner/x", 2)


class Queue(list[Handed]):
    """Takes what is handed over and checks nothing."""

    def add(self, key: PublicKey, message: bytes, parts: SigParts, tag: Tag) -> None:
        self.append((key, message, parts, tag))


@pytest.mark.parametrize("of", [2, 3])
def test_the_signature_of_an_act_is_handed_over_with_the_key_that_was_enrolled(of: int) -> None:
    scribe, queue = Scribe(), Queue()
    pen = scribe.pens["one"]
    scribe.act("one", "key_custodian", None, *(thing(str(number)) for number in range(of)))
    key = PublicKey(pen.jwk, "ed25519")
    verify_command(
        [parse_entry(each) for each in scribe.entries], ORIGIN, Asked(key, cast("Signatures", queue), TAG)
    )
    message = command_message(ORIGIN, [split(each)[0] for each in scribe.entries])
    [(asked, signed, parts, tag)] = queue
    assert asked is key
    assert (signed, parts, tag) == (message, pen.sign(message), TAG)


@pytest.mark.parametrize(
    ("custody", "in_hsm"), [("hsm", True), ("server-held", False), ("webauthn", False), (None, False)]
)
def test_a_key_lies_in_a_security_module_where_it_was_enrolled_so(custody: str | None, in_hsm: bool) -> None:
    public = PublicKey(Pen("x").jwk, "ed25519")
    key = None if custody is None else Key(f"staff/{an_id('one')}", public, custody, 0)
    assert Acting(key, an_id("one"), Person(), array("Q")).in_hsm is in_hsm
