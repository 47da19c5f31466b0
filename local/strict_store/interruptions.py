"""What a test does to a request on its way: hold it, lose its answer, or answer as a service under stress does."""

import asyncio
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from local.strict_store.errors import ServiceError
from local.strict_store.wire import Request

Wanted = Callable[[Request], bool]


class Moment(StrEnum):
    """When to interrupt a request."""

    BEFORE = "before"
    AFTER = "after"


class Lost:
    """The caller gets no answer: its connection is closed."""


LOST: Final = Lost()


@dataclass(eq=False)
class Interruption:
    """The first matching requests (`times`, or all of them), and what their callers get instead of the answer."""

    wanted: Wanted
    moment: Moment
    verdict: ServiceError | Lost | None = None
    times: int | None = 1
    caught: int = 0

    def takes(self, request: Request, moment: Moment) -> bool:
        """Return whether this request is interrupted at this moment, and count it."""
        if moment is not self.moment or self.caught == self.times or not self.wanted(request):
            return False
        self.caught += 1
        return True

    async def verdict_on(self, _request: Request) -> ServiceError | Lost | None:
        """Return what the caller gets; None: the answer of the server."""
        return self.verdict

    def check(self) -> None:
        """Raise an error if no request was interrupted: the test would show nothing."""
        if not self.caught:
            raise LookupError(f"no request was interrupted {self.moment} the server acted")


@dataclass(eq=False)
class Hold(Interruption):
    """The first matching request, held. `release` lets it continue; `drop` closes its connection."""

    request: Request | None = None
    _caught: threading.Event = field(default_factory=threading.Event)
    _decided: asyncio.Event = field(default_factory=asyncio.Event)
    _loop: asyncio.AbstractEventLoop | None = None

    def wait(self, within: float = 20) -> None:
        """Wait until a request is held. Raises TimeoutError."""
        if not self._caught.wait(within):
            raise TimeoutError(f"nothing was held {self.moment} the server acted within {within} s")

    def release(self) -> None:
        """Let the request or its answer continue."""
        if self._loop is not None:
            self._loop.call_soon_threadsafe(self._decided.set)

    def drop(self) -> None:
        """Close the connection of the caller."""
        self.verdict = LOST
        self.release()

    async def verdict_on(self, request: Request) -> ServiceError | Lost | None:
        """Wait for the decision."""
        self.request, self._loop = request, asyncio.get_running_loop()
        self._caught.set()
        await self._decided.wait()
        return self.verdict
