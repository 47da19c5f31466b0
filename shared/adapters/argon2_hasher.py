"""Argon2id password hashes with a pepper, computed off the event loop and only a few at once (A-29)."""

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
from shared.domain.policy import Policy
from shared.ports.keyring import Unreadable

T = TypeVar("T")


class Cost(NamedTuple):
    """Parameters of Argon2id; `memory` in KiB. With the default policy a hash takes about 100 ms on one core."""

    memory: int
    time: int
    lanes: int

    @classmethod
    def of(cls, policy: Policy) -> "Cost":
        return cls(policy.hash_memory_kib, policy.hash_passes, policy.hash_lanes)


CEILING: Final = Cost(262144, 10, 8)
"""Limits for a stored hash, above what the policy allows.

One that asks for more is not computed: a planted 2 GiB row would cost 11 s (R-45, A-61).
"""

AT_ONCE: Final = 4
WAITING: Final = 32
SALT_BYTES: Final = 16
TAG_BYTES: Final = 32


@dataclass(slots=True)
class Argon2Hasher:
    """Creates and verifies hashes of the form `pepper-version$phc-string`."""

    peppers: VersionedKeys
    cost: Cost
    _pool: ThreadPoolExecutor = field(init=False)
    _busy: int = 0
    _nobodys: str = ""
    """A hash that no password matches, with the same cost as real ones."""

    def __post_init__(self) -> None:
        self._pool = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="argon2")
        salt, tag = (base64.b64encode(bytes(size)).decode().rstrip("=") for size in (SALT_BYTES, TAG_BYTES))
        self._nobodys = f"$argon2id$v=19$m={self.cost.memory},t={self.cost.time},p={self.cost.lanes}${salt}${tag}"

    async def hash(self, password: str) -> str:
        """Return the string to store. Raises TryAgain when too many hashes are waiting."""
        version = self.peppers.newest
        return f"{version}${await self._run(self._hash, self._peppered(password, version))}"

    async def verify(self, stored: str | None, password: str) -> bool:
        """Return whether the password matches.

        None costs the same time, so that an unknown name takes as long (A-02).
        """
        if stored is None:
            await self._run(_verify, self._nobodys, self._peppered(password, self.peppers.newest))
            return False
        head, _, phc = stored.partition("$")
        try:
            peppered = self._peppered(password, int(head))
        except (ValueError, Unreadable):
            # This pepper version is no longer available, so only a reset helps. The check takes the same time, so that
            # nobody can tell the difference.
            return await self.verify(None, password)
        return await self._run(_verify, phc, peppered)

    def is_outdated(self, stored: str) -> bool:
        """Return whether the stored hash uses an older pepper or other parameters than a new one would."""
        head, _, phc = stored.partition("$")
        cost = f"$m={self.cost.memory},t={self.cost.time},p={self.cost.lanes}$"
        return head != str(self.peppers.newest) or cost not in phc

    def _peppered(self, password: str, version: int) -> bytes:
        """HMAC with a key that is not in the store: stolen rows alone do not allow guessing passwords (R-45)."""
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
