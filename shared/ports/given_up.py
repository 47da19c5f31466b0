"""GivenUp: the messages that the Functions host gave up, in the poison queues."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, Protocol

MOST_AT_ONCE: Final = 32


@dataclass(frozen=True, slots=True)
class GivenUpMessage:
    """One message, as it is in the queue. `text` is None where it is not base64 of UTF-8."""

    queue: str
    """The queue whose function failed, without the ending of the poison queue."""
    id: str
    text: str | None
    handle: Any
    """What the adapter needs to delete it."""


class GivenUp(Protocol):
    """Reads through the queue's own interface: some messages never reach a function (rule 33)."""

    queues: Sequence[str]

    async def take(self, queue: str) -> Sequence[GivenUpMessage]:
        """Return some messages, at most MOST_AT_ONCE, and hide them for some minutes. Raises StoreLost."""
        ...

    async def delete(self, message: GivenUpMessage) -> None:
        """Delete a message. Raises StoreLost."""
        ...
