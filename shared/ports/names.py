"""Names: which account a typed name leads to."""

from typing import Protocol

from shared.domain.account import AccountKey


class Names(Protocol):
    """The index from keyed names to accounts. The keys are made by the Keyring; nothing readable stands here."""

    async def find(self, name_key: str) -> AccountKey | None:
        """The account, or None; a miss costs the same as a hit. Raises StoreLost."""
        ...

    async def bind(self, name_key: str, account: AccountKey) -> None:
        """Make the name lead to `account`, which the directory has just resolved it to (rule 8). Raises StoreLost."""
        ...

    async def unbind(self, account: AccountKey) -> int:
        """Remove every name that leads to `account`, and say how many: also those that the directory has forgotten.

        Looks through all names, so it is for an administrator's rare request and for nothing else. Raises StoreLost.
        """
        ...
