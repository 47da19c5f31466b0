"""Calls that record each step, and raise the faults that a test scripted; and signatures with one that is valid."""

from collections.abc import Callable

from shared.domain.calls import Step
from shared.ports.channel import NotSent

SIGNATURE = "signed by the provider"


class MemoryCalls:
    def __init__(self) -> None:
        self.placed: list[tuple[str, str]] = []
        """Number and token of each call."""
        self.steps: list[tuple[str, str]] = []
        """What was done in calls, with what was said or dialled: an Azure step, or `hang up`."""
        self.faults: list[NotSent] = []
        """Raised by the next steps, in order."""
        self.around: Callable[[], None] = lambda: None
        """Called before and after each step, such as to kill the process."""

    @property
    def said(self) -> list[str]:
        """Every speech, oldest first."""
        return [said for step, said in self.steps if step in {Step.ASK, Step.ANNOUNCE, Step.SPEAK}]

    @property
    def spoken(self) -> list[str]:
        """The speeches with a code."""
        return [said for step, said in self.steps if step == Step.SPEAK]

    async def place(self, number: str, token: str) -> None:
        self._fail()
        self.placed.append((number, token))
        self.around()

    async def say(self, connection: str, speech: str, step: Step) -> None:
        self._take(step, speech)

    async def dial(self, connection: str, number: str, tones: str) -> None:
        self._take(Step.DIAL, tones)

    async def ask_for_key(self, connection: str, number: str, speech: str) -> None:
        self._take(Step.ASK, speech)

    async def hang_up(self, connection: str) -> None:
        self._take("hang up", connection)

    def _take(self, step: str, what: str) -> None:
        self._fail()
        self.steps.append((step, what))
        self.around()

    def _fail(self) -> None:
        self.around()
        if self.faults:
            raise self.faults.pop(0)


class MemorySignatures:
    async def is_valid(self, token: str) -> bool:
        return token == SIGNATURE
