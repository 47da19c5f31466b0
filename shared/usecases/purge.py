"""Delete what has expired."""

from dataclasses import dataclass

from shared.ports.clock import Clock
from shared.ports.expired import Expired


@dataclass(frozen=True, slots=True)
class Purge:
    """Each store deletes a limited number of rows per run, to stay within the host's time limit."""

    expiring: tuple[Expired, ...]
    clock: Clock

    async def __call__(self) -> int:
        """Delete, and return the number of deleted rows. Raises StoreLost."""
        now = self.clock.now()
        return sum([await store.purge(now) for store in self.expiring])
