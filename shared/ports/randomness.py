"""Randomness: unguessable ids."""

from typing import Protocol


class Randomness(Protocol):
    def token(self) -> str:
        """128 fresh random bits as 22 base64url characters (R-29)."""
        ...
