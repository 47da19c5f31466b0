"""BotChecks: challenges that cost a client some seconds of work, and their solutions (rule 25)."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Protocol


class BotChecks(Protocol):
    """The adapter knows the form of the challenges. Nothing is stored."""

    async def challenge(self, secret: str, now: datetime) -> Mapping[str, Any]:
        """Return a challenge signed with this secret. Raises TryAgain when too many are being made."""
        ...

    def solved(self, solution: str, secret: str, now: datetime) -> str | None:
        """Return the id of the challenge that this solves. None for anything else, whatever its form."""
        ...
