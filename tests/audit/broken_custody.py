"""Breaches about authority: founding, organisations, staff, roles, keys, requests."""

from tests.audit.auditing import LOG_KEY
from tests.audit.broken import breaks
from tests.audit.scribe import Pen, Said, a_fact, a_hash, an_id
from tests.audit.village import BLK, Village, s


@breaks("FOUNDING_WRONG", "empty")
def another_root_file(v: Village) -> None:
    v.found(LOG_KEY, root_file=a_hash("another"))


@breaks("FOUNDING_WRONG", "empty")
def another_origin(v: Village) -> None:
    v.found(LOG_KEY, origin="other.example/log")


@breaks("KEY_INVALID", "empty")
def a_log_key_of_another_log(v: Village) -> None:
    v.found("other.example/log+00000000+AAAA")


@breaks("LEDGER_STATE_INVALID", "staffed")
def founded_twice(v: Village) -> None:
    key = v.root.keys[0]
    founder = {"alg": "ed25519", "custody": key.custody, "jwk": key.key.jwk, "staff": key.staff}
    v.by("one", Said(s("ledger", "this"), "ledger.co_founded", {"custodian": founder}))


def a_succession(**other: object) -> dict[str, object]:
    return {"origin": "next.example/log", "size": 900, "root": a_hash("root"), "restored": 9, **other}


@breaks("SUCCESSION_INVALID", "empty")
def continuing_itself(v: Village) -> None:
    v.found(LOG_KEY, predecessor=a_succession(origin=v.root.origin))


@breaks("SUCCESSION_INVALID", "empty")
def continuing_what_has_lost_nothing(v: Village) -> None:
    v.found(LOG_KEY, predecessor=a_succession(restored=900))


@breaks("SUCCESSION_INVALID", "staffed")
def succeeding_itself(v: Village) -> None:
    v.ask("one", s("ledger", "this"), "ledger.succession_requested", a_succession(origin=v.root.origin))


@breaks("SUCCESSION_INVALID", "staffed")
def more_left_than_there_is(v: Village) -> None:
    v.ask("one", s("ledger", "this"), "ledger.succession_requested", a_succession(restored=899))


@breaks("LOG_ENDED", "staffed")
def an_ended_log(v: Village) -> None:
    stream, data = s("ledger", "this"), a_succession()
    asked = v.ask("one", stream, "ledger.succession_requested", data)
    v.by("two", Said(stream, "ledger.succeeded", data | {"request": asked}))


@breaks("LEDGER_NOT_OPEN", "staffed")
def acting_after_the_end(v: Village) -> None:
    stream, data = s("ledger", "this"), a_succession()
    asked = v.ask("one", stream, "ledger.succession_requested", data)
    v.by("two", Said(stream, "ledger.succeeded", data | {"request": asked}))
    v.organisation("late", "training_provider")


@breaks("LEDGER_NOT_OPEN", "empty")
def acting_before_both_have_founded(v: Village) -> None:
    v.organisation("early", "training_provider")


@breaks("ROLE_NOT_HELD", "planned")
def a_role_of_another(v: Village) -> None:
    v.approve_scheme(who="admin")


@breaks("ROLE_NOT_HELD", "planned")
def a_role_at_another_organisation(v: Village) -> None:
    v.by("admin", Said(s("learner", "x"), "learner.merge_reversed", {}), org=an_id("lsp"))


@breaks("ROLE_NOT_HELD", "staffed")
def a_role_that_was_revoked(v: Village) -> None:
    v.by("one", Said(s("staff", "admin"), "staff.role_revoked", {"role": "training_admin", "org": BLK}))
    v.learner("ana")


@breaks("ROLE_NOT_HELD", "staffed")
def a_custodian_at_an_organisation(v: Village) -> None:
    v.by("one", Said(s("organisation", "blk"), "organisation.closed"), org=BLK)


@breaks("SIGNER_NOT_AUTHORISED", "planned")
def a_key_that_nobody_enrolled(v: Village) -> None:
    v.by("admin", Said(s("learner", "x"), "learner.merge_reversed", {}), pen=Pen("stranger"))


