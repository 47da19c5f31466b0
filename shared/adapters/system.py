"""The system clock and random generator. No other file may use them."""

import secrets
from datetime import UTC, datetime


class SystemClock:
    """Return the current time, timezone-aware, in UTC."""

    def now(self) -> datetime:
        return datetime.now(UTC)  # noqa: TID251  this is the place


class SystemRandomness:
    """Uses the operating system's random generator."""

    def token(self) -> str:
        return secrets.token_urlsafe(16)

    def seed(self) -> bytes:
        return secrets.token_bytes(32)

    def fraction(self) -> float:
        return secrets.randbelow(1_000) / 1_000
