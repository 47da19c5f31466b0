"""Microsoft's compiler, for every test of the templates."""

from collections.abc import Iterator

import pytest

from local import bicep
from tests.infra.deployment import Bicep


@pytest.fixture(scope="session")
def compiler() -> Iterator[Bicep]:
    """One compiler for all tests."""
    program = bicep.compiler()
    if program is None:
        pytest.skip(bicep.HOW_TO_GET)
    running = Bicep(program)
    yield running
    running.close()