@breaks("SIGNER_NOT_AUTHORISED", "planned")
def the_key_of_another(v: Village) -> None:
    v.by("admin", Said(s("learner", "x"), "learner.merge_reversed", {}), pen=v.pens["issuer"])


@breaks("SIGNER_NOT_AUTHORISED", "staffed")
def a_retired_key(v: Village) -> None:
    v.by("one", Said(s("staff", "admin"), "staff.key_retired", {"key": v.pens["admin"].thumbprint}))
    v.learner("ana")


@breaks("SIGNER_NOT_AUTHORISED", "staffed")
def a_compromised_key(v: Village) -> None:
    stream, data = s("staff", "admin"), {"key": v.pens["admin"].thumbprint, "from_size": 5}
    asked = v.ask("one", stream, "staff.compromise_requested", data)
    v.by("two", Said(stream, "staff.key_compromised", data | {"request": asked}))
    v.learner("ana")


@breaks("SIGNER_NOT_AUTHORISED", "staffed")
def a_replaced_key(v: Village) -> None:
    old = v.pens["admin"]
    data = Pen("admin new").enrolment(an_id("admin")) | {"retires": old.thumbprint}
    v.by("admin", Said(s("staff", "admin"), "staff.key_rotated", data))
    v.learner("ana")


@breaks("ROLE_UNKNOWN", "staffed")
def a_role_that_is_not(v: Village) -> None:
    v.grant("admin", "emperor", BLK)


@breaks("ROLE_UNKNOWN", "staffed")
def a_custodian_of_one_organisation(v: Village) -> None:
    v.grant("admin", "key_custodian", BLK)


@breaks("KEY_INVALID", "staffed")
def a_key_of_small_order(v: Village) -> None:
    jwk = {"crv": "Ed25519", "kty": "OKP", "x": "AQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"}
    v.enrol("admin", Pen("new"), jwk=jwk)


@breaks("KEY_INVALID", "staffed")
def a_key_by_another_name(v: Village) -> None:
    v.enrol("admin", Pen("new"), thumbprint=Pen("newer").thumbprint)


@breaks("KEY_INVALID", "staffed")
def a_custody_that_is_not(v: Village) -> None:
    v.enrol("admin", Pen("new"), custody="pocket")


@breaks("KEY_POSSESSION_WRONG", "staffed")
def possession_for_another_person(v: Village) -> None:
    v.enrol("admin", Pen("new"), possession=Pen("new").enrolment(an_id("issuer"))["possession"])


@breaks("KEY_POSSESSION_WRONG", "staffed")
def possession_on_another_ledger(v: Village) -> None:
    proof = Pen("new").enrolment(an_id("admin"), "other.example/log")["possession"]
    v.enrol("admin", Pen("new"), possession=proof)


@breaks("KEY_ENROLLED_TWICE", "staffed")
def one_key_of_two_persons(v: Village) -> None:
    v.enrol("admin", v.pens["issuer"])


@breaks("KEY_ENROLLED_TWICE", "staffed")
def a_signers_key_that_issues(v: Village) -> None:
    issuer_key(v, "credential key", pen=v.pens["admin"])


@breaks("KEY_NOT_OWN", "staffed")
def replacing_the_key_of_another(v: Village) -> None:
    data = Pen("new").enrolment(an_id("issuer")) | {"retires": v.pens["issuer"].thumbprint}
    v.by("admin", Said(s("staff", "issuer"), "staff.key_rotated", data))


@breaks("COMPROMISE_INVALID", "staffed")
def compromised_from_tomorrow(v: Village) -> None:
    stream, data = s("staff", "admin"), {"key": v.pens["admin"].thumbprint, "from_size": 10_000}
    asked = v.ask("one", stream, "staff.compromise_requested", data)
    v.by("two", Said(stream, "staff.key_compromised", data | {"request": asked}))


@breaks("COMPROMISE_INVALID", "staffed")
def retiring_the_key_of_another(v: Village) -> None:
    v.by("one", Said(s("staff", "admin"), "staff.key_retired", {"key": v.pens["issuer"].thumbprint}))


