"""Channel: passes one rendered message to a provider."""

from typing import Protocol

from shared.domain.message import Letter


class NotSent(Exception):
    """The provider did not accept the message, or did not confirm it in time. `permanent`: it will never accept it."""

    def __init__(self, cause: str, *, permanent: bool) -> None:
        super().__init__(cause)
        self.cause = cause
        self.permanent = permanent


class Channel(Protocol):
    """Email or SMS. One call is one attempt: an adapter never retries (C9)."""

    async def send(self, letter: Letter) -> None:
        """Return when the provider has accepted the message. Raises NotSent otherwise."""
        ...
