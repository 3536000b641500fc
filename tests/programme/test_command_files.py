"""Files of commands for ``certledger run`` are read whole before the first command is given."""

import json
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from ledger.programme.problems import ProgrammeFileError
from ledger.programme.steps import read_commands

REGISTER = {
    "by": "wulan",
    "command": "RegisterLearner",
    "args": {"full_name": "Reka $atu"},
    "as": "reka",
}
APPLY = {
    "by": "wulan",
    "command": "ApplyForEnrolment",
    "args": {"learner": "$reka.learner", "cohort": "3f0c9a52-5d53-4b62-9d1c-0f5a5d8c7b11"},
    "role": "training_admin",
    "org": "3f0c9a52-5d53-4b62-9d1c-0f5a5d8c7b12",
    "at": "2031-02-01T09:00:00+09:00",
    "expect": "COHORT_STATE_INVALID",
    "id": "try-1",
}


def file_of(tmp_path: Path, content: Any, *, lines: bool = False) -> Path:
    path = tmp_path / "commands.json"
    path.write_text("\n".join(json.dumps(each) for each in content) if lines else json.dumps(content))
    return path


@pytest.mark.parametrize("lines", [False, True])
def test_both_forms_give_the_same_steps(tmp_path: Path, lines: bool) -> None:
    commands = [REGISTER, APPLY]
    first, second = read_commands(
        file_of(tmp_path, commands if lines else {"commands": commands}, lines=lines)
    )
    assert (first.by, first.command, first.as_) == ("wulan", "RegisterLearner", "reka")
    assert first.args == {"full_name": "Reka $atu"}
    assert (first.role, first.org, first.at, first.expect, first.id) == (None,) * 5
    assert second.args["learner"] == "$reka.learner"
    assert (second.role, second.expect, second.id) == ("training_admin", "COHORT_STATE_INVALID", "try-1")
    assert second.org == "3f0c9a52-5d53-4b62-9d1c-0f5a5d8c7b12"
    assert second.at == datetime.fromisoformat("2031-02-01T09:00:00+09:00")


def test_one_command_is_a_file_too(tmp_path: Path) -> None:
    (step,) = read_commands(file_of(tmp_path, REGISTER))
    assert step.command == "RegisterLearner"


def test_empty_lines_are_no_commands(tmp_path: Path) -> None:
    path = tmp_path / "commands.jsonl"
    path.write_text(f"\n{json.dumps(REGISTER)}\n\n{json.dumps(APPLY)}\n\n")
    assert [step.command for step in read_commands(path)] == ["RegisterLearner", "ApplyForEnrolment"]


@pytest.mark.parametrize(
    ("spoiled", "code", "message"),
    [
        ({"command": "RegisterLerner"}, "FILE_COMMAND_UNKNOWN",
         "commands[0] RegisterLerner: command: there is no command RegisterLerner; RegisterLearner perhaps"),
        ({"args": {"full_nam": "Reka", "full_name": "Reka"}}, "FILE_FIELD_UNKNOWN",
         "commands[0] RegisterLearner: args.full_nam: this field is not known here; full_name perhaps"),
        ({"args": {}}, "FILE_VALUE_INVALID", "commands[0] RegisterLearner: args.full_name: it is missing"),
        ({"args": {"full_name": "R" * 201}}, "FILE_VALUE_INVALID",
         "args.full_name: string should have at most 200 characters"),
        ({"args": {"full_name": "Reka", "birth_date": "2005-02-30"}}, "FILE_VALUE_INVALID",
         "commands[0] RegisterLearner: args.birth_date"),
        ({"args": {"full_name": "Reka", "nik": 9901014306059001}}, "FILE_VALUE_INVALID",
         "args.nik: input should be a valid string"),
        ({"args": {"full_name": "$nobody.name"}}, "FILE_REFERENCE_UNKNOWN",
         "args.full_name: no earlier command of this file is labelled nobody"),
        ({"bye": "wulan"}, "FILE_FIELD_UNKNOWN",
         "commands[0] RegisterLearner: bye: this field is not known here; by perhaps"),
        ({"by": ""}, "FILE_VALUE_INVALID", "commands[0] RegisterLearner: by: '' does not have the form"),
        ({"role": "boss"}, "FILE_VALUE_INVALID", "role: there is no role 'boss'"),
        ({"at": "2031-02-01"}, "FILE_DATE_INVALID", "at: a moment names its offset from UTC, like +08:00"),
    ],
)  # fmt: skip
def test_a_wrong_command_is_told_with_its_place(
    tmp_path: Path, spoiled: dict[str, Any], code: str, message: str
) -> None:
    path = file_of(tmp_path, {"commands": [{**REGISTER, **spoiled}]})
    with pytest.raises(ProgrammeFileError) as error:
        read_commands(path)
    assert error.value.code == code
    assert error.value.message.startswith(str(path))
    assert message in error.value.message


def test_a_label_is_given_once_and_before_it_is_used(tmp_path: Path) -> None:
    with pytest.raises(
        ProgrammeFileError, match=r"commands\[1\] .*: as: an earlier command has the label reka already"
    ):
        read_commands(file_of(tmp_path, {"commands": [REGISTER, REGISTER]}))
    with pytest.raises(
        ProgrammeFileError, match=r"args\.learner: no earlier command of this file is labelled reka"
    ):
        read_commands(file_of(tmp_path, {"commands": [APPLY, REGISTER]}))


def test_what_must_be_refused_may_have_wrong_arguments(tmp_path: Path) -> None:
    given = {**REGISTER, "args": {"full_name": ""}, "expect": "VALUE_INVALID"}
    (step,) = read_commands(file_of(tmp_path, {"commands": [given]}))
    assert step.expect == "VALUE_INVALID"


def test_a_broken_line_is_told_with_its_number(tmp_path: Path) -> None:
    path = tmp_path / "commands.jsonl"
    path.write_text(f'{json.dumps(REGISTER)}\n\n{{"by": "wulan", "command": }}\n')
    with pytest.raises(ProgrammeFileError, match="line 3: line 3, column 28: this is not JSON"):
        read_commands(path)


def test_a_truncated_file_says_so(tmp_path: Path) -> None:
    path = tmp_path / "commands.json"
    path.write_text(json.dumps({"commands": [REGISTER, APPLY]})[:-20])
    with pytest.raises(ProgrammeFileError) as error:
        read_commands(path)
    assert error.value.code == "FILE_TRUNCATED"
