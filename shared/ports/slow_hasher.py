"""SlowHasher: hashes that are slow to compute, for what a person could be made to tell or lose (rule 14)."""

from collections.abc import Sequence
from typing import Protocol


class SlowHasher(Protocol):
    """Computes off the event loop, few at once."""

    def salt(self, seed: bytes) -> str:
        """Return the salt of a new set, from 32 random bytes. It names the pepper and the parameters too."""
        ...

    def knows(self, salt: str) -> bool:
        """Whether the pepper of that salt is still available."""
        ...

    async def hashed(self, salt: str | None, parts: Sequence[str], *, turn: str) -> tuple[str, ...]:
        """Return the hash of each part, computed one after the other: 22 ASCII characters.

        Without a salt the same work is done, and the hashes are those of nothing that is stored. `turn` is what may do
        this only twice at once, such as a verification. Raises TryAgain for a third time, and when too many hashes are
        waiting.
        """
        ...
