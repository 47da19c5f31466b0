"""Go-betweens for the tests that hold, lose and count what the hosts say to the store and to the provider.

List them before `start_stack` in a signature: what is asked for first is closed last, after the hosts that use it.
"""

from collections.abc import Iterator

import pytest

from tests.integration.go_between import GoBetween, StoreBetween, store_between
from tests.processes import AzuriteServer


@pytest.fixture(scope="module")
def store(azurite: AzuriteServer) -> Iterator[StoreBetween]:
    with store_between(azurite) as between:
        yield between


@pytest.fixture(scope="module")
def provider() -> Iterator[GoBetween]:
    between = GoBetween()
    yield between
    between.close()
