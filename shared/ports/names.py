"""Names: the account that a typed name belongs to."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Protocol

from shared.domain.account import AccountKey

KNOWN_ALREADY: Final = 9
"""Instead of a place, so that a token has the same length for every client."""


@dataclass(frozen=True, slots=True)
class Found:
    """The account of a name, and the clients of its last successes: their keys by place (rule 10)."""

    account: AccountKey
    clients: Mapping[int, str] = field(default_factory=dict)
    oldest: int = 0
    """The place that the next new client takes."""

    def slot_for(self, client_key: str) -> int:
        """Return the place for a new client. KNOWN_ALREADY where it has one."""
        return KNOWN_ALREADY if client_key in self.clients.values() else self.oldest


class Names(Protocol):
    """The index from keyed names to accounts. The Keyring makes the keys; the index contains no readable name."""

    async def find(self, name_key: str) -> Found | None:
        """Return the account and its known clients, or None. A miss costs the same as a hit. Raises StoreLost."""
        ...

    async def know(self, name_key: str, slot: int, client_key: str) -> None:
        """Note in this place that the client had a success for the name. A name that is gone stays gone.

        Raises StoreLost.
        """
        ...

    async def bind(self, name_key: str, account: AccountKey) -> None:
        """Bind the name to `account`, to which the directory has just resolved it (rule 8). Raises StoreLost."""
        ...

    async def release(self, name_key: str) -> None:
        """Remove one name: the directory has it for two accounts now. A missing one is no error. Raises StoreLost."""
        ...

    async def unbind(self, account: AccountKey) -> int:
        """Remove all names of `account` and return how many; also names that the directory no longer knows.

        Raises StoreLost.
        """
        ...
