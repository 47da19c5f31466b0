"""Create an account in the embedded directory."""

from dataclasses import dataclass

from shared.domain.account import DirectoryEntry
from shared.ports.account_register import AccountRegister
from shared.usecases._name_binding import NameBinding


@dataclass(frozen=True, slots=True)
class CreateAccount:
    """Creates an account. The caller generates the first password and shows it once; nobody chooses it (R-66)."""

    account_register: AccountRegister
    name_binding: NameBinding

    async def __call__(self, identifier: str, password: str, *, roles: frozenset[str] = frozenset()) -> DirectoryEntry:
        """Create the account and return its entry. `identifier` is canonical. Raises NameTaken."""
        entry = await self.account_register.create(identifier, password, roles=roles)
        await self.name_binding.bind(entry)
        return entry
