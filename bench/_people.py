"""Writes registered people directly into the store, so that a measurement need not send and enter codes."""

from datetime import timedelta
from typing import Any

from local.registered_person import registered_person
from shared.domain.account import ObjectId
from shared.domain.person import Person
from shared.usecases.create_account import CreateAccount
from shared.wiring import Adapters, Service


async def register(adapters: Adapters, service: Service, identifier: str, contacts: dict[str, str]) -> None:
    """Return an account with these methods, confirmed three days ago."""
    entry = await service.use(CreateAccount)(identifier, "a first password of some length")
    row = person(adapters, entry.object_id, contacts, password_stamp=entry.password_stamp)
    await adapters.people.write(row, None)


def person(adapters: Adapters, object_id: ObjectId, contacts: dict[str, str], **row: Any) -> Person:
    """Return the row of a person who confirmed these contacts three days ago."""
    at = adapters.clock.now() - timedelta(days=3)
    return registered_person(adapters.keyring, object_id, contacts, at=at, **row)
