"""Purge: delete what has expired."""

from dataclasses import dataclass

from shared.ports.clock import Clock
from shared.ports.expired import Expired


@dataclass(frozen=True, slots=True)
class Purge:
    """Each store deletes a bounded portion a run, so that a backlog never outgrows the host's time limit."""

    expiring: tuple[Expired, ...]
    clock: Clock

    async def __call__(self) -> int:
        """How many rows went. Raises StoreLost."""
        now = self.clock.now()
        return sum([await store.purge(now) for store in self.expiring])
