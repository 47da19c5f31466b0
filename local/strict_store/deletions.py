"""Tables and queues that are being deleted.

Microsoft Learn, "Delete Table" and "Delete Queue": a deletion is likely to take at least 40 seconds, and an operation
meanwhile is answered with 409. Azurite deletes at once.
"""

import time
from dataclasses import dataclass, field

SECONDS = 40.0


@dataclass(slots=True)
class Deletions:
    """The names that were deleted a short while ago, by account. `lasting` is in seconds."""

    lasting: float = SECONDS
    _since: dict[tuple[str, str], float] = field(default_factory=dict)

    def begin(self, account: str, name: str) -> None:
        """Note that a deletion was accepted now."""
        self._since[account, name.lower()] = time.monotonic()

    def are_under_way(self, account: str, name: str) -> bool:
        """Return whether the name cannot be used yet."""
        since = self._since.get((account, name.lower()))
        return since is not None and time.monotonic() - since < self.lasting
