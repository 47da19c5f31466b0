"""Randomness that a test can read: what was scripted first, then a plain count."""

import itertools


class ScriptedRandomness:
    def __init__(self, *script: str) -> None:
        self._script = iter(script)
        self._count = itertools.count(1)

    def token(self) -> str:
        return next(self._script, None) or f"{next(self._count):022}"
