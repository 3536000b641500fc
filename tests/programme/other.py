"""Another programme than the sample's: 2031, eastern zone, sewing, no facility, other ids, other twists.

``other_file()`` builds it anew for each caller, who may spoil it.
"""

import json
from datetime import date, timedelta
from pathlib import Path
from typing import Any

UNITS = ["C.14SEW00.001.2", "C.14SEW00.002.2", "C.14SEW00.003.2"]
HOLIDAYS = {date(2031, 1, 31), date(2031, 3, 5), date(2031, 3, 6), date(2031, 4, 11)}


def working_days(first: date, count: int) -> list[date]:
    """``count`` working days from ``first`` on."""
    days: list[date] = []
    while len(days) < count:
        if first.weekday() < 5 and first not in HOLIDAYS:
            days.append(first)
        first += timedelta(days=1)
    return days


SESSIONS = working_days(date(2031, 3, 3), 6)


def staff(ident: str, name: str, roles: list[str], org: str | None, **more: Any) -> dict[str, Any]:
    return {"staff_id": ident, "name": name, "roles": roles, "org_id": org, **more}


def learner(
    number: int,
    name: str,
    results: list[str],
    certificates: list[tuple[str, str, int | None]],
    steps: list[dict[str, Any]] | None = None,
    *,
    jp: int = 48,
    sex: str = "P",
) -> dict[str, Any]:
    day = 3 + (40 if sex == "P" else 0)
    return {
        "person_id": f"p{number}",
        "enrolment_id": f"e{number}",
        "cohort_id": "sew/1",
        "scenario": f"case {number}",
        "private": {
            "full_name": name,
            "sex": sex,
            "birth_date": "2005-06-03",
            "nik": f"990101{day:02d}06059{number:03d}",
            "nik_status": "UNVERIFIED_FICTIONAL",
        },
        "attendance_jp": jp,
        "unit_results": [
            {"unit_code": unit, "result": result} for unit, result in zip(UNITS, results, strict=False)
        ],
        "steps": steps or [],
        "certificates": [
            {"kind": kind, "status": status, "copies": 1, "units": units}
            for kind, status, units in certificates
        ],
    }


def step(on: str, by: str, command: str, **args: Any) -> dict[str, Any]:
    return {"on": on, "by": by, "command": command, "args": args}


def refused(
    ident: str, on: str, by: str, command: str, expect: str, *, before: bool = False, **args: Any
) -> dict[str, Any]:
    return {
        "id": ident,
        "on": on,
        "before": before,
        "by": by,
        "command": command,
        "args": args,
        "expect_error": expect,
    }


TRAINING = ("TRAINING", "VALID", None)


