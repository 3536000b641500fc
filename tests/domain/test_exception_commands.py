"""Impartiality exceptions: who asks, who approves, for whom."""

from datetime import date, timedelta

import pytest

from ledger.commands.exceptions import ApproveException, EndException, RequestException
from ledger.domain.impartiality_exception import ImpartialityException
from ledger.domain.learner import Learner
from tests.domain.desk import new_id
from tests.domain.office import Office

RULE = "SOD_ASSESSOR_TAUGHT_LEARNER"
TEACHER = new_id("teacher")


@pytest.fixture
def office() -> Office:
    return Office()


def request(
    *names: str, rule: str = RULE, risk: str = "SMALL_CENTRE", until: date = date(2026, 3, 9)
) -> RequestException:
    return RequestException(rule=rule, scope=[new_id(name) for name in names], risk=risk, until=until)


def test_it_holds_through_its_last_day_where_the_ledger_is(office: Office) -> None:
    exception = str(office.give("supervisor", request("teacher"))["exception"])
    office.give("decider", ApproveException(exception=exception))
    found = office.memory.find(ImpartialityException, exception)
    assert found is not None
    office.on(10)  # 09:00 of 10 March
    midnight = office.now - timedelta(hours=9)
    assert found.lifts(RULE, [TEACHER], midnight - timedelta(seconds=1))
    assert not found.lifts(RULE, [TEACHER], midnight)


def test_what_is_asked_for(office: Office) -> None:
    for command, code in (
        (request("nobody"), "UNKNOWN_ID"),
        (request("teacher", rule="SOD_DECIDER_ASSESSED"), "VALUE_INVALID"),
        (request("teacher", risk="FELONY"), "REASON_CODE_INVALID"),
        (request("teacher", risk="IN_PRISON"), "REASON_CODE_INVALID"),
        (request("teacher", until=date(2026, 3, 1)), "VALUE_INVALID"),
    ):
        assert office.refused("supervisor", command) == code
    assert office.refused("decider", request("teacher")) == "ROLE_FORBIDDEN"


def test_an_exception_frees_somebody_of_staff(office: Office) -> None:
    office.begin(Learner, "learner").register(office.act("admin"), {})
    office.save()
    assert office.refused("supervisor", request("learner")) == "VALUE_INVALID"
    office.give("supervisor", request("learner", "teacher"))
    assert office.last[-1].data["scope"] == sorted([new_id("learner"), TEACHER])


def test_nobody_approves_for_oneself(office: Office) -> None:
    office.hire("supervisor as decider", "certification_decider", office.other, same_person_as="supervisor")
    office.hire("teacher as decider", "certification_decider", office.other, same_person_as="teacher")
    exception = str(office.give("supervisor", request("teacher"))["exception"])
    command = ApproveException(exception=exception)
    assert office.refused("supervisor as decider", command) == "SOD_SELF_APPROVAL"
    assert office.refused("teacher as decider", command) == "SOD_SELF_APPROVAL"
    assert office.refused("supervisor", command) == "ROLE_FORBIDDEN"
    office.give("decider", command)
    for name in ("decider", "supervisor as decider"):
        assert office.refused(name, command) == "IMPARTIALITY_EXCEPTION_STATE_INVALID"
    office.give("supervisor", EndException(exception=exception))
    assert (
        office.refused("decider", EndException(exception=exception)) == "IMPARTIALITY_EXCEPTION_STATE_INVALID"
    )
