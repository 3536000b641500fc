"""Each kind of tampering once, and thousands of times in the slow suite. See `tests.audit.tamper`."""

import pytest

from tests.audit.mutations import MUTATIONS
from tests.audit.tamper import attempt, tamper


@pytest.mark.parametrize("number", range(len(MUTATIONS)), ids=[mutation.title for mutation in MUTATIONS])
def test_a_kind_of_tampering(number: int) -> None:
    _, _, _, wrong = attempt(2, number)
    assert wrong is None


@pytest.mark.slow
def test_ten_thousand_mutations() -> None:
    assert [failure for tally in tamper(10_000, 1, 2) for failure in tally.failures] == []
