"""A programme file becomes steps in the order that its ``_about`` tells."""

import itertools
import json
import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import date, time
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from ledger.commands.catalogue import COMMANDS, QUERIES
from ledger.programme.plan import Plan, plan
from ledger.programme.problems import ProgrammeFileError
from ledger.programme.reading import read_programme
from ledger.programme.step import ENROL_KEY, Step, is_reference, literal, references
from tests.programme.other import other_file, write

ROOT = Path(__file__).resolve().parents[2]
SAMPLE = ROOT / "sample" / "programme-2026.json"


@pytest.fixture(scope="module")
def sample() -> dict[str, Any]:
    content: dict[str, Any] = json.loads(SAMPLE.read_bytes())
    return content


@pytest.fixture(scope="module")
def planned() -> Plan:
    return plan(read_programme(SAMPLE))


@pytest.fixture(scope="module")
def other(tmp_path_factory: pytest.TempPathFactory) -> Plan:
    return plan(read_programme(write(tmp_path_factory.mktemp("other"), other_file())))


def index_of(steps: tuple[Step, ...], **wanted: str) -> int:
    """Where the one step with these values stands; ``args`` is looked for in the arguments' text."""
    found = [
        place
        for place, step in enumerate(steps)
        if all(
            wanted[name] in str(step.args) if name == "args" else getattr(step, name) == wanted[name]
            for name in wanted
        )
    ]
    assert len(found) == 1, (wanted, found)
    return found[0]


def of_day(steps: tuple[Step, ...], day: str) -> list[Step]:
    return [step for step in steps if str(step.at)[:10] == day]


# -- order and time --------------------------------------------------------------------------------------------


def test_time_never_goes_back_and_days_begin_at_nine_in_the_files_zone(planned: Plan, other: Plan) -> None:
    for plan_, zone in ((planned, "Asia/Makassar"), (other, "Asia/Jayapura")):
        moments = [step.at for step in plan_.steps if step.at]
        assert len(moments) == len(plan_.steps)
        assert moments == sorted(moments)
        assert plan_.begins < moments[0]
        assert moments[-1] < plan_.ends
        first: dict[date, time] = {}
        for moment in moments:
            there = moment.astimezone(ZoneInfo(zone))
            assert time(9) <= there.time() < time(23, 59)
            first.setdefault(there.date(), there.time())
        assert {moment for day, moment in first.items() if day != min(first)} == {time(9)}


def test_the_ceremony_is_on_the_working_day_before(planned: Plan, other: Plan) -> None:
    assert planned.begins.isoformat() == "2023-01-09T09:00:00+08:00"  # the need of 2023-01-10 comes first
    assert other.begins.isoformat() == "2031-01-30T09:00:00+09:00"  # Monday 3 February less a free Friday


def test_the_first_two_custodians_found_the_ledger(planned: Plan, other: Plan) -> None:
    assert planned.founders == ("KEY-01", "KEY-02")
    assert other.founders == ("k1", "adm")


def test_nothing_is_used_before_it_is_made(planned: Plan, other: Plan) -> None:
    for plan_ in (planned, other):
        known = {f"staff:{account}" for account in plan_.founders}
        for step in plan_.steps:
            for label, _ in references(step.args):
                assert label in known, step
            if step.as_:
                known.add(step.as_)


def test_the_same_file_gives_the_same_plan_and_another_one_another_order(tmp_path: Path) -> None:
    spaced = tmp_path / "spaced.json"
    spaced.write_bytes(SAMPLE.read_bytes() + b"\n")
    orders = [
        [
            step.as_
            for step in plan(read_programme(path)).steps
            if step.command == "IssueCompetenceCertificate"
        ]
        for path in (SAMPLE, SAMPLE, spaced)
    ]
    assert orders[0] == orders[1]
    assert orders[0] != orders[2]
    assert Counter(orders[0]) == Counter(orders[2])


# -- what each step is -----------------------------------------------------------------------------------------


def dummies(value: Any) -> Any:
    """The arguments with something of the right form in place of references."""
    if is_reference(value):
        if value.endswith(".request"):
            return "0" * 64
        return {"version": 1, "number": "1/2026"}.get(
            value.rpartition(".")[2], "00000000-0000-4000-8000-000000000000"
        )
    if isinstance(value, dict):
        return {name: dummies(item) for name, item in value.items()}
    if isinstance(value, list):
        return [dummies(item) for item in value]
    return value[1:] if isinstance(value, str) and value.startswith("$$") else value


