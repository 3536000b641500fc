"""What an employer has to check with: a ledger's public documents, and its people when a test needs an act."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

from starlette.applications import Starlette
from starlette.testclient import TestClient

from api.composition import House
from api.credentials import credential_routes
from api.issuer_keys import Custodian, Custodians
from ledger.commands.command import Command
from ledger.deciding import Signatory
from ledger.domain.roles import Role
from ledger.domain.staff import Staff
from verifier import keyfile, rootfile, statuslist, withdrawn
from verifier.keyfile import KeyFile, Trust
from verifier.statuslist import StatusList
from verifier.withdrawn import WithdrawnList


@dataclass(slots=True)
class Shop:
    """An open ledger that was built from a sample, with its ``demo.json``."""

    house: House
    demo: dict[str, Any]

    @property
    def client(self) -> TestClient:
        """A client of the documents' routes."""
        return TestClient(Starlette(routes=list(credential_routes(self.house))))

    @property
    def now(self) -> datetime:
        return self.house.clock.now()

    @property
    def trust(self) -> Trust:
        return Trust.of_root(rootfile.parse(Path(self.demo["root"]).read_bytes()))

    @property
    def keys(self) -> KeyFile:
        return keyfile.parse(self.fetch("/keys"), self.trust)

    @property
    def withdrawn(self) -> dict[str, WithdrawnList]:
        return withdrawn.parse(self.fetch("/withdrawn"), self.keys)

    def fetch(self, path: str) -> bytes:
        answer = self.client.get(path)
        assert answer.status_code == 200, f"{path}: {answer.text}"
        return answer.content

    def credential(self, code: str) -> bytes:
        return self.fetch(f"/v/{code}/credential.json")

    def status_bytes(self, credential: bytes) -> bytes:
        url: str = json.loads(credential)["credentialStatus"]["statusListCredential"]
        return self.fetch(url.removeprefix(self.demo["base_url"]))

    def status(self, credential: bytes) -> StatusList:
        return statuslist.parse(self.status_bytes(credential), self.keys)

    def with_status(self, *statuses: str, kind: str | None = None) -> dict[str, Any]:
        """The first certificate that the sample expects to have this status (and kind)."""
        for entry in self.demo["certificates"]:
            if entry["code"] and entry["expected_status"] in statuses and kind in {None, entry["kind"]}:
                found: dict[str, Any] = entry
                return found
        raise AssertionError(f"the sample has no certificate that is {statuses}")

    def certificate(self, entry: dict[str, Any]) -> str:
        """The id of a certificate in ``demo.json``."""
        found = self.house.personal.index.certificate_of(entry["code"])
        assert found is not None
        return found

    # -- people ----------------------------------------------------------------------------------------

    @property
    def custodians(self) -> Custodians:
        """The two founders, with their keys unlocked."""
        one, two = self.house.accounts.all()[:2]
        return self._custodian(one.username), self._custodian(two.username)

    def _custodian(self, username: str) -> Custodian:
        account = self.house.accounts.get(username)
        passphrase = next(
            each["passphrase"] for each in self.demo["accounts"] if each["username"] == username
        )
        return Custodian(account.staff, self.house.keystore.unlock(account.key, passphrase))

    def give(self, role: Role, org: str | None, command: Command) -> dict[str, Any]:
        """A command of somebody who holds the role there."""
        return self.at_desk(role, org)(command)

    def at_desk(self, role: Role, org: str | None) -> Callable[[Command], dict[str, Any]]:
        """Somebody who holds the role there, with the key unlocked, ready to give commands."""
        for account in self.house.accounts.all():
            staff = self.house.application.find(Staff, account.staff)
            if staff is not None and staff.holds(role, org):
                return partial(
                    self._give, Signatory(account.staff, role, org), self._custodian(account.username)
                )
        raise AssertionError(f"nobody is {role} at {org}")

    def custody(self, command: Command, *, second: bool = False) -> dict[str, Any]:
        """A command of the first or second founder."""
        custodian = self.custodians[second]
        return self._give(Signatory(custodian.staff, Role.KEY_CUSTODIAN, None), custodian, command)

    def _give(self, signatory: Signatory, person: Custodian, command: Command) -> dict[str, Any]:
        key = uuid.uuid4().hex
        return dict(self.house.ledger.give(signatory, person.signer, command, idempotency_key=key).result)


def changed(data: bytes, *changes: tuple[tuple[str | int, ...], Any]) -> bytes:
    """A JSON document with members set (or removed, for ``...``) by their paths."""
    value = json.loads(data)
    for path, new in changes:
        target = value
        for part in path[:-1]:
            target = target[part]
        if new is ...:
            del target[path[-1]]
        else:
            target[path[-1]] = new
    return json.dumps(value).encode()


def renamed(data: bytes, name: str, iri: str) -> bytes:
    """A JSON document with one member at the top renamed to its full IRI: the same RDF."""
    value = json.loads(data)
    value[iri] = value.pop(name)
    return json.dumps(value).encode()
