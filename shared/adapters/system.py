"""The machine's own clock and randomness: the one place where either is asked for."""

import secrets
from datetime import UTC, datetime


class SystemClock:
    """UTC, aware."""

    def now(self) -> datetime:
        return datetime.now(UTC)  # noqa: TID251  this is the place


class SystemRandomness:
    """The operating system's generator."""

    def token(self) -> str:
        return secrets.token_urlsafe(16)
