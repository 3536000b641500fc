"""Writes tests/vectors: small cases for any verifier of this format, in any language.

    python -m tests.audit.make_vectors

Everything repeats, so that a second run changes nothing. What the files mean: tests/vectors/README.md.
"""

import json
import shutil
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any

from tests.audit import broken_certifying, broken_custody
from tests.audit.auditing import LOG, LOG_KEY
from tests.audit.bundling import Log, write_bundle
from tests.audit.scribe import Pen, Said, a_fact, a_hash, an_id
from tests.audit.village import Village, s
from verifier import fact, jcs, merkle, proof, times
from verifier.entry import Payload, seal

VECTORS = Path(__file__).resolve().parents[1] / "vectors"
TRAINED = ("admin", "issuer", "teacher", "liaison", "approver", "assessor", "supervisor", "decider", "body")

Go = Callable[[Village], object]


def small() -> Village:
    """A ledger of two custodians, an organisation and two members of staff."""
    v = Village("admin", "issuer")
    v.set_day("2031-03-03")
    v.found(LOG_KEY)
    v.organisation("blk", "training_provider")
    v.everybody_hired()
    return v


def decided() -> Village:
    """A ledger with one learner who was trained, assessed and decided on."""
    v = Village(*TRAINED)
    v.until_planned(LOG_KEY)
    v.until_trained("ana")
    v.until_decided("ana")
    v.set_day("2031-03-20")
    return v


def certified() -> Village:
    """The same with both certificates."""
    v = decided()
    v.certify("ana t", "TRAINING", v.training_link("ana"))
    v.certify("ana c", "COMPETENCE", v.decision_link("ana"))
    return v


def folder_of(name: str, exit_code: int) -> Path:
    return VECTORS / (name if exit_code == 0 else f"{name}_fail")