def test_every_step_is_a_command_with_arguments_that_it_takes(planned: Plan, other: Plan) -> None:
    for step in (*planned.steps, *other.steps):
        if step.command != ENROL_KEY:
            model = COMMANDS.get(step.command) or QUERIES[step.command]
            model.model_validate_json(json.dumps(dummies(step.args)), strict=True)


def test_two_person_acts_have_two_people(planned: Plan, sample: dict[str, Any]) -> None:
    same = {each["staff_id"]: each.get("same_person_as") or each["staff_id"] for each in sample["staff"]}
    asked = {step.as_: step.by for step in planned.steps if step.as_}
    approvals = 0
    for step in planned.steps:
        for label, member in references(step.args):
            if member == "request" and step.expect is None:
                approvals += 1
                assert same[asked[label]] != same[step.by], step
    assert approvals > 50


def test_hours_add_up_to_the_files(planned: Plan, other: Plan, sample: dict[str, Any]) -> None:
    for plan_, file in ((planned, sample), (other, other_file())):
        hours: Counter[str] = Counter()
        for step in plan_.steps:
            if step.command == "RecordAttendance" and step.expect is None:
                for entry in step.args["entries"]:
                    hours[entry["enrolment"]] += entry["jp"]
        for learner in file["learners"]:
            assert hours[f"$enrolment:{learner['person_id']}.enrolment"] == learner["attendance_jp"]


def test_certificates_are_those_expected(planned: Plan, other: Plan, sample: dict[str, Any]) -> None:
    for plan_, file in ((planned, sample), (other, other_file())):
        made = {
            step.as_ for step in plan_.steps if step.as_ and step.as_.startswith("cert:") and not step.expect
        }
        assert made == {due.label for due in plan_.certificates}
        expected = Counter(
            (learner["person_id"], each["kind"], each["status"])
            for learner in file["learners"]
            for each in learner["certificates"]
        )
        assert Counter((due.person, due.kind, due.status) for due in plan_.certificates) == expected


def test_issuing_is_mixed_over_all_cohorts(planned: Plan, sample: dict[str, Any]) -> None:
    cohort = {each["person_id"]: each["cohort_id"] for each in sample["learners"]}
    for command in ("IssueTrainingCertificate", "IssueCompetenceCertificate"):
        people = [
            str(step.as_).split(":")[1]
            for step in of_day(planned.steps, "2026-03-13")
            if step.command == command and not step.expect
        ]
        assert people != sorted(people, key=list(cohort).index)
        runs = sum(cohort[one] != cohort[two] for one, two in itertools.pairwise(people))
        assert runs > 5  # in file order there would be two


def test_each_copy_has_a_blank_of_its_own_and_all_were_received(planned: Plan) -> None:
    received = [
        serial for step in planned.steps if step.command == "ReceiveBlanks" for serial in step.args["serials"]
    ]
    used = [
        step.args["blanko_serial"]
        for step in planned.steps
        if step.command == "PrintCopy" and not step.expect
    ]
    assert len(set(used)) == len(used) == 60
    assert set(used) < set(received)
    assert "0000000" not in received  # which a test names


def test_a_persons_first_name_is_the_one_at_issue(planned: Plan) -> None:
    names = [step.args["full_name"] for step in planned.steps if step.as_ == "learner:PER-L03"]
    assert names == ["Muhammad Rekaikhsan"]


def test_text_of_the_file_is_never_taken_for_a_reference(other: Plan) -> None:
    (need,) = [step for step in other.steps if step.command == "RecordNeed"]
    assert need.args["source"] == "$$urvey"
    assert list(references(literal({"a": ["$x.y"]}))) == []


