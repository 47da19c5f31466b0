"""The service with the settings of a deployment: a managed identity, TLS, and neither key nor connection string."""

import os

import pytest

from bench._deployed import by_key, deployed, trusting
from local.stack.storage import prepare_storage
from shared.domain.account import AccountKey
from shared.domain.trail import NoticeOrder

pytestmark = pytest.mark.integration


async def test_tables_and_queues_accept_the_token_of_the_managed_identity(monkeypatch: pytest.MonkeyPatch) -> None:
    """The store checks issuer, audience and life of the token, and the identity endpoint checks its caller."""
    with deployed(os.environ) as environment:
        for name in ("IDENTITY_ENDPOINT", "IDENTITY_HEADER"):  # the SDK reads them itself
            monkeypatch.setenv(name, environment[name])
        preparing, adapters = by_key(environment), trusting(environment)
        await prepare_storage(preparing)
        await preparing.close()
        account = AccountKey("account")
        await adapters.names.bind("name", account)
        await adapters.promised.promise(NoticeOrder(account=account))
        found = await adapters.names.find("name")
        assert found is not None
        assert found.account == account
        await adapters.close()
