"""Threads, deadlines, fail-over, and connections of the service account that are used again.

A read that meets a broken connection goes to the next server. From the moment in which a write is sent, nothing is
repeated: neither here nor by anybody else (rule 11).
"""

import asyncio
import logging
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from typing import Any, Final, TypeVar

from shared.adapters.directories.ldap.link import Broken, Link
from shared.adapters.directories.ldap.options import Options, Server
from shared.ports.directory import DirectoryLost, DirectoryUnknown

T = TypeVar("T")

_LOG: Final = logging.getLogger("sesame.directory")

AT_ONCE: Final = 8
WAITING: Final = 32
MOST_IDLE: Final = 4
IDLE_SECONDS: Final = 60.0
"""Shorter than the 4 minutes after which Azure forgets a quiet connection."""
DEADLINE_SECONDS: Final = 2.5
"""For all servers together. Shorter than SOON in shared/ports/promised_notices.py."""
REST_SECONDS: Final = 30.0
"""A server that could not be reached is asked last for this long."""


@dataclass
class Call:
    """One request, seen from the event loop and from its thread."""

    _lock: threading.Lock = field(default_factory=threading.Lock)
    _over: bool = False
    _open: list[Link] = field(default_factory=list)
    sent: bool = False

    @contextmanager
    def sending(self) -> Iterator[None]:
        """Send a write in this block. Raises DirectoryLost where the deadline has come before: nothing is sent then."""
        with self._lock:
            if self._over:
                raise DirectoryLost
            self.sent = True
        yield

    def uses(self, link: Link) -> None:
        with self._lock:
            self._open.append(link)

    @property
    def is_over(self) -> bool:
        return self._over

    def give_up(self) -> bool:
        """End the request at its deadline. Return whether a write may have happened."""
        with self._lock:
            self._over = True
            for link in self._open:
                link.cut()
            return self.sent


class Links:
    """Connections to the servers of one directory."""

    def __init__(self, options: Options) -> None:
        self.options = options
        self._pool = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="ldap")
        self._busy = 0
        self._idle: list[tuple[float, Link]] = []
        self._lock = threading.Lock()
        self._closed = False
        self._resting: dict[Server, float] = {}

    async def run(self, work: Callable[[Link, Call], T]) -> T:
        """Run `work` with a connection of the service account, in a thread.

        Raises DirectoryLost where nothing was written, DirectoryUnknown where something may have been.
        """
        if self._busy >= WAITING:
            raise DirectoryLost
        self._busy += 1
        call = Call()
        waiting = asyncio.get_running_loop().run_in_executor(self._pool, self._in_thread, call, work)
        waiting.add_done_callback(self._ended)
        done, _ = await asyncio.wait({waiting}, timeout=DEADLINE_SECONDS)
        if done:
            return waiting.result()
        may_have_written = call.give_up()
        _LOG.warning("the directory did not answer in %s s", DEADLINE_SECONDS)
        raise DirectoryUnknown if may_have_written else DirectoryLost

    def anonymous(self, call: Call) -> Link:
        """Open a connection that is bound to nobody, for a password of a person. Raises DirectoryLost."""
        for server in self._in_order():
            if link := self._opened(server, call):
                return link
        raise DirectoryLost

    async def faults(self) -> dict[str, str]:
        """Return what is wrong with each server, in our words; empty where nothing is."""

        def of(server: Server) -> str:
            try:
                link = Link(server, self.options.authority)
            except Broken as fault:
                return str(fault)
            with closing(link):
                try:
                    code = link.bind(self.options.bind_dn, self.options.bind_password).code
                except Broken as fault:
                    return str(fault)
            return f"the service account is not let in: result code {code}" if code else ""

        loop = asyncio.get_running_loop()
        found = [await loop.run_in_executor(self._pool, of, server) for server in self.options.servers]
        return {
            f"{server.host}:{server.port}": fault for server, fault in zip(self.options.servers, found, strict=True)
        }

    async def close(self) -> None:
        """Close the connections that nobody uses."""
        with self._lock:
            idle, self._idle, self._closed = self._idle, [], True
        for _, link in idle:
            link.close()
        self._pool.shutdown(wait=False)

    def _ended(self, waiting: "asyncio.Future[Any]") -> None:
        """Count it as ended when its thread has ended, even where nobody waits for the result any more."""
        self._busy -= 1
        if not waiting.cancelled():
            waiting.exception()

    def _in_thread(self, call: Call, work: Callable[[Link, Call], T]) -> T:
        for link in self._for_service(call):
            try:
                result = work(link, call)
            except Broken as fault:
                link.close()
                if call.sent:
                    _LOG.error("the answer to a write was lost: %s", fault)
                    raise DirectoryUnknown from fault
                _LOG.warning("a directory server failed: %s", fault)
                continue
            except BaseException:
                self._keep(link, call)
                raise
            self._keep(link, call)
            return result
        raise DirectoryLost

    def _for_service(self, call: Call) -> Iterator[Link]:
        """Yield connections of the service account: one that is there, then a new one to each server."""
        if (link := self._taken()) is not None:
            call.uses(link)
            yield link
        for server in self._in_order():
            new = self._opened(server, call)
            if new is None:
                continue
            try:
                outcome = new.bind(self.options.bind_dn, self.options.bind_password)
            except Broken:
                new.close()
                continue
            if outcome.code:
                _LOG.error("the directory does not let the service account in: result code %s", outcome.code)
                new.close()
                continue
            yield new

    def _in_order(self) -> list[Server]:
        """Return the servers, those that could not be reached lately last."""
        now = time.monotonic()
        return sorted(self.options.servers, key=lambda server: self._resting.get(server, 0.0) > now)

    def _opened(self, server: Server, call: Call) -> Link | None:
        try:
            link = Link(server, self.options.authority)
        except Broken as fault:
            self._resting[server] = time.monotonic() + REST_SECONDS
            _LOG.warning("no connection to a directory server: %s", fault)
            return None
        self._resting.pop(server, None)
        call.uses(link)
        return link

    def _taken(self) -> Link | None:
        with self._lock:
            while self._idle:
                since, link = self._idle.pop()
                if time.monotonic() - since < IDLE_SECONDS:
                    return link
                link.close()
        return None

    def _keep(self, link: Link, call: Call) -> None:
        with self._lock:
            if len(self._idle) < MOST_IDLE and not self._closed and not call.is_over:
                self._idle.append((time.monotonic(), link))
                return
        link.close()
