"""The port of each part: fixed by default, moved together, or free ones for tests."""

import random
import socket
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from itertools import cycle, islice
from typing import ClassVar, Self

LOOPBACK = "127.0.0.1"
MOST_INSTANCES = 50  # 7071 to 7120: does not overlap any other default port

FIRST_FREE = 10240
"""Where free ports are looked for: below those that systems give to outgoing connections (Linux: from 32768). Such a
connection could take one before its server starts."""
SEGMENT = 4000
SEGMENTS = 4  # up to 26239


def _in_any_order(segment: int) -> Iterator[int]:
    """Yield the ports of a segment again and again, in an order of this process."""
    first = FIRST_FREE + segment % SEGMENTS * SEGMENT
    return cycle(random.sample(range(first, first + SEGMENT), SEGMENT))


@dataclass(frozen=True)
class Ports:
    """One port for each part; `api` has one for each host instance."""

    blob: int
    queue: int
    table: int
    inbox: int
    web: int
    sample: int
    api: tuple[int, ...]
    directory: tuple[int, int] = (10389, 10636)
    """Of the OpenLDAP server: StartTLS, and LDAPS. Of the stand-in for Microsoft Entra: Graph, and the sign-in pages.
    Only `--directory` uses them."""

    candidates: ClassVar[Iterator[int]] = _in_any_order(0)

    @classmethod
    def usual(cls, instances: int) -> Self:
        """Return the default ports, which Azurite, Core Tools and Vite use too."""
        return cls(10000, 10001, 10002, 8025, 5173, 5174, tuple(range(7071, 7071 + instances)))

    @classmethod
    def moved(cls, base: int, instances: int) -> Self:
        """Return the ports of `--port-base`: in the order of the fields, api +10 and up."""
        return cls(
            base, base + 1, base + 2, base + 3, base + 4, base + 5, tuple(range(base + 10, base + 10 + instances)),
            (base + 6, base + 7),
        )  # fmt: skip

    @classmethod
    def free(cls, instances: int) -> Self:
        """Return ports that are free at this moment and that this process has not had for long."""
        found = [*islice(filter(is_free, cls.candidates), 6 + instances)]
        return cls(found[0], found[1], found[2], found[3], found[4], found[5], tuple(found[6:]))

    @classmethod
    def use_segment(cls, number: int) -> None:
        """Look for free ports in a range of this process: test processes side by side never find the same one."""
        cls.candidates = _in_any_order(number)

    def named(self) -> dict[str, int]:
        """Return every port with its name for messages."""
        api = {f"api-{number}": port for number, port in enumerate(self.api, 1)}
        store = {"azurite blob": self.blob, "azurite queue": self.queue, "azurite table": self.table}
        return {**api, "web": self.web, "sample": self.sample, "inbox": self.inbox, **store}

    def taken(self) -> dict[str, int]:
        """Return the ports that are already in use."""
        return {name: port for name, port in self.named().items() if not is_free(port)}


def is_free(port: int, host: str = LOOPBACK) -> bool:
    with closing(socket.socket()) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # a port in TIME_WAIT is free for a server
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True


def answers(port: int) -> bool:
    """Return whether a process accepts connections on the port."""
    with closing(socket.socket()) as probe:
        probe.settimeout(1)
        return probe.connect_ex((LOOPBACK, port)) == 0
