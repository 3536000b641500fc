"""The first days of a real ledger, by its command line alone: founded, a person added, who then acts."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
PASSPHRASES = {name: f"a long passphrase of {name}" for name in ("wati", "budi", "sari")}


def certledger(*arguments: str | Path, code: int = 0) -> str:
    env = {
        **os.environ,
        **{f"CERTLEDGER_PASSPHRASE_{name.upper()}": each for name, each in PASSPHRASES.items()},
    }
    done = subprocess.run(
        [sys.executable, "-m", "api.cli", *map(str, arguments)],
        cwd=ROOT,
        env=env,
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        check=False,
    )
    assert done.returncode == code, done.stdout + done.stderr
    return done.stdout if code == 0 else done.stdout + done.stderr


@pytest.fixture
def data(tmp_path: Path) -> Path:
    folder = tmp_path / "data"
    options = ["--origin", "ledger.example/log", "--base-url", "https://ledger.example"]
    people = ["--custodian", "wati", "--custodian", "budi"]
    certledger("init", "--data", folder, "--rulebook", ROOT / "sample" / "rulebook.json", *options, *people)
    return folder


def give(data: Path, *commands: dict[str, Any]) -> list[dict[str, Any]]:
    file = data.parent / "commands.json"
    file.write_text(json.dumps({"commands": list(commands)}))
    answers: list[dict[str, Any]] = json.loads(certledger("run", file, "--data", data, "--json"))
    return [answer["result"] for answer in answers]


def test_a_person_is_added_and_acts(data: Path) -> None:
    register = {"kind": "training_provider", "name": "BLK", "public_name": "BLK", "zone": "Asia/Jakarta"}
    org, asked, *_ = give(
        data,
        {"by": "wati", "command": "RegisterOrganisation", "args": register},
        {"by": "wati", "command": "RequestStaffRegistration", "args": {"name": "Sari Contoh"}, "as": "sari"},
        {
            "by": "budi",
            "command": "RegisterStaff",
            "args": {"staff": "$sari.staff", "request": "$sari.request"},
        },
    )
    role = {"staff": asked["staff"], "role": "training_admin", "org": org["organisation"]}
    key = json.loads(certledger("account", "sari", "--staff", asked["staff"], "--data", data))
    propose = {"code": "P-1", "trade": "T", "min_attendance_pct": 80}
    locked = {"by": "sari", "command": "ProposeProgramme", "args": propose, "expect": "SIGNER_NOT_AUTHORISED"}
    *_, programme = give(
        data,
        locked,
        {"by": "wati", "command": "RequestRoleGrant", "args": role, "as": "role"},
        {
            "by": "budi",
            "command": "GrantRole",
            "args": {"staff": asked["staff"], "request": "$role.request"},
        },
        {"by": "wati", "command": "RequestKeyEnrolment", "args": key, "as": "key"},
        {"by": "budi", "command": "EnrolKey", "args": {"staff": asked["staff"], "request": "$key.request"}},
        {"by": "sari", "command": "ProposeProgramme", "args": propose},
    )
    assert programme["programme"]
    assert "every one is as it was signed" in certledger("fsck", "--data", data)


def test_an_account_is_made_for_a_registered_person_once(data: Path) -> None:
    nobody = "00000000-0000-4000-8000-000000000000"
    assert "UNKNOWN_ID" in certledger("account", "sari", "--staff", nobody, "--data", data, code=2)
    assert "VALUE_INVALID" in certledger(
        "account", "wati", "--staff", staff_of(data, "wati"), "--data", data, code=2
    )


def staff_of(data: Path, username: str) -> str:
    accounts = json.loads((data / "accounts.json").read_bytes())
    return next(str(each["staff"]) for each in accounts if each["username"] == username)
