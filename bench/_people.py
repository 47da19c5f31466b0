"""Writes registered people directly into the store, so that a measurement need not send and enter codes."""

from datetime import timedelta

from shared.domain.account import ObjectId
from shared.domain.person import MethodState, Person, RegisteredMethod, Source
from shared.usecases.create_account import CreateAccount
from shared.wiring import Adapters, Service


async def register(adapters: Adapters, service: Service, identifier: str, contacts: dict[str, str]) -> None:
    """Return an account with these methods, confirmed three days ago."""
    account = await service.use(CreateAccount)(identifier, "a first password of some length")
    await adapters.people.write(person(adapters, account.object_id, contacts), None)


def person(adapters: Adapters, object_id: ObjectId, contacts: dict[str, str]) -> Person:
    """Return the row of a person who confirmed these contacts."""
    keyring = adapters.keyring
    key = keyring.account_key(object_id)
    at = adapters.clock.now() - timedelta(days=3)
    methods = tuple(
        RegisteredMethod(
            name=name,
            sealed=keyring.seal(contact, account=key, purpose=name),
            destination=keyring.digest("destination", contact),
            state=MethodState.CONFIRMED,
            source=Source.SELF,
            set_at=at,
            confirmed_at=at,
        )
        for name, contact in contacts.items()
    )
    return Person(account=key, object_id=object_id, methods=methods)
