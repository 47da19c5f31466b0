"""CallSignatures: whether a report about a call comes from the provider."""

from typing import Protocol


class CallSignatures(Protocol):
    """Judges the signed token that the provider sends with each report."""

    async def is_valid(self, token: str) -> bool:
        """Whether the provider signed it, for this installation, and it has not expired.

        Raises TryAgain if the provider's keys cannot be had; it then sends the report again.
        """
        ...
