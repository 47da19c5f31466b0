"""Calls: the telephone of the installation. Each method is one attempt at one step, never repeated by itself (C9)."""

from typing import Protocol

from shared.domain.calls import Step


class Calls(Protocol):
    """Each method raises NotSent (shared/ports/channel.py) when the provider did not take the step.

    `connection` is the provider's id of the call, `number` the number that was called, in E.164. A speech is SSML.
    """

    async def place(self, number: str, token: str) -> None:
        """Call the number. The provider reports about the call to an address that ends in `token`."""
        ...

    async def say(self, connection: str, speech: str, step: Step) -> None:
        """Speak, whatever is spoken now. The report names the step."""
        ...

    async def dial(self, connection: str, number: str, tones: str) -> None:
        """Send tones: the digits of an extension."""
        ...

    async def ask_for_key(self, connection: str, number: str, speech: str) -> None:
        """Speak, and listen for one key, also while speaking."""
        ...

    async def hang_up(self, connection: str) -> None:
        """End the call."""
        ...
