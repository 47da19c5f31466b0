"""GivenUp: drains the poison queues through the SDK."""

import base64
import binascii
from collections.abc import Callable, Sequence
from typing import Final

from shared.adapters.azure_queues._queue import Queue
from shared.ports.given_up import MOST_AT_ONCE, GivenUpMessage

POISON: Final = "-poison"
"""The host appends it to the name of a queue, for the messages that failed five times."""

HIDDEN_SECONDS: Final = 600
"""Longer than one run of the timer. What a run could not settle, a later one takes again."""


class QueueGivenUp:
    def __init__(self, queues: Sequence[str], queue: Callable[[str], Queue]) -> None:
        self.queues = queues
        self._poison = {name: queue(f"{name}{POISON}") for name in queues}

    async def take(self, queue: str) -> Sequence[GivenUpMessage]:
        found = await self._poison[queue].receive(MOST_AT_ONCE, hidden=HIDDEN_SECONDS)
        return [GivenUpMessage(queue, str(m.id), _decoded(str(m.content)), m) for m in found]

    async def delete(self, message: GivenUpMessage) -> None:
        await self._poison[message.queue].delete(message.handle)


def _decoded(content: str) -> str | None:
    try:
        return base64.b64decode(content, validate=True).decode()
    except (binascii.Error, ValueError):
        return None
