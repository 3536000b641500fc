"""What belongs to a certificate's story and what does not, and that no line of it is told without its proof."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.audit.auditing import LOG, audited
from tests.audit.broken import stage
from tests.audit.broken_assessing import file_appeal
from tests.audit.broken_certifying import replace
from tests.audit.broken_privacy import receive
from tests.audit.bundling import write_bundle
from tests.audit.scribe import Said, an_id
from tests.audit.village import SITE, Village, s
from verifier import history, tile
from verifier.bundle import Bundle
from verifier.errors import ProofError
from verifier.replay import Audit, Request, audit
from verifier.rules.certificate import Certificate

Link = dict[str, Any]


def streams(result: Audit, name: str, link: Link | None = None) -> set[str]:
    assert result.rulebook is not None
    certificate = result.rulebook.world.find(Certificate, "certificate", an_id(name))
    assert certificate is not None
    return history.streams(result.rulebook, certificate, link)


def of(**names: str) -> set[str]:
    return {s(aggregate, name) for aggregate, name in names.items()}


COHORT = of(cohort="cohort", programme="welding", scheme="las", agreement="pks", facility_review="review")
TRAINING = COHORT | of(learner="ana", enrolment="ana")


# -- without a link --------------------------------------------------------------------------------------------------


def copies(v: Village) -> None:
    v.print("ana t")
    v.print("budi t", serial="0000002")
    v.print("ana t", 2, "0000003")


def requests(v: Village) -> None:
    receive(v, subject=s("certificate", "ana t"))


def requests_of_others(v: Village) -> None:
    receive(v, subject=s("certificate", "budi t"))


@pytest.mark.parametrize(
    ("go", "more"),
    [
        (lambda _v: None, set()),
        (copies, of(print_copy="ana t copy 1") | of(print_copy="ana t copy 2")),
        (requests, of(subject_request="r")),
        (requests_of_others, set()),
    ],
)
def test_a_certificate_leads_to_its_layout_copies_and_requests(
    go: Callable[[Village], None], more: set[str], tmp_path: Path
) -> None:
    v = stage("certified")
    v.blanks("more", ("0000003",))
    go(v)
    assert streams(audited(tmp_path, v), "ana t") == of(certificate="ana t", template="TRAINING") | more


def renew(v: Village, old: str, new: str) -> None:
    v.by(
        "body",
        Said(s("certificate", old), "certificate.renewed", {"by": an_id(new)}),
        v.prepared(new, "COMPETENCE"),
        v.issued(new, "COMPETENCE", v.decision_link("ana")),
    )


def test_a_replacement_belongs_to_the_story_from_either_end(tmp_path: Path) -> None:
    v = stage("certified")
    replace(v, "ana c", "ana c2")
    replace(v, "ana c2", "ana c3")
    result = audited(tmp_path, v)
    family = {s("certificate", name) for name in ("ana c", "ana c2", "ana c3")} | of(template="COMPETENCE")
    for name in ("ana c", "ana c2", "ana c3"):
        assert streams(result, name) == family


def test_a_renewal_belongs_to_the_story_of_what_it_renewed(tmp_path: Path) -> None:
    v = stage("certified")
    renew(v, "ana c", "ana c2")
    result = audited(tmp_path, v)
    both = of(certificate="ana c", template="COMPETENCE") | of(certificate="ana c2")
    assert streams(result, "ana c") == both
    assert streams(result, "budi c") == of(certificate="budi c", template="COMPETENCE")


# -- by a link ---------------------------------------------------------------------------------------------------------


def behind(result: Audit, **link: str) -> set[str]:
    """What a link adds: ids by the words of tests."""
    named = {member: an_id(name) for member, name in link.items()}
    return streams(result, "ana t", named) - of(certificate="ana t", template="TRAINING")


def test_a_training_leads_to_the_agreement_and_an_assessment_to_the_training(tmp_path: Path) -> None:
    v = stage("certified")
    file_appeal(v)
    result = audited(tmp_path, v)
    assert behind(result, learner="ana", enrolment="ana") == TRAINING
    assert behind(result, learner="ana", assessment="ana") == TRAINING | of(assessment="ana", appeal="a")
    assert behind(result, learner="budi", assessment="budi") == COHORT | of(
        learner="budi", enrolment="budi", assessment="budi"
    )
    assert behind(result, learner="nobody", enrolment="nobody", assessment="nobody") == set()
    assert behind(result) == set()


def test_every_attempt_and_every_entry_of_the_person(tmp_path: Path) -> None:
    v = stage("certified")
    v.admit("ana 2", learner="ana", previous=an_id("ana"), attempt=2)
    v.admit("ana 3", learner="ana", previous=an_id("ana 2"), attempt=3)
    v.learner("ana again")
    asked = v.ask("admin", s("learner", "ana again"), "learner.merge_requested", {"into": an_id("ana")})
    merged = {"into": an_id("ana"), "request": asked}
    v.by("privacy", Said(s("learner", "ana again"), "learner.merged", merged))
    attempts = {s("assessment", name) for name in ("ana", "ana 2", "ana 3")}
    everything = TRAINING | attempts | of(learner="ana again")
    assert behind(audited(tmp_path, v), learner="ana", assessment="ana 3") == everything


def test_an_assessment_without_training_has_its_scheme(tmp_path: Path) -> None:
    v = stage("certified")
    v.admit("ana anew", learner="ana", enrolment=None, renews=True)
    found = behind(audited(tmp_path, v), learner="ana", assessment="ana anew")
    assert found == of(learner="ana", assessment="ana anew", scheme="las")


def test_who_moved_has_both_cohorts_and_all_reviews_of_their_site(tmp_path: Path) -> None:
    v = stage("certified")
    v.review("second review")
    v.plan("second", start="2031-03-25", end="2031-03-29", agreement=None)
    v.cohort("second", "enrolment_opened")
    v.learner("dewi")
    v.apply("dewi", "second")
    result = audited(tmp_path / "a", v)
    second = of(cohort="second", programme="welding", scheme="las") | {
        s("facility_review", name) for name in ("review", "second review")
    }
    assert behind(result, enrolment="dewi") == second | of(enrolment="dewi")
    assert an_id("site") == SITE
    moved = stage("running")
    moved.certify("ana t", "TRAINING", moved.training_link("ana"))
    moved.attend("ana")
    moved.plan("second", start="2031-03-12", end="2031-03-14")
    moved.cohort("second", "enrolment_opened")
    moved.enrolment("ana", "moved", to=an_id("second"), seat=1)
    found = behind(audited(tmp_path / "b", moved), enrolment="ana")
    assert found == COHORT | of(enrolment="ana") | of(cohort="second")


# -- links of a bundle ---------------------------------------------------------------------------------------------------


@pytest.fixture
def told(tmp_path: Path) -> Iterator[Callable[..., tuple[Bundle, Audit]]]:
    made: list[Bundle] = []

    def tell(v: Village) -> tuple[Bundle, Audit]:
        folder = write_bundle(tmp_path / "bundle", v.entries, LOG, v.now, links=v.links or None)
        made.append(Bundle(folder))
        return made[0], audit(Bundle(folder), Request(v.root, LOG.policy(), v.now))

    yield tell
    for bundle in made:
        bundle.close()


def test_a_link_is_an_object_or_none(told: Callable[..., tuple[Bundle, Audit]]) -> None:
    v = stage("certified")
    text = v.links[2].replace(b'"value":{', b'"value":"text","x":{')
    as_text = json.loads(text)
    as_text.pop("x")
    as_text["value"] = "text"
    v.links[2] = json.dumps(as_text, separators=(",", ":"), sort_keys=True).encode()
    v.links.pop(3)
    bundle, _result = told(v)
    found = {
        name: history.link_of(bundle, Certificate(s("certificate", name)))
        for name in ("ana t", "ana c", "budi t", "budi c")
    }
    assert found["ana t"] == {"kind": "TRAINING", **v.training_link("ana")}
    assert found["ana c"] == {"kind": "COMPETENCE", **v.decision_link("ana")}
    assert found["budi t"] is None
    assert found["budi c"] is None


# -- telling -------------------------------------------------------------------------------------------------------------


def test_what_cannot_be_read_is_left_out_and_the_rest_is_told(
    told: Callable[..., tuple[Bundle, Audit]],
) -> None:
    v = stage("certified")
    stream = s("certificate", "ana t")
    v.append([b'{"stream":"' + stream.encode() + b'"}\nno signature', b'{"stream":"\xff\xfe"}\nnothing'])
    v.by("issuer", Said(stream, "certificate.praised", {"by": "all"}))
    v.by("issuer", Said(stream, "certificate.suspended", {"reason": 5}))
    v.by("issuer", Said(s("certificate", "budi t"), "certificate.countersigned", {"stream": stream}))
    v.by("issuer", Said(stream, "certificate.suspended", {"reason": "COMPLAINT_OPEN"}))
    bundle, result = told(v)
    lines = list(history.tell(bundle, result, {stream}))
    assert [line.type for line in lines] == [
        "certificate.prepared",
        "certificate.issued",
        "certificate.suspended",
    ]
    assert [line.index for line in lines][2] == len(v.entries) - 1
    assert {line.stream for line in lines} == {stream}


def test_no_line_is_told_without_its_proof(told: Callable[..., tuple[Bundle, Audit]]) -> None:
    v = stage("certified")
    bundle, result = told(v)
    stream = s("certificate", "ana t")
    (part,) = tile.bundles(len(v.entries))
    path = bundle.path / part.path()
    path.write_bytes(path.read_bytes().replace(b"00001/T/2031", b"00009/T/2031"))
    with pytest.raises(ProofError):
        list(history.tell(bundle, result, {stream}))


def test_without_a_checkpoint_nothing_is_told(told: Callable[..., tuple[Bundle, Audit]]) -> None:
    v = stage("staffed")
    bundle, result = told(v)
    result.verdict = None
    assert list(history.tell(bundle, result, {s("ledger", "this")})) == []
