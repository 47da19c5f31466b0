"""Names: the account that a typed name belongs to."""

from typing import Protocol

from shared.domain.account import AccountKey


class Names(Protocol):
    """The index from keyed names to accounts. The Keyring makes the keys; the index contains no readable name."""

    async def find(self, name_key: str) -> AccountKey | None:
        """Return the account or None. A miss costs the same as a hit. Raises StoreLost."""
        ...

    async def bind(self, name_key: str, account: AccountKey) -> None:
        """Bind the name to `account`, to which the directory has just resolved it (rule 8). Raises StoreLost."""
        ...

    async def unbind(self, account: AccountKey) -> int:
        """Remove all names of `account` and return how many; also names that the directory no longer knows.

        Raises StoreLost.
        """
        ...
