"""Randomness: unpredictable ids, seeds of secrets, and jitter."""

from typing import Protocol


class Randomness(Protocol):
    """The one source of it, so that a test can say what is drawn."""

    def token(self) -> str:
        """Return 128 new random bits as 22 base64url characters (R-29)."""
        ...

    def seed(self) -> bytes:
        """32 fresh random bytes, to make a secret or a challenge of."""
        ...

    def fraction(self) -> float:
        """A number from 0 up to 1, to spread waits; it need not be unguessable."""
        ...