def people() -> list[dict[str, Any]]:
    return [
        learner(
            1,
            "Reka",
            ["K", "K", "K"],
            [TRAINING, ("COMPETENCE", "EXPIRED", 3)],
            [step("2031-03-28", "head", "HandOver", kind="COMPETENCE")],
        ),
        learner(
            2,
            "Fiktif D'Arc",
            ["K", "BK>APPEAL>K", "BK>APPEAL>K"],
            [TRAINING, ("COMPETENCE", "VALID", 3)],
            [
                step("2031-03-24", "adm", "FileAppeal", ground="OTHER"),
                step("2031-03-26", "sup", "AssignAppealPanel", panel=["y3"]),
                step("2031-04-02", "y3", "DecideAppeal", outcome="UPHELD", remedy="REASSESSMENT"),
                step("2031-09-01", "y2", "ReassessUnits", units=UNITS[1:], results=["K", "K"]),
                step("2031-09-03", "dec", "RecordCertificationDecision", units="ALL"),
                step("2031-09-04", "iss", "IssueCompetenceCertificate"),
            ],
        ),
        learner(
            3,
            "Contoh محمد",
            ["K", "BK", "BK"],
            [TRAINING, ("UNIT_STATEMENT", "VALID", 1)],
            [
                step("2031-03-28", "iss", "IssueUnitStatement", units=UNITS[:1]),
            ],
        ),
        learner(
            4,
            "Reka ꦗꦮ",
            ["K", "K", "BK"],
            [TRAINING, ("COMPETENCE", "EXPIRED", 2)],
            [
                step("2031-02-19", "adm", "MoveEnrolment", **{"from": "sew/2", "to": "sew/1"}),
            ],
        ),
        learner(
            5,
            "Fiktif 🧵",
            [],
            [],
            jp=8,
            steps=[
                step("2031-03-03", "adm", "WithdrawEnrolment", reason="WITHDRAWN_HEALTH"),
            ],
        ),
        learner(
            6,
            "Contoh Hemat",
            ["K", "K", "K"],
            [TRAINING, ("COMPETENCE", "REVOKED", 3)],
            jp=40,
            steps=[
                step("2031-03-13", "y1", "DeclareConflict"),
                step("2031-03-13", "sup", "ReplaceAssessor", assessor="y2"),
                step("2031-03-14", "y2", "RecordUnitResult", unit=UNITS[0], result="K"),
                step("2031-03-14", "y2", "RecordUnitResult", unit=UNITS[1], result="K"),
                step("2031-03-14", "y2", "RecordUnitResult", unit=UNITS[2], result="K"),
                step("2031-03-17", "y2", "Recommend"),
                step("2031-05-05", "iss", "RevokeCertificate", kind="COMPETENCE", reason="HOLDER_REQUEST"),
            ],
        ),
        learner(
            7,
            "Reka Sedikit",
            [],
            [],
            [step("2031-03-04", "adm", "RecogniseUnitCredit", unit=UNITS[0], jp=5)],
            jp=16,
        ),
        learner(
            8,
            "Fiktif Lupa",
            ["K", "K", "K"],
            [
                ("TRAINING", "NO_LONGER_VERIFIABLE", None),
                ("COMPETENCE", "NO_LONGER_VERIFIABLE", 3),
            ],
            [step("2031-06-02", "dpo", "FulfilErasure", classes=["identity", "provenance"])],
        ),
    ]


def tests() -> list[dict[str, Any]]:
    return [
        refused(
            "n1",
            "2031-03-13",
            "sup",
            "AssignAssessor",
            "SOD_ASSESSOR_TAUGHT_LEARNER",
            before=True,
            person="p1",
            assessor="x2",
        ),
        refused("n2", "2031-03-13", "sup", "AdmitToAssessment", "ATTENDANCE_BELOW_THRESHOLD", person="p7"),
        refused(
            "n3",
            "2031-02-12",
            "adm",
            "PlanCohort",
            "AGREEMENT_NOT_IN_FORCE",
            programme="sewing",
            site="org-T",
            start="2031-03-03",
            end="2031-03-20",
        ),
        refused(
            "n4", "2031-03-28", "adm", "ApplyForEnrolment", "UNKNOWN_ID", person="nobody", cohort="sew/1"
        ),
        refused(
            "n5",
            "2031-09-01",
            "y1",
            "ReassessUnits",
            "SOD_APPEAL_PANEL_INVOLVED",
            before=True,
            person="p2",
            units=UNITS[1:],
            results=["K", "K"],
        ),
        refused(
            "n6",
            "2031-05-05",
            "iss",
            "RevokeCertificate",
            "SOD_SELF_APPROVAL",
            before=True,
            person="p6",
            kind="COMPETENCE",
            reason="HOLDER_REQUEST",
            requested_by="iss",
            approved_by="iss",
        ),
        refused(
            "n7",
            "2031-06-03",
            "y1",
            "CorrectUnitResult",
            "ROLE_FORBIDDEN",
            person="p1",
            unit=UNITS[0],
            result="BK",
        ),
        refused("n8", "2031-02-18", "x1", "SelectEnrolment", "ROLE_FORBIDDEN", person="p1"),
        refused(
            "n9",
            "2031-03-04",
            "x1",
            "RecordAttendance",
            "VALUE_INVALID",
            person="p1",
            date="2031-03-04",
            jp=8,
        ),
        refused(
            "n10",
            "2031-02-21",
            "k1",
            "GrantRole",
            "SOD_SELF_APPROVAL",
            staff="x1",
            role="assessor",
            org="org-P",
            requested_by="k1",
            approved_by="k1",
        ),
        refused(
            "n11",
            "2031-02-21",
            "adm",
            "DraftAgreement",
            "AGREEMENT_PARTIES_EQUAL",
            parties=["org-P", "org-P"],
            number="PKS/1",
        ),
        refused(
            "n12",
            "2031-09-01",
            "sup",
            "AssignAssessor",
            "SOD_APPEAL_PANEL_INVOLVED",
            before=True,
            person="p2",
            assessor="y1",
        ),
        refused(
            "n13",
            "2031-03-31",
            "head",
            "HandOver",
            "PRINT_COPY_STATE_INVALID",
            person="p1",
            kind="COMPETENCE",
        ),
        refused(
            "n14",
            "2031-03-17",
            "sup",
            "ApproveException",
            "VALUE_INVALID",
            rule="SOD_DECIDER_ASSESSED",
            scope=["y1", "p1"],
            risk="SMALL_CENTRE",
            until="2031-12-31",
            requested_by="sup",
            approved_by="dec",
        ),
        refused("n15", "2031-02-12", "adm", "StartCohort", "COHORT_STATE_INVALID", cohort="sew/1"),
        refused(
            "n16",
            "2031-02-12",
            "adm",
            "AdoptScheme",
            "UNKNOWN_ID",
            programme="sewing",
            scheme="skm-sew",
            version=9,
        ),
    ]