# -- the flow rule ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("test", "after", "before"),
    [
        ("NEG-01", {"command": "AdmitToAssessment", "as_": "assessment:PER-L09:1"},
         {"command": "AssignAssessor", "args": "'$assessment:PER-L09:1.assessment', 'assessor': '$staff:ASR-01.staff'"}),
        ("NEG-02", {"command": "AdmitToAssessment", "as_": "assessment:PER-L01:1"},
         {"command": "AssignAssessor", "args": "'$assessment:PER-L01:1.assessment', 'assessor': '$staff:ASR-01.staff'"}),
        ("NEG-20", {"command": "AcceptAppeal", "args": "$appeal:PER-L10:1.appeal"},
         {"command": "AssignAppealPanel", "args": "'$appeal:PER-L10:1.appeal', 'panel': ['$staff:ASR-06.staff']"}),
        ("NEG-36", {"command": "RecordCertificationDecision", "args": "$assessment:PER-L01:1.assessment"},
         {"command": "RecordCertificationDecision", "args": "'$assessment:PER-L02:1.assessment', 'units': 'ALL'"}),
        ("NEG-39", {"command": "RecordCertificationDecision", "args": "$assessment:PER-L04:2.assessment"},
         {"command": "IssueCompetenceCertificate", "args": "{'assessment': '$assessment:PER-L04:2.assessment'}"}),
    ],
)  # fmt: skip
def test_a_test_marked_before_comes_just_before_what_it_forestalls(
    planned: Plan, test: str, after: dict[str, str], before: dict[str, str]
) -> None:
    place = index_of(planned.steps, id=test)
    assert index_of(planned.steps, **after) < place
    assert index_of(planned.steps, **before) == place + 1


def test_no_notice_is_acknowledged_before_the_test_that_misses_it(planned: Plan) -> None:
    place = index_of(planned.steps, id="NEG-10")
    assert planned.steps[place + 1].command == "AcknowledgeNotice"
    assert "$enrolment:PER-L01.enrolment" in planned.steps[place + 1].args["enrolments"]


def test_other_tests_come_at_the_end_of_their_day_in_their_order(
    planned: Plan, sample: dict[str, Any]
) -> None:
    before = {each["id"] for each in sample["negative_tests"] if each["before"]}
    days = defaultdict(list)
    for step in planned.steps:
        days[str(step.at)[:10]].append(step)
    seen = []
    for day in days.values():
        last = [step.id for step in day if step.id and step.id not in before]
        assert [step.id for step in day][len(day) - len(last) :] == last
        seen += list(dict.fromkeys(last))
    dated = sorted(sample["negative_tests"], key=lambda each: each["on"])
    assert seen == [each["id"] for each in dated if not each["before"]]


def test_on_the_day_of_cancelling_moves_come_first_and_the_moved_are_confirmed_with_the_others(
    planned: Plan,
) -> None:
    commands = [step.command for step in of_day(planned.steps, "2026-01-23")]
    assert commands[:3] == ["MoveEnrolment", "MoveEnrolment", "CancelCohort"]
    confirmed = [
        step.args["learner"]
        for step in planned.steps
        if step.command == "ConfirmEnrolment" and not step.expect
    ]
    assert "$learner:PER-S10.learner" in confirmed
    assert "$learner:PER-L11.learner" not in confirmed


def test_a_negative_of_two_commands_may_pass_the_first(planned: Plan) -> None:
    tests = defaultdict(list)
    for step in planned.steps:
        if step.id:
            tests[step.id].append((step.command, step.by, step.may_pass))
    assert tests["NEG-22"] == [
        ("RequestRevocation", "ISS-01", True),
        ("RevokeCertificate", "ISS-01", False),
    ]
    assert tests["NEG-21"][0] == ("RequestRevocation", "SUP-01", True)
    assert tests["NEG-41"] == [("RequestDestruction", "DPO-01", True), ("DestroyData", "STF-04", False)]
    assert {name for name, steps in tests.items() if len(steps) > 1} == {"NEG-21", "NEG-22", "NEG-41"}


def test_only_the_test_that_asks_for_it_is_decided_as_in_production(planned: Plan) -> None:
    assert [step.id for step in planned.steps if step.production] == ["NEG-26"]


def test_every_negative_of_the_file_is_given_with_its_code(
    planned: Plan, other: Plan, sample: dict[str, Any]
) -> None:
    for plan_, file in ((planned, sample), (other, other_file())):
        given = {step.id: step.expect for step in plan_.steps if step.id}
        assert given == {each["id"]: each["expect_error"] for each in file["negative_tests"]}
        assert [(due.id, due.expected) for due in plan_.refusals] == [
            (each["id"], each["expect_error"]) for each in file["negative_tests"]
        ]


