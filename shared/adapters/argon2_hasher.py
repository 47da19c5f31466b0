"""Argon2id with a pepper, off the event loop and never more than a few at once (A-29)."""

import asyncio
import base64
import hashlib
import hmac
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Final, NamedTuple, TypeVar

from shared.adapters.keyring import VersionedKeys
from shared.domain.errors import TryAgain
from shared.ports.keyring import Unreadable

T = TypeVar("T")


class Cost(NamedTuple):
    """Argon2id's parameters; `memory` in KiB."""

    memory: int
    time: int
    lanes: int


PASSWORDS: Final = Cost(47104, 2, 1)
"""OWASP Password Storage Cheat Sheet's first choice, doubled in time; about 100 ms on one core."""

CEILING: Final = Cost(262144, 10, 8)
"""A stored hash that asks for more is not computed: a planted 2 GiB row would cost 11 s (R-45, A-61)."""

AT_ONCE: Final = 4
WAITING: Final = 32
SALT_BYTES: Final = 16
TAG_BYTES: Final = 32


@dataclass(slots=True)
class Argon2Hasher:
    """Stores `pepper-version$phc-string`."""

    peppers: VersionedKeys
    cost: Cost = PASSWORDS
    _pool: ThreadPoolExecutor = field(init=False)
    _busy: int = 0
    _nobodys: str = ""
    """A hash of nothing, at the same cost as the real ones."""

    def __post_init__(self) -> None:
        self._pool = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="argon2")
        salt, tag = (base64.b64encode(bytes(size)).decode().rstrip("=") for size in (SALT_BYTES, TAG_BYTES))
        self._nobodys = f"$argon2id$v=19$m={self.cost.memory},t={self.cost.time},p={self.cost.lanes}${salt}${tag}"

    async def hash(self, password: str) -> str:
        """The string to store. Raises TryAgain when too many are waiting."""
        version = self.peppers.newest
        return f"{version}${await self._run(self._hash, self._peppered(password, version))}"

    async def verify(self, stored: str | None, password: str) -> bool:
        """Whether it is the password; None costs the same, so that an unknown name does (A-02)."""
        if stored is None:
            await self._run(_verify, self._nobodys, self._peppered(password, self.peppers.newest))
            return False
        head, _, phc = stored.partition("$")
        try:
            peppered = self._peppered(password, int(head))
        except (ValueError, Unreadable):
            # A pepper that is no longer held: only a reset helps. It costs the same, so that nobody can tell.
            return await self.verify(None, password)
        return await self._run(_verify, phc, peppered)

    def is_outdated(self, stored: str) -> bool:
        """Whether today's hash of the same password would be another kind: an older pepper, or another cost."""
        head, _, phc = stored.partition("$")
        cost = f"$m={self.cost.memory},t={self.cost.time},p={self.cost.lanes}$"
        return head != str(self.peppers.newest) or cost not in phc

    def _peppered(self, password: str, version: int) -> bytes:
        """HMAC under a key that is not in the store: stolen rows alone cannot be guessed at (R-45)."""
        return base64.b64encode(hmac.digest(self.peppers[version], password.encode(), hashlib.sha256))

    def _hash(self, secret: bytes) -> str:
        from argon2.low_level import Type, hash_secret

        return hash_secret(
            secret, os.urandom(SALT_BYTES), self.cost.time, self.cost.memory, self.cost.lanes, TAG_BYTES, Type.ID
        ).decode()

    async def _run(self, work: Callable[..., T], *args: object) -> T:
        if self._busy >= WAITING:
            raise TryAgain
        self._busy += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._pool, work, *args)
        finally:
            self._busy -= 1


def _verify(phc: str, secret: bytes) -> bool:
    from argon2 import extract_parameters
    from argon2.exceptions import Argon2Error, InvalidHashError
    from argon2.low_level import Type, verify_secret

    try:
        asked = extract_parameters(phc)
        if asked.memory_cost > CEILING.memory or asked.time_cost > CEILING.time or asked.parallelism > CEILING.lanes:
            return False
        return verify_secret(phc.encode(), secret, Type.ID)
    except (Argon2Error, InvalidHashError):
        return False
