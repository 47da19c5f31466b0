"""ImportOrders: the queue from which imports are worked off."""

from typing import Protocol


class ImportOrders(Protocol):
    """A message names an import and nothing else. It may come twice, or late: the store says what is left to do."""

    async def send(self, import_id: str) -> None:
        """Have the import worked on. Raises StoreLost; the order may have been queued all the same."""
        ...
