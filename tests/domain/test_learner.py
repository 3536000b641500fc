"""A learner's entry: registration, identity, merging. No event says anything in clear."""

from collections.abc import Callable

import pytest

from ledger.domain.learner import FIELD_CLASSES, Learner
from ledger.errors import DomainError
from tests.domain.history import History, act

FACT = {"commitment": "00" * 32}
FIELDS = dict.fromkeys(FIELD_CLASSES, FACT)


def registered() -> History[Learner]:
    history = History(Learner)
    history.do(lambda p: p.register(act(), FIELDS))
    return history


def code_of(refused: Callable[[], object]) -> str:
    with pytest.raises(DomainError) as caught:
        refused()
    return caught.value.code


def test_every_field_has_a_class_that_is_erased_as_one() -> None:
    custody = {field for field, class_ in FIELD_CLASSES.items() if class_ == "custody"}
    assert custody == {"facility", "register_no"}
    assert set(FIELD_CLASSES.values()) == {"identity", "custody"}


def test_registered_once() -> None:
    assert code_of(lambda: registered().do(lambda p: p.register(act(), FIELDS))) == "LEARNER_STATE_INVALID"


def test_one_nik() -> None:
    history = registered()
    history.do(lambda p: p.record_nik(act(), FACT))
    assert code_of(lambda: history.do(lambda p: p.record_nik(act(), FACT))) == "LEARNER_STATE_INVALID"


def test_a_corrected_nik_is_a_recorded_one() -> None:
    history = registered()
    request = history.do(lambda p: p.request_correction(act(), field="nik", value=FACT))
    history.do(lambda p: p.correct(act(), field="nik", value=FACT, request=request))
    assert code_of(lambda: history.do(lambda p: p.record_nik(act(), FACT))) == "LEARNER_STATE_INVALID"


def test_a_correction_is_recorded_under_the_field_and_names_its_request() -> None:
    history = registered()
    request = history.do(lambda p: p.request_correction(act(), field="full_name", value=FACT))
    history.do(lambda p: p.correct(act(), field="full_name", value=FACT, request=request))
    asked, done = history.events[-2:]
    assert asked.data == {"field": "full_name", "requested_full_name": FACT}
    assert done.data == {"field": "full_name", "full_name": FACT, "request": request}


def test_the_newest_request_for_a_field_is_the_one_that_counts() -> None:
    history = registered()
    older = history.do(lambda p: p.request_correction(act(), field="full_name", value=FACT))
    other = history.do(lambda p: p.request_correction(act(), field="sex", value=FACT))
    newer = history.do(lambda p: p.request_correction(act(), field="full_name", value=FACT))
    assert code_of(lambda: history.now.correction_asked(older)) == "UNKNOWN_ID"
    history.do(lambda p: p.correct(act(), field="full_name", value=FACT, request=newer))
    assert code_of(lambda: history.now.correction_asked(older)) == "UNKNOWN_ID"
    assert code_of(lambda: history.now.correction_asked(newer)) == "UNKNOWN_ID"
    assert history.now.correction_asked(other).data["field"] == "sex"


def test_a_merge_request_is_no_correction_request() -> None:
    history = registered()
    request = history.do(lambda p: p.request_merge(act(), into="survivor"))
    assert code_of(lambda: history.now.correction_asked(request)) == "UNKNOWN_ID"


def test_merged_and_back() -> None:
    history = registered()
    request = history.do(lambda p: p.request_merge(act(), into="survivor"))
    assert history.now.state == "active"
    history.do(lambda p: p.merge(act(), request))
    assert (history.now.state, history.now.into) == ("merged", "survivor")
    assert code_of(history.now.require_usable) == "PERSON_MERGED"
    assert code_of(lambda: history.do(lambda p: p.merge(act(), request))) == "LEARNER_STATE_INVALID"
    history.do(lambda p: p.reverse_merge(act()))
    history.now.require_usable()
    assert code_of(lambda: history.do(lambda p: p.reverse_merge(act()))) == "LEARNER_STATE_INVALID"
    assert code_of(lambda: history.do(lambda p: p.merge(act(), request))) == "UNKNOWN_ID"


def test_not_merged_into_itself() -> None:
    assert code_of(lambda: registered().do(lambda p: p.request_merge(act(), into="id"))) == "VALUE_INVALID"


@pytest.mark.parametrize(
    "step",
    [
        lambda p: p.record_nik(act(), FACT),
        lambda p: p.record_evidence(act(), kind="ID_CARD", document=FACT),
        lambda p: p.request_correction(act(), field="sex", value=FACT),
        lambda p: p.request_merge(act(), into="third"),
    ],
)
def test_a_merged_entry_rests(step: Callable[[Learner], None]) -> None:
    history = registered()
    request = history.do(lambda p: p.request_merge(act(), into="survivor"))
    history.do(lambda p: p.merge(act(), request))
    assert code_of(lambda: history.do(step)) == "LEARNER_STATE_INVALID"
