"""What the tests of refusals share: two commands, and what a refused act answers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from ledger.commands.custody import (
    RegisterOrganisation,
)
from ledger.commands.learners import RegisterLearner
from ledger.errors import Error

NIK = "9901011403909001"
NOBODY = "00000000-0000-4000-8000-000000000000"
SITE = RegisterOrganisation(kind="assessment_site", name="TUK", public_name="TUK", zone="Asia/Jakarta")


def register(**members: Any) -> RegisterLearner:
    """The registration of a learner."""
    return RegisterLearner(full_name="Orang Fiktif", **members)


def refused(give: Callable[[], object]) -> str:
    """The code with which an act is refused."""
    with pytest.raises(Error) as caught:
        give()
    return caught.value.code
