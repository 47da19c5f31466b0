"""Predictable Randomness for tests: first the scripted values, then a counter."""

import hashlib
import itertools


class ScriptedRandomness:
    def __init__(self, *script: str) -> None:
        self._script = iter(script)
        self._count = itertools.count(1)

    def token(self) -> str:
        return next(self._script, None) or f"{next(self._count):022}"

    def seed(self) -> bytes:
        return hashlib.sha256(self.token().encode()).digest()

    def fraction(self) -> float:
        return 0.0
