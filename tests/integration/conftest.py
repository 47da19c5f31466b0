"""Proxies for tests that hold, lose or count the requests of the hosts to the store and to the provider.

List these fixtures before `start_stack` in a signature: pytest closes fixtures in reverse order, so the hosts that use
a proxy are closed first.
"""

from collections.abc import Iterator

import pytest

from local.strict_store.proxy import Proxy
from local.strict_store.store import Background, StrictStore
from tests.processes import AzuriteServer


@pytest.fixture(scope="module")
def store(azurite: AzuriteServer) -> Iterator[StrictStore]:
    with azurite.new_store() as strict:
        yield strict


@pytest.fixture(scope="module")
def provider() -> Iterator[Proxy]:
    background, proxy = Background(), Proxy()
    background.run(proxy.listen())
    yield proxy
    background.run(proxy.close())
    background.close()
