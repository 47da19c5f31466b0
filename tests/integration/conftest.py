"""Proxies for tests that hold, lose or count the requests of the hosts to the store and to the provider.

List these fixtures before `start_stack` in a signature: pytest closes fixtures in reverse order, so the hosts that use
a proxy are closed first.
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
