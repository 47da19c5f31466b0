"""The service's wiring on a stack's store, for what a caller cannot do over HTTP: change ages, rows and secrets."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, TypeVar

from local.registered_person import registered_person
from shared.domain.account import AccountKey
from shared.domain.person import Person
from shared.ports.tokens import TokenPurpose
from shared.settings import settings_from
from shared.usecases.create_account import CreateAccount
from shared.wiring import Adapters, Service
from tests.stack import Stack

T = TypeVar("T")
NOT_MADE_YET = AccountKey("")


@dataclass(frozen=True)
class Known:
    """A person that a test created, with their secrets."""

    identifier: str
    password: str
    contacts: Mapping[str, str] = field(default_factory=dict)
    account: AccountKey = NOT_MADE_YET


def inside(stack: Stack, work: Callable[[Service], Awaitable[T]]) -> T:
    """Run a function with a service of the test on the stack's store and keys."""

    async def run() -> T:
        service = Service(Adapters(settings_from(stack.environment)))
        try:
            return await work(service)
        finally:
            await service.adapters.close()

    return asyncio.run(run())


def make_people(stack: Stack, *people: Known, days_ago: int = 30, **row: Any) -> list[Known]:
    """Create accounts with confirmed contacts, as if they had registered `days_ago`. `row` sets further fields."""

    async def work(service: Service) -> list[Known]:
        return await asyncio.gather(*(_make(service, known, days_ago, row) for known in people))

    return inside(stack, work)


def make_person(stack: Stack, known: Known, *, days_ago: int = 30, **row: Any) -> Known:
    return make_people(stack, known, days_ago=days_ago, **row)[0]


async def _make(service: Service, known: Known, days_ago: int, more: Mapping[str, Any]) -> Known:
    entry = await service.use(CreateAccount)(known.identifier, known.password)
    adapters = service.adapters
    at = adapters.clock.now() - timedelta(days=days_ago)
    day = (at + timedelta(days=service.adapters.policy.reconfirm_days)).strftime("%Y%m%d")
    fields = {"reminder_day": day, "language": "en", "password_stamp": entry.password_stamp, **more}
    row = registered_person(adapters.keyring, entry.object_id, known.contacts, at=at, **fields)
    if known.contacts:
        await adapters.due.add(day, row.account)
        await adapters.people.write(row, None)
    return Known(known.identifier, known.password, known.contacts, row.account)


def row_of(stack: Stack, account: AccountKey) -> Person:
    """Return the current row of the account."""

    async def work(service: Service) -> Person:
        return (await service.adapters.people.read(account)).person

    return inside(stack, work)


def counted_methods(stack: Stack, account: AccountKey) -> tuple[str, ...] | None:
    """Return the confirmed methods of the account as the coverage has them. None for somebody who is not counted."""

    async def work(service: Service) -> tuple[str, ...] | None:
        standing = (await service.adapters.coverage.read(account)).standing
        return standing.methods if standing is not None else None

    return inside(stack, work)


def retold(stack: Stack, purpose: TokenPurpose, token: str, kind: type[T], change: Callable[[T], T]) -> str:
    """Return the same token with a changed field, for example an earlier time, so that a test need not wait."""
    adapters = Adapters(settings_from(stack.environment))
    return adapters.tokens.seal(purpose, change(adapters.tokens.open(purpose, token, kind)))