def other_file() -> dict[str, Any]:
    """A fresh copy."""
    days = [day.isoformat() for day in SESSIONS]
    cohort = {
        "cohort_id": "sew/1",
        "programme_id": "sewing",
        "agreement_id": None,
        "delivery_site_org_id": "org-P",
        "public_provider_org_id": "org-P",
        "capacity": 8,
        "start": days[0],
        "end": days[-1],
        "session_dates": days,
        "jp_per_day": 8,
        "instructors": ["x1", "x2"],
        "assessors": ["y2", "y1"],
        "assessment_supervisor": "sup",
        "assessment_site_org_id": "org-T",
        "deciders": ["dec"],
        "dates": {
            "planned": "2031-02-11",
            "enrolment_opened": "2031-02-17",
            "selected": "2031-02-18",
            "confirmed": "2031-02-20",
            "pre_assessment": "2031-03-13",
            "assessed": ["2031-03-14", "2031-03-17"],
            "decided": "2031-03-18",
            "issued": "2031-03-27",
        },
    }
    return {
        "as_of": "2031-12-01",
        "time_zone": "Asia/Jayapura",
        "organisations": [
            {
                "org_id": "org-P",
                "kind": "training_provider",
                "name": "BLK Reka Timur",
                "public_name": "BLK Reka Timur",
                "public": True,
            },
            {
                "org_id": "org-L",
                "kind": "certification_body",
                "name": "LSP Reka",
                "public_name": "LSP Reka",
                "public": True,
            },
            {
                "org_id": "org-T",
                "kind": "assessment_site",
                "name": "Ruang Uji Reka",
                "public_name": None,
                "public": False,
            },
        ],
        "staff": [
            staff("k1", "Reka Satu", ["key_custodian"], "org-P"),
            staff("adm", "Fiktif Dua", ["training_admin", "key_custodian"], "org-P"),
            staff("k3", "Contoh Tiga", ["key_custodian"], None),
            staff("head", "Reka Kepala", ["training_issuer", "print_operator"], "org-P"),
            staff("x1", "Reka Guru", ["instructor"], "org-P", field="SEW"),
            staff(
                "x2",
                "Fiktif Guru",
                ["instructor", "assessor"],
                "org-P",
                field="EMBROIDERY, SEW",
                met_no="MET.999.900091 2030",
                licence_valid_until="2033-01-01",
            ),
            staff(
                "y1",
                "Contoh Uji",
                ["assessor"],
                "org-L",
                field="SEW",
                met_no="MET.999.900092 2030",
                licence_valid_until="2032-01-01",
            ),
            staff(
                "y2",
                "Reka Uji",
                ["assessor"],
                "org-L",
                field="SEW",
                met_no="MET.999.900093 2030",
                licence_valid_until="2032-01-01",
            ),
            staff("y3", "Fiktif Banding", ["appeal_panel"], "org-L"),
            staff("sup", "Reka Penyelia", ["assessment_supervisor"], "org-L"),
            staff("dec", "Contoh Pleno", ["certification_decider"], "org-L"),
            staff("iss", "Fiktif Ketua", ["competence_issuer"], "org-L"),
            staff("dpo", "Reka Privasi", ["privacy_officer"], "org-P"),
        ],
        "programmes": [
            {
                "programme_id": "sewing",
                "code": "JAHIT-II",
                "title_id": "Menjahit Pakaian",
                "title_en": "Sewing Clothes",
                "kkni_level": 2,
                "scheme": {
                    "scheme_id": "skm-sew",
                    "scheme_code": "SKM/REKA/9/2031",
                    "version": 4,
                    "award_rule": "CLUSTER",
                    "validity_months": 6,
                    "approved_on": "2031-02-05",
                    "unit_statement": True,
                },
                "min_units_for_award": 2,
                "units": [
                    {
                        "unit_code": unit,
                        "title_id": f"Unit {place}",
                        "title_en": f"Unit {place}",
                        "jp": 15,
                        "unit_type": "core",
                        "skkni_decree": "Kepmenaker 1/2030",
                    }
                    for place, unit in enumerate(UNITS)
                ],
                "non_unit": [{"title_id": "K3", "title_en": "Safety", "jp": 3}],
                "total_jp": 48,
                "min_attendance_pct": 75,
                "need": {
                    "recorded_on": "2031-02-06",
                    "source": "$urvey",
                    "occupation": "Penjahit",
                    "demand": 8,
                },
                "instructors_offered": ["x1", "x2"],
                "tags": ["UMKM"],
            }
        ],
        "agreement": None,
        "cohorts": [
            cohort,
            {
                "cohort_id": "sew/2",
                "programme_id": "sewing",
                "capacity": 3,
                "status": "CANCELLED",
                "cancel_reason": "BUDGET",
                "cancelled_on": "2031-02-19",
                "displaced": ["p4"],
            },
        ],
        "learners": people(),
        "learners_extra": [],
        "facility_checklist": [
            {
                "item_id": "i1",
                "text_id": "Mesin",
                "text_en": "Machines",
                "critical": True,
                "applies_to": ["sewing"],
            },
            {
                "item_id": "i2",
                "text_id": "Kursi",
                "text_en": "Chairs",
                "critical": False,
                "applies_to": ["*"],
            },
        ],
        "facility_reviews": [
            {
                "review_id": "r1",
                "date": "2031-02-14",
                "failed": ["i2"],
                "outcome": "CONDITIONAL",
                "valid_until": "2031-06-30",
                "site_org_id": "org-P",
                "signed_by": ["head", "adm"],
            },
        ],
        "calendar": [{"date": "2031-02-03", "kind": "coordination", "text": "first meeting"}],
        "holidays": [{"date": day.isoformat(), "name": "Libur"} for day in sorted(HOLIDAYS)],
        "reason_codes": {
            "enrolment_close": ["COMPLETED", "WITHDRAWN_HEALTH", "PROGRAMME_CANCELLED"],
            "certificate_revoke": ["HOLDER_REQUEST"],
            "certificate_suspend": ["COMPLAINT_OPEN"],
            "certificate_supersede": ["NAME_CORRECTION"],
            "print_copy": ["ORIGINAL", "LOST"],
            "appeal_ground": ["OTHER"],
            "cohort_cancel": ["BUDGET"],
        },
        "public_verification": {"deny_words": ["lapas", "prison"]},
        "number_formats": {
            "training_certificate": "T{seq}/{year}/{programme}",
            "competence_certificate_display": "C{seq}/{year}",
            "unit_statement": "U{seq}/{year}",
        },
        "negative_tests": tests(),
        "status_checks": [
            {
                "at": "2031-09-27T23:59:59+09:00",
                "person": "p1",
                "kind": "COMPETENCE",
                "nth": 1,
                "status": "VALID",
            },
            {
                "at": "2031-09-28T00:00:00+09:00",
                "person": "p1",
                "kind": "COMPETENCE",
                "nth": 1,
                "status": "EXPIRED",
            },
        ],
    }


def write(folder: Path, file: dict[str, Any], name: str = "other.json") -> Path:
    """The file on disk."""
    path = folder / name
    path.write_text(json.dumps(file, ensure_ascii=False), encoding="utf-8")
    return path
