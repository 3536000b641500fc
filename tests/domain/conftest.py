import pytest

from tests.domain.centre import Centre


@pytest.fixture
def centre() -> Centre:
    """A training centre with its people, schemes and templates."""
    return Centre()
