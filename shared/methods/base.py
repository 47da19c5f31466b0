"""Method: what every authentication method answers about itself."""

from typing import Protocol

from shared.domain.contact import Contact
from shared.domain.policy import Policy


class Method(Protocol):
    """One way to prove who one is. Decides; never sends, stores or tells the time."""

    @property
    def name(self) -> str:
        """The name in requests, rows and templates."""
        ...

    @property
    def channels(self) -> tuple[str, ...]:
        """The channels that carry its code, the default one first."""
        ...

    def contact(self, text: str, policy: Policy) -> Contact:
        """The contact as the person or an administrator typed it, judged and made canonical. Raises InvalidInput."""
        ...

    def stored(self, text: str) -> Contact:
        """The contact as it was sealed: judged when it came in, and not changed by the rules of today (R-19)."""
        ...
