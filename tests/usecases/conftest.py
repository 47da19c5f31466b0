"""Fixtures for the use-cases."""

import pytest

from tests.fakes.clock import FixedClock


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock()
