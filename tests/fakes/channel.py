"""A Channel that keeps the messages it took, and raises the faults that a test scripted."""

import asyncio

from shared.ports.channel import NotSent, OutgoingMessage


class MemoryChannel:
    def __init__(self) -> None:
        self.messages: list[OutgoingMessage] = []
        self.attempts = 0
        self.faults: list[NotSent] = []
        """Raised by the next sends, in order."""

    async def send(self, message: OutgoingMessage) -> None:
        self.attempts += 1
        await asyncio.sleep(0)
        if self.faults:
            raise self.faults.pop(0)
        self.messages.append(message)
