"""The real Argon2 hasher at a price that only tests may pay, counting what it is asked."""

from shared.adapters.argon2_hasher import Argon2Hasher, Cost
from shared.adapters.keyring import VersionedKeys
from tests.fakes.keys import a_key

CHEAP = Cost(memory=8, time=1, lanes=1)


class CountingHasher:
    """One hash is one hash, whatever came of it."""

    def __init__(self) -> None:
        self._real = Argon2Hasher(VersionedKeys({1: a_key("pepper")}), CHEAP)
        self.hashes = 0

    async def hash(self, password: str) -> str:
        self.hashes += 1
        return await self._real.hash(password)

    async def verify(self, stored: str | None, password: str) -> bool:
        self.hashes += 1
        return await self._real.verify(stored, password)
