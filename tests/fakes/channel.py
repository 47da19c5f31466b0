"""A Channel that keeps what it took, and refuses what it is told to."""

import asyncio

from shared.domain.message import Letter
from shared.ports.channel import NotSent


class MemoryChannel:
    def __init__(self) -> None:
        self.letters: list[Letter] = []
        self.attempts = 0
        self.faults: list[NotSent] = []
        """Raised by the next sends, in order."""

    async def send(self, letter: Letter) -> None:
        self.attempts += 1
        await asyncio.sleep(0)
        if self.faults:
            raise self.faults.pop(0)
        self.letters.append(letter)
