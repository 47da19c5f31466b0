"""Admit the requests that the instance can serve, and refuse the others at once, before they cost anything (R-75).

Each place is one request, which makes one store call at a time (a prefill: a few). The last quarter of the places is
kept for steps that are under way: a flood of new starts must not stop the people who are in the middle of a reset.
Requests that compute a password hash are counted apart too, because a hash takes a core for a tenth of a second, and a
flood of sign-ins must not keep anybody from setting the new password.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import Flag, auto
from weakref import WeakKeyDictionary

from shared.domain.errors import TryAgain
from shared.domain.policy import Policy
from shared.wiring import Service

RETRY_AFTER = 2
"""Seconds. A request takes well below one."""


class Load(Flag):
    """What a request needs."""

    STEP = 0
    BEGINS = auto()
    """Begins something new, such as a reset or a session."""
    HASHES = auto()
    """Computes a password hash."""


@dataclass(slots=True)
class Capacity:
    """Counts the requests under way in this process."""

    policy: Policy
    requests: int = 0
    hashing: int = 0

    @contextmanager
    def place(self, load: Load) -> Iterator[None]:
        """Hold a place. Raises TryAgain if there is none."""
        hashes = int(Load.HASHES in load)
        if self.requests >= _open(self.policy.requests_at_once, load):
            raise TryAgain(RETRY_AFTER)
        if hashes and self.hashing >= _open(self.policy.hashes_at_once, load):
            raise TryAgain(RETRY_AFTER)
        self.requests += 1
        self.hashing += hashes
        try:
            yield
        finally:
            self.requests -= 1
            self.hashing -= hashes


def _open(places: int, load: Load) -> int:
    return places - max(1, places // 4) if Load.BEGINS in load else places


_CAPACITIES: WeakKeyDictionary[Service, Capacity] = WeakKeyDictionary()


def capacity_of(service: Service) -> Capacity:
    """Return the capacity of the process in which this service runs."""
    return _CAPACITIES.setdefault(service, Capacity(service.adapters.policy))
