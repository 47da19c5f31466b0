"""Channel: passes one rendered message to a provider."""

from dataclasses import dataclass
from typing import Final, Protocol

OPTED_OUT: Final = "opted_out"
"""The cause of a refusal because the owner of the number answered a text with STOP."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OutgoingMessage:
    """One rendered message on its way to one address or number."""

    channel: str
    to: str
    subject: str
    text: str
    html: str
    account: str
    """Whose message it is: the provider's report brings it back, so that no table has to remember what was sent."""
    idempotency: str
    """The same for every attempt at the same message: providers that know it accept it once."""


class NotSent(Exception):
    """The provider did not accept the message, or did not confirm it in time.

    `permanent`: it will never accept a message for this address, and the address is the reason; a refused sender, key
    or quota is not. `definite`: it certainly did not accept it, so another send cannot make two. `status` is the HTTP
    status of its answer, 0 without one; `code` is its own word for the error, without anything about the recipient.
    """

    def __init__(self, cause: str, *, permanent: bool, definite: bool = False, status: int = 0, code: str = "") -> None:
        super().__init__(cause)
        self.cause = cause
        self.status = status
        self.code = code
        self.permanent = permanent
        self.definite = definite or permanent


class Channel(Protocol):
    """Email or SMS. One call is one attempt: an adapter never retries (C9)."""

    async def send(self, message: OutgoingMessage) -> None:
        """Return when the provider has accepted the message. Raises NotSent otherwise."""
        ...
