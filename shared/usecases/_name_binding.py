"""Bind the names of a directory entry to its account (rule 8)."""

from dataclasses import dataclass

from shared.domain.account import AccountKey, DirectoryEntry
from shared.ports.keyring import Keyring
from shared.ports.names import Names


@dataclass(frozen=True, slots=True)
class NameBinding:
    """The ports for names, for the use-cases that resolve them: sign-in, prefill, new accounts."""

    names: Names
    keyring: Keyring

    async def bind(self, entry: DirectoryEntry) -> AccountKey:
        """Bind every name of the entry to its account, and return the account key. Raises StoreLost.

        A name that another entry has too leads to nobody, also where it led to one of them before.
        """
        account = self.keyring.account_key(entry.object_id)
        for name in entry.names:
            name_key = self.keyring.name_key(name)
            found = await self.names.find(name_key)
            if found is None or found.account != account:
                await self.names.bind(name_key, account)
        for name_key in map(self.keyring.name_key, entry.shared_names):
            if await self.names.find(name_key) is not None:
                await self.names.release(name_key)
        return account

    async def know(self, identifier: str, client: str) -> None:
        """Give the client the reserve of starts for this name, after a success (rule 10). Raises StoreLost."""
        name_key, client_key = self.keyring.name_key(identifier), self.keyring.client_key(client)
        found = await self.names.find(name_key)
        if found is not None and client_key not in found.clients.values():
            await self.names.know(name_key, found.oldest, client_key)
