"""Channel: hands one rendered message to a provider."""

from typing import Protocol

from shared.domain.message import Letter


class NotSent(Exception):
    """The provider did not take it, or did not say so in time. `permanent`: it never will, for this address."""

    def __init__(self, cause: str, *, permanent: bool) -> None:
        super().__init__(cause)
        self.cause = cause
        self.permanent = permanent


class Channel(Protocol):
    """Email or SMS. One call is one attempt: an adapter never retries (C9)."""

    async def send(self, letter: Letter) -> None:
        """Return once the provider took it; raise NotSent otherwise."""
        ...
