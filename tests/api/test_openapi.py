"""The OpenAPI document is sound and true: whatever it lets one send is answered as it says, and never by a fault.

A machine makes the requests, fitting and unfitting ones, as somebody who holds every role; ids in them are
often those of real things, so that commands come as far as their rules.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from typing import Any

import hypothesis
import jsonschema
import pytest
import schemathesis
from schemathesis.checks import CheckFunction
from schemathesis.generation import GenerationMode
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from ledger.commands.command import COMMANDS, QUERIES
from ledger.commands.founding import CoFoundLedger, FoundLedger
from ledger.domain.roles import LEDGER_WIDE, Role
from tests.api.bureau import bureau
from tests.api.client import Api, api
from tests.queries.scene import CERTIFIED, UNDECIDED, UNENROLLED, Scene, scene

CHECKS: list[CheckFunction] = [
    schemathesis.checks.not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]
_ID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")


def settings(count: int) -> hypothesis.settings:
    """So many requests, always the same ones."""
    return hypothesis.settings(
        max_examples=count,
        database=None,
        deadline=None,
        derandomize=True,
        phases=[hypothesis.Phase.generate],
        suppress_health_check=list(hypothesis.HealthCheck),
    )


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    with bureau(tmp_path_factory.mktemp("fuzzed") / "data") as place:
        found = scene(place)
        place.hire("everybody", *((role, None if role in LEDGER_WIDE else "blk") for role in Role))
        yield found


@pytest.fixture(scope="module")
def desk(played: Scene) -> Iterator[Api]:
    with api(played.bureau) as found:
        yield found


@pytest.fixture(scope="module")
def document(desk: Api) -> dict[str, Any]:
    found: dict[str, Any] = desk.http.get("/api/openapi.json", headers=signed_in(desk)).json()
    return found


def signed_in(desk: Api) -> dict[str, str]:
    return {"Authorization": f"Bearer {token_of(desk, Role.AUDITOR)}"}


def test_strangers_do_not_read_the_description(desk: Api) -> None:
    answer = desk.http.get("/api/openapi.json")
    assert (answer.status_code, answer.json()["code"]) == (401, "NOT_SIGNED_IN")
    assert [desk.http.get(path).status_code for path in ("/openapi.json", "/docs", "/redoc")] == [404] * 3


def references(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        if isinstance(value.get("$ref"), str):
            yield value["$ref"]
        for each in value.values():
            yield from references(each)
    elif isinstance(value, list):
        for each in value:
            yield from references(each)


def test_every_reference_leads_somewhere_and_every_operation_has_a_name_of_its_own(
    document: dict[str, Any],
) -> None:
    for reference in set(references(document)):
        found: Any = document
        for part in reference.removeprefix("#/").split("/"):
            found = found[part]
        assert found
    operations = [each for path in document["paths"].values() for each in path.values()]
    assert len({each["operationId"] for each in operations}) == len(operations)
    for name, model in document["components"]["schemas"].items():
        jsonschema.Draft202012Validator.check_schema(model)
        assert model.get("title", name)


def test_every_command_and_query_has_its_address_and_says_whose_it_is(document: dict[str, Any]) -> None:
    given = {name for name, model in COMMANDS.items() if model not in {FoundLedger, CoFoundLedger}}
    paths = document["paths"]
    assert {path.rpartition("/")[2] for path in paths if path.startswith("/api/commands/")} == given
    assert {path.rpartition("/")[2] for path in paths if path.startswith("/api/queries/")} == set(QUERIES)
    for name in given:
        operation = paths[f"/api/commands/{name}"]["post"]
        assert operation["description"] == f"Given by: {', '.join(sorted(COMMANDS[name].roles))}."
        assert operation["security"] == [{"HTTPBearer": []}]
        body = operation["requestBody"]["content"]["application/json"]["schema"]
        assert body == {"$ref": f"#/components/schemas/{name}"}
        assert f"/api/preparations/{name}" in paths


def test_a_body_that_fits_a_schema_fits_its_command(document: dict[str, Any]) -> None:
    schema = document["components"]["schemas"]["RegisterLearner"]
    validator = jsonschema.Draft202012Validator(schema)
    assert validator.is_valid({"full_name": "Siti", "sex": "P", "birth_date": "1990-02-07"})
    assert not validator.is_valid({"full_name": "Siti", "sex": "X"})
    assert not validator.is_valid({"full_name": "Siti", "more": 1})
    assert not validator.is_valid({})


@pytest.mark.parametrize("times", [1, pytest.param(8, marks=pytest.mark.slow)])
def test_whatever_is_sent_is_answered_as_documented(desk: Api, played: Scene, times: int) -> None:
    tokens = {role: token_of(desk, role) for role in Role}
    schema = schemathesis.openapi.from_asgi("/api/openapi.json", desk.http.app, headers=signed_in(desk))
    statuses: Counter[int] = Counter()
    for found in schema.get_all_operations():
        operation: Any = found.ok()  # type: ignore[union-attr]
        if operation.path == "/api/session":
            continue  # its own tests; signing out would end the token
        name = operation.path.rpartition("/")[2]
        model = COMMANDS.get(name) or QUERIES.get(name)
        token = tokens[min(model.roles) if model else Role.TRAINING_ADMIN]
        fitting = 1 if operation.path.startswith("/api/preparations/") else 4
        for mode, count in ((GenerationMode.POSITIVE, fitting), (GenerationMode.NEGATIVE, 1)):
            strategy = operation.as_strategy(generation_mode=mode)
            statuses += Counter(sent(settings(count * times), strategy, token, real_things(played)))
    assert not {status for status in statuses if status >= 500}
    # Enough of it came as far as the rules of the domain, beyond what the shape of a body says, and was recorded.
    assert statuses[200] > 50, statuses
    assert statuses[201] > 20, statuses
    assert statuses[403] + statuses[404] + statuses[409] > 100, statuses


def real_things(played: Scene) -> dict[str, str]:
    """The id of a real thing by the name that an argument for it has."""
    orgs = played.bureau.orgs
    return {
        "agreement": played.agreement,
        "assessment": played.decided,
        "assessor": played.bureau.staff["assessor"],
        "body": orgs["lsp"],
        "certificate": played.training["certificate"],
        "cohort": played.cohort,
        "enrolment": played.enrolments[CERTIFIED],
        "enrolments": played.enrolments[UNDECIDED],
        "facility": orgs["site"],
        "instructor": played.bureau.staff["teacher"],
        "into": played.learners[CERTIFIED],
        "learner": played.learners[UNENROLLED],
        "org": orgs["other"],
        "organisation": orgs["other"],
        "programme": played.programme,
        "provider": orgs["blk"],
        "scheme": played.scheme,
        "site": orgs["blk"],
        "staff": played.bureau.staff["assessor"],
    }


def sent(bounded: hypothesis.settings, strategy: Any, token: str, real: dict[str, str]) -> list[int]:
    """Send a few requests, hold each answer to the document, and give their statuses."""
    statuses: list[int] = []

    @bounded
    @hypothesis.given(case=strategy)
    def send(case: Any) -> None:
        case.headers["Authorization"] = f"Bearer {token}"
        case.body = with_real(case.body, real)
        answer = case.call()
        statuses.append(answer.status_code)
        case.validate_response(answer, checks=CHECKS)

    send()
    return statuses


def token_of(desk: Api, role: Role) -> str:
    answer = desk.sign_in("everybody", role=role)
    assert answer.status_code == 200, answer.text
    found: str = answer.json()["token"]
    return found


def with_real(value: Any, real: dict[str, str], name: str = "") -> Any:
    """The body with ids of nothing replaced by those of real things, where an argument's name says of what."""
    if isinstance(value, dict):
        return {each: with_real(inner, real, each) for each, inner in value.items()}
    if isinstance(value, list):
        return [with_real(each, real, name) for each in value]
    return real.get(name, value) if isinstance(value, str) and _ID.fullmatch(value) else value
