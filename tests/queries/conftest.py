"""The scene, played once for each module that only looks at it."""

from collections.abc import Iterator

import pytest

from tests.api.bureau import bureau
from tests.queries.scene import Scene, scene


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    with bureau(tmp_path_factory.mktemp("scene") / "data") as place:
        yield scene(place)


@pytest.fixture(params=["sqlite", "postgres"], scope="module")
def played_on(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    """The scene on either database, for a module that changes it step by step."""
    with bureau(tmp_path_factory.mktemp("scene") / "data", kind=request.param) as place:
        yield scene(place)
