"""OptOuts: the numbers whose owners answered our texts with STOP."""

from datetime import datetime
from typing import Protocol


class OptOuts(Protocol):
    """By the keyed digest of the number, because a number may be of several accounts, and a reply names none."""

    async def stands(self, destination: str) -> bool:
        """Return whether nothing may be texted there. A number without an entry costs the same. Raises StoreLost."""
        ...

    async def note(self, destination: str, *, opted_out: bool, at: datetime) -> bool:
        """Record what the owner wants since `at`, and return whether that changes what stands.

        Events are repeated and come in any order: an older one than the recorded one changes nothing. Raises StoreLost.
        """
        ...
