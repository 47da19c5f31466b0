"""Randomness: unpredictable ids."""

from typing import Protocol


class Randomness(Protocol):
    def token(self) -> str:
        """Return 128 new random bits as 22 base64url characters (R-29)."""
        ...
