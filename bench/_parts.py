"""CPU time of a coroutine by part: Argon2, the SDK of tables and queues, its transport, and the rest.

Each step of a coroutine is charged to its part, with the CPU clock of the event loop's thread. What that thread uses
between the steps is the loop itself and the sockets, and is charged to the transport. Argon2 runs in its own threads.
"""

import inspect
from collections import defaultdict
from collections.abc import Callable, Coroutine, Generator
from contextlib import ExitStack
from time import thread_time
from typing import Any
from unittest.mock import patch

from shared.adapters.argon2_hasher import Argon2Hasher
from shared.adapters.azure_queues.promised_notices import QueuePromisedNotices
from shared.adapters.azure_tables._table import Table
from shared.adapters.azure_transport import SharedTransport

ARGON2, SDK, TRANSPORT, REST = "Argon2", "SDK of tables and queues", "transport and event loop", "the rest"


class Clock:
    """CPU seconds by part. The part that was entered last is charged until it is left."""

    def __init__(self) -> None:
        self.spent: dict[str, float] = defaultdict(float)
        self.hashes = 0
        self._entered = [TRANSPORT]
        self._since = thread_time()

    def enter(self, part: str) -> None:
        self._charge()
        self._entered.append(part)

    def leave(self) -> None:
        self._charge()
        self._entered.pop()

    def _charge(self) -> None:
        now = thread_time()
        self.spent[self._entered[-1]] += now - self._since
        self._since = now

    def hashing(self, run: Callable[..., Any]) -> Callable[..., Any]:
        """Return `Argon2Hasher._run`, with its work timed in the thread that does it."""

        async def timed(hasher: Argon2Hasher, work: Callable[..., Any], *arguments: object) -> Any:
            def in_its_thread() -> Any:
                began = thread_time()
                try:
                    return work(*arguments)
                finally:
                    self.spent[ARGON2] += thread_time() - began
                    self.hashes += 1

            return await run(hasher, in_its_thread)

        return timed

    def charging(self, function: Callable[..., Any], part: str) -> Callable[..., Any]:
        """Return the coroutine function or asynchronous generator function, charged to `part`."""

        async def call(*arguments: Any, **options: Any) -> Any:
            return await _Steps(function(*arguments, **options), part, self)

        async def generate(*arguments: Any, **options: Any) -> Any:
            items = function(*arguments, **options)
            while True:
                try:
                    item = await _Steps(anext(items), part, self)
                except StopAsyncIteration:
                    return
                yield item

        return generate if inspect.isasyncgenfunction(function) else call


class _Steps:
    """Awaits `work` and charges each of its steps."""

    def __init__(self, work: Any, part: str, clock: Clock) -> None:
        self.work, self.part, self.clock = work, part, clock

    def __await__(self) -> Generator[Any, Any, Any]:
        step, given = self.work.send, None
        while True:
            self.clock.enter(self.part)
            try:
                awaited = step(given)
            except StopIteration as done:
                return done.value
            finally:
                self.clock.leave()
            try:
                step, given = self.work.send, (yield awaited)
            except BaseException as error:  # noqa: BLE001  the coroutine handles it
                step, given = self.work.throw, error


async def cpu_by_part(work: Callable[[], Coroutine[Any, Any, object]]) -> Clock:
    """Run the coroutine and return what it used."""
    clock = Clock()
    with ExitStack() as patches:
        charged = [(SharedTransport, "send", TRANSPORT), (QueuePromisedNotices, "promise", SDK)]
        charged += [(Table, name, SDK) for name, made in vars(Table).items() if _is_asynchronous(made)]
        for kind, name, part in charged:
            patches.enter_context(patch.object(kind, name, clock.charging(getattr(kind, name), part)))
        patches.enter_context(patch.object(Argon2Hasher, "_run", clock.hashing(Argon2Hasher._run)))  # noqa: SLF001
        await clock.charging(work, REST)()
    return clock


def _is_asynchronous(made: object) -> bool:
    return inspect.iscoroutinefunction(made) or inspect.isasyncgenfunction(made)