@breaks("ORGANISATION_INVALID", "staffed")
def an_organisation_of_no_kind(v: Village) -> None:
    v.organisation("castle", "castle")


@breaks("PUBLIC_FIELD_FORBIDDEN", "staffed")
def a_public_name_that_reveals(v: Village) -> None:
    v.organisation("x", "training_provider", public_name="BLK di Lapas Contoh")


@breaks("ZONE_UNKNOWN", "staffed")
def a_zone_that_is_not(v: Village) -> None:
    v.organisation("x", "training_provider", zone="Asia/Nowhere")


@breaks("ORGANISATION_STATE_INVALID", "staffed")
def registered_twice(v: Village) -> None:
    v.organisation("blk", "training_provider")


@breaks("STAFF_STATE_INVALID", "staffed")
def a_role_for_nobody(v: Village) -> None:
    v.grant("nobody", "instructor", BLK)


@breaks("ISSUER_KEY_STATE_INVALID", "staffed")
def an_unknown_issuer_key_retired(v: Village) -> None:
    v.by("one", Said(s("issuer_key", "none"), "issuer_key.retired"))


@breaks("KEY_INVALID", "staffed")
def an_issuer_key_without_purpose(v: Village) -> None:
    issuer_key(v, "k", purpose="ornament")


@breaks("SOD_SELF_APPROVAL", "staffed")
def one_person_registers(v: Village) -> None:
    v.register("friend", first="one", second="one")


@breaks("SOD_SELF_APPROVAL", "staffed")
def two_accounts_of_one_human(v: Village) -> None:
    v.hire("third", "key_custodian", None)
    v.register("one again", same_person_as="one", first="third", second="two")
    v.grant("one again", "key_custodian", None, first="third", second="two")
    v.enrol("one again", first="third", second="two")
    v.register("friend", first="one", second="one again")


@breaks("SOD_SELF_APPROVAL", "staffed")
def a_role_for_oneself(v: Village) -> None:
    v.grant("two", "auditor", None, first="one", second="two")


@breaks("SOD_SELF_APPROVAL", "staffed")
def asking_a_role_for_oneself(v: Village) -> None:
    v.grant("one", "auditor", None, first="one", second="two")


@breaks("SOD_SELF_APPROVAL", "staffed")
def a_key_for_oneself(v: Village) -> None:
    v.enrol("two", Pen("two new"), first="one", second="two")


@breaks("SOD_SELF_APPROVAL", "staffed")
def freeing_oneself_of_ones_acts(v: Village) -> None:
    stream, data = s("staff", "two"), {"key": v.pens["two"].thumbprint, "from_size": 5}
    asked = v.ask("one", stream, "staff.compromise_requested", data)
    v.by("two", Said(stream, "staff.key_compromised", data | {"request": asked}))


@breaks("SOD_SELF_APPROVAL", "staffed")
def a_licence_for_oneself(v: Village) -> None:
    v.licence("one")


@breaks("SOD_SELF_APPROVAL", "staffed")
def a_log_key_by_one_person(v: Village) -> None:
    stream = s("ledger", "this")
    asked = v.ask("one", stream, "ledger.rotation_requested", {"log_key": LOG_KEY})
    v.by("one", Said(stream, "ledger.log_key_rotated", {"log_key": LOG_KEY, "request": asked}))


@breaks("REQUEST_MISSING", "staffed")
def a_role_that_nobody_asked_for(v: Village) -> None:
    data = {"role": "auditor", "org": None, "request": a_hash("no request")}
    v.by("two", Said(s("staff", "admin"), "staff.role_granted", data))


@breaks("REQUEST_MISSING", "staffed")
def one_request_used_twice(v: Village) -> None:
    stream, data = s("staff", "admin"), {"role": "auditor", "org": None}
    asked = v.ask("one", stream, "staff.role_grant_requested", data)
    for _ in range(2):
        v.by("two", Said(stream, "staff.role_granted", data | {"request": asked}))


