"""The implementation under test, and the clock."""

import pytest

from tests.fakes.clock import FixedClock


@pytest.fixture(params=["memory", pytest.param("azure", marks=pytest.mark.integration)])
def kind(request: pytest.FixtureRequest) -> str:
    """`memory` is the fake, `azure` the real adapter on Azurite."""
    return str(request.param)


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock()
