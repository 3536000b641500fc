"""The VC-API over the ledger's signer and verifier, for other people's test suites. It signs anything.

| route | answers |
|---|---|
| POST /credentials/issue | 201 with the secured credential, 400 with what is wrong |
| POST /credentials/verify, /presentations/verify | 200 `verified: true`, 400 `verified: false` with `errors` |
| POST /credentials/status | 200 when the status of a credential issued here was set |
| GET /status/1 | the status list, a credential |
| GET / | who the issuer is |

Options of issuing: `cryptosuite`, a name or a list of names (eddsa-rdfc-2022 if none is named), and
`credentialStatus`, an object, if the credential shall have an entry in the list. Options of verifying:
`expectedProofPurpose`, `domain`, `challenge`. Others are ignored, as VC-API wants it.

Never part of the server: it lies in the tests, and listens on this machine only.
"""

import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tests.conformance.checking import Checker
from tests.conformance.datamodel import check_credential
from tests.conformance.problem import MALFORMED, PARSING, ProblemError, as_problem
from tests.conformance.proofs import SUITES, Issuer
from verifier import statuslist
from verifier.dataintegrity import RDFC

_BODY_LIMIT = 1 << 20
_LIST_VALID_FOR = timedelta(days=1)


def utc_now() -> datetime:
    """The time, to the second."""
    return datetime.now(UTC).replace(microsecond=0)


@dataclass
class Desk:
    """An issuer with its one status list. `published` are further lists that verifying may use, by address."""

    issuer: Issuer
    base_url: str
    now: Callable[[], datetime] = utc_now
    published: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    _bits: bytearray = field(default_factory=lambda: bytearray(statuslist.LEAST_BITS // 8))
    _indices: dict[str, int] = field(default_factory=dict)

    @property
    def list_url(self) -> str:
        return f"{self.base_url}/status/1"

    def issue(self, credential: Any, options: Mapping[str, Any]) -> dict[str, Any]:
        """Secure a credential, after checking that it is one. Raises ProblemError."""
        suites = options.get("cryptosuite", RDFC)
        suites = suites if type(suites) is list else [suites]
        if not suites or any(suite not in SUITES for suite in suites):
            raise ProblemError(MALFORMED, f"cryptosuite is not one of {', '.join(SUITES)}")
        check_credential(credential)
        if "proof" in credential:
            raise ProblemError(MALFORMED, "the credential has a proof already")
        document = dict(credential)
        if options.get("credentialStatus") is not None:
            document["credentialStatus"] = self._entry(document)
        with as_problem(MALFORMED):
            return self.issuer.secure(document, suites, self.now())

    def set_status(self, credential_id: Any, *, is_set: bool) -> None:
        """Set or clear the bit of a credential issued here. Raises ProblemError."""
        index = self._indices.get(credential_id) if type(credential_id) is str else None
        if index is None:
            raise ProblemError(MALFORMED, "no credential of this id was issued here with a status")
        mask = 0x80 >> (index & 7)
        self._bits[index >> 3] = self._bits[index >> 3] | mask if is_set else self._bits[index >> 3] & ~mask

    def status_list(self) -> dict[str, Any]:
        """The list as it is now, secured."""
        now = self.now()
        document = statuslist.document(
            url=self.list_url,
            issuer=self.issuer.did,
            valid_from=f"{now:%Y-%m-%dT%H:%M:%SZ}",
            valid_until=f"{now + _LIST_VALID_FOR:%Y-%m-%dT%H:%M:%SZ}",
            bits=bytes(self._bits),
        )
        return self.issuer.secure(document, [RDFC], now)

    def checker(self) -> Checker:
        return Checker(self._fetch, self.now)

    def _fetch(self, url: str) -> Mapping[str, Any] | None:
        return self.status_list() if url == self.list_url else self.published.get(url)

    def _entry(self, credential: Mapping[str, Any]) -> dict[str, str]:
        if "id" not in credential:
            raise ProblemError(MALFORMED, "a credential with a status needs an id")
        index = self._indices.setdefault(credential["id"], len(self._indices))
        return {
            "id": f"{self.list_url}#{index}",
            "type": "BitstringStatusListEntry",
            "statusPurpose": statuslist.PURPOSE,
            "statusListIndex": str(index),
            "statusListCredential": self.list_url,
        }


def create_app(desk: Desk) -> Starlette:
    """The application over a desk."""

    def issue(body: dict[str, Any], options: Mapping[str, Any]) -> Response:
        return JSONResponse({"verifiableCredential": desk.issue(body.get("credential"), options)}, 201)

    def verify(body: dict[str, Any], options: Mapping[str, Any]) -> Response:
        desk.checker().credential(body.get("verifiableCredential"), options)
        return _verified(["proof", "credentialStatus"])

    def verify_presentation(body: dict[str, Any], options: Mapping[str, Any]) -> Response:
        desk.checker().presentation(body.get("verifiablePresentation"), options)
        return _verified(["proof"])

    def set_status(body: dict[str, Any], _options: Mapping[str, Any]) -> Response:
        desk.set_status(body.get("credentialId"), is_set=body.get("status", True) is True)
        return JSONResponse({})

    def status_list(request: Request) -> Response:
        # Some clients, the W3C's suite among them, ask for JSON and read nothing else.
        accepted = request.headers.get("accept", "")
        asks_for_json = "json" in accepted and "application/vc" not in accepted
        media_type = "application/json" if asks_for_json else "application/vc"
        return Response(json.dumps(desk.status_list()), media_type=media_type)

    def about(_request: Request) -> Response:
        return JSONResponse({"issuer": desk.issuer.did, "cryptosuites": SUITES, "statusList": desk.list_url})

    return Starlette(
        routes=[
            Route("/credentials/issue", _route(issue), methods=["POST"]),
            Route("/credentials/verify", _route(verify), methods=["POST"]),
            Route("/presentations/verify", _route(verify_presentation), methods=["POST"]),
            Route("/credentials/status", _route(set_status), methods=["POST"]),
            Route("/status/1", status_list),
            Route("/", about),
        ]
    )


def _route(
    answer: Callable[[dict[str, Any], Mapping[str, Any]], Response],
) -> Callable[[Request], Awaitable[Response]]:
    async def endpoint(request: Request) -> Response:
        try:
            body = _parse(await request.body())
            return answer(body, body["options"])
        except ProblemError as error:
            problem = error
        except RecursionError:
            problem = ProblemError(PARSING, "the body is nested too deep")
        return JSONResponse({"verified": False, "errors": [problem.to_json()]}, 400)

    return endpoint


def _parse(data: bytes) -> dict[str, Any]:
    try:
        body = json.loads(data) if len(data) <= _BODY_LIMIT else None
    except (ValueError, RecursionError):
        body = None
    if type(body) is not dict or type(body.setdefault("options", {})) is not dict:
        raise ProblemError(
            PARSING, f"the body, or its options, are no JSON object of at most {_BODY_LIMIT} bytes"
        )
    return body


def _verified(checks: list[str]) -> Response:
    return JSONResponse({"verified": True, "checks": checks, "warnings": [], "errors": []})