def write_case(folder: Path, **case: Any) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "case.json").write_text(json.dumps(case, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def bundle_case(
    name: str,
    about: str,
    v: Village,
    exit_code: int = 0,
    code: str | None = None,
    entry: int | None = None,
    *,
    log: Log = LOG,
    root: bytes | None = None,
    now: int | None = None,
    cosigned: int | None = None,
    witnessed_at: int | None = None,
    spoil: Callable[[Path], object] | None = None,
) -> None:
    """A whole bundle with its policy and root file."""
    folder = folder_of(f"bundle-{name}", exit_code)
    at = v.now if witnessed_at is None else witnessed_at
    bundle = write_bundle(folder / "bundle", v.entries, log, at, links=v.links or None, cosigned=cosigned)
    if spoil is not None:
        spoil(bundle)
    (folder / "policy").write_bytes(LOG.policy_bytes())
    (folder / "root").write_bytes(v.root.to_bytes() if root is None else root)
    judged = times.to_text(v.now if now is None else now)
    write_case(folder, check="bundle", about=about, now=judged, exit=exit_code, code=code, entry=entry)


def broken_case(
    name: str, about: str, go: Go, code: str, begin: Callable[[], Village] = small, exit_code: int = 1
) -> None:
    """A sound beginning, and acts that may not be."""
    v = begin()
    before = len(v.entries)
    go(v)
    bundle_case(name, about, v, exit_code, code, before if exit_code == 1 else None)


# -- bundles -------------------------------------------------------------------------------------------------------


def sound_bundles() -> None:
    bundle_case("founded", "Two founders, an organisation, two members of staff.", small())
    bundle_case("certified", "One learner from agreement to both certificates.", certified())
    v = small()
    v.by("one", *(Said(s("organisation", name), "organisation.registered", organisation()) for name in "abc"))
    bundle_case("command-of-three", "One act of three events under one signature.", v)
    v = small()
    v.wait(hours=24)
    bundle_case(
        "a-day-old", "Confirmed by a quorum exactly a day before it is judged.", v, witnessed_at=v.now - 86400
    )
    v = small()
    strangers = "— stranger.example AAAAAAAAAAAA\n".encode()
    spoil = appended("checkpoint", strangers)
    bundle_case("signed-by-a-stranger-too", "Signatures of unknown keys are skipped.", v, spoil=spoil)
    v = certified()
    v.revoke("ana c")
    bundle_case("revoked", "A revocation by two persons.", v)
    v = certified()
    broken_certifying.replace(v, "ana c", "ana c2")
    bundle_case("replaced", "A certificate replaced in one act.", v)
    v = small()
    v.by("admin", Said(s("staff", "admin"), "staff.key_rotated", rotated(v)))
    v.pens["admin"] = Pen("admin new")
    v.learner("ana")
    bundle_case("key-rotated", "Signed with a key that its owner put in place of the old one.", v)


def organisation() -> dict[str, Any]:
    return {
        "kind": "training_provider",
        "public_name": None,
        "zone": "Asia/Makassar",
        "name": a_fact(),
        "licence": None,
    }


def rotated(v: Village) -> dict[str, Any]:
    return Pen("admin new").enrolment(an_id("admin")) | {"retires": v.pens["admin"].thumbprint}


def appended(name: str, data: bytes) -> Callable[[Path], object]:
    return lambda bundle: (bundle / name).write_bytes((bundle / name).read_bytes() + data)


def acts_that_say_otherwise() -> None:
    changes: list[tuple[str, str, str, dict[str, Any]]] = [
        ("version", "A version that does not follow.", "VERSION_WRONG", {"version": 9, "prev": a_hash("x")}),
        ("seen-root", "The signer has seen another tree.", "SEEN_WRONG", {"seen_root": b"\x07" * 32}),
        ("seen-ahead", "The signer has seen what comes later.", "SEEN_AHEAD", {"seen_size": 99}),
        ("seen-old", "The signer has not seen their own last act.", "SEEN_BEFORE_OWN", {"seen_size": 0}),
        (
            "recorded-tomorrow",
            "Recorded after now.",
            "RECORDED_IN_FUTURE",
            {"recorded_at": "2031-03-03T02:00:00Z"},
        ),
        (
            "happened-tomorrow",
            "Happened after it was recorded.",
            "OCCURRED_IN_FUTURE",
            {"occurred_at": "2031-03-04T01:00:00Z"},
        ),
        (
            "happened-last-year",
            "Entered too late.",
            "BACKDATE_LIMIT",
            {"occurred_at": "2030-03-04T01:00:00Z"},
        ),
        ("role", "A role that the actor does not hold.", "ROLE_NOT_HELD", {"role": "auditor"}),
        ("newer", "An event of a newer version.", "EVENT_UNKNOWN", {"type": "organisation.registered.v2"}),
    ]
    for name, about, code, change in changes:
        act = registered_with(change)
        broken_case(f"says-{name}", about, act, code, exit_code=2 if code == "EVENT_UNKNOWN" else 1)
    v = small()
    v.wait(hours=1)
    v.by("one", Said(s("organisation", "x"), "organisation.registered", organisation()))
    before = len(v.entries)
    v.wait(hours=-1)
    v.by("two", Said(s("organisation", "y"), "organisation.registered", organisation()))
    v.wait(hours=1)
    bundle_case(
        "recorded-backwards",
        "Recorded an hour before what stands above it.",
        v,
        1,
        "RECORDED_BACKWARDS",
        before,
    )
    v = small()
    seen = len(v.entries)
    v.by("one", Said(s("organisation", "x"), "organisation.registered", organisation()))
    v.wait(hours=25)
    v.by("two", Said(s("organisation", "y"), "organisation.registered", organisation()), seen_size=seen)
    bundle_case(
        "held-back", "Recorded a day after what its signer had not seen.", v, 1, "SEEN_STALE", seen + 1
    )


def registered_with(change: dict[str, Any]) -> Go:
    said = Said(s("organisation", "x"), "organisation.registered", organisation())
    return lambda v: v.by("one", said, **change)


def changed_entries() -> None:
    def case(
        name: str,
        about: str,
        code: str,
        change: Callable[[list[bytes]], object],
        entry: int,
        exit_code: int = 1,
    ) -> None:
        v = small()
        v.by(
            "one",
            *(Said(s("organisation", each), "organisation.registered", organisation()) for each in "abc"),
        )
        change(v.entries)
        bundle_case(name, about, v, exit_code, code, entry)

    last = len(small().entries)
    case(
        "half-a-command",
        "The second of three events is missing.",
        "PARTIAL_COMMAND",
        lambda e: e.pop(last + 1),
        last,
    )
    case(
        "command-reordered",
        "Two of three events are swapped.",
        "PARTIAL_COMMAND",
        swapped(last, last + 1),
        last,
    )
    case("cut-in-a-command", "The log ends within a command.", "PARTIAL_COMMAND", lambda e: e.pop(), last)
    case("entry-lost", "An entry is missing.", "VERSION_WRONG", lambda e: e.pop(7), 7)
    case("entry-doubled", "An entry stands twice.", "VERSION_WRONG", lambda e: e.insert(7, e[7]), 8)
    case("entries-swapped", "Two entries are swapped.", "VERSION_WRONG", swapped(5, 6), 5)
    case(
        "word-changed", "A name is changed.", "SIGNATURE_WRONG", replaced(2, b"BLK Contoh", b"BLK Condoh"), 2
    )
    case("spelling", "A space more.", "JSON_NOT_CANONICAL", replaced(4, b'{"actor"', b'{ "actor"'), 4)
    case(
        "escaped",
        "A letter written as an escape.",
        "JSON_NOT_CANONICAL",
        replaced(2, b"BLK", b"\\u0042LK"),
        2,
    )
    case(
        "signature-line-lost",
        "An entry of one line.",
        "ENTRY_LINES",
        lambda e: e.__setitem__(4, e[4].split(b"\n")[0]),
        4,
    )
    case("another-signature", "The signature of another entry.", "SIGNATURE_WRONG", other_signature(4, 6), 4)


def swapped(one: int, other: int) -> Callable[[list[bytes]], object]:
    def go(entries: list[bytes]) -> None:
        entries[one], entries[other] = entries[other], entries[one]

    return go


def replaced(at: int, old: bytes, new: bytes) -> Callable[[list[bytes]], object]:
    def go(entries: list[bytes]) -> None:
        changed = entries[at].replace(old, new, 1)
        if changed == entries[at]:
            raise SystemExit(f"{old!r} is not in entry {at}")
        entries[at] = changed

    return go


def other_signature(at: int, donor: int) -> Callable[[list[bytes]], object]:
    def go(entries: list[bytes]) -> None:
        entries[at] = entries[at].split(b"\n")[0] + b"\n" + entries[donor].split(b"\n")[1]

    return go


def checkpoints() -> None:
    v = small()
    bundle_case("unwitnessed", "One witness of the two that are wanted.", v, 2, "NOT_WITNESSED", cosigned=1)
    bundle_case("old", "Confirmed more than a day ago.", v, 2, "NOT_FRESH", now=v.now + 86401)
    stranger = Log.named(v.origin, seed=7)
    bundle_case("stranger", "Signed by a key that nobody trusts.", v, 1, "NOTE_UNSIGNED", log=stranger)
    other = Log.named("other.example/log")
    bundle_case("other-log", "The checkpoint of another log.", v, 1, "NOTE_UNSIGNED", log=other)
    root = json.loads(v.root.to_bytes())
    root["keys"].reverse()
    bundle_case(
        "other-founders",
        "A root file with the founders in another order.",
        v,
        1,
        "LEDGER_NOT_OPEN",
        0,
        root=jcs.encode(root),
    )

    def size_changed(bundle: Path) -> None:
        text = (bundle / "checkpoint").read_text(encoding="utf-8")
        size = len(v.entries)
        (bundle / "checkpoint").write_text(
            text.replace(f"\n{size}\n", f"\n{size - 1}\n", 1), encoding="utf-8"
        )

    bundle_case(
        "size-changed", "Another size under the same signatures.", v, 1, "SIGNATURE_WRONG", spoil=size_changed
    )

    def cosignature_changed(bundle: Path) -> None:
        lines = (bundle / "checkpoint").read_text(encoding="utf-8").split("\n")
        lines[-2] = lines[-2][:-6] + ("AAAA" if lines[-2][-6:-2] != "AAAA" else "BBBB") + lines[-2][-2:]
        (bundle / "checkpoint").write_text("\n".join(lines), encoding="utf-8")

    bundle_case(
        "cosignature-changed",
        "A known witness's signature that does not hold.",
        v,
        1,
        "SIGNATURE_WRONG",
        spoil=cosignature_changed,
    )

    def root_changed(bundle: Path) -> None:
        leaves = [merkle.leaf_hash(entry) for entry in v.entries[:-1]] + [merkle.leaf_hash(b"other")]
        (bundle / "checkpoint").write_bytes(LOG.checkpoint(leaves, v.now))

    bundle_case(
        "root-changed",
        "A signed root that the entries do not make.",
        v,
        1,
        "LOG_ROOT_WRONG",
        spoil=root_changed,
    )
    width = len(v.entries)
    bundle_case(
        "tile-changed",
        "A hash in a tile is another.",
        v,
        1,
        "ENTRY_NOT_IN_LOG",
        0,
        spoil=bit(f"tile/0/000.p/{width}"),
    )
    bundle_case(
        "tile-missing",
        "A tile was not copied.",
        v,
        2,
        "BUNDLE_FILE_MISSING",
        spoil=lost(f"tile/0/000.p/{width}"),
    )
    bundle_case(
        "entries-missing",
        "The entries were not copied.",
        v,
        2,
        "BUNDLE_FILE_MISSING",
        spoil=lost(f"tile/entries/000.p/{width}"),
    )
    bundle_case(
        "entries-cut",
        "The entries were copied in part.",
        v,
        1,
        "BUNDLE_INVALID",
        0,
        spoil=cut(f"tile/entries/000.p/{width}"),
    )
    bundle_case("checkpoint-missing", "No checkpoint.", v, 2, "BUNDLE_FILE_MISSING", spoil=lost("checkpoint"))


def bit(name: str) -> Callable[[Path], object]:
    return lambda bundle: (bundle / name).write_bytes(
        bytes([(bundle / name).read_bytes()[0] ^ 1]) + (bundle / name).read_bytes()[1:]
    )


def lost(name: str) -> Callable[[Path], object]:
    return lambda bundle: (bundle / name).unlink()


def cut(name: str) -> Callable[[Path], object]:
    return lambda bundle: (bundle / name).write_bytes((bundle / name).read_bytes()[:-100])


def authority() -> None:
    c = broken_custody
    for code, go in (
        ("SIGNER_NOT_AUTHORISED", c.a_retired_key),
        ("SIGNER_NOT_AUTHORISED", c.a_compromised_key),
        ("SIGNER_NOT_AUTHORISED", c.a_replaced_key),
        ("SOD_SELF_APPROVAL", c.one_person_registers),
        ("SOD_SELF_APPROVAL", c.a_role_for_oneself),
        ("SOD_SELF_APPROVAL", c.two_accounts_of_one_human),
        ("REQUEST_MISSING", c.a_role_that_nobody_asked_for),
        ("REQUEST_MISSING", c.one_request_used_twice),
        ("REQUEST_DIFFERS", c.another_role_than_requested),
        ("KEY_ENROLLED_TWICE", c.one_key_of_two_persons),
        ("KEY_POSSESSION_WRONG", c.possession_for_another_person),
        ("KEY_INVALID", c.a_key_of_small_order),
        ("KEY_NOT_OWN", c.replacing_the_key_of_another),
        ("COMPROMISE_INVALID", c.compromised_from_tomorrow),
        ("EVENT_DATA_INVALID", c.a_name_in_clear),
        ("ROLE_FORBIDDEN", c.an_organisation_by_an_admin),
        ("LEDGER_NOT_OPEN", c.acting_after_the_end),
    ):
        about = str(getattr(go, "__name__", "")).replace("_", " ")
        broken_case(about.replace(" ", "-"), about[0].upper() + about[1:] + ".", go, code)


def domain() -> None:
    for begin, code, go in (
        (decided, "CERT_DIFFERS_FROM_BASIS", broken_certifying.valid_too_long),
        (decided, "LINK_WRONG", broken_certifying.a_link_that_opens_nothing),
        (certified, "CERT_ALREADY_ISSUED", broken_certifying.a_second_certificate_on_one_decision),
        (certified, "SOD_SELF_APPROVAL", broken_certifying.revoked_by_who_asked),
        (decided, "SOD_ISSUER_ASSESSED", the_assessor_issues),
        (decided, "SOD_DECIDER_ASSESSED", the_assessor_decides_again),
    ):
        about = str(getattr(go, "__name__", "")).replace("_", " ")
        broken_case(about.replace(" ", "-"), about[0].upper() + about[1:] + ".", go, code, begin)
    v = certified()
    v.links.pop()
    bundle_case("link-missing", "The link of a certificate was not handed over.", v, 2, "LINK_MISSING")


def the_assessor_issues(v: Village) -> None:
    v.grant("assessor", "competence_issuer", an_id("lsp"))
    said = [v.prepared("ana c", "COMPETENCE"), v.issued("ana c", "COMPETENCE", v.decision_link("ana"))]
    v.by("assessor", *said, role="competence_issuer")


def the_assessor_decides_again(v: Village) -> None:
    v.grant("assessor", "certification_decider", an_id("lsp"))
    data = {"unit": "U.1", "result": "BK", "corrects": v.results["ana", "U.1"]}
    v.assessment("ana", "unit_result_corrected", "supervisor", **data)
    results: dict[str, Any] = {
        "results": {"U.1": "BK", "U.2": "K"},
        "panel": [],
        "plenary": None,
        "award": False,
    }
    said = Said(s("assessment", "ana"), "assessment.decided", results)
    v.by("assessor", said, role="certification_decider")


# -- entries, proofs, facts --------------------------------------------------------------------------------------------


def entries() -> None:
    pen = Pen("vector")
    payload = Payload(
        "learner.merge_reversed.v1",
        "learner/x",
        1,
        None,
        "2031-03-03T01:00:00Z",
        "2031-03-03T01:00:00Z",
        "staff/x",
        "privacy_officer",
        "org-1",
        "00000000-0000-4000-8000-000000000000",
        3,
        b"\x05" * 32,
        {"é": "ü€😀", "a": [1, -2, {"z": None}], "b": True},
    )
    (good,) = seal([payload.to_bytes()], "audit.example/log", pen.sign)
    line, signature = good.split(b"\n")
    for name, about, code, data in (
        ("good", "An entry.", None, good),
        (
            "member-twice",
            "A member stands twice.",
            "JSON_NOT_CANONICAL",
            good.replace(b'"actor"', b'"actor":"staff/x","actor"', 1),
        ),
        (
            "unknown-member",
            "A member more.",
            "PAYLOAD_MEMBERS",
            good.replace(b',"version":1}', b',"version":1,"x":1}', 1),
        ),
        (
            "fraction",
            "A number with a fraction.",
            "JSON_INVALID",
            good.replace(b'"version":1', b'"version":1.0', 1),
        ),
        (
            "too-large-number",
            "An integer of 2^53.",
            "JSON_RANGE",
            good.replace(b'"version":1', b'"version":9007199254740992', 1),
        ),
        (
            "zero-byte",
            "A zero byte before the line end.",
            "JSON_INVALID",
            good.replace(b"\n", b"\x00\n", 1),
        ),
        ("line-end-at-the-end", "A line end after the second line.", "ENTRY_LINES", good + b"\n"),
        (
            "no-such-day",
            "The 30th of February.",
            "TIME_INVALID",
            good.replace(b"2031-03-03", b"2031-02-30", 1),
        ),
        (
            "upper-case-command",
            "A UUID in upper case.",
            "PAYLOAD_COMMAND",
            good.replace(b"-4000-", b"-A000-", 1),
        ),
        (
            "base64-loose",
            "Base64 with bits to spare.",
            "BASE64_INVALID",
            line.replace(b"BQU=", b"BQV=", 1) + b"\n" + signature,
        ),
        (
            "place-outside",
            "Event 1 of 1 with index 1.",
            "SIGNATURE_PLACE",
            good.replace(b'"index":0', b'"index":1', 1),
        ),
        (
            "signature-of-other-data",
            "The data were changed.",
            "SIGNATURE_WRONG",
            good.replace(b'"a":[1,', b'"a":[2,', 1),
        ),
    ):
        folder = folder_of(f"entry-{name}", 0 if code is None else 1)
        write_case(
            folder,
            check="entry",
            about=about,
            origin="audit.example/log",
            jwk=pen.jwk,
            alg="ed25519",
            valid=code is None,
            code=code,
        )
        (folder / "entry").write_bytes(data)


def proofs() -> None:
    v = certified()
    leaves = [merkle.leaf_hash(entry) for entry in v.entries]
    index = next(i for i, entry in enumerate(v.entries) if b"certificate.issued" in entry)
    path = tuple(merkle.inclusion_proof(leaves, index))
    signed = LOG.checkpoint(leaves, v.now)
    entry, other = v.entries[index], v.entries[index - 1]
    cases = [
        (
            "good",
            "A certificate's entry in a witnessed log.",
            0,
            "PROVEN",
            proof.Proof(index, path, signed, entry),
        ),
        (
            "unwitnessed",
            "One witness of two.",
            2,
            "NOT_WITNESSED",
            proof.Proof(index, path, LOG.checkpoint(leaves, v.now, cosigned=1), entry),
        ),
        ("other-entry", "Another entry.", 1, "PROOF_WRONG", proof.Proof(index, path, signed, other)),
        ("other-index", "Another index.", 1, "PROOF_WRONG", proof.Proof(index ^ 1, path, signed, entry)),
        ("short", "A hash less.", 1, "PROOF_LENGTH", proof.Proof(index, path[:-1], signed, entry)),
        ("long", "A hash more.", 1, "PROOF_LENGTH", proof.Proof(index, (*path, path[0]), signed, entry)),
        (
            "beyond",
            "An index that the tree does not have.",
            1,
            "PROOF_RANGE",
            proof.Proof(len(leaves), path, signed, entry),
        ),
    ]
    for name, about, exit_code, code, found in cases:
        folder = folder_of(f"proof-{name}", exit_code)
        write_case(folder, check="proof", about=about, now=times.to_text(v.now), exit=exit_code, code=code)
        (folder / "proof").write_bytes(found.to_bytes())
        (folder / "policy").write_bytes(LOG.policy_bytes())


def facts() -> None:
    salt = sha256(b"salt").digest()
    good: dict[str, Any] = {
        "class": "identity",
        "field": "full_name",
        "salt": salt.hex(),
        "stream": "learner/x",
        "subject": "learner/x",
        "value": "Ñusta Contoh 😀",
        "version": 1,
    }
    committed = fact.commitment(salt, "identity", "full_name", "learner/x", "learner/x", good["value"], 1)
    for name, about, change in (
        ("good", "A fact that opens its commitment.", {}),
        ("value", "Another value.", {"value": "Nusta Contoh 😀"}),
        ("salt", "Another salt.", {"salt": sha256(b"other").hexdigest()}),
        ("version", "Another place in the stream.", {"version": 2}),
        ("subject", "Another person's.", {"subject": "learner/y"}),
    ):
        folder = folder_of(f"fact-{name}", int(bool(change)))
        write_case(
            folder, check="fact", about=about, fact=good | change, commitment=committed, valid=not change
        )


def write_all() -> None:
    """Write every case anew, but for the README."""
    for old in VECTORS.iterdir() if VECTORS.exists() else ():
        if old.is_dir():
            shutil.rmtree(old)
    sound_bundles()
    acts_that_say_otherwise()
    changed_entries()
    checkpoints()
    authority()
    domain()
    entries()
    proofs()
    facts()


if __name__ == "__main__":
    write_all()
