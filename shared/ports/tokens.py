"""Tokens: values sealed for the browser to carry (D4)."""

from enum import StrEnum
from typing import Protocol, TypeVar

T = TypeVar("T")


class TokenPurpose(StrEnum):
    """Bound into the seal, so that one token never serves as another (R-29)."""

    VERIFICATION = "verification"
    RESET = "reset"
    SESSION = "session"


class Tokens(Protocol):
    """Authenticated encryption. A sealed value's length does not depend on what is inside."""

    def seal(self, purpose: TokenPurpose, value: object) -> str: ...

    def open(self, purpose: TokenPurpose, token: str, kind: type[T]) -> T:
        """Raises Refused for anything that was not sealed here for this purpose. Does not look at expiry."""
        ...
