"""Name the accounts of audit events, as the directory names them now. The log itself has keyed digests only."""

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from shared.domain.account import AccountKey, DirectoryEntry, ObjectId, week_of_stranger
from shared.ports.account_register import AccountRegister
from shared.ports.directory import Directory, DirectoryLost
from shared.ports.keyring import Keyring
from shared.ports.people import People

AT_ONCE: Final = 16


@dataclass(frozen=True, slots=True)
class Named:
    """An account to its reader. `name` and `object_id` are empty where nobody knows them any more."""

    key: str
    """The same for all events of an account, and not the key of its rows (rule 7)."""
    name: str = ""
    object_id: str = ""


NOBODY: Final = Named("")


@dataclass(frozen=True, slots=True)
class Naming:
    """At most two reads and one question to the directory for an account."""

    people: People
    directory: Directory
    accounts_here: AccountRegister | None
    keyring: Keyring

    async def of(self, accounts: Iterable[str]) -> dict[str, Named]:
        """Return who these accounts are. Raises StoreLost. Without the directory, names are empty."""
        wanted, places = list(dict.fromkeys(accounts)), asyncio.Semaphore(AT_ONCE)

        async def named(account: str) -> Named:
            async with places:
                return await self._named(AccountKey(account))

        return dict(zip(wanted, await asyncio.gather(*map(named, wanted)), strict=True))

    async def _named(self, account: AccountKey) -> Named:
        if not account:
            return NOBODY
        key = self.keyring.digest("audit-account", account)
        if week_of_stranger(account):
            return Named(key)
        object_id = (await self.people.read(account)).person.object_id
        try:
            entry = await self._entry(account, object_id)
        except DirectoryLost:
            entry = None
        return Named(key, entry.names[0] if entry else "", entry.object_id if entry else object_id or "")

    async def _entry(self, account: AccountKey, object_id: ObjectId | None) -> DirectoryEntry | None:
        if object_id is not None:
            return await self.directory.find(object_id)
        return await self.accounts_here.held(account) if self.accounts_here else None  # nothing was set for them yet
