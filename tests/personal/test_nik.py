import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.errors import DomainError
from ledger.personal.nik import check

SAMPLE = Path(__file__).resolve().parents[2] / "../shared/sample/programme-2026.json"
MAN, WOMAN = "9901011403909001", "9901015403909001"


def code_of(nik: Any, **named: Any) -> str:
    with pytest.raises(DomainError) as caught:
        check(nik, **{"production": False, **named})
    assert len(str(nik)) < 12 or str(nik) not in str(caught.value)
    return caught.value.code


def test_a_good_nik_comes_back() -> None:
    assert check(MAN, production=False, birth_date=date(1990, 3, 14), sex="L") == MAN
    assert check(WOMAN, production=False, birth_date=date(1990, 3, 14), sex="P") == WOMAN
    assert check("6301011403900001", production=True) == "6301011403900001"


def test_invented_people_stay_out_of_production() -> None:
    assert code_of(MAN, production=True) == "NIK_FICTIONAL_IN_PRODUCTION"
    assert code_of("9901013213909001", production=True) == "NIK_INVALID"


@pytest.mark.parametrize(
    "nik",
    [
        "9901013213909001",  # day 32
        "9901010013909001",  # day 0
        "9901014003909001",  # day 40
        "9901017203909001",  # day 72
        "9901013002909001",  # 30 February
        "9901012902919001",  # 29 February of 1991 and of 2091
        "9901011400909001",  # month 0
        "9901011413909001",  # month 13
        "9901011403900000",  # serial 0
        "9900011403909001",  # regency 0
        "9901001403909001",  # district 0
        "1001011403909001",  # province 10
        "0001011403909001",
        "9801011403909001",
        "990101140390900",
        "99010114039090011",
        "9901 0114 0390 9001",
        " 9901011403909001",
        "9901011403909001\n",
        MAN[:12] + "\uff19\uff10\uff10\uff11",
        MAN.translate({ord(digit): 0xFF10 + int(digit) for digit in "0123456789"}),  # full width
        "٩٩٠١٠١١٤٠٣٩٠٩٠٠١",
        "-901011403909001",
        "990101_403909001",
        "",
        "9.90101E+15",
        "9,90101E+15",
        "9.901011403909E+15",
        "9901011403909001.0",
        "9901010000000000",  # what 9.90101E+15 becomes when it is shown as a number again
        "9901011403000000",
    ],
)
def test_what_is_no_nik(nik: Any) -> None:
    assert code_of(nik) == "NIK_INVALID"


@pytest.mark.parametrize(
    "nik", [9901011403909001, 6301011403900001, 9901011403909001.0, 9.90101e15, None, True, b"9", [MAN]]
)
def test_a_nik_is_text(nik: Any) -> None:
    assert code_of(nik) == "NIK_INVALID"


def test_birth_date_and_sex_must_fit() -> None:
    assert code_of(MAN, birth_date=date(1990, 3, 15)) == "NIK_INVALID"
    assert code_of(MAN, birth_date=date(1991, 3, 14)) == "NIK_INVALID"
    assert code_of(MAN, sex="P") == "NIK_INVALID"
    assert code_of(WOMAN, sex="L") == "NIK_INVALID"
    assert code_of(MAN, sex="M") == "VALUE_INVALID"


@given(st.dates(date(1920, 1, 1), date(2019, 12, 31)), st.booleans(), st.integers(1, 9999))
def test_every_birth_date_makes_a_nik(born: date, female: bool, serial: int) -> None:
    nik = f"327301{born.day + 40 * female:02d}{born:%m%y}{serial:04d}"
    assert check(nik, production=True, birth_date=born, sex="P" if female else "L") == nik


@given(st.text(max_size=20) | st.integers() | st.floats())
def test_rubbish_gets_a_code(nik: object) -> None:
    assert code_of(nik) == "NIK_INVALID"


@pytest.mark.skipif(not SAMPLE.exists(), reason="the sample programme is not beside the project")
def test_the_sample_programme() -> None:
    sample = json.loads(SAMPLE.read_text())
    people = [each["private"] for each in sample["learners"] if each["private"].get("nik")]
    assert len(people) > 20
    for person in people:
        born = date.fromisoformat(person["birth_date"])
        assert check(person["nik"], production=False, birth_date=born, sex=person["sex"]) == person["nik"]
    tests = [
        each
        for each in sample["negative_tests"]
        if each["expect_error"].startswith("NIK_") and "nik" in each["args"]
    ]
    seen = {}
    for each in tests:
        try:
            check(each["args"]["nik"], production=each["args"].get("environment") == "production")
        except DomainError as error:
            seen[each["id"]] = error.code
    expected = {
        each["id"]: each["expect_error"] for each in tests if each["expect_error"] != "NIK_ALREADY_USED"
    }
    assert expected
    assert seen == expected