@breaks("REQUEST_MISSING", "staffed")
def both_halves_in_one_act(v: Village) -> None:
    # The hash of the first event is known before the act is signed, so this can be written.
    stream = s("staff", "admin")
    probe = type(v)()
    probe.__dict__.update(
        {**v.__dict__, "entries": v.entries[:], "_tips": dict(v._tips), "_roots": v._roots[:]}
    )
    probe._tree = v._tree.copy()
    request = Said(stream, "staff.role_grant_requested", {"role": "auditor", "org": None})
    asked = probe.by("one", request)[0]
    granted = Said(stream, "staff.role_granted", {"role": "auditor", "org": None, "request": asked})
    v.by("one", request, granted)


@breaks("REQUEST_MISSING", "staffed")
def a_request_about_another_person(v: Village) -> None:
    data = {"role": "auditor", "org": None}
    asked = v.ask("one", s("staff", "issuer"), "staff.role_grant_requested", data)
    v.by("two", Said(s("staff", "admin"), "staff.role_granted", data | {"request": asked}))


@breaks("REQUEST_DIFFERS", "staffed")
def another_role_than_requested(v: Village) -> None:
    stream = s("staff", "admin")
    asked = v.ask("one", stream, "staff.role_grant_requested", {"role": "auditor", "org": None})
    data = {"role": "key_custodian", "org": None, "request": asked}
    v.by("two", Said(stream, "staff.role_granted", data))


@breaks("UNKNOWN_ID", "staffed")
def a_role_at_no_organisation(v: Village) -> None:
    v.grant("admin", "instructor", an_id("nowhere"))


@breaks("ROLE_FORBIDDEN", "staffed")
def an_organisation_by_an_admin(v: Village) -> None:
    data = {
        "kind": "training_provider",
        "public_name": None,
        "zone": "Asia/Jakarta",
        "name": a_fact(),
        "licence": None,
    }
    v.by("admin", Said(s("organisation", "x"), "organisation.registered", data))


@breaks("EVENT_DATA_INVALID", "staffed")
def a_name_in_clear(v: Village) -> None:
    v.learner("ana", full_name="Ana Contoh")


@breaks("EVENT_DATA_INVALID", "staffed")
def one_member_too_many(v: Village) -> None:
    v.learner("ana", religion=a_fact())


@breaks("EVENT_DATA_INVALID", "staffed")
def an_event_in_another_stream(v: Village) -> None:
    v.by("one", Said(s("staff", "blk"), "organisation.closed"))


@breaks("EVENT_UNKNOWN", "staffed")
def an_event_of_a_kind_unknown(v: Village) -> None:
    v.by("admin", Said(s("learner", "ana"), "learner.levitated", {}))


@breaks("EVENT_UNKNOWN", "staffed")
def an_event_of_a_newer_version(v: Village) -> None:
    v.by("one", Said(s("organisation", "blk"), "organisation.closed"), type="organisation.closed.v2")


@breaks("OCCURRED_IN_FUTURE", "staffed")
def tomorrow_told_today(v: Village) -> None:
    v.by("one", Said(s("organisation", "blk"), "organisation.closed", at="2031-03-04T01:00:00Z"))


@breaks("BACKDATE_LIMIT", "staffed")
def last_winter_told_today(v: Village) -> None:
    v.by("one", Said(s("organisation", "blk"), "organisation.closed", at="2031-01-04T01:00:00Z"))


def issuer_key(v: Village, name: str, *, org: str = "lsp", pen: Pen | None = None, **changes: object) -> None:
    """An issuer key by two custodians."""
    pen = pen or Pen(name)
    data = {
        "organisation": an_id(org),
        "purpose": "credential",
        "alg": "ed25519",
        "jwk": pen.jwk,
        "thumbprint": pen.thumbprint,
        "kid": None,
        "kind": None,
    } | changes
    asked = v.ask("one", s("issuer_key", name), "issuer_key.enrolment_requested", data)
    v.by("two", Said(s("issuer_key", name), "issuer_key.enrolled", data | {"request": asked}))