def test_after_an_appeal_for_reassessment_the_first_assessor_is_another(other: Plan) -> None:
    assigned = [
        step.args["assessor"]
        for step in other.steps
        if step.command == "AssignAssessor"
        and "$assessment:p2:" in step.args["assessment"]
        and not step.expect
    ]
    assert assigned == ["$staff:y1.staff", "$staff:y2.staff"]


def test_what_a_step_does_the_ordinary_way_leaves_to_it(other: Plan) -> None:
    recorded = [
        step
        for step in other.steps
        if step.command == "RecordUnitResult" and "$assessment:p6:" in str(step.args)
    ]
    assert [step.by for step in recorded] == ["y2"] * 3


def test_what_lies_after_as_of_has_not_happened_yet(tmp_path: Path) -> None:
    file = other_file()
    file["as_of"] = "2031-03-10"
    file["negative_tests"] = [each for each in file["negative_tests"] if each["on"] <= file["as_of"]]
    for learner in file["learners"]:
        learner["steps"] = [each for each in learner["steps"] if each["on"] <= file["as_of"]]
        learner["certificates"] = []
    plan_ = plan(read_programme(write(tmp_path, file)))
    days = {str(step.at)[:10] for step in plan_.steps}
    assert max(days) == "2031-03-10"
    assert plan_.ends.isoformat() == "2031-03-10T17:00:00+09:00"


# -- nothing hangs on one file -----------------------------------------------------------------------------------


def own_words(file: dict[str, Any]) -> Iterator[str]:
    """Ids, places, names, zone, scenarios, codes and days of the sample."""
    yield file["time_zone"]
    for name, keys in {
        "organisations": ["org_id", "name"],
        "staff": ["staff_id", "name", "field"],
        "programmes": ["programme_id", "code"],
        "cohorts": ["cohort_id", "start"],
        "learners": ["person_id", "scenario", "enrolment_id"],
        "facility_reviews": ["review_id", "date"],
        "negative_tests": ["id", "on"],
    }.items():
        for row in file[name]:
            yield from (str(row[key]) for key in keys if row.get(key))


def test_no_code_knows_the_sample(sample: dict[str, Any]) -> None:
    code = "\n".join(
        path.read_text(encoding="utf-8")
        for folder in ("ledger", "api", "keys", "verifier")
        for path in (ROOT / folder).rglob("*.py")
        if path.name != "zones.py"  # Indonesia's three zones have names of their own
    )
    known = [
        word for word in set(own_words(sample)) if re.search(rf"(?<![\w-]){re.escape(word)}(?![\w-])", code)
    ]
    assert known == []


def test_an_act_that_cannot_be_planned_names_its_place(tmp_path: Path) -> None:
    file = other_file()
    file["learners"][0]["steps"] = [
        {
            "on": "2031-03-20",
            "by": "iss",
            "command": "SuspendCertificate",
            "args": {"reason": "COMPLAINT_OPEN"},
        }
    ]
    with pytest.raises(ProgrammeFileError) as error:
        plan(read_programme(write(tmp_path, file)))
    assert error.value.code == "FILE_VALUE_INVALID"
    assert str(error.value).endswith(
        "other.json: learners[0] p1: steps[0]: SuspendCertificate on 2031-03-20: "
        "p1 has no COMPETENCE certificate by that day"
    )


def test_a_command_of_the_ledger_with_an_argument_it_does_not_have_is_refused(tmp_path: Path) -> None:
    file = other_file()
    file["learners"][0]["steps"] = [
        {"on": "2031-03-20", "by": "adm", "command": "RecordNik", "args": {"number": "1"}}
    ]
    with pytest.raises(
        ProgrammeFileError, match=r"learners\[0\] p1: steps\[0\]: RecordNik .* no argument number"
    ):
        plan(read_programme(write(tmp_path, file)))


def test_a_role_that_nobody_holds_is_told_before_anything_is_recorded(tmp_path: Path) -> None:
    file = other_file()
    file["staff"] = [each for each in file["staff"] if each["staff_id"] != "iss"]
    for learner in file["learners"]:
        learner["steps"] = [each for each in learner["steps"] if each["by"] != "iss"]
    file["negative_tests"] = []
    with pytest.raises(ProgrammeFileError, match="staff: nobody holds the role competence_issuer at org-L"):
        plan(read_programme(write(tmp_path, file)))
