"""A fault of ours is answered with our headers and words, and tells nothing of what it was."""

from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from api.app import make_app
from tests.houses import office

SECRET = "a secret of the inside"


def broken(*_: Any, **__: Any) -> Any:
    raise RuntimeError(SECRET)


@pytest.mark.parametrize(
    ("path", "accept", "media_type"),
    [
        ("/readyz", "text/html", "text/html; charset=utf-8"),
        ("/readyz", "application/json", "application/problem+json"),
        ("/api/session", "*/*", "application/problem+json"),
    ],
)
def test_a_fault_tells_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, path: str, accept: str, media_type: str
) -> None:
    with office(tmp_path / "data") as place:
        monkeypatch.setattr(type(place.house.queries), "head", broken)
        monkeypatch.setattr(type(place.house.accounts), "get", broken)
        client = TestClient(make_app(place.house), raise_server_exceptions=False)
        if path == "/readyz":
            answer = client.get(path, headers={"accept": accept})
        else:
            body = {"username": "one", "passphrase": "a long passphrase", "role": "auditor"}
            answer = client.post(path, json=body)
        assert (answer.status_code, answer.headers["content-type"]) == (500, media_type)
        assert SECRET not in answer.text + str(answer.headers)
        assert answer.headers["cache-control"] == "no-store"
        if "json" in media_type:
            assert answer.json()["code"] == "INTERNAL_ERROR"
