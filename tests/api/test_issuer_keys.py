"""Issuer keys and custodians who change: nothing is left half done, and the key file can still be read."""

from __future__ import annotations

from pathlib import Path

import pytest

from api import issuer_keys
from api.issuer_keys import Custodian
from ledger.commands.staff import RevokeRole
from ledger.domain.roles import Role
from ledger.errors import DomainError
from tests.houses import office


def test_a_second_who_may_not_leaves_no_request_behind(tmp_path: Path) -> None:
    with office(tmp_path / "data") as found:
        organisation = found.organisation()
        clerk = found.person((Role.TRAINING_ADMIN, organisation))
        one, other = (Custodian(each, found.signers[each]) for each in (found.custodians[0], clerk))
        size = found.house.queries.head().size
        with pytest.raises(DomainError, match="ROLE_FORBIDDEN"):
            issuer_keys.enrol_missing(found.house, organisation, (one, other))
        assert found.house.queries.head().size == size


def test_a_key_file_is_read_whose_signer_is_no_custodian_any_more(tmp_path: Path) -> None:
    with office(tmp_path / "data") as found:
        house = found.house
        third = found.person((Role.KEY_CUSTODIAN, None))
        one, two, three = (Custodian(each, found.signers[each]) for each in (*found.custodians, third))
        issuer_keys.sign_key_file(house, (one, two))
        found.custody(RevokeRole(staff=two.staff, role=Role.KEY_CUSTODIAN, org=None))
        first = house.key_files.accepted()
        assert first is not None
        assert not house.key_files.is_current(first)
        issuer_keys.sign_key_file(house, (one, two))  # whom the first version names may hand over
        second = house.key_files.accepted()
        assert second is not None
        assert house.key_files.is_current(second)
        assert [each.staff for each in second.custodians] == [f"staff/{one.staff}", f"staff/{three.staff}"]
        issuer_keys.sign_key_file(house, (one, three))
        third_file = house.key_files.accepted()
        assert third_file is not None
        assert third_file.version == 3
