"""Argon2id hashes of passwords and answers with a pepper, computed off the event loop and only a few at once (A-29)."""

import asyncio
import base64
import hashlib
import hmac
import os
from collections import Counter
from collections.abc import Callable, Sequence
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

OF_ANSWERS: Final = Cost(19456, 2, 1)
"""The least that the OWASP Password Storage Cheat Sheet allows, about 25 ms. Not a setting: a stored set keeps the cost
that it was made with, and strangers must cost the same as everybody (rule 9)."""

AT_ONCE: Final = 4
WAITING: Final = 32
ANSWERS_AT_ONCE: Final = 2
ANSWERS_WAITING: Final = 16
"""The other half of the places is for passwords: a flood of answers must not stop sign-ins and new passwords."""
SALT_BYTES: Final = 16
TAG_BYTES: Final = 32
ANSWER_BYTES: Final = 16
"""RFC 9106 4: 128 bits are sufficient for most applications. A row has many of these hashes."""


@dataclass(slots=True)
class Argon2Hasher:
    """Creates and verifies hashes of the form `pepper-version$phc-string`."""

    peppers: VersionedKeys
    cost: Cost
    _pool: ThreadPoolExecutor = field(init=False)
    _busy: int = 0
    _turns: Counter[str] = field(default_factory=Counter, init=False)
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

    def salt(self, seed: bytes) -> str:
        """Return `pepper-version$parameters$salt` for a new set of answers or codes."""
        memory, time, lanes = OF_ANSWERS
        return f"{self.peppers.newest}$m={memory},t={time},p={lanes}${_text(seed[:SALT_BYTES])}"

    def knows(self, salt: str) -> bool:
        """Whether the pepper of that salt is still available."""
        return int(salt.partition("$")[0]) in self.peppers.by_version

    async def hashed(self, salt: str | None, parts: Sequence[str], *, turn: str) -> tuple[str, ...]:
        """Return the hash of each part, one after the other. No salt costs the same time (rule 9).

        Raises TryAgain for a third call at once with this `turn`, since an answer is hashed before it is counted, and
        when too many hashes are waiting. Raises Unreadable without the pepper.
        """
        version, parameters, text = (salt or self.salt(bytes(SALT_BYTES))).split("$")
        cost = Cost(*(int(value.partition("=")[2]) for value in parameters.split(",")))
        pepper, raw, found = self.peppers[int(version)], base64.urlsafe_b64decode(text + "=="), []
        if self._turns[turn] >= ANSWERS_AT_ONCE:
            raise TryAgain
        self._turns[turn] += 1
        try:
            for part in parts:
                # Another label than for passwords: a hash of one is never a hash of the other.
                secret = hmac.digest(pepper, b"answer\0" + part.encode(), hashlib.sha256)
                found.append(_text(await self._run(_raw, secret, raw, cost, waiting=ANSWERS_WAITING)))
        finally:
            self._turns -= Counter([turn])  # which forgets those at zero
        return tuple(found)

    def _peppered(self, password: str, version: int) -> bytes:
        """HMAC with a key that is not in the store: stolen rows alone do not allow guessing passwords (R-45)."""
        return base64.b64encode(hmac.digest(self.peppers[version], password.encode(), hashlib.sha256))

    def _hash(self, secret: bytes) -> str:
        from argon2.low_level import Type, hash_secret

        return hash_secret(
            secret, os.urandom(SALT_BYTES), self.cost.time, self.cost.memory, self.cost.lanes, TAG_BYTES, Type.ID
        ).decode()

    async def _run(self, work: Callable[..., T], *args: object, waiting: int = WAITING) -> T:
        if self._busy >= waiting:
            raise TryAgain
        self._busy += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._pool, work, *args)
        finally:
            self._busy -= 1


def _raw(secret: bytes, salt: bytes, cost: Cost) -> bytes:
    from argon2.low_level import Type, hash_secret_raw

    return hash_secret_raw(secret, salt, cost.time, cost.memory, cost.lanes, ANSWER_BYTES, Type.ID)


def _text(value: bytes) -> str:
    return base64.urlsafe_b64encode(value).decode().rstrip("=")


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
