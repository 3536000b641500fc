"""A client of the API: signs in as somebody, gives commands, asks."""

from __future__ import annotations

import contextlib
import uuid
from collections.abc import Iterator
from typing import Any

from starlette.testclient import TestClient

from api.app import make_app
from tests.api.bureau import Bureau, passphrase_of
from tests.houses import PASSPHRASES

CUSTODIANS = dict(zip(("one", "two"), PASSPHRASES, strict=True))


class Api:
    """``http`` speaks to the application of ``place``."""

    def __init__(self, place: Bureau, http: TestClient) -> None:
        self.place = place
        self.http = http
        self._tokens: dict[str, str] = {}

    def sign_in(self, name: str, passphrase: str | None = None, **more: Any) -> Any:
        secret = passphrase or CUSTODIANS.get(name) or passphrase_of(name)
        return self.http.post("/api/session", json={"username": name, "passphrase": secret, **more})

    def token(self, name: str) -> str:
        if name not in self._tokens:
            answer = self.sign_in(name)
            assert answer.status_code == 200, answer.text
            self._tokens[name] = answer.json()["token"]
        return self._tokens[name]

    def bearer(self, name: str) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token(name)}"}

    def give(
        self, name: str, command: str, /, *, key: str | None = None, to: str = "commands", **body: Any
    ) -> Any:
        headers = self.bearer(name) | {"Idempotency-Key": key or uuid.uuid4().hex}
        return self.http.post(f"/api/{to}/{command}", json=body, headers=headers)

    def ask(self, name: str, query: str, /, **body: Any) -> Any:
        return self.http.post(f"/api/queries/{query}", json=body, headers=self.bearer(name))

    @property
    def size(self) -> int:
        """The log's size: what a refusal must leave as it was."""
        return self.place.house.queries.head().size


@contextlib.contextmanager
def api(place: Bureau) -> Iterator[Api]:
    """The application answers errors itself: nothing is raised into the test."""
    with TestClient(
        make_app(place.house), base_url="http://localhost", raise_server_exceptions=False
    ) as http:
        yield Api(place, http)
