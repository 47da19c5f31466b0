"""The real Argon2 hasher with cheap parameters, which counts its calls."""

from shared.adapters.argon2_hasher import Argon2Hasher, Cost
from shared.adapters.keyring import VersionedKeys
from tests.fakes.keys import a_key

CHEAP = Cost(memory=8, time=1, lanes=1)


class CountingHasher:
    """Counts every hash, whatever its result."""

    def __init__(self, versions: tuple[int, ...] = (1,), cost: Cost = CHEAP) -> None:
        self._real = Argon2Hasher(VersionedKeys({version: a_key(f"pepper {version}") for version in versions}), cost)
        self.hashes = 0

    async def hash(self, password: str) -> str:
        self.hashes += 1
        return await self._real.hash(password)

    async def verify(self, stored: str | None, password: str) -> bool:
        self.hashes += 1
        return await self._real.verify(stored, password)

    def is_outdated(self, stored: str) -> bool:
        return self._real.is_outdated(stored)
