"""A file that cannot be used is refused with the file, the place and the rule, before anything is recorded."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.programme.plan import plan
from ledger.programme.problems import ProgrammeFileError
from ledger.programme.reading import read_programme
from ledger.programme.strict_json import LIMIT
from tests.programme.other import other_file, write

SAMPLE = Path(__file__).resolve().parents[2] / "sample" / "programme-2026.json"
Spoil = Callable[[dict[str, Any]], object]


def refused(path: Path) -> ProgrammeFileError:
    with pytest.raises(ProgrammeFileError) as error:
        plan(read_programme(path))
    assert error.value.message.startswith(str(path))
    assert error.value.hint
    return error.value


def put(value: Any, *where: int | str) -> Spoil:
    """Put a value at a place."""

    def spoil(file: dict[str, Any]) -> None:
        target: Any = file
        for part in where[:-1]:
            target = target[part]
        target[where[-1]] = value

    return spoil


def drop(*where: int | str) -> Spoil:
    """Take a member away."""

    def spoil(file: dict[str, Any]) -> None:
        target: Any = file
        for part in where[:-1]:
            target = target[part]
        del target[where[-1]]

    return spoil


def append(value: Any, *where: int | str) -> Spoil:
    """Add an item to a list."""

    def spoil(file: dict[str, Any]) -> None:
        target: Any = file
        for part in where:
            target = target[part]
        target.append(value)

    return spoil


ROUNDED = "a NIK is text of 16 digits; as a number a spreadsheet has rounded it"

BAD = [
    # unknown and missing members
    (put(1, "colour"), "FILE_FIELD_UNKNOWN", "colour", "this field is not known here"),
    (put(1, "learners", 4, "private", "nick"), "FILE_FIELD_UNKNOWN", "learners[4] p5: private.nick",
     "this field is not known here; nik perhaps"),
    (put("x", "learners", 0, "unit_results", 1, "unit_cod"), "FILE_FIELD_UNKNOWN",
     "learners[0] p1: unit_results[1].unit_cod", "this field is not known here; unit_code perhaps"),
    (drop("as_of"), "FILE_VALUE_INVALID", "as_of", "it is missing"),
    (drop("staff", 2, "name"), "FILE_VALUE_INVALID", "staff[2] k3: name", "it is missing"),
    # days
    (put("2031-02-30", "as_of"), "FILE_DATE_INVALID", "as_of", "there is no day 2031-02-30"),
    (put("2031-13-01", "cohorts", 0, "dates", "decided"), "FILE_DATE_INVALID",
     "cohorts[0] sew/1: dates.decided", "there is no day 2031-13-01"),
    (put("1.2.2031", "learners", 1, "steps", 0, "on"), "FILE_DATE_INVALID", "learners[1] p2: steps[0].on",
     "a day is written YYYY-MM-DD"),
    (put(20310201, "as_of"), "FILE_DATE_INVALID", "as_of", "a day is written YYYY-MM-DD"),
    (put("2031-09-27T10:00:00", "status_checks", 0, "at"), "FILE_DATE_INVALID", "status_checks[0].at",
     "a moment names its offset from UTC, like +08:00"),
    (put("2031-02-10", "learners", 1, "steps", 0, "on"), "FILE_VALUE_INVALID", "learners[1] p2: steps[0].on",
     "2031-02-10 lies before the person is registered, 2031-02-17"),
    (put("2032-01-01", "learners", 1, "steps", 5, "on"), "FILE_VALUE_INVALID", "learners[1] p2: steps[5].on",
     "2032-01-01 lies after as_of, 2031-12-01"),
    (put("2031-10-10", "learners", 1, "steps", 0, "on"), "FILE_VALUE_INVALID", "learners[1] p2: steps[1].on",
     "the steps of a person stand in the order of their days"),
    (put("2031-02-10", "cohorts", 0, "dates", "enrolment_opened"), "FILE_VALUE_INVALID",
     "cohorts[0] sew/1: dates.enrolment_opened", "2031-02-10 lies before dates.planned, 2031-02-11"),
    (put("Asia/Atlantis", "time_zone"), "FILE_VALUE_INVALID", "time_zone",
     "there is no time zone 'Asia/Atlantis'; write it like Asia/Jakarta"),
    # what is not there
    (put("sew/9", "learners", 0, "cohort_id"), "FILE_REFERENCE_UNKNOWN", "learners[0] p1: cohort_id",
     "there is no cohort sew/9 in this file; sew/2 perhaps"),
    (put("y9", "learners", 1, "steps", 4, "by"), "FILE_REFERENCE_UNKNOWN", "learners[1] p2: steps[4].by",
     "there is no staff y9 in this file"),
    (put(["y7"], "learners", 1, "steps", 1, "args", "panel"), "FILE_REFERENCE_UNKNOWN",
     "learners[1] p2: steps[1].args.panel[0]", "there is no staff y7 in this file"),
    (put("org-Z", "staff", 3, "org_id"), "FILE_REFERENCE_UNKNOWN", "staff[3] head: org_id",
     "there is no organisation org-Z in this file; org-T perhaps"),
    (put("weaving", "cohorts", 0, "programme_id"), "FILE_REFERENCE_UNKNOWN", "cohorts[0] sew/1: programme_id",
     "there is no programme weaving in this file; sewing perhaps"),
    (put("X.1", "learners", 0, "unit_results", 2, "unit_code"), "FILE_REFERENCE_UNKNOWN",
     "learners[0] p1: unit_results[2].unit_code", "X.1 is no unit of sewing"),
    (put("i9", "facility_reviews", 0, "failed", 0), "FILE_REFERENCE_UNKNOWN", "facility_reviews[0] r1: failed[0]",
     "there is no item i9 in this file"),
    (put("p0", "status_checks", 1, "person"), "FILE_REFERENCE_UNKNOWN", "status_checks[1].person",
     "there is no person p0 in this file"),
    # names and numbers of people
    (put("R" * 201, "learners", 0, "private", "full_name"), "FILE_VALUE_INVALID",
     "learners[0] p1: private.full_name", "a name has at most 200 characters, this one has 201"),
    (put("  ", "learners", 0, "private", "full_name"), "FILE_VALUE_INVALID", "learners[0] p1: private.full_name",
     "it is empty"),
    (put("Re\nka", "learners", 0, "private", "full_name"), "FILE_VALUE_INVALID",
     "learners[0] p1: private.full_name", "it holds a control character"),
    (put(9901014306059001, "learners", 0, "private", "nik"), "FILE_VALUE_INVALID",
     "learners[0] p1: private.nik", ROUNDED),
    (put(9.90101e15, "learners", 0, "private", "nik"), "FILE_VALUE_INVALID", "learners[0] p1: private.nik", ROUNDED),
    (put("9.90101E+15", "learners", 0, "private", "nik"), "FILE_VALUE_INVALID", "learners[0] p1: private.nik",
     "this NIK was rounded by a spreadsheet; format the column as text and type all 16 digits"),
    (put("9901014306059000", "learners", 0, "private", "nik"), "FILE_VALUE_INVALID", "learners[0] p1: private.nik",
     "this NIK ends in zeros as a spreadsheet rounds it; type all 16 digits again, as text"),
    (put("99010143060590", "learners", 0, "private", "nik"), "FILE_VALUE_INVALID", "learners[0] p1: private.nik",
     "this is no NIK: a NIK has 16 digits and nothing else"),
    (put("9901014306059002", "learners", 0, "private", "nik"), "FILE_VALUE_INVALID", "learners[1] p2: private.nik",
     "this NIK is that of learners[0] already"),
    (put("9901010306059001", "learners", 0, "private", "nik"), "FILE_VALUE_INVALID", "learners[0] p1: private.nik",
     "this NIK does not fit the person's sex; digits 7 and 8 are 40 more for P"),
    (put("2005-06-04", "learners", 0, "private", "birth_date"), "FILE_VALUE_INVALID", "learners[0] p1: private.nik",
     "this NIK does not fit the person's birth date (digits 7 to 12)"),
    # given twice
    (put("p1", "learners", 3, "person_id"), "FILE_VALUE_INVALID", "learners[3] p1: person_id",
     "p1 is given twice, first at learners[0]"),
    (put("org-P", "organisations", 2, "org_id"), "FILE_VALUE_INVALID", "organisations[2] org-P: org_id",
     "org-P is given twice, first at organisations[0]"),
    (put("x1", "staff", 5, "staff_id"), "FILE_VALUE_INVALID", "staff[5] x1: staff_id",
     "x1 is given twice, first at staff[4]"),
    # people and institutions that do not fit
    (put(["boss"], "staff", 0, "roles"), "FILE_VALUE_INVALID", "staff[0] k1: roles[0]", "there is no role 'boss'"),
    (put(None, "staff", 3, "org_id"), "FILE_VALUE_INVALID", "staff[3] head: org_id",
     "these roles are held at an organisation"),
    (put("k3", "staff", 0, "same_person_as"), "FILE_VALUE_INVALID", "staff", "nobody"),
    (put("adm", "staff", 0, "same_person_as"), "FILE_VALUE_INVALID", "staff",
     "the first two accounts with the role key_custodian are one person"),
    (put("COOK", "staff", 4, "field"), "FILE_VALUE_INVALID", "programmes[0] sewing: instructors_offered",
     "these instructors have no trade (field) in common"),
    (put(99, "programmes", 0, "total_jp"), "FILE_VALUE_INVALID", "programmes[0] sewing: total_jp",
     "units and other hours add up to 48 JP, not to 99"),
    (put("ALL_UNITS", "programmes", 0, "scheme", "award_rule"), "FILE_VALUE_INVALID",
     "programmes[0] sewing: min_units_for_award", "min_units_for_award is given for the award rule CLUSTER"),
    (put(None, "cohorts", 0, "deciders"), "FILE_VALUE_INVALID", "cohorts[0] sew/1: deciders",
     "a cohort that is not cancelled needs it"),
    (append("p1", "cohorts", 1, "displaced"), "FILE_VALUE_INVALID", "cohorts[1] sew/2: displaced[1]",
     "p1 has no step MoveEnrolment out of sew/2"),
    (put(400, "learners", 0, "attendance_jp"), "FILE_VALUE_INVALID", "learners[0] p1: attendance_jp",
     "the sessions of sew/1 have 48 JP"),
    (put("pass", "learners", 0, "unit_results", 0, "result"), "FILE_VALUE_INVALID",
     "learners[0] p1: unit_results[0].result", "'pass' does not have the form"),
    (drop("learners", 0, "unit_results", 0), "FILE_VALUE_INVALID", "learners[0] p1: unit_results",
     "results are given for some units only; C.14SEW00.001.2 has none"),
    (put("C{seq}", "number_formats", "unit_statement"), "FILE_VALUE_INVALID", "number_formats.unit_statement",
     "value error, number format 'C{seq}' must contain seq and year"),
    # commands
    (put("FileApeal", "learners", 1, "steps", 0, "command"), "FILE_COMMAND_UNKNOWN", "learners[1] p2: steps[0].command",
     "there is no command FileApeal; FileAppeal perhaps"),
    (put("x", "learners", 1, "steps", 0, "args", "grounds"), "FILE_FIELD_UNKNOWN",
     "learners[1] p2: steps[0].args.grounds",
     "this field is not known here; ground perhaps"),
    (put({}, "learners", 1, "steps", 1, "args"), "FILE_VALUE_INVALID", "learners[1] p2: steps[1].args.panel",
     "it is missing"),
    (put("BURN", "learners", 1, "steps", 2, "args", "outcome"), "FILE_VALUE_INVALID",
     "learners[1] p2: steps[2].args.outcome",
     "input should be 'UPHELD' or 'REJECTED'"),
]  # fmt: skip


@pytest.mark.parametrize(("spoil", "code", "place", "rule"), BAD)
def test_the_message_names_the_place_and_the_rule(
    tmp_path: Path, spoil: Spoil, code: str, place: str, rule: str
) -> None:
    file = other_file()
    spoil(file)
    path = write(tmp_path, file)
    error = refused(path)
    found = [problem for problem in error.problems if problem.place == place]
    if rule == "nobody":  # the founders' human would have to register herself
        assert "two key custodians besides this person" in str(error)
        return
    assert [(problem.code, problem.rule[: len(rule)]) for problem in found] == [(code, rule)], str(error)
    assert f"{place}: {rule}" in error.message


def test_several_problems_are_told_at_once(tmp_path: Path) -> None:
    file = other_file()
    for learner in file["learners"]:
        learner["cohort_id"] = "none"
    file["as_of"] = "2031-12-02"
    error = refused(write(tmp_path, file))
    assert len(error.problems) == len(file["learners"])
    assert "8 problems:\n  learners[0] p1: cohort_id: there is no cohort none" in error.message


def test_more_than_twenty_are_cut(tmp_path: Path) -> None:
    file = other_file()
    for unit in range(30):
        file["holidays"].append({"date": f"2031-02-{unit + 30}"})
    error = refused(write(tmp_path, file))
    assert len(error.problems) == 20
    assert "30 problems, the first 20 of them" in error.message


# -- what is not even JSON -------------------------------------------------------------------------------------


@pytest.mark.parametrize("share", [0.0, 0.01, 0.3, 0.5, 0.77, 0.999])
def test_a_truncated_file_says_so_and_where(tmp_path: Path, share: float) -> None:
    whole = SAMPLE.read_bytes()
    path = tmp_path / "cut.json"
    path.write_bytes(whole[: int(len(whole) * share)])
    error = refused(path)
    assert error.code == "FILE_TRUNCATED"
    assert (
        "the file is empty" in error.message
        or "line 1, column" in error.message
        or ", column " in error.message
    )


def test_a_file_cut_in_a_character_is_truncated(tmp_path: Path) -> None:
    path = tmp_path / "cut.json"
    path.write_bytes('{"_about": {"what": "محمد'.encode()[:-1])
    assert refused(path).code == "FILE_TRUNCATED"


@pytest.mark.parametrize(
    ("content", "code", "rule"),
    [
        (b"", "FILE_TRUNCATED", "the file is empty"),
        (b'{"as_of": ', "FILE_TRUNCATED", "line 1, column 11: the file ends here, before its JSON is complete"),
        (b'{"as_of": "2031-01-01",\n', "FILE_TRUNCATED", "the file ends here"),
        (b'{"holidays": [{"date": "2031-01-01"}', "FILE_TRUNCATED", "line 1, column 37: the file ends here"),
        (b"{}]", "FILE_INVALID", "line 1, column 3: this is not JSON: Extra data"),
        (b'{\n "as_of": yes\n}', "FILE_INVALID", "line 2, column 11: this is not JSON: Expecting value"),
        (b'{"as_of": "2031-01-01", "as_of": "2031-01-02"}', "FILE_INVALID",
         "as_of: this member stands twice in one object"),
        (b'{"learners": [{"person_id": "p", "steps": [], "steps": []}]}', "FILE_INVALID",
         "learners[0] p: steps: this member stands twice in one object"),
        (b'{"as_of": NaN}', "FILE_INVALID", "NaN is no JSON number"),
        (b'{"as_of": "\\ud800"}', "FILE_VALUE_INVALID", "as_of: a text holds a control character or half a character"),
        (b'{"as_of": "\xff"}', "FILE_INVALID", "byte 11 is not UTF-8; save the file as UTF-8"),
        (b'{"as_of": ' + b"[" * 100_000 + b"]" * 100_000 + b"}", "FILE_INVALID", "it is nested too deeply"),
        (b'{"as_of": ' + b"9" * 5000 + b"}", "FILE_INVALID", "Exceeds the limit"),
        (b"[]", "FILE_VALUE_INVALID", "input should be"),
    ],
)  # fmt: skip
def test_what_is_no_json_of_this_kind(tmp_path: Path, content: bytes, code: str, rule: str) -> None:
    path = tmp_path / "bad.json"
    path.write_bytes(content)
    error = refused(path)
    assert error.code == code
    assert rule in error.message


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    assert refused(tmp_path / "none.json").code == "FILE_UNREADABLE"
    assert refused(tmp_path).code == "FILE_UNREADABLE"
    big = tmp_path / "big.json"
    with big.open("wb") as file:
        file.truncate(LIMIT + 1)
    assert refused(big).code == "FILE_TOO_LARGE"


def test_a_byte_order_mark_does_no_harm(tmp_path: Path) -> None:
    path = tmp_path / "bom.json"
    path.write_bytes(b"\xef\xbb\xbf" + json.dumps(other_file()).encode())
    assert read_programme(path).file.as_of.year == 2031


# -- what is good ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name",
    ["Nor'aini", "محمد رضا", "ꦱꦸꦭꦠꦤ꧀", "Budi 🧵", "Rekawati", "R" * 200, "Ø" * 200, "D’Angelo-Contoh, S.T."],
)
def test_names_of_any_script_are_welcome(tmp_path: Path, name: str) -> None:
    file = other_file()
    file["learners"][0]["private"]["full_name"] = name
    steps = plan(read_programme(write(tmp_path, file))).steps
    (registered,) = [step for step in steps if step.as_ == "learner:p1"]
    assert registered.args["full_name"] == name


# -- whatever else is in the file --------------------------------------------------------------------------------

JUNK = st.sampled_from(
    [None, True, -1, 0, 7, 1e300, 10**30, "", " ", "$", "$a.b", "0", "2031-02-20", "K", [], {}, [None], {"on": 1},
    "é" * 400]
)  # fmt: skip


def places(value: Any, where: tuple[int | str, ...] = ()) -> list[tuple[int | str, ...]]:
    """Every place in the file below the top."""
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    found: list[tuple[int | str, ...]] = []
    for name, item in items:
        found += [(*where, name), *places(item, (*where, name))]
    return found


PLACES = places(other_file())


@settings(max_examples=150)
@given(where=st.sampled_from(PLACES), junk=JUNK, gone=st.booleans())
def test_no_file_makes_a_traceback(
    tmp_path_factory: pytest.TempPathFactory, where: tuple[int | str, ...], junk: Any, *, gone: bool
) -> None:
    file = other_file()
    (drop(*where) if gone else put(junk, *where))(file)
    path = write(tmp_path_factory.mktemp("junk"), file)
    told = None
    try:
        plan(read_programme(path))
    except ProgrammeFileError as error:
        told = error.message
    assert told is None or told.startswith(str(path))
