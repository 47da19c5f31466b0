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
