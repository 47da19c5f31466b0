"""Run two requests against each other, in every order of their calls to the ports; and instances with other clocks."""

import asyncio
import inspect
from collections.abc import Awaitable, Callable, Iterator
from contextvars import ContextVar
from copy import copy
from datetime import datetime, timedelta
from typing import Any

from tests.builders import World

WHO: ContextVar[str] = ContextVar("who", default="")
PORTS = ("people", "names", "directory", "promised")


class Turnstile:
    """Lets a request make one call to a port when it is released."""

    def __init__(self) -> None:
        self._waiting: dict[str, asyncio.Event] = {}
        self._tasks: dict[str, asyncio.Task[Any]] = {}

    async def enter(self) -> None:
        """Called before each call to a port. Whoever is not part of the race passes."""
        if who := WHO.get():
            self._waiting[who] = released = asyncio.Event()
            await released.wait()

    async def race(self, schedule: str, requests: dict[str, Callable[[], Awaitable[Any]]]) -> dict[str, Any]:
        """Make the calls in the order of the letters, then all others. Return the results and errors by letter."""
        for who, request in requests.items():
            self._tasks[who] = asyncio.create_task(self._of(who, request))
        for who in schedule:
            await self._step(who)
        for who, task in reversed(self._tasks.items()):
            while not task.done():
                await self._step(who)
        return dict(zip(self._tasks, await asyncio.gather(*self._tasks.values(), return_exceptions=True), strict=True))

    async def _of(self, who: str, request: Callable[[], Awaitable[Any]]) -> Any:
        WHO.set(who)
        return await request()

    async def _step(self, who: str) -> None:
        task = self._tasks[who]
        while who not in self._waiting and not task.done():
            await asyncio.sleep(0)
        if who in self._waiting:
            self._waiting.pop(who).set()
        while who not in self._waiting and not task.done():
            await asyncio.sleep(0)


class Gated:
    """A port whose calls go through the turnstile."""

    def __init__(self, port: Any, turnstile: Turnstile) -> None:
        self._port, self._turnstile = port, turnstile

    def __getattr__(self, name: str) -> Any:
        value = getattr(self._port, name)
        if not inspect.iscoroutinefunction(value):
            return value

        async def gated(*given: Any, **named: Any) -> Any:
            await self._turnstile.enter()
            return await value(*given, **named)

        return gated


def gated(world: World) -> Turnstile:
    """Put a turnstile in front of the ports of this world."""
    turnstile = Turnstile()
    for name in PORTS:
        setattr(world.adapters, name, Gated(getattr(world.adapters, name), turnstile))
    world.forget_what_was_built()
    return turnstile


def schedules(first: str, second: str, *, most: int) -> Iterator[str]:
    """Return every order in which `second` runs in one or two pieces between the calls of `first`."""
    for before in range(most):
        for piece in range(most):
            for between in range(most - before):
                yield first * before + second * piece + first * between


class ShiftedClock:
    """The clock of another machine."""

    def __init__(self, world: World, ahead: timedelta) -> None:
        self._world, self._ahead = world, ahead

    def now(self) -> datetime:
        return self._world.clock.now() + self._ahead


def another_instance(world: World, ahead: timedelta) -> World:
    """Return the service as a machine runs it whose clock is `ahead`: the same stores, and times of its own."""
    other = copy(world)
    other.adapters = copy(world.adapters)
    other.adapters.clock = clock = ShiftedClock(world, ahead)  # type: ignore[assignment]
    other.adapters.directory = other.directory = copy(world.directory)
    other.directory._clock = clock
    other.forget_what_was_built()
    return other
