"""The real Argon2 hasher with cheap parameters, which counts its calls."""

from collections.abc import Sequence

from shared.adapters.argon2_hasher import Argon2Hasher, Cost
from shared.adapters.keyring import VersionedKeys
from tests.fakes.keys import a_key

CHEAP = Cost(memory=8, time=1, lanes=1)


class CountingHasher:
    """Counts every hash, whatever its result."""

    def __init__(self, versions: tuple[int, ...] = (1,), cost: Cost = CHEAP) -> None:
        self._real = Argon2Hasher(VersionedKeys({version: a_key(f"pepper {version}") for version in versions}), cost)
        self.hashes = 0
        self.of_answers: list[str] = []
        """The salt of each."""

    async def hash(self, password: str) -> str:
        self.hashes += 1
        return await self._real.hash(password)

    async def verify(self, stored: str | None, password: str) -> bool:
        self.hashes += 1
        return await self._real.verify(stored, password)

    def salt(self, seed: bytes) -> str:
        version, _, salt = self._real.salt(seed).split("$")
        return f"{version}$m=8,t=1,p=1${salt}"

    def knows(self, salt: str) -> bool:
        return self._real.knows(salt)

    async def hashed(self, salt: str | None, parts: Sequence[str], *, turn: str) -> tuple[str, ...]:
        self.of_answers += [salt or "nobody's"] * len(parts)
        return await self._real.hashed(salt or self.salt(bytes(16)), parts, turn=turn)

    def forget_peppers(self, *, keep: int) -> None:
        """Have this version only, as after a rotation."""
        self._real = CountingHasher((keep,))._real

    def is_outdated(self, stored: str) -> bool:
        return self._real.is_outdated(stored)
